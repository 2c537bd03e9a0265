// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/pages.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "mount/registry.h"
#include "nlohmann/json.hpp"
#include "tape/arena.h"

namespace floe::session {
namespace {

using testing::HasSubstr;
using testing::Not;

class PagesTest : public testing::Test {
 protected:
  PagesTest() {
    arena_ = tape::Arena::Create(4 << 20).value();
    registry_ = std::make_unique<mount::Registry>(*arena_, /*sources_max=*/8);
    services_.config.Set(config::ConfigRef::Of({}));
    services_.registry = registry_.get();
    services_.started = absl::FromUnixSeconds(1'800'000'000);
  }

  mount::Writer& Source(const std::string& name, const std::string& stream_name = "") {
    mount::SourceInfo info;
    info.content_type = "audio/mpeg";
    info.name = stream_name;
    info.bitrate_kbps = 128;
    info.audio_info = "ice-samplerate=44100;ice-bitrate=128;ice-channels=2";
    info.connected = absl::FromUnixSeconds(1'800'000'100);
    writers_.push_back(
        registry_->Claim(name, info, config_.MountSettings(name), {}, Instant()).value());
    return *writers_.back();
  }
  nlohmann::json Icestats() const {
    return nlohmann::json::parse(StatusJson(services_, "http://radio.example:8000"))["icestats"];
  }

  config::Config config_;
  Services services_;
  std::unique_ptr<tape::Arena> arena_;
  std::unique_ptr<mount::Registry> registry_;
  std::vector<std::unique_ptr<mount::Writer>> writers_;
};

TEST_F(PagesTest, StatusHasNoSourceOneOrAnArrayAsIcecastHas) {
  EXPECT_FALSE(Icestats().contains("source"));
  Source("/one");
  EXPECT_TRUE(Icestats()["source"].is_object());
  Source("/two");
  ASSERT_TRUE(Icestats()["source"].is_array());
  EXPECT_EQ(Icestats()["source"].size(), 2u);
}

TEST_F(PagesTest, StatusSpeaksIcecastsNames) {
  Source("/a b", "Jazz");
  const nlohmann::json source = Icestats()["source"];
  EXPECT_EQ(source["listenurl"], "http://radio.example:8000/a%20b");
  EXPECT_EQ(source["server_name"], "Jazz");
  EXPECT_EQ(source["server_type"], "audio/mpeg");
  EXPECT_EQ(source["bitrate"], 128);
  EXPECT_EQ(source["ice-samplerate"], 44100);
  EXPECT_EQ(source["genre"], "various");
  EXPECT_EQ(source["server_description"], "Unspecified description");
  EXPECT_EQ(source["listeners"], 0);
}

TEST_F(PagesTest, AHiddenMountIsNowhere) {
  config_.mounts["/secret"].hidden = true;
  Source("/secret");
  EXPECT_FALSE(Icestats().contains("source"));
  EXPECT_THAT(HomePage(services_, "http://x"), Not(HasSubstr("/secret")));
}

TEST_F(PagesTest, WhatASourceSaysIsTextOnThePageAndNoMarkup) {
  Source("/live", "<script>alert(1)</script>");
  const std::string page = HomePage(services_, "http://x");
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(page, HasSubstr("<audio controls preload=\"none\" src=\"/live\">"));
}

TEST_F(PagesTest, AnEmptyServerSaysHowToFeedIt) {
  EXPECT_THAT(HomePage(services_, "http://radio.example"), HasSubstr("http://radio.example/live"));
}

}  // namespace
}  // namespace floe::session
