// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What is said of mounts as sources come, tell titles, and go.
#include "mount/tidings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "unit/mount/station.h"

namespace floe::mount {
namespace {

using events::Event;
using events::Kind;
using testing::ElementsAre;
using testing::IsEmpty;

class MountTidings : public testing::Test {
 protected:
  MountTidings() { station_.registry().Tell(&log_); }

  // All that was said since the last call, in short.
  std::vector<std::string> Said() {
    std::vector<Event> events;
    heard_ = log_.CopyAfter(heard_, {}, events::kEventsKept, &events).up_to;
    std::vector<std::string> said;
    for (const Event& event : events) {
      said.push_back(absl::StrCat(events::NameOf(event.kind), " ", event.mount));
      if (event.kind == Kind::kTitle) absl::StrAppend(&said.back(), " ", event.title);
      if (event.kind == Kind::kFallback) absl::StrAppend(&said.back(), " ", event.plays);
      if (!event.reason.empty()) absl::StrAppend(&said.back(), " ", event.reason);
    }
    return said;
  }

  Station station_;
  events::EventLog log_;
  uint64_t heard_ = 0;
};

TEST_F(MountTidings, ASourceComesAndLeaves) {
  auto writer = station_.Connect("/live");
  EXPECT_THAT(Said(), ElementsAre("source_up /live"));
  PlayFrames(*writer, 10);
  EXPECT_THAT(Said(), IsEmpty());
  writer->Leave(kStart);
  writer.reset();
  EXPECT_THAT(Said(), ElementsAre("source_down /live left"));
}

TEST_F(MountTidings, ASourceThatIsReplacedIsGoneBeforeTheNextOneIsThereAndGoneOnce) {
  auto first = station_.Connect("/live");
  auto second = station_.Connect("/live", "audio/mpeg", {.takeover = true});
  first->Leave(kStart);
  first.reset();
  EXPECT_THAT(Said(),
              ElementsAre("source_up /live", "source_down /live replaced", "source_up /live"));
  second.reset();
  EXPECT_THAT(Said(), ElementsAre("source_down /live ended"));
}

TEST_F(MountTidings, ARelayIsToldFromASourceAndAFileByItsOrigin) {
  auto relay = station_.Connect("/relay", "audio/mpeg", {.is_fetched = true});
  auto file = station_.Connect("/file", "audio/mpeg", {.yields = true});
  std::vector<Event> events;
  log_.CopyAfter(0, {}, 2, &events);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].kind, Kind::kRelayUp);
  EXPECT_EQ(events[0].origin, events::Origin::kRelay);
  EXPECT_EQ(events[0].content_type, "audio/mpeg");
  EXPECT_EQ(events[1].kind, Kind::kSourceUp);
  EXPECT_EQ(events[1].origin, events::Origin::kFile);
  relay->Leave(kStart);
  EXPECT_THAT(Said(), testing::Contains("relay_down /relay left"));
}

TEST_F(MountTidings, ATitleIsSaidOnceItsAudioIsPublished) {
  auto writer = station_.Connect("/live");
  writer->SetTitleHere("One", "");
  EXPECT_THAT(Said(), ElementsAre("source_up /live"));
  PlayFrame(*writer);
  EXPECT_THAT(Said(), ElementsAre("title /live One"));
  writer->mount().SetTitle("Two", "");
  EXPECT_THAT(Said(), IsEmpty());
  PlayFrame(*writer);
  EXPECT_THAT(Said(), ElementsAre("title /live Two"));
}

TEST_F(MountTidings, ATitleThatIsTheSameIsNoNews) {
  auto writer = station_.Connect("/live");
  for (int i = 0; i < 3; ++i) {
    writer->SetTitleHere("One", "");
    PlayFrame(*writer);
  }
  EXPECT_THAT(Said(), ElementsAre("source_up /live", "title /live One"));
}

TEST_F(MountTidings, ASourceThatBeginsAnewTakesTheTitleBack) {
  station_.settings.linger = milliseconds(0);
  auto writer = station_.Connect("/live");
  writer->SetTitleHere("One", "");
  PlayFrame(*writer);
  writer.reset();
  (void)Said();
  writer = station_.Connect("/live");
  EXPECT_THAT(Said(), ElementsAre("source_up /live", "title /live "));
}

TEST_F(MountTidings, WhatListenersHearInsteadIsSaid) {
  station_.settings.fallback = {"/backup"};
  auto live = station_.Connect("/live");
  station_.settings = {};
  auto backup = station_.Connect("/backup");
  PlayFrame(*live);
  PlayFrame(*backup);
  (void)Said();
  live->Leave(kStart);
  EXPECT_THAT(Said(), ElementsAre("source_down /live left", "fallback /live /backup"));
  live = station_.Connect("/live");
  PlayFrame(*live);
  EXPECT_THAT(Said(), ElementsAre("source_up /live", "fallback /live /live"));
}

TEST_F(MountTidings, OfMountsThatNobodyAsksForByNameNothingIsSaid) {
  auto writer = station_.Connect("file:/srv/sorry.mp3", "audio/mpeg", {.yields = true});
  writer->SetTitleHere("Sorry", "");
  PlayFrame(*writer);
  writer.reset();
  EXPECT_THAT(Said(), IsEmpty());
}

TEST_F(MountTidings, ASourceThatGoesSaysHowMuchItSent) {
  auto writer = station_.Connect("/live");
  writer->Report({}, 12'345);
  station_.registry().Find("/live")->listeners = 3;
  writer->Leave(kStart);
  std::vector<Event> events;
  log_.CopyAfter(1, {}, 1, &events);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].bytes, 12'345u);
  EXPECT_EQ(events[0].listeners, 3u);
  EXPECT_GT(events[0].lasted, absl::ZeroDuration());
}

}  // namespace
}  // namespace floe::mount
