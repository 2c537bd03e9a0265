// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "doctor/report.h"

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "doctor/amounts.h"
#include "nlohmann/json.hpp"
#include "unit/doctor/machine.h"

namespace floe::doctor {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const Findings kOneOfEach = {
    {"a.b", "1", "0", Verdict::kBad, "It hurts.", "sysctl -w a.b=0"},
    {"eth0 offloads", "off", "on", Verdict::kAdvice, "It costs.", "ethtool"},
    {"c", kUnreadable, "many", Verdict::kUnknown, "Who knows.", "LimitC=1"},
    {"net.core.somaxconn", "4096", "at least 4096", Verdict::kGood, "Fine.", "sysctl"},
};

TEST(TextReport, SaysWhatToChangeInFullAndWhatIsGoodInShort) {
  EXPECT_EQ(TextReport(kOneOfEach, {}),
            "floe doctor: 1 bad, 1 advice, 1 unknown, 1 good\n"
            "\n"
            "BAD: the server will not start, or loses or refuses listeners\n"
            "  a.b                 1, should be 0\n"
            "      It hurts.\n"
            "      sysctl -w a.b=0\n"
            "\n"
            "ADVICE: it works, and costs more than it must\n"
            "  eth0 offloads       off, should be on\n"
            "      It costs.\n"
            "      ethtool\n"
            "\n"
            "UNKNOWN: could not be read; in a container, ask on the host\n"
            "  c                   should be many\n"
            "\n"
            "GOOD\n"
            "  net.core.somaxconn  4096\n");
}

TEST(TextReport, LeavesALineBetweenWhatIsToBeChanged) {
  EXPECT_THAT(TextReport({kOneOfEach[1], kOneOfEach[1]}, {}),
              HasSubstr("      ethtool\n\n  eth0 offloads"));
  EXPECT_THAT(TextReport({kOneOfEach[3], kOneOfEach[3]}, {}), HasSubstr("4096\n  net.core"));
}

TEST(TextReport, SaysHowToApplyTheFileOnlyWhereItWouldChangeSomething) {
  TextOptions options;
  options.sysctl_file = "/there/60-floe.conf";
  constexpr char kLine[] = "cp /there/60-floe.conf /etc/sysctl.d/ && sysctl --system\n";
  EXPECT_THAT(TextReport(kOneOfEach, options), Not(HasSubstr(kLine)));
  Findings findings = kOneOfEach;
  findings.back().verdict = Verdict::kAdvice;
  EXPECT_THAT(TextReport(findings, options), HasSubstr(kLine));
  findings.back().verdict = Verdict::kUnknown;
  EXPECT_THAT(TextReport(findings, options), Not(HasSubstr(kLine)));
}

TEST(TextReport, HasColoursOnlyWhenAskedFor) {
  TextOptions options;
  EXPECT_THAT(TextReport(kOneOfEach, options), Not(HasSubstr("\x1b")));
  options.has_colours = true;
  EXPECT_THAT(TextReport(kOneOfEach, options), HasSubstr("\x1b[36msysctl -w a.b=0\x1b[0m"));
}

TEST(TextReport, SentencesAreAsWideAsATerminalAndLinesToCopyAreNotBroken) {
  Finding finding = kOneOfEach[0];
  finding.why = "A sentence";
  while (finding.why.size() < 300) finding.why += " that goes on";
  finding.set = "sysctl -w " + std::string(100, 'x') + "='1 2 3'";
  const std::string text = TextReport({finding}, {});
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  std::string sentence;
  for (const std::string& line : lines) {
    if (!absl::StartsWith(line, "      ") || line == "      " + finding.set) continue;
    EXPECT_LE(line.size(), 80u) << line;
    sentence += line.substr(sentence.empty() ? 6 : 5);
  }
  EXPECT_EQ(sentence, finding.why);
  EXPECT_THAT(lines, Contains("      " + finding.set));
}

TEST(JsonReport, HoldsEveryPartOfEveryFindingInOrder) {
  const auto report = nlohmann::json::parse(JsonReport(kOneOfEach));
  EXPECT_EQ(report["verdict"], "bad");
  const nlohmann::json counts = {{"bad", 1}, {"advice", 1}, {"unknown", 1}, {"good", 1}};
  EXPECT_EQ(report["counts"], counts);
  ASSERT_EQ(report["findings"].size(), 4u);
  const nlohmann::json first = {{"name", "a.b"},      {"verdict", "bad"},
                                {"is", "1"},          {"should_be", "0"},
                                {"why", "It hurts."}, {"set", "sysctl -w a.b=0"}};
  EXPECT_EQ(report["findings"][0], first);
  EXPECT_EQ(report["findings"][3]["verdict"], "good");
}

TEST(JsonReport, OfANameThatIsNoTextIsStillJson) {
  Findings findings = {kOneOfEach[1]};
  findings[0].name = "eth\xff \"0\"";
  const auto report = nlohmann::json::parse(JsonReport(findings));
  EXPECT_THAT(report["findings"][0]["name"].get<std::string>(), StartsWith("eth"));
}

TEST(HasBad, IsWhatTheStatusOfTheCommandSays) {
  EXPECT_TRUE(HasBad(kOneOfEach));
  EXPECT_FALSE(HasBad({kOneOfEach.begin() + 1, kOneOfEach.end()}));
  EXPECT_FALSE(HasBad({}));
}

TEST(Amounts, AreWrittenAsTheyAreRead) {
  EXPECT_EQ(Size(0), "0 bytes");
  EXPECT_EQ(Size(64 * 1024), "64 KiB");
  EXPECT_EQ(Size(uint64_t{2'358'484'992}), "2.2 GiB");
  EXPECT_EQ(Size(UINT64_MAX), "16777216 TiB");
  EXPECT_EQ(Count(7), "7");
  EXPECT_EQ(Count(999), "999");
  EXPECT_EQ(Count(1000), "1,000");
  EXPECT_EQ(Count(1'048'576), "1,048,576");
}

}  // namespace
}  // namespace floe::doctor
