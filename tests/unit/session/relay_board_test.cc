// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/relay_board.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::session {
namespace {

class RelayBoardTest : public testing::Test {
 protected:
  RelayBoardTest() { board_.Add("/live", {.shard = 3, .relay = this}); }
  void Show(bool is_on_demand, bool is_wanted) {
    RelayStatus status;
    status.mount = "/live";
    status.is_on_demand = is_on_demand;
    status.is_wanted = is_wanted;
    board_.Show(std::move(status));
  }

  void ShowPhase(upstream::Phase phase, const std::string& error = "") {
    RelayStatus status;
    status.mount = "/live";
    status.upstreams.resize(1);
    status.upstreams[0].url = "http://origin:8000/live";
    status.upstreams[0].health.phase = phase;
    status.upstreams[0].health.error = error;
    board_.Show(std::move(status));
  }
  // What was said of the upstream, in order.
  std::vector<std::string> Said() const {
    std::vector<events::Event> events;
    log_.CopyAfter(0, {}, events::kEventsKept, &events);
    std::vector<std::string> said;
    for (const events::Event& event : events) {
      EXPECT_EQ(event.kind, events::Kind::kUpstream);
      EXPECT_EQ(event.mount, "/live");
      EXPECT_EQ(event.subject, "http://origin:8000/live");
      said.push_back(absl::StrCat(event.state, event.reason.empty() ? "" : ": ", event.reason));
    }
    return said;
  }

  events::EventLog log_;
  RelayBoard board_{&log_};
};

TEST_F(RelayBoardTest, HowAnUpstreamIsIsToldWhenThatHasChanged) {
  using upstream::Phase;
  ShowPhase(Phase::kIdle);
  ShowPhase(Phase::kConnecting);
  ShowPhase(Phase::kUp, "an older failure");
  ShowPhase(Phase::kUp);
  ShowPhase(Phase::kDown, "no route");
  ShowPhase(Phase::kConnecting, "no route");
  ShowPhase(Phase::kBroken, "no route");
  ShowPhase(Phase::kTrial, "no route");
  ShowPhase(Phase::kBroken, "no route");
  EXPECT_THAT(Said(), testing::ElementsAre("up", "down: no route", "broken: no route"));
}

TEST_F(RelayBoardTest, WhatARelayShowsFirstIsNoNews) {
  ShowPhase(upstream::Phase::kUp);
  EXPECT_THAT(Said(), testing::IsEmpty());
}

TEST_F(RelayBoardTest, OneThatSleepsIsToBeWokenByWhoAsks) {
  Show(/*is_on_demand=*/true, /*is_wanted=*/false);
  const std::optional<RelayBoard::Home> home = board_.Ask("/live", "ab,cd", Instant(5s));
  ASSERT_TRUE(home.has_value());
  EXPECT_EQ(home->shard, 3u);
  EXPECT_EQ(home->relay, this);
  EXPECT_EQ(board_.AskedAt("/live"), Instant(5s));
  EXPECT_EQ(board_.HopsOf("/live"), "ab,cd");
}

TEST_F(RelayBoardTest, OneThatIsAwakeIsOnlyToldThatSomebodyAsked) {
  Show(/*is_on_demand=*/true, /*is_wanted=*/true);
  EXPECT_FALSE(board_.Ask("/live", "", Instant(5s)).has_value());
  EXPECT_EQ(board_.AskedAt("/live"), Instant(5s));
}

TEST_F(RelayBoardTest, NobodyIsWokenForOtherMounts) {
  Show(/*is_on_demand=*/false, /*is_wanted=*/true);
  EXPECT_FALSE(board_.Ask("/live", "", Instant(5s)).has_value());
  EXPECT_FALSE(board_.Ask("/other", "", Instant(5s)).has_value());
  EXPECT_FALSE(board_.StatusOf("/other").has_value());
}

TEST_F(RelayBoardTest, OneThatEndsTakesItsOwnPlaceAndNoOthers) {
  board_.Add("/live", {.shard = 4, .relay = &board_});
  board_.Remove("/live", this);
  EXPECT_EQ(board_.List().size(), 1u);
  board_.Remove("/live", &board_);
  EXPECT_TRUE(board_.List().empty());
}

}  // namespace
}  // namespace floe::session
