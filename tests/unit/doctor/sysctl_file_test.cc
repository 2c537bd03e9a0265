// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// conf/60-floe.conf sets what floe doctor asks for, nothing else, and says why.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "doctor/sysctls.h"

namespace floe::doctor {
namespace {

std::vector<std::string> Lines() {
  std::ifstream file(FLOE_SYSCTL_FILE);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

bool IsComment(const std::string& line) { return absl::StartsWith(line, "#"); }

using Setting = std::pair<std::string, std::string>;

std::vector<Setting> SettingsOfFile() {
  std::vector<Setting> settings;
  for (const std::string& line : Lines()) {
    if (line.empty() || IsComment(line)) continue;
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits('=', 1));
    settings.emplace_back(absl::StripAsciiWhitespace(parts.first),
                          absl::StripAsciiWhitespace(parts.second));
  }
  return settings;
}

TEST(SysctlFile, SetsExactlyWhatTheDoctorAsksForInTheSameOrder) {
  std::vector<Setting> asked;
  for (const Sysctl& sysctl : Sysctls()) asked.emplace_back(sysctl.name, sysctl.value);
  EXPECT_EQ(SettingsOfFile(), asked);
}

TEST(SysctlFile, ExplainsEachLine) {
  const std::vector<std::string> lines = Lines();
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].empty() || IsComment(lines[i])) continue;
    ASSERT_GT(i, 0u);
    EXPECT_TRUE(IsComment(lines[i - 1])) << lines[i];
  }
}

TEST(SysctlFile, MakesAHostGood) {
  Host host;
  for (const auto& [name, value] : SettingsOfFile()) host.sysctls[name] = value;
  for (const Finding& finding : CheckSysctls(host, Plan{})) {
    EXPECT_EQ(finding.verdict, Verdict::kGood) << finding.name;
  }
}

}  // namespace
}  // namespace floe::doctor
