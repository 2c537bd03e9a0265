// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "importer/values.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::importer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Values, ListenOnNumericAddressesAlone) {
  EXPECT_EQ(ListenAddress("", 8000), "0.0.0.0:8000");
  EXPECT_EQ(ListenAddress("*", 8000), "0.0.0.0:8000");
  EXPECT_EQ(ListenAddress("localhost", 80), "127.0.0.1:80");
  EXPECT_EQ(ListenAddress("::", 8000), "[::]:8000");
  EXPECT_EQ(ListenAddress("[::1]", 8000), "[::1]:8000");
  EXPECT_EQ(ListenAddress("radio.example", 8000), std::nullopt);
  EXPECT_EQ(ListenAddress("", 0), std::nullopt);
  EXPECT_EQ(ListenAddress("", 65536), std::nullopt);
}

TEST(Values, NetworksAreWrittenWithStarsElsewhere) {
  EXPECT_EQ(NetworkIn("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(NetworkIn(" 192.0.2.7/24 "), "192.0.2.0/24");
  EXPECT_EQ(NetworkIn("192.168.1.*"), "192.168.1.0/24");
  EXPECT_EQ(NetworkIn("10.*"), "10.0.0.0/8");
  EXPECT_EQ(NetworkIn("10.*.*.*"), "10.0.0.0/8");
  EXPECT_EQ(NetworkIn("2001:db8::1/32"), "2001:db8::/32");
  EXPECT_EQ(NetworkIn("*"), "0.0.0.0/0");
  for (const char* other : {"", "192.168.1.1*", "*.1", "1.2.3", "300.1.1.1", "1.2.3.4/33",
                            "1.2.3.4/", "radio.example", "1.*.3.*", "1.2.3.4.*"}) {
    EXPECT_EQ(NetworkIn(other), std::nullopt) << other;
  }
}

TEST(Values, WildcardsBecomeRegexesOfTheWhole) {
  EXPECT_EQ(RegexOf("Bad*Bot/1.? (x)"), "^Bad.*Bot/1\\.. \\(x\\)$");
}

TEST(Values, BitratesAreWrittenInManyWays) {
  EXPECT_EQ(BitrateIn("64"), 64'000u);
  EXPECT_EQ(BitrateIn("320 kbps"), 320'000u);
  for (const char* other : {"", "Quality 5", "0", "-1", "9999999"}) {
    EXPECT_EQ(BitrateIn(other), kUsualBitrate) << other;
  }
}

TEST(Values, SizesBecomeTimesByTheBitrate) {
  Draft draft;
  SetBySize("mount_defaults", "burst", {65'535, 128'000}, {"limits", "burst-size", 3}, &draft);
  EXPECT_EQ(draft.ValueOf("mount_defaults", "burst"), "\"4s\"");
  ASSERT_EQ(draft.notes().size(), 1u);
  EXPECT_THAT(draft.notes()[0].why, HasSubstr("65535 bytes are burst = \"4s\" at 128 kbit/s"));
  SetBySize("mount_defaults", "burst", {16'000, 128'000, true}, {}, &draft);
  EXPECT_EQ(draft.ValueOf("mount_defaults", "burst"), "\"1s\"");
  SetBySize("mount_defaults", "burst", {8'000, 320'000, true}, {}, &draft);
  EXPECT_EQ(draft.ValueOf("mount_defaults", "burst"), "\"200ms\"");
  EXPECT_EQ(draft.notes().size(), 1u);
}

TEST(Values, TimesAreCutToWhatFloeTakes) {
  Draft draft;
  SetBySize("mount_defaults", "burst", {uint64_t{1} << 62, 8'000, true}, {}, &draft);
  EXPECT_EQ(draft.ValueOf("mount_defaults", "burst"), "\"2m\"");
  SetBySize("mount_defaults", "history", {1, 8'000, true}, {}, &draft);
  EXPECT_EQ(draft.ValueOf("mount_defaults", "history"), "\"1s\"");
  EXPECT_EQ(draft.notes().size(), 2u);
}

TEST(Values, SecondsHaveAUnit) {
  EXPECT_EQ(SecondsIn("15"), "15s");
  EXPECT_EQ(SecondsIn("0.5"), "500ms");
  EXPECT_EQ(SecondsIn("3600"), "1h");
  for (const char* other : {"", "x", "-1", "1e300", "nan", "99999999999"}) {
    EXPECT_EQ(SecondsIn(other), std::nullopt) << other;
  }
}

TEST(Values, APasswordThatFloeWouldReadAsSomethingElseIsLeftOut) {
  for (const char* text : {"env:HOME", "file:/etc/passwd", "$ecret", "a\nb", "\xff"}) {
    Draft draft;
    SetPassword("auth", "source_password", {text}, {"", "p"}, &draft);
    EXPECT_FALSE(draft.Has("auth", "source_password")) << text;
    ASSERT_EQ(draft.notes().size(), 1u) << text;
    EXPECT_EQ(draft.notes()[0].kind, Note::Kind::kLeftOut);
  }
  Draft draft;
  SetPassword("auth", "source_password", {"good enough"}, {}, &draft);
  EXPECT_EQ(draft.ValueOf("auth", "source_password"), "\"good enough\"");
  SetPassword("auth", "admin_password", {"plain", Written::kHashed}, {}, &draft);
  EXPECT_FALSE(draft.Has("auth", "admin_password"));
  SetPassword("master", "password", {"$ent", Written::kPlain, Use::kSent}, {}, &draft);
  EXPECT_TRUE(draft.Has("master", "password"));
  EXPECT_TRUE(draft.has_secrets());
}

TEST(Values, APasswordOfASampleIsCarriedOverWithAWarning) {
  Draft draft;
  SetPassword("auth", "source_password", {"hackme"}, {}, &draft);
  EXPECT_TRUE(draft.Has("auth", "source_password"));
  ASSERT_EQ(draft.notes().size(), 1u);
  EXPECT_EQ(draft.notes()[0].kind, Note::Kind::kChanged);
}

TEST(Values, OfAListOfNetworksTheOthersAreNoted) {
  Draft draft;
  SetNetworks("access", "deny", {"10.0.0.1", "example.com", "192.168.*"}, {}, &draft);
  EXPECT_EQ(draft.ValueOf("access", "deny"), "[\"10.0.0.1\", \"192.168.0.0/16\"]");
  EXPECT_EQ(draft.notes().size(), 1u);
}

TEST(Values, AListOfWhoMayComeThatIsLostLetsNobodyIn) {
  Draft draft;
  SetNetworks("access", "allow", {"example.com"}, {}, &draft);
  EXPECT_FALSE(draft.Has("access", "allow"));
  EXPECT_EQ(draft.ValueOf("access", "deny"), "[\"0.0.0.0/0\", \"::/0\"]");
  SetNetworks("access", "trusted_proxies", {}, {}, &draft);
  EXPECT_FALSE(draft.Has("access", "trusted_proxies"));
}

TEST(Values, LinesAreWithoutCommentsAndBlanks) {
  EXPECT_THAT(LinesIn("# who\n 10.0.0.1 \r\n\n192.0.2.1"), ElementsAre("10.0.0.1", "192.0.2.1"));
  EXPECT_THAT(LinesIn(""), IsEmpty());
}

}  // namespace
}  // namespace floe::importer
