// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/push_feed.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "audio/framer.h"
#include "base/log.h"
#include "dial/companions.h"
#include "http/redirect.h"
#include "http/upstream_request.h"
#include "mount/registry.h"
#include "session/parking.h"
#include "session/push_call.h"
#include "session/push_reader.h"
#include "upstream/health.h"

namespace floe::session {
namespace {

// How often it is looked whether there is more to be sent: a send costs the same whatever its size.
constexpr milliseconds kSendEvery{100};
// How often it is looked whether the mount is heard.
constexpr milliseconds kLookForAudio{250};

}  // namespace

// Push is one mount that is sent elsewhere, as its coroutine goes through it.
class Push {
 public:
  Push(std::string mount, config::Push settings)
      : mount_(std::move(mount)),
        settings_(std::move(settings)),
        dice_{absl::HashOf(mount_, Clock::now().time_since_epoch().count())} {
    status_.mount = mount_;
  }

  const std::string& mount() const { return mount_; }
  void Change(config::Push settings) { next_ = std::move(settings); }
  // Whether what it does is still what it is to do.
  bool GoesOn() const { return !is_over && !next_.has_value() && !shard->io().stopping(); }
  // Goes by the settings that hold now; for another server nothing is known yet.
  void TakeSettings() {
    if (next_.has_value()) {
      settings_ = *std::exchange(next_, std::nullopt);
      health_ = {};
    }
    url_.reset();
    if (absl::StatusOr<HttpUrl> url = HttpUrl::Parse(settings_.to); url.ok()) {
      url_ = *std::move(url);
    }
    status_.to = url_.has_value() ? http::LogTextOf(*url_) : "";
  }
  // The mount, if it is heard and is to be sent; empty otherwise.
  mount::MountRef Heard() const {
    mount::MountRef mount = services->registry->Find(mount_);
    const bool is_heard =
        url_.has_value() && mount && mount->is_audible() && mount->phase() == mount::Phase::kLive;
    return is_heard ? std::move(mount) : mount::MountRef();
  }
  http::PushRequest RequestFor(const mount::Snapshot& snapshot) const {
    const mount::SourceInfo& source = snapshot.source;
    return {.url = *url_,
            .authorization = http::BasicAuthorization(settings_.user, settings_.password),
            .content_type = source.content_type,
            .name = source.name,
            .description = source.description,
            .stream_url = source.url,
            .genre = source.genre,
            .audio_info = source.audio_info,
            .bitrate_kbps = source.bitrate_kbps,
            .is_public = source.is_public};
  }

  upstream::Health& health() { return health_; }
  void Fail(absl::string_view why) {
    health_.Failed(why, /*is_at_once=*/true, dice_, shard->now());
    const upstream::HealthState& health = health_.state();
    log::Warn(absl::StrCat("push of ", mount_, ": ", health.error, " (it is ",
                           upstream::NameOf(health.phase), ", ", health.failures,
                           " failures in a row)"));
    Tell();
  }
  // Puts on the board how it is.
  void Tell() {
    const upstream::HealthState& health = health_.state();
    if (is_told_ && status_.health == health && told_to_ == status_.to) return;
    is_told_ = true;
    told_to_ = status_.to;
    status_.health = health;
    services->push_board->Show(status_, this);
  }
  Parking& parking() const { return services->ParkingOf(*shard); }
  // Something happened that its coroutine has to look at.
  void Wake() {
    if (shard != nullptr) shard->io().Interrupt(this);
  }

  shard::Shard* shard = nullptr;  // once it has begun
  const Services* services = nullptr;
  bool is_over = false;         // to end, soon
  bool is_handed_over = false;  // another process begins it anew
  bool has_ended = false;       // nobody refers to it any more

 private:
  const std::string mount_;
  config::Push settings_;
  std::optional<config::Push> next_;
  std::optional<HttpUrl> url_;  // empty: it is sent nowhere
  upstream::Health health_;
  upstream::Dice dice_;
  PushStatus status_;
  std::string told_to_;
  bool is_told_ = false;
};

namespace {

// Herald is who says titles, one at a time, on connections of their own.
struct Herald {
  Push& push;
  const http::PushRequest& request;
  std::string due, said;
  bool is_over = false;
  dial::Companions companions;
};

// Says what is due until all is said, or the stream is over. Errors are for the log alone.
ring::Task<> SayTitles(Herald& herald) {
  shard::Shard& shard = *herald.push.shard;
  while (herald.due != herald.said && !herald.is_over && !shard.io().stopping()) {
    herald.said = herald.due;
    const std::string head =
        http::TitleRequest(herald.request.url, herald.request.authorization, herald.said);
    const absl::Status told = co_await TellPush(shard, *herald.push.services->resolvers,
                                                herald.request.url, head, &herald);
    if (!told.ok() && !absl::IsCancelled(told)) {
      log::Warn(absl::StrCat("push of ", herald.push.mount(),
                             ": its title was not taken: ", told.message()));
    }
  }
  herald.companions.End(shard.io());
}

// What the stream is called where the reader is.
void SayTitleOf(PushReader& reader, Herald& herald) {
  std::optional<std::string> title = reader.NewTitle();
  if (!title.has_value()) return;
  herald.due = *std::move(title);
  if (herald.companions.running() > 0) return;  // it looks again when it is done
  (void)herald.companions.Spawn(*herald.push.shard, SayTitles(herald));
}

// Stands still while the server is handed over.
ring::Task<> StandStill(Push& push) {
  const absl::StatusOr<Parking::Verdict> verdict =
      co_await push.parking().Park(push.shard->io(), &push);
  push.is_handed_over = verdict.ok() && *verdict == Parking::Verdict::kHandedOver;
}

// Sends until the line breaks, the mount is over, or something else is to be done.
ring::Task<> Send(Push& push, const dial::Dialled& line, PushReader& reader, Herald& herald) {
  shard::Shard& shard = *push.shard;
  ring::Io& io = shard.io();
  const bool has_titles = audio::AllowsIcy(herald.request.content_type);
  while (push.GoesOn() && !push.is_handed_over && !reader.IsOver(shard.now())) {
    if (push.parking().calls_all()) {
      reader.LetGo();
      co_await StandStill(push);
      continue;
    }
    const std::span<const std::byte> bytes = reader.Next();
    if (bytes.empty()) {
      push.Tell();
      const Instant later = shard.now() + kSendEvery;
      (void)co_await io.Sleep(later, &push);
      continue;
    }
    const Instant by = shard.now() + push.services->config.Get()->limits.source_timeout;
    const ring::Sent sent = co_await io.Send(line.socket.slot(), bytes, by, &push);
    if (sent.error == ECANCELED) continue;
    if (sent.error != 0) {
      const char* why =
          sent.error == ETIMEDOUT ? "it takes nothing any more" : std::strerror(sent.error);
      push.Fail(absl::StrCat(line.peer.HostAndPort(), ": ", why));
      co_return;
    }
    reader.Took(sent.bytes);
    push.health().Bytes(sent.bytes, shard.now());
    if (has_titles) SayTitleOf(reader, herald);
  }
}

// One call, and what is sent on it.
ring::Task<> SendOnce(Push& push, PushReader& reader) {
  shard::Shard& shard = *push.shard;
  const http::PushRequest request = push.RequestFor(reader.snapshot());
  push.health().Connecting(shard.now());
  push.Tell();
  absl::StatusOr<dial::Dialled> line =
      co_await CallPush(shard, *push.services->resolvers, request, &push);
  if (absl::IsCancelled(line.status())) co_return push.health().Left(shard.now());
  if (!line.ok()) co_return push.Fail(line.status().message());
  push.health().Reply(shard.now());
  log::Info(absl::StrCat("push of ", push.mount(), ": ", http::LogTextOf(request.url), " (",
                         line->peer.HostAndPort(), ") takes ", request.content_type));
  Herald herald{.push = push, .request = request};
  co_await Send(push, *line, reader, herald);
  herald.is_over = true;
  shard.io().Interrupt(&herald);
  co_await dial::Companions::WaitForAll(shard.io(), herald.companions);
  if (push.health().phase() != upstream::Phase::kUp) co_return;
  push.health().Left(shard.now());
  log::Info(absl::StrCat("push of ", push.mount(), " has left ", http::LogTextOf(request.url)));
}

}  // namespace

// ---- Pushes ----

Pushes::Pushes() = default;
Pushes::Pushes(Pushes&&) noexcept = default;
Pushes::~Pushes() = default;

Push* Pushes::Find(absl::string_view mount) {
  for (const std::unique_ptr<Push>& push : all_) {
    if (!push->is_over && push->mount() == mount) return push.get();
  }
  return nullptr;
}

void Pushes::Put(const std::string& mount, config::Push settings) {
  std::erase_if(all_, [](const std::unique_ptr<Push>& push) { return push->has_ended; });
  if (Push* push = Find(mount); push != nullptr) {
    push->Change(std::move(settings));
    return push->Wake();
  }
  all_.push_back(std::make_unique<Push>(mount, std::move(settings)));
}

void Pushes::End(absl::string_view mount) {
  Push* push = Find(mount);
  if (push == nullptr) return;
  push->is_over = true;
  push->Wake();
}

void Pushes::Begin(shard::Shard& shard, const Services& services) {
  for (const std::unique_ptr<Push>& push : all_) {
    if (push->shard != nullptr || push->is_over) continue;
    push->shard = &shard;
    push->services = &services;
    if (shard.Spawn(Run(*push))) continue;
    log::Error(absl::StrCat("push of ", push->mount(), ": there is no room for it"));
    push->is_over = push->has_ended = true;
  }
}

ring::Task<> Pushes::Run(Push& push) {
  ring::Io& io = push.shard->io();
  Parking& parking = push.parking();
  parking.PushBegan();
  parking.BeginWaiting(&push);
  while (!push.is_over && !push.is_handed_over && !io.stopping()) {
    if (parking.calls_all()) {
      co_await StandStill(push);
      continue;
    }
    push.TakeSettings();
    push.Tell();
    mount::MountRef mount = push.Heard();
    const Instant ready = push.health().ReadyAt();
    const Instant now = push.shard->now();
    if (mount && ready <= now) {
      PushReader reader(std::move(mount));
      co_await SendOnce(push, reader);
      continue;
    }
    const Instant again = now + kLookForAudio;
    const Instant until = mount ? std::min(ready, again) : again;
    (void)co_await io.Sleep(until, &push);
  }
  parking.EndWaiting(&push);
  parking.PushEnded();
  push.services->push_board->Remove(push.mount(), &push);
  push.has_ended = true;
}

}  // namespace floe::session
