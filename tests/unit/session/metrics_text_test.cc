// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/metrics_text.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "listener/listener.h"
#include "mount/registry.h"
#include "tape/arena.h"

namespace floe::session {
namespace {

using testing::HasSubstr;
using testing::Not;

class MetricsTextTest : public testing::Test {
 protected:
  MetricsTextTest() {
    arena_ = tape::Arena::Create(4 << 20).value();
    registry_ = std::make_unique<mount::Registry>(*arena_, /*sources_max=*/1'000);
    services_.config.Set(config::ConfigRef::Of({}));
    services_.registry = registry_.get();
    services_.started = absl::FromUnixSeconds(1'800'000'000);
  }

  mount::Mount& Make(const std::string& name) {
    const mount::MountRef mount = registry_->Configure(name, {}).value();
    return *registry_->Find(name);
  }
  std::string Text() const { return MetricsText(services_); }

  Services services_;
  std::unique_ptr<tape::Arena> arena_;
  std::unique_ptr<mount::Registry> registry_;
};

TEST_F(MetricsTextTest, AMountSaysWhoCameAndWhoLeft) {
  mount::Mount& mount = Make("/live");
  mount.listeners = 2;
  mount.listener_peak = 5;
  mount.listener_connections = 7;
  mount.skips = 3;
  mount.leaves[size_t(listener::Leaving::kSourceEnded)] = 4;
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("\nfloe_mount_listeners{mount=\"/live\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("\nfloe_mount_listener_peak{mount=\"/live\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("\nfloe_mount_listener_joins_total{mount=\"/live\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("\nfloe_mount_skips_total{mount=\"/live\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("\nfloe_mount_listener_leaves_total{mount=\"/live\","
                              "cause=\"source_ended\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("\nfloe_mount_source_connected{mount=\"/live\"} 0\n"));
}

TEST_F(MetricsTextTest, WhoGoesOnInAnotherProcessHasNotLeft) {
  Make("/live");
  EXPECT_THAT(Text(), Not(HasSubstr("cause=\"handed")));
}

TEST_F(MetricsTextTest, SoManyMountsHaveLabelsAndTheRestIsOne) {
  for (size_t i = 0; i < kMetricsMountsMax + 3; ++i) {
    Make(absl::StrCat("/m", 1'000 + i)).listeners = 1;
  }
  const std::string text = Text();
  const std::string last = absl::StrCat("/m", 1'000 + kMetricsMountsMax - 1);
  const std::string first_of_rest = absl::StrCat("/m", 1'000 + kMetricsMountsMax);
  EXPECT_THAT(text, HasSubstr(absl::StrCat("floe_mount_listeners{mount=\"", last, "\"} 1\n")));
  EXPECT_THAT(text, Not(HasSubstr(first_of_rest)));
  EXPECT_THAT(text, HasSubstr("floe_mount_listeners{mount=\"other\"} 3\n"));
}

TEST_F(MetricsTextTest, AMountsNameIsEscaped) {
  Make("/a\"b\\c");
  EXPECT_THAT(Text(), HasSubstr("floe_mount_listeners{mount=\"/a\\\"b\\\\c\"} 0\n"));
}

TEST_F(MetricsTextTest, ARelaySaysHowItsUpstreamsAre) {
  RelayStatus relay;
  relay.mount = "/news";
  relay.upstreams.resize(2);
  relay.upstreams[0].url = "http://secret-host/";
  relay.upstreams[0].health.attempts = 3;
  relay.upstreams[1].health.attempts = 4;
  relay.upstreams[1].health.phase = upstream::Phase::kUp;
  relay.upstreams[1].health.lag = milliseconds(1'500);
  relay.played = 1;
  services_.relay_board->Add("/news", {});
  services_.relay_board->Show(relay);
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("\nfloe_relay_up{mount=\"/news\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nfloe_relay_attempts_total{mount=\"/news\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("\nfloe_relay_lag_seconds{mount=\"/news\"} 1.5\n"));
  EXPECT_THAT(text, Not(HasSubstr("secret-host")));
}

TEST_F(MetricsTextTest, HowLongThingsTookIsInSeconds) {
  services_.instruments->password_check.Observe(milliseconds(250));
  services_.instruments->logins_refused.Add(2);
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("\nfloe_password_check_duration_seconds_sum 0.25\n"));
  EXPECT_THAT(text, HasSubstr("\nfloe_password_check_duration_seconds_bucket{le=\"0.25\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nfloe_logins_total{outcome=\"refused\"} 2\n"));
}

TEST_F(MetricsTextTest, WithoutAMasterNothingIsSaidOfOne) {
  EXPECT_THAT(Text(), Not(HasSubstr("floe_master")));
}

}  // namespace
}  // namespace floe::session
