// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "doctor/checks.h"

namespace floe::doctor {
namespace {

// Of memory that tasks ask for; nothing is said where the kernel was built without.
void CheckHugePages(const Host& host, Findings* findings) {
  constexpr char kSet[] = "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled";
  if (!host.huge_pages.has_value()) return;
  findings->push_back(
      {.name = "transparent huge pages",
       .is = *host.huge_pages,
       .should_be = "madvise or never",
       .verdict = *host.huge_pages == "always" ? Verdict::kAdvice : Verdict::kGood,
       .why =
           "With always a few bytes touched may take 2 MiB, so that a listener takes more memory "
           "than its record, and a shard may wait while the kernel makes room.",
       .set = kSet});
}

// The arena is a memfd, which is memory of tmpfs, and asks for nothing by itself.
void CheckArenaPages(const Host& host, Findings* findings) {
  constexpr char kSet[] = "echo within_size > /sys/kernel/mm/transparent_hugepage/shmem_enabled";
  if (!host.shared_huge_pages.has_value()) return;
  const std::string& is = *host.shared_huge_pages;
  const bool is_huge = is == "always" || is == "within_size" || is == "force";
  findings->push_back({.name = "huge pages for the arena",
                       .is = is,
                       .should_be = "within_size",
                       .verdict = is_huge ? Verdict::kGood : Verdict::kAdvice,
                       .why = "Each send reads audio from the arena; in pages of 2 MiB it is found "
                              "with fewer misses of the TLB. Set it before the server starts.",
                       .set = kSet});
}

// Nothing is said where the frequency is nobody's choice, as in most virtual machines.
void CheckGovernors(const Host& host, Findings* findings) {
  if (host.governors.empty()) return;
  std::vector<std::string> names;
  for (const auto& [name, cores] : host.governors) names.push_back(name);
  const bool is_fast = names.size() == 1 && names[0] == "performance";
  findings->push_back(
      {.name = "CPU governor",
       .is = absl::StrJoin(names, ", "),
       .should_be = "performance",
       .verdict = is_fast ? Verdict::kGood : Verdict::kAdvice,
       .why =
           "Shards work in short bursts, a hundred times a second, so that other governors see a "
           "core that is mostly idle and let it run slowly just when it is needed.",
       .set = "echo performance | tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor"});
}

}  // namespace

Findings CheckHardware(const Host& host) {
  Findings findings;
  CheckGovernors(host, &findings);
  CheckHugePages(host, &findings);
  CheckArenaPages(host, &findings);
  return findings;
}

}  // namespace floe::doctor
