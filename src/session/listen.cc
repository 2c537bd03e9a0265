// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/listen.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "audio/framer.h"
#include "http/listener_head.h"
#include "http/playlist.h"
#include "http/range.h"
#include "http/status.h"
#include "mount/bitrate.h"
#include "mount/mount.h"
#include "mount/registry.h"
#include "session/origin.h"

namespace floe::session {
namespace {

// Seat is a place promised to one who is not yet a listener, since the reply is still being sent:
// of many who come at once, on all shards, no more get in than may. Who has just become one counts
// twice for a moment, which errs on the safe side.
class Seat {
 public:
  Seat(const Exchange& exchange, const mount::MountRef& mount)
      : registry_(*exchange.services.registry),
        shard_(exchange.shard),
        mount_(mount.Share()),
        before_in_mount_(mount_->arriving.fetch_add(1)),
        before_in_shard_(shard_.PromiseSeat()),
        before_(registry_.arriving.fetch_add(1)) {}
  ~Seat() {
    mount_->arriving.fetch_sub(1);
    shard_.SettlePromise();
    registry_.arriving.fetch_sub(1);
  }
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

  // Whether the mount has as many as it may have.
  bool IsMountFull() const {
    const uint32_t of_mount = mount_->max_listeners();
    return of_mount != 0 && ListenersOfMount() > of_mount;
  }
  // How many those of the mount are with it.
  uint64_t ListenersOfMount() const {
    return uint64_t{mount_->listeners.load()} + before_in_mount_ + 1;
  }

  // Whether there is room for it. Refusal: 503, with Retry-After.
  absl::Status Check(const Exchange& exchange) const {
    metrics::Instruments& instruments = *exchange.services.instruments;
    if (IsMountFull()) {
      instruments.refused_mount_full.Add();
      return http::Refusal(503, "this stream has as many listeners as it may have");
    }
    const uint32_t of_all = exchange.config->limits.listeners;
    if (of_all != 0 && exchange.services.Listeners() + before_ >= of_all) {
      instruments.refused_full.Add();
      return http::Refusal(503, "the server has as many listeners as it may have");
    }
    if (shard_.IsLate()) {
      instruments.refused_late.Add();
      return http::Refusal(503, "the server is busy");
    }
    if (!shard_.HasSeat(before_in_shard_)) {
      instruments.refused_full.Add();
      return http::Refusal(503, "the server is full");
    }
    return absl::OkStatus();
  }

 private:
  mount::Registry& registry_;
  shard::Shard& shard_;
  const mount::MountRef mount_;
  const uint32_t before_in_mount_;  // arriving as well, and earlier
  const uint32_t before_in_shard_;
  const uint32_t before_;
};

uint64_t BytesPerSecond(const mount::Mount& mount) { return mount::BitrateBps(mount.Snap()) / 8; }

// Whether there is bandwidth for one more listener, by what each mount's audio takes; who is still
// being answered counts as well. Refusal: 503.
absl::Status CheckBandwidth(const Exchange& exchange, const Seat& seat, const mount::Mount& home,
                            const mount::Mount& plays) {
  const uint64_t of_mount = exchange.config->MountSettings(home.name()).bandwidth_bytes;
  const uint64_t of_all = exchange.config->limits.bandwidth_bytes;
  if (of_mount == 0 && of_all == 0) return absl::OkStatus();
  const uint64_t more = BytesPerSecond(plays);
  metrics::Instruments& instruments = *exchange.services.instruments;
  if (of_mount != 0 && seat.ListenersOfMount() * more > of_mount) {
    instruments.refused_mount_full.Add();
    return http::Refusal(503, "this stream takes as much bandwidth as it may");
  }
  if (of_all == 0) return absl::OkStatus();
  uint64_t all = more;
  for (const mount::MountRef& mount : exchange.services.registry->List()) {
    const uint32_t itself = mount.get() == &home ? 1 : 0;
    const uint64_t others = uint64_t{mount->listeners.load()} + mount->arriving.load() - itself;
    if (others != 0) all += others * BytesPerSecond(*mount);
  }
  if (all > of_all) {
    instruments.refused_full.Add();
    return http::Refusal(503, "the server takes as much bandwidth as it may");
  }
  return absl::OkStatus();
}

// Counts it as one of its address's, where that is limited. Refusal: 503.
absl::Status TakeTicket(const Exchange& exchange, const std::string& home,
                        std::optional<Seating::Ticket>* ticket) {
  std::optional<Seating::Ticket> taken = exchange.services.seating->Take(
      exchange.peer, home, Seating::LimitsOf(*exchange.config, home));
  if (!taken.has_value()) {
    return http::Refusal(503, "there are as many listeners of your address as there may be");
  }
  ticket->emplace(*std::move(taken));
  return absl::OkStatus();
}

// Whose listener somebody becomes, and whose audio that is at the moment.
struct Place {
  mount::MountRef home;
  mount::MountRef plays;
};

Place PlaceOn(mount::MountRef home) {
  mount::Signpost::Direction direction = home->signpost().Where(*home, home->heard().media);
  if (!direction.plays) direction.plays = home.Share();  // its source is waited for
  if (direction.stays) home = direction.plays.Share();
  return {.home = std::move(home), .plays = std::move(direction.plays)};
}

// A full mount may send who comes to the first of its fallbacks that has room, as its listener.
void FindRoom(const Exchange& exchange, Place* place, std::optional<Seat>* seat) {
  const bool looks = (*seat)->IsMountFull() &&
                     exchange.config->MountSettings(place->home->name()).fallback_when_full;
  if (!looks) return;
  for (mount::MountRef& other : place->home->signpost().Others()) {
    seat->emplace(exchange, other);
    if ((*seat)->IsMountFull()) continue;
    *place = {.home = other.Share(), .plays = other.Share()};
    return;
  }
  seat->emplace(exchange, place->home);
}

// What plays, with what the mount that was asked for is configured to say of itself.
mount::Snapshot SnapOf(const Exchange& exchange, const Place& place) {
  mount::Snapshot snap = place.plays->Snap();
  const config::Mount& settings = exchange.config->MountSettings(place.home->name());
  if (!settings.stream_name.empty()) snap.source.name = settings.stream_name;
  if (!settings.stream_description.empty()) snap.source.description = settings.stream_description;
  if (!settings.stream_url.empty()) snap.source.url = settings.stream_url;
  if (!settings.stream_genre.empty()) snap.source.genre = settings.stream_genre;
  return snap;
}

std::string HeadOf(const Exchange& exchange, const mount::Snapshot& snap, uint32_t metaint_bytes,
                   http::RangeAnswer range, absl::string_view position, absl::string_view hops) {
  http::ListenerHead head;
  head.content_type = snap.source.content_type;
  head.name = snap.source.name;
  head.description = snap.source.description;
  head.genre = snap.source.genre;
  head.url = snap.source.url;
  head.audio_info = snap.source.audio_info;
  head.bitrate_kbps = snap.source.bitrate_kbps;
  head.is_public = snap.source.is_public;
  head.metaint_bytes = metaint_bytes;
  head.cors = exchange.cors;
  head.range = range;
  head.position = position;
  head.hops = hops;
  return head.ToString(exchange.request, absl::Now());
}

// Some audio for who only asks what kind it is: the first bytes at the newest sync point.
std::string ProbeBytes(const mount::Mount& mount) {
  std::string probe(http::kRangeProbeBytes, '\0');
  const std::optional<tape::SyncPoint> sync = mount.tape().NewestSync();
  if (!sync.has_value()) return probe;
  const tape::PageRef page = mount.tape().Page(sync->offset_bytes / kPageBytes);
  const uint64_t at = sync->offset_bytes % kPageBytes;
  if (page && at + probe.size() <= kPageBytes) {
    std::memcpy(probe.data(), page.data() + at, probe.size());
  }
  return probe;
}

// What the mount is configured to be heard before anything else, if this player is to hear it.
void BeginIntro(Exchange& exchange, const Place& place, const mount::Snapshot& snap,
                listener::JoinRequest* join) {
  const std::string& path = exchange.config->MountSettings(place.home->name()).intro;
  if (path.empty()) return;
  Intro intro =
      exchange.services.intros->Begin(path, snap.parameters, place.home->name(), exchange.peer,
                                      exchange.HeaderOr("User-Agent"), exchange.shard.now());
  join->intro = std::move(intro.bytes);
  join->intro_played = intro.played;
}

shard::Guest GuestOf(const Exchange& exchange, const ListenerPass& pass, absl::string_view line) {
  shard::Guest guest;
  guest.number = pass.number;
  guest.peer = exchange.peer;
  guest.user = exchange.user;
  guest.agent = exchange.HeaderOr("User-Agent");
  guest.referer = exchange.HeaderOr("Referer");
  guest.request = line;
  return guest;
}

}  // namespace

ring::Task<> Listen(Exchange& exchange, mount::MountRef mount, ListenerPass& pass) {
  Place place = PlaceOn(std::move(mount));
  std::optional<Seat> seat(std::in_place, exchange, place.home);
  FindRoom(exchange, &place, &seat);
  const std::string home(place.home->name());
  std::optional<Seating::Ticket> ticket;
  absl::Status room = seat->Check(exchange);
  if (room.ok()) room = CheckBandwidth(exchange, *seat, *place.home, *place.plays);
  if (room.ok()) room = TakeTicket(exchange, home, &ticket);
  if (!room.ok()) {
    seat.reset();
    co_await Refuse(exchange, std::move(room));
    co_return;
  }
  const mount::Snapshot snap = SnapOf(exchange, place);
  const absl::StatusOr<std::string> hops = HopsOfReply(exchange, snap);
  if (!hops.ok()) {
    seat.reset();
    co_await Refuse(exchange, hops.status());
    co_return;
  }
  const bool is_icy =
      http::WantsIcy(exchange.request) && audio::AllowsIcy(snap.source.content_type);
  const uint32_t metaint_bytes = is_icy ? place.home->metaint() : 0;
  const http::RangeAnswer range = http::AnswerToRange(exchange.request);
  const bool is_listener =
      exchange.request.method != http::Method::kHead && range == http::RangeAnswer::kWhole;
  std::optional<Start> start;
  if (is_listener) start = FindStart(exchange, *place.plays, snap);
  std::string head =
      HeadOf(exchange, snap, metaint_bytes, range, start.has_value() ? start->said : "", *hops);

  if (exchange.request.method == http::Method::kHead) {
    seat.reset();
    co_await Answer(exchange, std::move(head), 200);
    co_return;
  }
  if (range == http::RangeAnswer::kProbe) {
    seat.reset();
    head += ProbeBytes(*place.plays);
    co_await Answer(exchange, std::move(head), 206);
    co_return;
  }
  const absl::Status sent = co_await Say(exchange, head);
  if (!sent.ok()) co_return;
  // Meanwhile a source of another type may have come: this head was not for its audio.
  if (place.plays->epoch() != snap.epoch) co_return;

  const std::string line = exchange.RequestLine();
  const shard::Guest guest = GuestOf(exchange, pass, line);
  listener::JoinRequest join;
  // Who asks for a position fetches the stream itself, for listeners of its own.
  if (!start.has_value()) BeginIntro(exchange, place, snap, &join);
  join.mount = std::move(place.home);
  join.plays = std::move(place.plays);
  join.metaint_bytes = metaint_bytes;
  if (start.has_value()) join.begin = start->begin;
  ListenerSlot slot{};
  exchange.is_answered =
      exchange.shard.Adopt(std::move(exchange.socket), std::move(join), guest, &slot);
  if (!exchange.is_answered) co_return;
  pass.Seated(exchange.shard.index());
  Seating& seating = *exchange.services.seating;
  const milliseconds duration = Seating::DurationOf(*exchange.config, home);
  seating.Sit(exchange.shard, slot, *std::move(ticket), duration);
  if (pass.time_limit != 0ms) {
    seating.LimitListener(exchange.shard, slot, exchange.shard.now() + pass.time_limit);
  }
}

ring::Task<> SendPlaylist(Exchange& exchange) {
  const std::optional<http::PlaylistPath> playlist = http::SplitPlaylistPath(exchange.request.path);
  const mount::MountRef mount = exchange.services.registry->Find(playlist->mount);
  if (!mount) {
    co_await Refuse(exchange, http::Refusal(404, "no such stream"));
    co_return;
  }
  const std::string base =
      http::BaseUrl(exchange.request, exchange.config->server.hostname, exchange.services.port);
  std::string reply = http::Reply(
      exchange.To(), 200, http::PlaylistContentType(playlist->kind),
      http::PlaylistBody(playlist->kind, base, mount->name(), mount->Snap().source.name));
  co_await Answer(exchange, std::move(reply), 200);
}

}  // namespace floe::session
