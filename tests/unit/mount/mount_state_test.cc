// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// A mount that goes over to the next process: its audio, its titles, and who may write it.
#include "mount/mount_state.h"

#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/mount_name.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "unit/mount/station.h"

namespace floe::mount {
namespace {

using testing::HasSubstr;

constexpr uint32_t kPages = 64;
constexpr uint32_t kSourcesMax = 8;

// The next process: it maps the arena of the one before, and has no mount yet.
class Next {
 public:
  explicit Next(Station& before)
      : arena_(*tape::Arena::Map(dup(before.arena().memfd()), uint64_t{kPages} * kPageBytes)),
        registry_(*arena_, kSourcesMax) {}

  absl::Status Take(MountState state) {
    return registry_.Restore(std::move(state), settings, /*is_configured=*/false);
  }
  // All that the process before has.
  void TakeAll(Station& before) {
    for (const MountRef& mount : before.registry().List()) {
      const absl::Status taken = Take(mount->state());
      ASSERT_TRUE(taken.ok()) << taken;
    }
  }
  std::unique_ptr<Writer> Resume(absl::string_view name, uint64_t pen) {
    auto writer = registry_.Resume(name, pen);
    EXPECT_TRUE(writer.ok()) << writer.status();
    return *std::move(writer);
  }
  MountRef Find(absl::string_view name) { return registry_.Find(name); }
  tape::Arena& arena() { return *arena_; }
  Registry& registry() { return registry_; }

  config::Mount settings;

 private:
  std::unique_ptr<tape::Arena> arena_;
  Registry registry_;
};

class MountStateTest : public testing::Test {
 protected:
  MountRef Before() { return before_.registry().Find("/live"); }

  Station before_{kPages};
  Next next_{before_};
};

TEST_F(MountStateTest, AMountThatNeverHadASourceIsEmpty) {
  ASSERT_TRUE(before_.registry().FindOrCreate("/live", before_.settings).ok());
  next_.TakeAll(before_);
  const MountRef mount = next_.Find("/live");
  ASSERT_TRUE(mount);
  EXPECT_EQ(mount->phase(), Phase::kEmpty);
  EXPECT_EQ(mount->Snap().live, false);
}

TEST_F(MountStateTest, ALiveMountGoesOnWithWhatItsSourceSaid) {
  SourceInfo info;
  info.content_type = "audio/mpeg";
  info.name = "Caf\xe9";
  info.bitrate_kbps = 128;
  info.is_public = true;
  const auto writer = *before_.registry().Claim("/live", info, before_.settings, {}, kStart);
  PlayFrames(*writer, 3);
  writer->Found({.codec = audio::Codec::kMp3, .bitrate_bps = 128'000});
  writer->Report({.frames = 3, .played = 3 * kFrame}, /*received_bytes=*/4900);
  next_.TakeAll(before_);

  const Snapshot snap = next_.Find("/live")->Snap();
  EXPECT_TRUE(snap.live);
  EXPECT_EQ(snap.source.content_type, "audio/mpeg");
  EXPECT_EQ(snap.source.name, "Caf\xe9");
  EXPECT_TRUE(snap.source.is_public);
  EXPECT_EQ(snap.parameters.codec, audio::Codec::kMp3);
  EXPECT_EQ(snap.framer.frames, 3u);
  EXPECT_EQ(snap.received_bytes, 4900u);
}

TEST_F(MountStateTest, LingeringIsOverWhenItWouldHaveBeenWithoutAHandOver) {
  before_.settings.linger = next_.settings.linger = 10s;
  const auto writer = before_.Connect("/live");
  PlayFrames(*writer, 1);
  writer->Leave(kStart);
  next_.TakeAll(before_);
  const MountRef mount = next_.Find("/live");
  EXPECT_EQ(mount->phase(), Phase::kLingering);
  EXPECT_FALSE(mount->LingerIsOver(kStart + 9s));
  EXPECT_TRUE(mount->LingerIsOver(kStart + 10s));
}

TEST_F(MountStateTest, TitlesThatAreAskedForAreTheNextOnesAndOlderOnesStay) {
  auto writer = before_.Connect("/live");
  writer->SetTitleHere("first", "http://floe/");
  PlayFrame(*writer);
  Before()->SetTitle("asked", "");
  next_.TakeAll(before_);
  const MountRef mount = next_.Find("/live");
  EXPECT_EQ(mount->Snap().title, "asked");
  EXPECT_EQ(mount->newest_title(), 1u);

  const auto resumed = next_.Resume("/live", writer->pen());
  PlayFrame(*resumed);
  const std::vector<TitleMark> marks = TitlesOf(*mount);
  ASSERT_EQ(marks.size(), 2u);
  EXPECT_EQ(marks[0].title, "first");
  EXPECT_EQ(marks[0].url, "http://floe/");
  EXPECT_EQ(marks[0].offset_bytes, 0u);
  EXPECT_EQ(marks[1].sequence, 2u);
  EXPECT_EQ(marks[1].title, "asked");
  EXPECT_EQ(marks[1].offset_bytes, 2 * kFrameBytes);
}

TEST_F(MountStateTest, PreamblesAreKeptForWhoJoinsLater) {
  const auto writer = before_.Connect("/live");
  const std::vector<std::byte> headers = Bytes("OggS headers");
  writer->BeginLink(headers);
  PlayFrames(*writer, 2);
  next_.TakeAll(before_);
  const MountRef mount = next_.Find("/live");
  const auto sync = mount->tape().NewestSync();
  ASSERT_TRUE(sync.has_value());
  const PreambleRef preamble = mount->PreambleOf(sync->link);
  EXPECT_EQ(std::vector(preamble.bytes().begin(), preamble.bytes().end()), headers);
  EXPECT_EQ(mount->LinkBeganAt(sync->link), 0u);
}

TEST_F(MountStateTest, TheNextLinkHasANumberOfItsOwn) {
  const auto writer = before_.Connect("/live");
  writer->BeginLink(Bytes("one"));
  PlayFrame(*writer);
  next_.TakeAll(before_);
  const auto resumed = next_.Resume("/live", writer->pen());
  resumed->BeginLink(Bytes("two"));
  PlayFrame(*resumed);
  const MountRef mount = next_.Find("/live");
  const uint32_t link = mount->tape().NewestSync()->link;
  EXPECT_EQ(link, Before()->tape().NewestSync()->link + 1);
  EXPECT_EQ(mount->PreambleOf(link).bytes().size(), 3u);
  EXPECT_TRUE(mount->PreambleOf(link - 1)) << "the one before is still kept";
}

TEST_F(MountStateTest, AWriterGoesOnInTheMiddleOfAFrameAndPublishesIt) {
  const auto writer = before_.Connect("/live");
  PlayFrame(*writer);
  writer->SyncPoint(/*needs_preamble=*/false);
  writer->SetTitleHere("within", "");
  writer->Append(Bytes("half of a "));
  next_.TakeAll(before_);
  const auto resumed = next_.Resume("/live", writer->pen());
  ASSERT_TRUE(resumed->Restore(writer->state()).ok());
  const Mount& mount = resumed->mount();
  EXPECT_EQ(mount.tape().published(), kFrameBytes);

  resumed->Append(Bytes("frame"));
  resumed->Boundary(kFrame);
  EXPECT_EQ(Heard(mount, kFrameBytes, 15), Bytes("half of a frame"));
  EXPECT_EQ(mount.tape().NewestSync()->offset_bytes, kFrameBytes);
  ASSERT_EQ(TitlesOf(mount).size(), 1u);
  EXPECT_EQ(TitlesOf(mount)[0].offset_bytes, kFrameBytes);
  EXPECT_EQ(resumed->state().played, 2 * kFrame);
}

TEST_F(MountStateTest, OnlyWhoHasThePenGoesOnWriting) {
  const auto writer = before_.Connect("/live");
  next_.TakeAll(before_);
  EXPECT_FALSE(next_.registry().Resume("/live", writer->pen() + 1).ok());
  EXPECT_FALSE(next_.registry().Resume("/live", 0).ok());
  EXPECT_FALSE(next_.registry().Resume("/other", writer->pen()).ok());
  EXPECT_EQ(next_.registry().sources(), 0u);
  const auto resumed = next_.Resume("/live", writer->pen());
  EXPECT_FALSE(resumed->revoked());
  EXPECT_EQ(next_.registry().sources(), 1u);
  resumed->Leave(kStart);
  EXPECT_EQ(next_.registry().sources(), 0u);
}

TEST_F(MountStateTest, NobodyHasThePenOfAMountWithoutASource) {
  auto writer = before_.Connect("/live");
  const uint64_t pen = writer->pen();
  writer->Leave(kStart);
  next_.TakeAll(before_);
  EXPECT_FALSE(next_.registry().Resume("/live", pen).ok());
  EXPECT_FALSE(next_.registry().Resume("/live", 0).ok());
}

TEST_F(MountStateTest, AFileThatPlaysMeanwhileYieldsToASourceInTheNextProcessToo) {
  const auto file = before_.Connect("/live", "audio/mpeg", {.yields = true});
  next_.TakeAll(before_);
  const auto resumed = next_.Resume("/live", file->pen());
  EXPECT_EQ(next_.registry().sources(), 0u);
  const auto source =
      next_.registry().Claim("/live", {.content_type = "audio/mpeg"}, next_.settings, {}, kStart);
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_TRUE(resumed->revoked());
}

TEST_F(MountStateTest, ATakeoverInTheNextProcessGetsANewPen) {
  const auto writer = before_.Connect("/live");
  next_.TakeAll(before_);
  const auto resumed = next_.Resume("/live", writer->pen());
  const auto other = next_.registry().Claim("/live", {.content_type = "audio/ogg"}, next_.settings,
                                            {.takeover = true}, kStart);
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_GT((*other)->pen(), writer->pen());
  EXPECT_TRUE(resumed->revoked());
  EXPECT_EQ(next_.Find("/live")->epoch(), 1u) << "listeners of before cannot go on with Ogg";
}

TEST_F(MountStateTest, CountsGoOnButNotThoseOfWhoIsHereNow) {
  const auto writer = before_.Connect("/live");
  const MountRef mount = Before();
  mount->CountListener();
  mount->CountListener();
  mount->sent_bytes = 77;
  mount->listener_connections = 9;
  mount->skips = 4;
  mount->leaves[1] = 5;
  next_.TakeAll(before_);
  const MountRef restored = next_.Find("/live");
  EXPECT_EQ(restored->listener_peak.load(), 2u);
  EXPECT_EQ(restored->sent_bytes.load(), 77u);
  EXPECT_EQ(restored->listener_connections.load(), 9u);
  EXPECT_EQ(restored->skips.load(), 4u);
  EXPECT_EQ(restored->leaves[1].load(), 5u);
  EXPECT_EQ(restored->leaves[2].load(), 0u);
  EXPECT_EQ(restored->listeners.load(), 0u) << "each is counted when it is restored itself";
}

TEST_F(MountStateTest, ANewMountGetsATapeThatNobodyHad) {
  const auto a = before_.Connect("/a"), b = before_.Connect("/b");
  next_.TakeAll(before_);
  const MountRef made = *next_.registry().FindOrCreate("/c", next_.settings);
  EXPECT_NE(made->tape().id(), next_.Find("/a")->tape().id());
  EXPECT_NE(made->tape().id(), next_.Find("/b")->tape().id());
}

TEST_F(MountStateTest, OneIsRestoredOnce) {
  const auto writer = before_.Connect("/live");
  next_.TakeAll(before_);
  EXPECT_THAT(next_.Take(Before()->state()).message(), HasSubstr("/live"));
}

TEST_F(MountStateTest, ASealedRegistryGrantsNothingUntilItIsUnsealed) {
  const auto writer = before_.Connect("/live");
  before_.registry().Seal(true);
  EXPECT_FALSE(Before());
  const absl::Status refused = before_.Claim("/other").status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(refused.message(), HasSubstr("handed over"));
  PlayFrame(*writer);  // who writes goes on
  EXPECT_EQ(before_.registry().List().size(), 1u);
  before_.registry().Seal(false);
  EXPECT_TRUE(Before());
  EXPECT_TRUE(before_.Claim("/other").ok());
}

// What no mount comes to: who says so is damaged, or no floe at all.
class ImpossibleMount : public MountStateTest {
 protected:
  ImpossibleMount() : writer_(before_.Connect("/live")) {
    writer_->BeginLink(Bytes("headers"));
    for (const char* title : {"one", "two"}) {
      writer_->SetTitleHere(title, "");
      PlayFrame(*writer_);
    }
    state_ = Before()->state();
  }
  // It is refused, and nothing of it stays.
  void ExpectRefused(const MountState& state, absl::string_view because) {
    const absl::Status refused = next_.Take(state);
    EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument) << because;
    EXPECT_THAT(refused.message(), HasSubstr(because));
    EXPECT_FALSE(next_.Find("/live"));
    EXPECT_EQ(next_.arena().pages_in_use(), 0u);
  }

  const std::unique_ptr<Writer> writer_;
  MountState state_;
};

TEST_F(ImpossibleMount, APenWithoutASourceOrASourceWithoutAPen) {
  state_.phase = Phase::kLingering;
  ExpectRefused(state_, "no possible phase");
  state_ = Before()->state();
  state_.pen = 0;
  ExpectRefused(state_, "no possible phase");
  state_.phase = Phase(9);
  ExpectRefused(state_, "no possible phase");
}

TEST_F(ImpossibleMount, APenThatWasNeverGiven) {
  state_.pen = state_.last_pen + 1;
  ExpectRefused(state_, "no possible phase");
}

TEST_F(ImpossibleMount, AnImpossibleTape) {
  ++state_.tape.published_bytes;
  ExpectRefused(state_, "no tape is like that");
}

// It ended the process.
TEST_F(ImpossibleMount, ATapeOfANumberThatNoneHas) {
  state_.tape.id = tape::kTapeIdsMax;
  ExpectRefused(state_, "16777216");
}

// A shard let go of another title than it held, and ended the process.
TEST_F(ImpossibleMount, TitlesOutOfOrder) {
  std::swap(state_.titles[0], state_.titles[1]);
  ExpectRefused(state_, "titles are not in order");
  state_.titles[0].sequence = state_.titles[1].sequence;
  ExpectRefused(state_, "titles are not in order");
}

TEST_F(ImpossibleMount, ALinkThatHasYetToBegin) {
  state_.links[0].link = state_.link + 1;
  ExpectRefused(state_, "a link is 3");
}

// How long it lingers overflowed.
TEST_F(ImpossibleMount, ASourceThatLeftBeforeTheClockBegan) {
  state_.lingering_since = Instant::min();
  ExpectRefused(state_, "before the clock");
}

TEST_F(ImpossibleMount, OneMoreThanThereIsRoomFor) {
  Registry full(next_.arena(), kSourcesMax, /*mounts_max=*/0);
  EXPECT_THAT(full.Restore(state_, next_.settings, false).message(), HasSubstr("no room"));
}

TEST_F(MountStateTest, TheSilenceOfItsListenersIsKnownEvenWhileItsSourceHasSaidNothing) {
  before_.settings.fallback = {std::string(config::kSilenceFallback)};
  next_.settings.fallback = before_.settings.fallback;
  const absl::StatusOr<MountRef> mount = before_.registry().FindOrCreate("/live", before_.settings);
  ASSERT_TRUE(mount.ok());
  EXPECT_EQ((*mount)->WantedSilence(), "");
  const auto claim = [this] {
    return before_.registry()
        .Claim("/live", {.content_type = "audio/mpeg"}, before_.settings, {.takeover = true},
               Instant())
        .value();
  };
  const std::unique_ptr<Writer> first = claim();
  first->Found({.codec = audio::Codec::kMp3,
                .bitrate_bps = 128'000,
                .sample_rate_hz = 44'100,
                .channels = 2});
  const std::unique_ptr<Writer> second = claim();
  EXPECT_EQ((*mount)->WantedSilence(), "silence:audio/mpeg:44100:2:128000");
  next_.TakeAll(before_);
  EXPECT_EQ(next_.Find("/live")->WantedSilence(), "silence:audio/mpeg:44100:2:128000");
}

}  // namespace
}  // namespace floe::mount
