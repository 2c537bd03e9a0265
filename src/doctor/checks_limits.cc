// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "doctor/amounts.h"
#include "doctor/checks.h"
#include "doctor/sysctls.h"

namespace floe::doctor {
namespace {

// A shard leaves this many places of its table to sources and requests.
constexpr uint64_t kPlacesKept = 512;
// The kernel spreads listeners by a hash of their addresses: some shard has more than its share.
constexpr uint64_t kUnevenShare = 16;  // a sixteenth more
// Where no number of listeners is set.
constexpr uint64_t kDescriptorsMin = 4096;         // less is a shell's limit, not a server's
constexpr uint64_t kDescriptorsUsual = 65'536;     // a shard's core is full before its table
constexpr uint64_t kFilesUsual = 100'000;          // listeners that one machine is built for
constexpr uint64_t kDescriptorsAsked = 1'048'576;  // what fs.nr_open allows if nobody changed it
// The process with all its shards and no listener, and some room.
constexpr uint64_t kProcessBytes = uint64_t{64} << 20;
constexpr uint64_t kListenerBytes = 256;  // of the process, for each
// Threads besides shards and workers: the main one, the log's, the allocator's, and room.
constexpr uint64_t kThreadsBesides = 8;

std::string Limit(uint64_t limit) { return limit == kUnlimited ? "unlimited" : Count(limit); }

uint64_t PlacesNeeded(const Plan& plan) {
  const uint64_t share = (plan.listeners + plan.shards - 1) / plan.shards;
  return share + share / kUnevenShare + kPlacesKept;
}

// What the tables hold as it is.
std::string Room(const Host& host, const Plan& plan) {
  const uint64_t places = host.descriptors_max.value_or(0);
  if (places <= kPlacesKept || places == kUnlimited) return "";
  return absl::StrCat(": ", plan.shards, plan.shards == 1 ? " shard holds " : " shards hold ",
                      "close to ", Count(plan.shards * (places - kPlacesKept)));
}

Finding CheckDescriptors(const Host& host, const Plan& plan) {
  const uint64_t needed = plan.has_limit() ? PlacesNeeded(plan) : kDescriptorsMin;
  const uint64_t wanted = plan.has_limit() ? needed : kDescriptorsUsual;
  Finding finding{
      .name = "hard limit of open files",
      .is = kUnreadable,
      .should_be = absl::StrCat("at least ", Count(wanted)),
      .verdict = Verdict::kUnknown,
      .why = absl::StrCat("Each shard has a table of as many places, and a listener takes one",
                          Room(host, plan), ". The [Service] of a systemd unit sets its own."),
      .set = absl::StrCat("LimitNOFILE=", std::max(wanted, kDescriptorsAsked))};
  if (!host.descriptors_max.has_value()) return finding;
  finding.is = Limit(*host.descriptors_max);
  finding.verdict = *host.descriptors_max < needed   ? Verdict::kBad
                    : *host.descriptors_max < wanted ? Verdict::kAdvice
                                                     : Verdict::kGood;
  return finding;
}

// Each descriptor is a file to the kernel, in whichever table.
Finding CheckFiles(const Host& host, const Plan& plan) {
  const uint64_t needed =
      (plan.has_limit() ? plan.listeners : kFilesUsual) + uint64_t{plan.shards} * kPlacesKept;
  Finding finding{.name = "fs.file-max",
                  .is = kUnreadable,
                  .should_be = absl::StrCat("at least ", needed),
                  .verdict = Verdict::kUnknown,
                  .why =
                      "Every socket of every process counts; at this many, players are closed "
                      "as they come.",
                  .set = SetSysctl("fs.file-max", absl::StrCat(2 * needed))};
  const std::string* is = host.Sysctl("fs.file-max");
  uint64_t files = 0;
  if (is == nullptr || !absl::SimpleAtoi(*is, &files)) return finding;
  finding.is = *is;
  if (files >= needed) {
    finding.verdict = Verdict::kGood;
  } else {
    finding.verdict = plan.has_limit() ? Verdict::kBad : Verdict::kAdvice;
  }
  return finding;
}

void CheckLockedMemory(const Host& host, const Plan& plan, Findings* findings) {
  if (!plan.may_zero_copy) return;
  Finding finding{.name = "limit of locked memory",
                  .is = kUnreadable,
                  .should_be = "unlimited",
                  .verdict = Verdict::kUnknown,
                  .why =
                      "Audio that is sent without a copy is locked until the player has "
                      "acknowledged it; at the limit such sends fail and are tried again.",
                  .set = "LimitMEMLOCK=infinity"};
  if (host.may_lock) {
    finding.is = "none, by CAP_IPC_LOCK";
    finding.verdict = Verdict::kGood;
  } else if (host.locked_bytes_max.has_value()) {
    const bool is_unlimited = *host.locked_bytes_max == kUnlimited;
    finding.is = is_unlimited ? "unlimited" : Size(*host.locked_bytes_max);
    finding.verdict = is_unlimited ? Verdict::kGood : Verdict::kAdvice;
  }
  findings->push_back(std::move(finding));
}

// Memory of the machine, or what its cgroup leaves of it.
Finding CheckMemory(const Host& host, const Plan& plan) {
  const uint64_t needed = plan.arena_bytes + kProcessBytes;
  const uint64_t wanted =
      needed + plan.unsent_bytes_max() + plan.listeners_or_usual() * kListenerBytes;
  Finding finding{
      .name = "memory",
      .is = kUnreadable,
      .should_be = absl::StrCat("at least ", Size(wanted)),
      .verdict = Verdict::kUnknown,
      .why = absl::StrCat("The arena takes ", Size(plan.arena_bytes), ", and ",
                          Count(plan.listeners_or_usual()), " listeners that read nothing ",
                          Size(plan.unsent_bytes_max()),
                          " of the kernel's; who takes more than there is, is killed."),
      .set = "limits.arena or limits.listeners: lower one of them"};
  const std::optional<uint64_t>& allowed = host.cgroup.memory_bytes_max;
  if (!host.memory_bytes.has_value() && !allowed.has_value()) return finding;
  const uint64_t is =
      std::min(host.memory_bytes.value_or(UINT64_MAX), allowed.value_or(UINT64_MAX));
  finding.is = Size(is);
  if (is == allowed) {
    finding.is += ", by cgroup";
    finding.set = absl::StrCat("MemoryMax=", wanted);
  }
  finding.verdict = is < needed ? Verdict::kBad : is < wanted ? Verdict::kAdvice : Verdict::kGood;
  return finding;
}

// Nothing is said where there is no limit.
void CheckThreads(const Host& host, const Plan& plan, Findings* findings) {
  if (!host.cgroup.threads_max.has_value()) return;
  const uint64_t needed = plan.shards + kWorkersMax + kThreadsBesides;
  findings->push_back(
      {.name = "threads of the cgroup",
       .is = Count(*host.cgroup.threads_max),
       .should_be = absl::StrCat("at least ", needed),
       .verdict = *host.cgroup.threads_max < needed ? Verdict::kBad : Verdict::kGood,
       .why = "Each shard is a thread; a server that may not have them does not "
              "start.",
       .set = absl::StrCat("TasksMax=", 2 * needed)});
}

}  // namespace

Findings CheckLimits(const Host& host, const Plan& plan) {
  Findings findings{CheckDescriptors(host, plan), CheckFiles(host, plan)};
  CheckLockedMemory(host, plan, &findings);
  findings.push_back(CheckMemory(host, plan));
  CheckThreads(host, plan, &findings);
  return findings;
}

}  // namespace floe::doctor
