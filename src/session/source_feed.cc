// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/source_feed.h"

#include <cerrno>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "http/shoutcast.h"
#include "http/source_headers.h"
#include "http/status.h"
#include "mount/registry.h"
#include "session/authorize.h"
#include "session/feed.h"
#include "session/hand_over_state.h"
#include "session/paths.h"

namespace floe::session {
namespace {

constexpr char kShoutcastMethod[] = "SHOUTCAST";          // for the access log: never the password
constexpr absl::string_view kAssumedType = "audio/mpeg";  // of a SOURCE that does not say
constexpr milliseconds kNoBufferPause{2};

enum class Ending : uint8_t {
  kDone,
  kGone,
  kSilent,
  kTakenOver,
  kRemoved,
  kBadBody,
  kStopping,
  kHandedOver,
};

absl::string_view EndingText(Ending ending) {
  switch (ending) {
    case Ending::kDone: return "has finished";
    case Ending::kGone: return "is gone";
    case Ending::kSilent: return "sent nothing for source_timeout";
    case Ending::kTakenOver: return "was taken over by another source";
    case Ending::kRemoved: return "was removed";
    case Ending::kBadBody: return "sent a body that is none";
    case Ending::kStopping: return "is closed because the server stops";
    case Ending::kHandedOver: return "goes on in another process";
  }
  return "ended";
}

mount::SourceInfo InfoOf(const http::SourceHeaders& headers, const Exchange& exchange) {
  return {.content_type = headers.content_type,
          .name = headers.name,
          .description = headers.description,
          .url = headers.url,
          .genre = headers.genre,
          .bitrate_kbps = headers.bitrate_kbps,
          .is_public = headers.is_public,
          .audio_info = headers.audio_info,
          .user_agent = headers.user_agent,
          .peer = exchange.peer.Host(),
          .connected = absl::Now()};
}

absl::StatusOr<std::unique_ptr<mount::Writer>> Claim(Exchange& exchange, const std::string& name,
                                                     const http::SourceHeaders& headers) {
  const config::Mount& settings = exchange.config->MountSettings(name);
  absl::StatusOr<std::unique_ptr<mount::Writer>> writer =
      exchange.services.registry->Claim(name, InfoOf(headers, exchange), settings,
                                        {.takeover = settings.takeover}, exchange.shard.now());
  if (!writer.ok()) return writer.status();
  // A reload that did not yet see this mount has not told it either.
  while (exchange.services.config.Renew(&exchange.config)) {
    exchange.services.registry->Change((*writer)->mount(), exchange.config->MountSettings(name));
  }
  // Whoever had the mount until now may be waiting for its next byte, on any shard.
  EndSources(exchange, &(*writer)->mount());
  log::Info(absl::StrCat("source of ", name, " from ", exchange.peer.HostAndPort(), ", ",
                         headers.content_type));
  return writer;
}

// Receives until the source is over, one way or another. What is received is worked off at once,
// so its buffer goes back before the next wait.
ring::Task<> Pump(Exchange& exchange, Feed& feed, mount::Writer& writer, Ending* ending) {
  ring::Io& io = exchange.shard.io();
  Parking& parking = exchange.parking;
  const void* owner = &writer.mount();
  for (;;) {
    if (parking.calls_all() && !writer.revoked() && !io.stopping()) {
      const ParkedSource here{.exchange = &exchange, .feed = &feed, .writer = &writer};
      const absl::StatusOr<Parking::Verdict> verdict = co_await parking.Park(io, here);
      *ending = Ending::kHandedOver;
      if (verdict.ok() && *verdict == Parking::Verdict::kHandedOver) co_return;
    }
    exchange.services.config.Renew(&exchange.config);
    const Instant by = exchange.shard.now() + exchange.config->limits.source_timeout;
    const ring::Received received = co_await io.Recv(exchange.socket.slot(), by, owner);
    bool is_interrupted = received.is_interrupted;
    if (received.error == ENOBUFS) {
      const Instant later = exchange.shard.now() + kNoBufferPause;
      const bool has_slept = co_await io.Sleep(later, owner);
      is_interrupted |= !has_slept;
      if (!is_interrupted) continue;
    }
    // Somebody wants its end, or only calls it because the server is handed over. Nobody says so
    // twice: what came at the same time is taken, and then it is done.
    const bool is_called = parking.calls_all() && !writer.revoked() && !io.stopping();
    const bool is_ended = is_interrupted && !is_called;
    if (received.error != 0 && is_interrupted && is_called) continue;
    *ending = Ending::kDone;
    if (writer.revoked())
      *ending = Ending::kTakenOver;
    else if (received.error == ETIMEDOUT)
      *ending = Ending::kSilent;
    else if (received.error != 0)
      *ending = !is_ended ? Ending::kGone : io.stopping() ? Ending::kStopping : Ending::kRemoved;
    if (*ending != Ending::kDone || received.finished()) co_return;
    feed.Take(received.bytes());
    if (!feed.error().empty()) *ending = Ending::kBadBody;
    if (feed.is_over()) co_return;
    if (is_ended) {
      *ending = io.stopping() ? Ending::kStopping : Ending::kRemoved;
      co_return;
    }
  }
}

// Feeds the mount with all that comes from now on.
ring::Task<> FeedUntilEnd(Exchange& exchange, mount::Writer& writer, Feed& feed, Ending* ending) {
  exchange.Enter(Parking::Stage::kFeeding);
  exchange.parking.BeginWaiting(&writer.mount());
  if (!feed.is_over()) co_await Pump(exchange, feed, writer, ending);
  exchange.parking.EndWaiting(&writer.mount());
  exchange.Enter(Parking::Stage::kAnswering);
  if (*ending == Ending::kHandedOver) {
    exchange.is_handed_over = true;
    co_return;
  }
  feed.End();
  writer.Leave(exchange.shard.now());
  log::Info(absl::StrCat("source of ", writer.mount().name(), " ", EndingText(*ending), "; ",
                         feed.stats().frames, " frames, ", feed.stats().garbage_bytes,
                         " bytes that were none"));
}

// The same, after what was received beyond the head.
ring::Task<> FeedMount(Exchange& exchange, mount::Writer& writer, FeedFraming framing,
                       Ending* ending) {
  Feed feed(writer, framing);
  const std::string early = std::exchange(exchange.received, std::string());
  exchange.heard = std::string();
  feed.Take(std::as_bytes(std::span(early.data(), early.size())));
  *ending = feed.error().empty() ? Ending::kDone : Ending::kBadBody;
  co_await FeedUntilEnd(exchange, writer, feed, ending);
}

// What a PUT or SOURCE that has ended is told.
ring::Task<> EndRequest(Exchange& exchange, Ending ending) {
  if (exchange.is_handed_over) co_return;
  if (ending == Ending::kBadBody) {
    co_await Refuse(exchange, http::Refusal(400, "the chunked body is broken"));
  } else if (exchange.request.method == http::Method::kPut && ending == Ending::kDone) {
    std::string reply = http::Reply(exchange.To(), 200, "text/plain", "");
    co_await Answer(exchange, std::move(reply), 200);
  } else {
    LogRequest(exchange, 200, 0);
  }
}

// What a source is told before it may send, if it waits for anything.
absl::string_view GoAhead(const Exchange& exchange) {
  if (exchange.request.method == http::Method::kSource) return http::kSourceOk;
  if (http::ExpectsContinue(exchange.request)) return http::kContinue;
  return {};
}

absl::StatusOr<FeedFraming> FramingOfSource(const Exchange& exchange,
                                            http::SourceHeaders* headers) {
  const bool is_put = exchange.request.method == http::Method::kPut;
  absl::StatusOr<http::BodyFraming> body = http::FramingOf(exchange.request);
  if (!body.ok()) return body.status();
  if (headers->content_type.empty()) {
    if (is_put) return http::Refusal(400, "a source says its Content-Type");
    headers->content_type = std::string(kAssumedType);
  }
  // SOURCE is raw to the end, whatever else it says.
  if (!is_put) body->kind = http::BodyFraming::Kind::kUntilClose;
  const config::Mount& settings = exchange.config->MountSettings(exchange.request.path);
  return FeedFraming{.body = *body,
                     .content_type = headers->content_type,
                     .metaint_bytes = headers->metaint_bytes,
                     .charset = settings.charset};
}

}  // namespace

ring::Task<> FeedFromRequest(Exchange& exchange) {
  const std::string name = exchange.request.path;
  absl::Status allowed = co_await Authorize(exchange, Need::kFeed, name);
  if (allowed.ok()) allowed = CheckMountPath(*exchange.services.endpoints, name);
  if (!allowed.ok()) {
    co_await Refuse(exchange, std::move(allowed));
    co_return;
  }
  http::SourceHeaders headers = http::ParseSourceHeaders(exchange.request.headers);
  absl::StatusOr<FeedFraming> framing = FramingOfSource(exchange, &headers);
  if (!framing.ok()) {
    co_await Refuse(exchange, framing.status());
    co_return;
  }
  absl::StatusOr<std::unique_ptr<mount::Writer>> writer = Claim(exchange, name, headers);
  if (!writer.ok()) {
    co_await Refuse(exchange, writer.status());
    co_return;
  }
  exchange.services.instruments->source_clients.Add();
  const absl::Status told = co_await Say(exchange, GoAhead(exchange));
  Ending ending = Ending::kGone;
  if (told.ok()) co_await FeedMount(exchange, **writer, std::move(*framing), &ending);
  if (!exchange.is_handed_over) (*writer)->Leave(exchange.shard.now());
  co_await EndRequest(exchange, ending);
}

ring::Task<> EndSourceByRequest(Exchange& exchange) {
  const std::string name = exchange.request.path;
  absl::Status status = co_await Authorize(exchange, Need::kTell, name);
  const mount::MountRef mount = exchange.services.registry->Find(name);
  if (status.ok() && (!mount || mount->phase() != mount::Phase::kLive)) {
    status = http::Refusal(404, "no source is connected there");
  }
  if (!status.ok()) {
    co_await Refuse(exchange, std::move(status));
    co_return;
  }
  EndSources(exchange, mount.get());
  std::string reply = http::NoContentReply(exchange.To());
  co_await Answer(exchange, std::move(reply), 204);
}

namespace {

// Finds out which mount the password line means and whether it opens it. A password may itself
// hold ':', so the whole line is tried before its parts.
ring::Task<absl::Status> OpenShoutcast(Exchange& exchange, http::PasswordLine line,
                                       std::string* name) {
  const config::Config& config = *exchange.config;
  std::vector<SourceLogin> ways(2);
  ways[0].mount = config.server.shoutcast_mount;
  ways[0].credentials.password = line.whole;
  ways[1].mount = line.mount.empty() ? config.server.shoutcast_mount : line.mount;
  ways[1].credentials.user = line.user;
  ways[1].credentials.password = line.password;
  absl::Status opened = co_await AuthorizeSource(exchange, std::move(ways), name);
  if (opened.ok()) opened = CheckMountPath(*exchange.services.endpoints, *name);
  co_return opened;
}

// The header block behind the password; `headers` is filled in.
ring::Task<absl::Status> HearIcyHeaders(Exchange& exchange, http::SourceHeaders* headers) {
  http::HeadScan scan = http::ScanIcyHeaders(exchange.received);
  while (scan.kind == http::HeadScan::Kind::kNeedMore) {
    absl::Status heard = co_await Hear(exchange, exchange.by);
    if (!heard.ok()) co_return heard;
    scan = http::ScanIcyHeaders(exchange.received, scan);
  }
  if (scan.kind != http::HeadScan::Kind::kHead) {
    co_return absl::InvalidArgumentError("no header block came after the password");
  }
  const absl::string_view block = absl::string_view(exchange.received).substr(0, scan.size_bytes);
  absl::StatusOr<http::HeaderList> list = http::ParseIcyHeaders(block);
  if (!list.ok()) co_return list.status();
  *headers = http::ParseSourceHeaders(*list);
  if (headers->content_type.empty()) headers->content_type = std::string(kAssumedType);
  exchange.received.erase(0, scan.size_bytes);
  co_return absl::OkStatus();
}

}  // namespace

ring::Task<> FeedFromShoutcast(Exchange& exchange, uint32_t line_bytes) {
  const absl::string_view first_line = absl::string_view(exchange.received).substr(0, line_bytes);
  absl::StatusOr<http::PasswordLine> line = http::ParsePasswordLine(first_line);
  if (!line.ok() || line->is_probe) co_return;
  exchange.received.erase(0, line_bytes);
  exchange.request.method_text = kShoutcastMethod;
  exchange.is_shoutcast = true;

  std::string name;
  const absl::Status opened = co_await OpenShoutcast(exchange, std::move(*line), &name);
  exchange.request.target = name;
  if (!opened.ok()) {
    const int status = http::HttpStatusOf(opened);
    co_await Answer(exchange, std::string(http::kShoutcastInvalidPassword), status);
    co_return;
  }
  if (!exchange.is_told) {
    const absl::Status told = co_await Say(exchange, http::kShoutcastOk);
    if (!told.ok()) co_return;
    exchange.is_told = true;
  }
  http::SourceHeaders headers;
  const absl::Status heard = co_await HearIcyHeaders(exchange, &headers);
  if (!heard.ok()) co_return;
  absl::StatusOr<std::unique_ptr<mount::Writer>> writer = Claim(exchange, name, headers);
  if (!writer.ok()) {
    co_await Answer(exchange, std::string(http::kShoutcastMountInUse), 409);
    co_return;
  }
  exchange.services.instruments->source_clients.Add();
  FeedFraming framing;
  framing.body.kind = http::BodyFraming::Kind::kUntilClose;
  framing.content_type = headers.content_type;
  framing.metaint_bytes = headers.metaint_bytes;
  framing.charset = (*writer)->mount().settings().charset;
  Ending ending = Ending::kGone;
  co_await FeedMount(exchange, **writer, std::move(framing), &ending);
  if (!exchange.is_handed_over) LogRequest(exchange, 200, 0);
}

ring::Task<> GoOnFeeding(Exchange& exchange, const SourceState& state, mount::Writer& writer,
                         Feed& feed) {
  exchange.user = state.user;
  exchange.head = state.head;
  exchange.is_shoutcast = state.is_shoutcast;
  if (state.is_shoutcast) {
    exchange.request.method_text = kShoutcastMethod;
    exchange.request.target = state.mount;
  } else if (absl::StatusOr<http::Request> request = http::ParseHead(state.head); request.ok()) {
    exchange.request = *std::move(request);
  }
  Ending ending = Ending::kDone;
  co_await FeedUntilEnd(exchange, writer, feed, &ending);
  if (state.is_shoutcast) {
    if (!exchange.is_handed_over) LogRequest(exchange, 200, 0);
  } else {
    co_await EndRequest(exchange, ending);
  }
}

}  // namespace floe::session
