// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/listener_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "unit/mount/station.h"

namespace floe::session {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ListenerWatchTest : public testing::Test {
 protected:
  void Listen(absl::string_view mount, uint32_t listeners, uint32_t peak) {
    const mount::MountRef found = station_.registry().FindOrCreate(mount, {}).value();
    found->listeners = listeners;
    found->listener_peak = peak;
  }
  void Look() {
    now_ += ListenerWatch::kEvery;
    watch_.Look(station_.registry(), now_);
  }
  std::vector<std::string> Said() {
    std::vector<events::Event> events;
    heard_ = log_.CopyAfter(heard_, {}, events::kEventsKept, &events).up_to;
    std::vector<std::string> said;
    for (const events::Event& event : events) {
      said.push_back(absl::StrCat(events::NameOf(event.kind), " ", event.mount, " ",
                                  event.listeners, " of ", event.peak));
    }
    return said;
  }

  mount::Station station_;
  events::EventLog log_;
  ListenerWatch watch_{log_};
  Instant now_ = mount::kStart;
  uint64_t heard_ = 0;
};

TEST_F(ListenerWatchTest, SaysHowManyListenWhereThatHasChanged) {
  Listen("/a", 2, 2);
  Listen("/b", 0, 0);
  Look();
  EXPECT_THAT(Said(), ElementsAre("listeners /a 2 of 2", "listener_peak /a 2 of 2"));
  Look();
  EXPECT_THAT(Said(), IsEmpty());
  Listen("/a", 1, 2);
  Look();
  EXPECT_THAT(Said(), ElementsAre("listeners /a 1 of 2"));
}

TEST_F(ListenerWatchTest, APeakThatIsOverWhenItLooksIsSaidAllTheSame) {
  Listen("/a", 0, 9);
  Look();
  EXPECT_THAT(Said(), ElementsAre("listener_peak /a 0 of 9"));
}

TEST_F(ListenerWatchTest, LooksOnceASecondAtMost) {
  Look();
  Listen("/a", 1, 1);
  watch_.Look(station_.registry(), now_ + ListenerWatch::kEvery - milliseconds(1));
  EXPECT_THAT(Said(), IsEmpty());
  Look();
  EXPECT_EQ(Said().size(), 2u);
}

TEST_F(ListenerWatchTest, AMountThatIsForgottenHasNoListenersAnyMore) {
  Listen("/a", 3, 3);
  Look();
  Listen("/a", 0, 3);
  station_.registry().Collect(now_);
  (void)Said();
  Look();
  EXPECT_THAT(Said(), ElementsAre("listeners /a 0 of 3"));
  Listen("/a", 1, 1);  // another one of that name
  Look();
  EXPECT_THAT(Said(), ElementsAre("listeners /a 1 of 1", "listener_peak /a 1 of 1"));
}

TEST_F(ListenerWatchTest, PeaksThatWereToldBeforeAreNotToldAgain) {
  Listen("/a", 3, 5);
  watch_.KnowPeaks(station_.registry());
  Look();
  EXPECT_THAT(Said(), ElementsAre("listeners /a 3 of 5"));
}

TEST_F(ListenerWatchTest, OfMountsThatNobodyAsksForByNameNothingIsSaid) {
  Listen("file:/srv/sorry.mp3", 3, 5);
  Look();
  EXPECT_THAT(Said(), IsEmpty());
}

}  // namespace
}  // namespace floe::session
