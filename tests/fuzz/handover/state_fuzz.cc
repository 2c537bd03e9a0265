// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What another binary says of mounts, listeners and sources may be anything: it is refused, or
// goes on as such do, and can be handed over again. The input is a run of messages in the order in
// which they come, each as [kind: 1 byte | length: 2 bytes, little-endian | message].
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "audio/bits.h"
#include "audio/framer_state.h"
#include "base/check.h"
#include "handover/listener_codec.h"
#include "handover/mount_codec.h"
#include "handover/session_codec.h"
#include "handover/state.pb.h"
#include "handover/wire.h"
#include "listener/fan_out.h"
#include "mount/registry.h"
#include "session/feed.h"
#include "session/relay_track.h"
#include "tape/arena.h"
#include "upstream/choice.h"

namespace floe::handover {
namespace {

constexpr uint32_t kArenaPages = 8;
constexpr uint32_t kMounts = 4, kSources = 4;
constexpr int kRounds = 12;

// A frame of MP3, one of AAC, a page of Ogg, a block of WebM, one of FLAC; and chunks.
constexpr absl::string_view kAudio[] = {
    {"\xff\xfb\x90\x00", 4},
    {"\xff\xf1\x50\x80\x2e\x7f\xfc", 7},
    {"OggS\0\2\0\0\0\0\0\0\0\0\1\0\0\0", 18},
    {"\x1f\x43\xb6\x75\xff\xe7\x81\0\xa3\x85\x81\0\0\x80x", 15},
    {"fLaC\x80\0\0\x22\x10\0\x10\0", 12},
    {"5\r\naudio\r\n0\r\n\r\n", 15},
};

config::Mount Settings() { return {.burst = 100ms, .history = 1s, .linger = 200ms}; }
listener::FanOutOptions Options() { return {.interval = 20ms, .capacity = 64}; }

// What the kernel would read.
void Read(std::span<const iovec> pieces) {
  volatile uint8_t seen = 0;
  for (const iovec& piece : pieces) {
    for (size_t i = 0; i < piece.iov_len; ++i) {
      seen = seen + static_cast<const uint8_t*>(piece.iov_base)[i];
    }
  }
}

// NextProcess makes what it is told of, as far as it is possible, and goes on with it.
class NextProcess {
 public:
  explicit NextProcess(std::unique_ptr<tape::Arena> arena)
      : arena_(std::move(arena)), registry_(*arena_, kSources, kMounts), fan_out_(Options()) {
    fan_out_.Freeze();
  }

  void Hear(Kind kind, absl::string_view bytes) {
    switch (kind) {
      case Kind::kMount: return HearMount(Parsed<Mount>(bytes));
      case Kind::kView: return HearView(Parsed<View>(bytes));
      case Kind::kPositions: return HearPositions(Parsed<Positions>(bytes));
      case Kind::kPassports: return HearPassports(Parsed<Passports>(bytes));
      case Kind::kHead: return HearHead(Parsed<Head>(bytes));
      case Kind::kSource: return HearSource(Parsed<Source>(bytes));
      case Kind::kLoop: return HearLoop(Parsed<Loop>(bytes));
      case Kind::kRelay: return HearRelay(Parsed<Relay>(bytes));
      case Kind::kEnd: return HearEnd(Parsed<End>(bytes));
      default: return;
    }
  }

  void GoOn(absl::string_view own) {
    fan_out_.Thaw();
    for (int round = 0; round < kRounds; ++round) {
      Feed(round % 3 == 0 ? own : kAudio[size_t(round) % std::size(kAudio)]);
      for (const mount::MountRef& mount : registry_.List()) {
        mount->SetTitle(absl::StrCat("title ", round), "");
        if (round == 3) (void)fan_out_.Join({.mount = mount.Share(), .metaint_bytes = 16}, now_);
      }
      Turn(round);
    }
    (void)registry_.Collect(now_);
  }

  // All that is here, as the process after the next one hears it.
  void HandOver() {
    fan_out_.Freeze();
    NextProcess after(*tape::Arena::Map(dup(arena_->memfd()), arena_->size()));
    for (const mount::MountRef& mount : registry_.List()) {
      Mount message;
      SaveMount(mount->state(), &message);
      FLOE_CHECK(LoadMount(message).value() == mount->state());
      after.HearMount(message);
    }
    fan_out_.ForEachView([&](MountSlot slot, const listener::View& view) {
      View message;
      SaveView(view.state(now_), &message);
      message.set_id(Index(slot));
      message.set_mount(view.mount().name());
      after.HearView(message);
    });
    Positions positions;
    fan_out_.ForEach([&](ListenerSlot slot, const listener::Listener& listener) {
      const listener::ListenerState state = fan_out_.StateOf(slot, now_);
      Position* message = positions.add_listeners();
      SavePosition(state, message);
      FLOE_CHECK(LoadPosition(*message) == state);
      message->set_view(Index(listener.mount));
    });
    after.HearPositions(positions);
    for (const auto& source : sources_) (void)source.feed->state();
    fan_out_.LetGo(now_);
    FLOE_CHECK(fan_out_.listeners() == 0);
    fan_out_.Consumed();
    after.GoOn({});
  }

 private:
  // A source, a file that plays, or a mount that is fetched.
  struct Playing {
    std::unique_ptr<mount::Writer> writer;
    std::unique_ptr<session::Feed> feed;
    std::unique_ptr<audio::Framer> framer;
    std::unique_ptr<session::Track> track;
  };

  template <typename Message>
  static Message Parsed(absl::string_view bytes) {
    Message message;
    if (!message.ParseFromArray(bytes.data(), int(bytes.size()))) message.Clear();
    return message;
  }

  void HearMount(const Mount& message) {
    absl::StatusOr<mount::MountState> state = LoadMount(message);
    if (!state.ok()) return;
    const uint32_t taken_before = arena_->pages_in_use();
    if (registry_.Restore(*std::move(state), Settings(), /*is_configured=*/false).ok()) return;
    FLOE_CHECK(arena_->pages_in_use() == taken_before);
  }

  void HearView(const View& message) {
    const absl::StatusOr<listener::ViewState> state = LoadView(message);
    listener::View::Mounts mounts, next;
    mounts.played = registry_.Find(message.mount());
    mounts.home = registry_.Find(message.home().empty() ? message.mount() : message.home());
    if (!mounts.played || !mounts.home || !state.ok() || views_.contains(message.id())) return;
    if (state->ending == listener::Leaving::kMoved) {
      next.home = registry_.Find(message.next_home());
      next.played = registry_.Find(message.next_played());
      if (!next.home || !next.played) return;
    }
    views_[message.id()] = fan_out_.RestoreView(std::move(mounts), *state, std::move(next), now_);
  }

  void HearPositions(const Positions& message) {
    for (const Position& position : message.listeners()) {
      const auto view = views_.find(position.view());
      if (view == views_.end()) continue;
      const uint32_t listeners_before = fan_out_.listeners();
      const bool is_made =
          fan_out_.Restore(LoadPosition(position), view->second, FdSlot(1), now_).ok();
      FLOE_CHECK(fan_out_.listeners() == listeners_before + (is_made ? 1 : 0));
    }
  }

  void HearPassports(const Passports& message) {
    for (const Passport& passport : message.listeners()) {
      (void)LoadPeer(passport.peer()).HostAndPort();
    }
  }

  void HearHead(const Head& message) {
    const absl::StatusOr<session::HeadState> state = LoadHead(message);
    if (state.ok()) (void)(now_ - state->begun);
  }

  void HearSource(const Source& message) {
    absl::StatusOr<session::SourceState> state = LoadSource(message);
    if (!state.ok()) return;
    (void)(now_ - state->begun);
    Playing playing{.writer = Resume(state->mount, state->pen, state->writer)};
    if (playing.writer == nullptr) return;
    auto feed = session::Feed::Restore(*playing.writer, std::move(state->feed));
    if (!feed.ok()) return;
    playing.feed = *std::move(feed);
    sources_.push_back(std::move(playing));
  }

  void HearLoop(const Loop& message) {
    absl::StatusOr<session::LoopState> state = LoadLoop(message);
    if (!state.ok()) return;
    Playing playing{.writer = Resume(state->mount, state->pen, state->writer)};
    if (playing.writer == nullptr) return;
    auto framer = audio::RestoreFramer(std::move(state->framer), &Clock::now);
    if (!framer.ok()) return;
    playing.framer = *std::move(framer);
    (void)(state->progress.begun + playing.framer->stats().played);
    loops_.push_back(std::move(playing));
  }

  void HearRelay(const Relay& message) {
    absl::StatusOr<session::RelayState> state = LoadRelay(message);
    if (!state.ok()) return;
    const size_t count = state->choice.upstreams.size();
    if (count < 1 || count > kUpstreamsMax) return;
    upstream::Choice choice(uint32_t(count), 1s, /*seed=*/1);
    if (choice.Restore(state->choice).ok()) {
      FLOE_CHECK(choice.state() == state->choice);
      (void)choice.What(now_);
      choice.SetWanted(false, now_);
    }
    if (!state->heard.has_value()) return;
    Playing playing{.writer = Resume(state->mount, state->pen, state->writer)};
    if (playing.writer == nullptr) return;
    auto track = session::Track::Restore(*playing.writer, std::move(state->heard->feed),
                                         std::move(state->heard->begin));
    if (!track.ok()) return;
    playing.track = *std::move(track);
    (void)playing.track->position();
    relays_.push_back(std::move(playing));
  }

  std::unique_ptr<mount::Writer> Resume(const std::string& name, uint64_t pen,
                                        const mount::Writer::State& state) {
    absl::StatusOr<std::unique_ptr<mount::Writer>> writer = registry_.Resume(name, pen);
    if (!writer.ok() || !(*writer)->Restore(state).ok()) return nullptr;
    return *std::move(writer);
  }

  void HearEnd(const End& message) {
    fan_out_.BeginInterval(milliseconds(message.interval_ms()));
    for (const PinnedPage& pinned : message.pinned_pages()) {
      const auto page = PageSlot(pinned.page());
      if (!arena_->Knows(page)) continue;
      if (arena_->TryRef(page, pinned.key()) || arena_->TakeBack(page, pinned.key())) {
        pinned_pages_.emplace_back(*arena_, page);
      }
    }
  }

  void Feed(absl::string_view text) {
    const audio::Bytes bytes = audio::AsBytes(text);
    for (Playing& source : sources_) {
      if (!source.feed->is_over()) source.feed->Take(bytes);
    }
    for (Playing& relay : relays_) {
      if (!relay.track->feed().is_over()) relay.track->feed().Take(bytes);
      (void)relay.track->position();
    }
    for (Playing& loop : loops_) loop.framer->Feed(bytes, *loop.writer);
  }

  // Sends of which some take all, some a part, and some nothing.
  void Turn(int round) {
    fan_out_.Turn(now_ += 60ms);
    const std::vector<listener::SendOrder> orders(fan_out_.orders().begin(),
                                                  fan_out_.orders().end());
    for (const listener::SendOrder& order : orders) Read(fan_out_.pieces(order));
    fan_out_.Consumed();
    for (const listener::SendOrder& order : orders) {
      const uint32_t kind = (uint32_t(round) + Index(order.listener)) % 4;
      const uint32_t sent_bytes = kind == 0 ? order.bytes / 2 : kind == 1 ? 0 : order.bytes;
      const listener::SendOutcome outcome{.sent_bytes = sent_bytes,
                                          .error = sent_bytes == 0 ? EAGAIN : 0};
      fan_out_.OnSent(order.listener, order.generation, outcome, now_);
    }
  }

  const std::unique_ptr<tape::Arena> arena_;
  mount::Registry registry_;
  listener::FanOut fan_out_;
  std::map<uint64_t, MountSlot> views_;
  std::vector<Playing> sources_, loops_, relays_;
  std::vector<tape::PageRef> pinned_pages_;
  Instant now_{1'000'000s};
};

}  // namespace
}  // namespace floe::handover

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace floe::handover;  // NOLINT: the target is one function
  const absl::string_view own(reinterpret_cast<const char*>(data), size);
  NextProcess next(*floe::tape::Arena::Create(uint64_t{kArenaPages} * floe::kPageBytes));
  absl::string_view rest = own;
  while (rest.size() >= 3) {
    const auto kind = Kind(rest[0]);
    const size_t length = uint8_t(rest[1]) | size_t{uint8_t(rest[2])} << 8;
    next.Hear(kind, rest.substr(3, length));
    rest.remove_prefix(std::min(rest.size(), 3 + length));
  }
  next.GoOn(own);
  next.HandOver();
  return 0;
}
