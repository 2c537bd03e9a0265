// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "hooks/herald.h"

#include <string>
#include <vector>

#include "events/event_json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hooks/lane.h"

namespace floe::hooks {
namespace {

using events::Event;
using events::Kind;
using testing::ElementsAre;
using testing::IsEmpty;

Event Of(Kind kind, const std::string& mount = "/live") {
  Event event;
  event.kind = kind;
  event.mount = mount;
  return event;
}

std::vector<std::string> LanesOf(const Event& event, const config::Config& config) {
  std::vector<std::string> lanes;
  const std::vector<Notice> notices = NoticesOf(event, /*run=*/1, config, /*port=*/8000);
  for (const Notice& notice : notices) lanes.push_back(notice.lane);
  return lanes;
}

TEST(Notices, AWebhookHearsOfWhatItAskedFor) {
  config::Config config;
  config.webhooks["all"] = {.url = "http://a/"};
  config.webhooks["ups"] = {.url = "http://a/", .events = {"source_up"}};
  config.webhooks["jazz"] = {.url = "http://a/", .mounts = {"/jazz"}};
  config.webhooks["none"] = {};
  EXPECT_THAT(LanesOf(Of(Kind::kSourceUp), config), ElementsAre("webhook all", "webhook ups"));
  EXPECT_THAT(LanesOf(Of(Kind::kTitle, "/jazz"), config),
              ElementsAre("webhook all", "webhook jazz"));
}

TEST(Notices, TheyAreTheEventsOfTheApi) {
  config::Config config;
  config.webhooks["all"] = {.url = "http://a/"};
  Event event = Of(Kind::kTitle);
  event.title = "Caf\xc3\xa9";
  const std::vector<Notice> notices = NoticesOf(event, 1, config, 8000);
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].body, events::JsonOf(event, 1));
  EXPECT_EQ(notices[0].extra, "title");
}

TEST(Notices, AMountsHooksHearOfItsSource) {
  config::Config config;
  config.server.hostname = "radio.example";
  config.mounts["/live"].hook_mount_add = "http://a/up";
  config.mounts["/live"].hook_mount_remove = "http://a/down";
  Event event = Of(Kind::kSourceUp);
  event.peer = "192.0.2.1";
  const std::vector<Notice> notices = NoticesOf(event, 1, config, 8000);
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].lane, LaneOfHook("http://a/up"));
  EXPECT_EQ(notices[0].body,
            "action=mount_add&mount=%2Flive&server=radio.example&port=8000&ip=192.0.2.1");
  EXPECT_THAT(LanesOf(Of(Kind::kRelayDown), config), ElementsAre(LaneOfHook("http://a/down")));
  EXPECT_THAT(LanesOf(Of(Kind::kTitle), config), IsEmpty());
  EXPECT_THAT(LanesOf(Of(Kind::kSourceUp, "/other"), config), IsEmpty());
}

TEST(Notices, OfMountsThatAreNoPathsNobodyHears) {
  config::Config config;
  config.webhooks["all"] = {.url = "http://a/"};
  EXPECT_THAT(LanesOf(Of(Kind::kSourceUp, "file:/srv/sorry.mp3"), config), IsEmpty());
}

}  // namespace
}  // namespace floe::hooks
