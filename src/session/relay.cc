// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/relay.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "http/redirect.h"
#include "http/upstream_request.h"
#include "mount/registry.h"

namespace floe::session {
namespace {

using upstream::Next;

// How long a mount whose upstream broke off is held for the next.
constexpr milliseconds kHoldMax{2'000};
// How long one who asks for a mount on demand counts as somebody who listens, before they do.
constexpr milliseconds kAskedFor{15'000};
// How often it is looked whether somebody listens, or whether a source has left the mount.
constexpr milliseconds kLookEvery{1'000};
constexpr milliseconds kLookForRoom{250};

uint64_t SeedOf(const std::string& mount) {
  return absl::HashOf(mount, Clock::now().time_since_epoch().count());
}

absl::string_view MediaGroup(absl::string_view content_type) {
  return content_type.substr(0, content_type.find('/'));
}

}  // namespace

mount::Writer* RelayLine::Claim() { return relay.ClaimFor(*this); }

Relay::Relay(shard::Shard& shard, const Services& services, dial::CallGate& gate, std::string mount,
             config::Relay settings)
    : shard_(shard),
      services_(services),
      gate_(gate),
      mount_(std::move(mount)),
      settings_(std::move(settings)),
      choice_(uint32_t(settings_.upstreams.size()), settings_.prefer_after, SeedOf(mount_)) {}

std::string Relay::UrlOf(uint32_t upstream) const {
  const absl::StatusOr<HttpUrl> url = HttpUrl::Parse(settings_.upstreams[upstream].url);
  return url.ok() ? http::LogTextOf(*url) : std::string();
}

RelayLine* Relay::LineOf(std::optional<uint32_t> upstream) {
  for (const std::unique_ptr<RelayLine>& line : lines_) {
    if (!line->is_let_go && !line->has_ended && line->upstream == upstream) return line.get();
  }
  return nullptr;
}

RelayLine* Relay::heard() const {
  for (const std::unique_ptr<RelayLine>& line : lines_) {
    if (line->track != nullptr && line->track.get() == open_) return line.get();
  }
  return nullptr;
}

// ---- for the relay's coroutine ----

void Relay::Change(config::Relay settings) {
  std::vector<std::optional<uint32_t>> was;
  for (const config::Upstream& next : settings.upstreams) {
    const auto same = std::find(settings_.upstreams.begin(), settings_.upstreams.end(), next);
    was.push_back(std::nullopt);
    if (same != settings_.upstreams.end()) was.back() = same - settings_.upstreams.begin();
  }
  choice_.SetPreferAfter(settings.prefer_after);
  choice_.Rearrange(was, now());
  settings_ = std::move(settings);
  const auto number_now = [&was](uint32_t before) {
    return uint32_t(std::find(was.begin(), was.end(), before) - was.begin());
  };
  for (const std::unique_ptr<RelayLine>& line : lines_) {
    if (line->is_let_go || line->has_ended) continue;
    line->upstream = number_now(line->upstream);
    const bool is_kept = choice_.played() == line->upstream || choice_.probed() == line->upstream;
    if (is_kept) continue;
    Break(*line);
    LetGoOf(*line);
  }
  if (!broken_.has_value()) return;
  broken_->upstream = number_now(broken_->upstream);
}

// Whether a source has the mount, or another relay does.
bool Relay::IsTaken() const {
  const mount::MountRef mount = services_.registry->Find(mount_);
  return mount && mount->HasCountedSource();
}

bool Relay::IsWantedNow() {
  if (is_displaced_) return false;
  if (!settings_.on_demand) return true;
  const bool is_heard = services_.registry->IsSought(mount_);
  if (is_heard) last_listener_ = now();
  const Instant asked_at = services_.relay_board->AskedAt(mount_);
  const bool runs_on = last_listener_ != Instant() && now() - last_listener_ < settings_.run_on;
  const bool is_asked = asked_at > last_listener_ && now() - asked_at < kAskedFor;
  return is_heard || runs_on || is_asked;
}

Instant Relay::Look() {
  Instant again = Instant::max();
  if (writer_ != nullptr && writer_->revoked()) is_displaced_ = true;
  // What was open is ended first, below.
  if (is_displaced_ && !choice_.is_wanted() && !IsTaken()) is_displaced_ = false;
  if (is_displaced_) again = now() + kLookForRoom;
  const bool is_wanted = IsWantedNow();
  if (is_wanted != choice_.is_wanted()) {
    if (!is_wanted) End(/*lingers=*/false);
    choice_.SetWanted(is_wanted, now());
  }
  if (!lines_.empty() || writer_ != nullptr) again = std::min(again, now() + kLookEvery);
  if (!broken_.has_value() || broken_->left_pen != 0) return again;
  const Next next = choice_.What(now());
  const bool has_hope = next.kind != Next::Kind::kWait || !choice_.is_wanted() ||
                        choice_.played().has_value() || choice_.probed().has_value() ||
                        (next.at.has_value() && *next.at < broken_->hold_by);
  if (!has_hope || now() >= broken_->hold_by) {
    LeaveMount(/*lingers=*/true);
    return again;
  }
  return std::min(again, broken_->hold_by);
}

RelayLine* Relay::Do(const Next& next) {
  switch (next.kind) {
    case Next::Kind::kWait: return nullptr;
    case Next::Kind::kConnect:
    case Next::Kind::kProbe:
      choice_.Connecting(next.upstream, now());
      lines_.push_back(std::make_unique<RelayLine>(*this, next.upstream));
      lines_.back()->opens = next.kind == Next::Kind::kConnect;
      return lines_.back().get();
    case Next::Kind::kSwitch:
      RelayLine* line = LineOf(next.upstream);
      if (line == nullptr || std::exchange(line->opens, true)) return nullptr;
      if (line->track != nullptr) line->track->valve().Open(*line);
      return nullptr;
  }
  return nullptr;
}

void Relay::LetGoOf(RelayLine& line) {
  line.is_let_go = true;
  shard_.io().Interrupt(&line);
}

void Relay::End(bool lingers) {
  for (const std::unique_ptr<RelayLine>& line : lines_) LetGoOf(*line);
  EndOpen();
  broken_.reset();
  LeaveMount(lingers);
}

void Relay::Clear() {
  std::erase_if(lines_, [](const std::unique_ptr<RelayLine>& line) { return line->has_ended; });
}

void Relay::Tell() {
  RelayStatus status;
  status.mount = mount_;
  status.is_on_demand = settings_.on_demand;
  status.is_wanted = choice_.is_wanted();
  status.is_displaced = is_displaced_;
  status.is_hopeless = choice_.IsHopeless();
  for (uint32_t i = 0; i < choice_.count(); ++i) {
    status.upstreams.push_back({.url = UrlOf(i), .health = choice_.health(i)});
  }
  status.played = choice_.played();
  status.probed = choice_.probed();
  if (const RelayLine* line = heard(); line != nullptr) status.last_byte = line->last_audio;
  if (status == told_) return;
  told_ = status;
  services_.relay_board->Show(std::move(status));
}

// ---- for a line's coroutine ----

UpstreamCall Relay::CallOf(const RelayLine& line) const {
  const config::Upstream& upstream = settings_.upstreams[line.upstream];
  UpstreamCall call;
  call.url = *HttpUrl::Parse(upstream.url);
  if (!upstream.token.empty()) {
    call.authorization = http::BearerAuthorization(upstream.token);
  } else if (!upstream.password.empty()) {
    call.authorization = http::BasicAuthorization(upstream.user, upstream.password);
  }
  // Who woke a mount on demand is a server as well, or has come by some.
  absl::StatusOr<http::Hops> hops = http::ReadHops(services_.relay_board->HopsOf(mount_));
  if (!hops.ok()) hops = http::Hops();
  hops->push_back(services_.instance);
  call.hops = http::WriteHops(*hops);
  call.position = "ask";
  const bool goes_on = broken_.has_value() && broken_->upstream == line.upstream && line.opens;
  if (goes_on) {
    const std::optional<http::StreamPosition> here = broken_->track->position();
    if (here.has_value()) call.position = http::PositionToAsk(*here);
  }
  return call;
}

bool Relay::Begin(RelayLine& line, UpstreamStream stream) {
  if (line.is_let_go) return false;
  const std::string content_type = ContentTypeOf(stream.reply);
  if (MediaGroup(content_type) == "text") {
    Fail(line, absl::FailedPreconditionError(
                   absl::StrCat(UrlOf(line.upstream), " answers ", content_type, ", no audio")));
    return false;
  }
  const http::Hops& hops = stream.reply.hops;
  if (std::find(hops.begin(), hops.end(), services_.instance) != hops.end()) {
    Fail(line, absl::FailedPreconditionError(
                   absl::StrCat(UrlOf(line.upstream), " has its stream from here: a circle")));
    return false;
  }
  choice_.Reply(line.upstream, now());
  const http::SourceHeaders& said = stream.reply.stream;
  line.info = {.content_type = content_type,
               .name = said.name,
               .description = said.description,
               .url = said.url,
               .genre = said.genre,
               .bitrate_kbps = said.bitrate_kbps,
               .is_public = said.is_public,
               .audio_info = said.audio_info,
               .user_agent = "relay",
               .peer = stream.peer.Host(),
               .hops = hops,
               .connected = absl::Now()};
  line.peer = stream.peer;
  line.socket.emplace(std::move(stream.socket));
  line.last_audio = now();
  line.reply = std::move(stream.reply);
  log::Info(absl::StrCat("relay of ", mount_, ": ", http::LogTextOf(stream.url), " (",
                         stream.peer.HostAndPort(), ") answers with ", content_type));
  return Take(line, std::as_bytes(std::span(stream.early.data(), stream.early.size())));
}

// Only now: one that answers and has nothing to say would keep the mount, and its listeners in
// silence.
void Relay::BeginTrack(RelayLine& line) {
  const std::string charset = services_.config.Get()->MountSettings(mount_).charset;
  if (GoOn(line, *line.reply, charset)) {
    log::Info(absl::StrCat("relay of ", mount_, ": ", UrlOf(line.upstream),
                           " goes on where it broke off"));
  } else {
    line.track = std::make_unique<Track>(*line.reply, charset);
    if (line.opens) line.track->valve().Open(line);
  }
  line.reply.reset();
}

bool Relay::Take(RelayLine& line, std::span<const std::byte> bytes) {
  if (line.is_let_go) return false;
  if (line.track == nullptr) {
    if (bytes.empty()) return true;
    BeginTrack(line);
  }
  Feed& feed = line.track->feed();
  feed.Take(bytes);
  const uint64_t audio_bytes = feed.stats().audio_bytes;
  if (audio_bytes > line.told_bytes) {
    choice_.Bytes(line.upstream, audio_bytes - line.told_bytes, now());
    line.told_bytes = audio_bytes;
    line.last_audio = now();
    const microseconds played = feed.stats().played;
    if (played > microseconds(0)) choice_.Lag(line.upstream, line.lag.Heard(played, now()));
  }
  if (writer_ != nullptr && writer_->revoked()) Wake();
  if (line.is_let_go) return false;
  if (feed.is_over()) {
    Fail(line,
         absl::UnavailableError(absl::StrCat(UrlOf(line.upstream), " ends its stream",
                                             feed.error().empty() ? "" : ": ", feed.error())));
    return false;
  }
  if (now() - line.last_audio < SilenceMax()) return true;
  Fail(line, absl::UnavailableError(
                 absl::StrCat(UrlOf(line.upstream), " sends what is no ", line.info.content_type)));
  return false;
}

milliseconds Relay::SilenceMax() const { return services_.config.Get()->limits.source_timeout; }

void Relay::Fail(RelayLine& line, const absl::Status& why) {
  if (line.is_let_go) return;
  choice_.Failed(line.upstream, why.message(), now());
  LogFailure(line.upstream);
  Break(line);
  LetGoOf(line);
  Wake();
}

void Relay::Stall(RelayLine& line) {
  if (line.is_let_go) return;
  choice_.Stalled(line.upstream, now());
  LogFailure(line.upstream);
  Break(line);
  LetGoOf(line);
  Wake();
}

void Relay::LogFailure(uint32_t upstream) const {
  const upstream::HealthState& health = choice_.health(upstream);
  log::Warn(absl::StrCat("relay of ", mount_, ": ", health.error, " (upstream ", upstream + 1,
                         " of ", choice_.count(), " is ", upstream::NameOf(health.phase), ", ",
                         health.failures, " failures in a row)"));
}

// ---- hand-over ----

void Relay::DropAllButHeard() {
  const RelayLine* kept = heard();
  for (const std::unique_ptr<RelayLine>& line : lines_) {
    if (line.get() == kept || line->is_let_go) continue;
    choice_.Failed(line->upstream, "let go while the server is handed over", now());
    LetGoOf(*line);
  }
  if (kept != nullptr) shard_.io().Interrupt(kept);
}

bool Relay::IsAtRest() const {
  const RelayLine* kept = heard();
  if (kept == nullptr) return companions_.running() == 0;
  return kept->stands && companions_.running() == 1;
}

void Relay::GoOnAgain() {
  for (const std::unique_ptr<RelayLine>& line : lines_) {
    if (is_given_up_) line->is_let_go = true;
    line->stands = false;
    shard_.io().Interrupt(line.get());
  }
}

RelayState Relay::state() const {
  RelayState state;
  state.mount = mount_;
  for (const config::Upstream& upstream : settings_.upstreams) state.urls.push_back(upstream.url);
  state.choice = choice_.state();
  if (writer_ != nullptr && !writer_->revoked()) {
    state.pen = writer_->pen();
    state.writer = writer_->state();
  }
  const RelayLine* line = heard();
  if (line == nullptr || state.pen == 0) return state;
  state.heard = RelayState::Heard{
      .peer = line->peer, .feed = line->track->feed().state(), .begin = line->track->begin()};
  return state;
}

absl::StatusOr<RelayLine*> Relay::GoOnFrom(RelayState state, std::unique_ptr<mount::Writer> writer,
                                           std::optional<ring::DirectFd> socket) {
  const size_t count = state.urls.size();
  if (count < 1 || count > kUpstreamsMax) {
    return absl::InvalidArgumentError(absl::StrCat("a relay of ", count, " upstreams"));
  }
  upstream::Choice choice(uint32_t(count), settings_.prefer_after, SeedOf(mount_));
  if (absl::Status restored = choice.Restore(state.choice); !restored.ok()) return restored;
  std::vector<std::optional<uint32_t>> was;
  for (const config::Upstream& upstream : settings_.upstreams) {
    const auto same = std::find(state.urls.begin(), state.urls.end(), upstream.url);
    was.push_back(std::nullopt);
    if (same != state.urls.end()) was.back() = same - state.urls.begin();
  }
  choice.Rearrange(was, now());
  choice_ = std::move(choice);
  const bool goes_on = state.heard.has_value() && writer != nullptr && socket.has_value() &&
                       choice_.played().has_value();
  if (!goes_on) {
    choice_.SetWanted(false, now());
    if (writer != nullptr) writer->Leave(now());
    return nullptr;
  }
  absl::StatusOr<std::unique_ptr<Track>> track =
      Track::Restore(*writer, std::move(state.heard->feed), std::move(state.heard->begin));
  if (!track.ok()) return track.status();
  writer_ = std::move(writer);
  open_ = track->get();
  lines_.push_back(std::make_unique<RelayLine>(*this, *choice_.played()));
  RelayLine& line = *lines_.back();
  line.opens = true;
  line.socket.emplace(*std::move(socket));
  line.peer = state.heard->peer;
  line.info = writer_->mount().Snap().source;
  line.track = *std::move(track);
  line.told_bytes = line.track->feed().stats().audio_bytes;
  line.last_audio = now();
  return &line;
}

// ---- who has the mount ----

// What a line gave may be waited for a little, and asked for again.
void Relay::Break(RelayLine& line) {
  if (line.track == nullptr || line.track.get() != open_) return;
  broken_ = Broken{
      .track = std::move(line.track), .upstream = line.upstream, .hold_by = now() + kHoldMax};
}

bool Relay::GoOn(RelayLine& line, const http::UpstreamReply& reply, const std::string& charset) {
  if (!line.opens || !broken_.has_value() || broken_->upstream != line.upstream) return false;
  if (!broken_->track->GoesOnWith(reply)) return false;
  if (broken_->left_pen != 0) {
    std::unique_ptr<mount::Writer> writer = Return();
    if (writer == nullptr) return false;
    writer_ = std::move(writer);
  }
  if (writer_ == nullptr || writer_->revoked()) return false;
  line.track = std::move(broken_->track);
  broken_.reset();
  open_ = line.track.get();
  line.track->GoOn(reply, charset);
  line.track->valve().GoOn(*writer_);
  line.told_bytes = line.track->feed().stats().audio_bytes;
  return true;
}

// The mount that was left, if nobody had it since: all is as it was, but that what had not reached
// a boundary is gone, and is appended again.
std::unique_ptr<mount::Writer> Relay::Return() {
  const mount::MountRef mount = services_.registry->Find(mount_);
  const std::optional<std::string>& pending = broken_->track->valve().pending();
  const bool waits =
      mount && mount->phase() == mount::Phase::kLingering && !mount->LingerIsOver(now());
  if (!waits || !pending.has_value()) return nullptr;
  mount::SourceInfo info = mount->Snap().source;
  info.connected = absl::Now();
  absl::StatusOr<std::unique_ptr<mount::Writer>> writer = services_.registry->Claim(
      mount_, std::move(info), mount->settings(), {.is_fetched = true}, now());
  if (!writer.ok()) return nullptr;
  if ((*writer)->pen() != broken_->left_pen + 1) {
    (*writer)->Leave(now());  // somebody had it, and left as well: it goes on lingering
    return nullptr;
  }
  (*writer)->Append(std::as_bytes(std::span(pending->data(), pending->size())));
  return *std::move(writer);
}

mount::Writer* Relay::ClaimFor(RelayLine& line) {
  const bool is_ours = writer_ != nullptr && !writer_->revoked();
  const config::ConfigRef config = services_.config.Get();
  absl::StatusOr<std::unique_ptr<mount::Writer>> writer =
      services_.registry->Claim(mount_, line.info, config->MountSettings(mount_),
                                {.takeover = is_ours, .is_fetched = true}, now());
  if (!writer.ok()) {
    is_displaced_ = absl::IsAlreadyExists(writer.status());
    if (is_displaced_) log::Info(absl::StrCat("relay of ", mount_, " waits: a source has it"));
    Fail(line, writer.status());
    return nullptr;
  }
  services_.instruments->source_relays.Add();
  EndOpen();
  broken_.reset();
  writer_ = *std::move(writer);
  open_ = line.track.get();
  for (const std::unique_ptr<RelayLine>& other : lines_) {
    if (other.get() != &line && other->opens) LetGoOf(*other);
  }
  if (choice_.probed() == line.upstream) choice_.Switched(line.upstream, now());
  log::Info(absl::StrCat("relay of ", mount_, " plays ", UrlOf(line.upstream)));
  Wake();
  return writer_.get();
}

// Nothing goes to the writer any more.
void Relay::EndOpen() {
  if (open_ == nullptr) return;
  open_->feed().End();
  open_->valve().Close();
  open_ = nullptr;
}

void Relay::LeaveMount(bool lingers) {
  if (broken_.has_value() && broken_->left_pen == 0 && writer_ != nullptr) {
    // Its framer is not told of an end: it may go on.
    broken_->track->valve().Close();
    broken_->left_pen = writer_->pen();
    open_ = nullptr;
    log::Info(absl::StrCat("relay of ", mount_, " has nothing to play"));
  }
  if (writer_ != nullptr && lingers) writer_->Leave(now());
  writer_.reset();
}

}  // namespace floe::session
