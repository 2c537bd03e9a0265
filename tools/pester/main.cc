// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// floe-pester: asks a server for a great many random and broken things, from a seed.
#include <iostream>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tools/pester/pester.h"
#include "tools/report/command_line.h"
#include "tools/report/live_line.h"

namespace floe::tools {
namespace {

void Print(const PesterResult& result, bool is_json) {
  nlohmann::ordered_json json = {{"asked", result.asked},
                                 {"unanswered", result.unanswered},
                                 {"left", result.left},
                                 {"by_status", nlohmann::json::object()},
                                 {"bad", nlohmann::json::array()}};
  for (const auto& [status, count] : result.by_status) {
    json["by_status"][absl::StrCat(status)] = count;
  }
  for (const std::string& request : result.bad) json["bad"].push_back(absl::CHexEscape(request));
  if (is_json) {
    std::cout << json.dump() << std::endl;
    return;
  }
  std::cout << Thousands(result.asked) << " requests, " << Thousands(result.unanswered)
            << " closed without an answer, " << Thousands(result.left) << " left by us\n";
  for (const auto& [status, count] : result.by_status) {
    std::cout << "  " << status << ": " << Thousands(count) << "\n";
  }
  for (const std::string& request : result.bad) {
    std::cout << "answered by an error of the server: " << absl::CHexEscape(request) << "\n";
  }
}

int Run(const PesterOptions& options) {
  Pester pester(options);
  const absl::Status ran = pester.Run();
  Print(pester.result(), options.is_json);
  if (!ran.ok()) std::cerr << "floe-pester: " << ran.message() << "\n";
  if (absl::IsInvalidArgument(ran)) return kExitUsage;
  return ran.ok() && pester.IsBorne() ? kExitGood : kExitBroken;
}

}  // namespace
}  // namespace floe::tools

int main(int argc, char** argv) {
  floe::tools::PesterOptions options;
  int exit_status = 0;
  if (!floe::tools::ReadPesterOptions(argc, argv, &options, &exit_status)) return exit_status;
  return floe::tools::Run(options);
}
