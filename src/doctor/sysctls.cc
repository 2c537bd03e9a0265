// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "doctor/sysctls.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace floe::doctor {
namespace {

using Rule = Sysctl::Rule;

// More come at once when a show begins, or when a network is back.
constexpr uint64_t kWaitingMin = 1024;

// Of all sockets for which the configuration names no other.
constexpr char kCongestion[] = "net.ipv4.tcp_congestion_control";

constexpr Sysctl kSysctls[] = {
    {"net.ipv4.tcp_slow_start_after_idle", "0", Rule::kExactly,
     "After an idle second a window falls back to ten segments: a 16 KiB send once a second then "
     "costs 16-17 us of CPU with cubic, 11-13 with bbr, instead of 8.5, and waits for an "
     "acknowledgement."},
    {kCongestion, "bbr", Rule::kExactly,
     "cubic takes each loss of a mobile network for congestion, and slows down until the player "
     "runs dry; bbr does not, and costs less CPU in the same place."},
    {"net.core.default_qdisc", "fq", Rule::kExactly,
     "bbr spreads what it sends over time; fq does that in the interface's queue, which is cheaper "
     "than a timer for each listener. It holds for interfaces that come up from then on."},
    // What listen(2) is asked for.
    {"net.core.somaxconn", "4096", Rule::kAtLeast,
     "Players that come faster than they are let in wait in a queue this long, one for each "
     "shard; who finds no place in it tries again after a second or more.",
     kWaitingMin},
    {"net.ipv4.tcp_syncookies", "1", Rule::kAtLeast,
     "When a rush fills the queue of half-open connections, cookies let the rest in; without them "
     "nobody answers."},
    {"net.core.netdev_max_backlog", "16384", Rule::kAtLeast,
     "Where packets pass a queue of the CPU, as with virtual interfaces and RPS, the "
     "acknowledgements of a whole crowd arrive at once; what does not fit is lost and sent again."},
    {"net.ipv4.ip_local_port_range", "10240 65535", Rule::kCovers,
     "Whatever connects from this host to one address takes a port for each connection: floe-load "
     "cannot be more listeners than there are ports."},
    {"vm.swappiness", "10", Rule::kAtMost,
     "The audio is memory that can be swapped out, and a shard that meets a page on disk stands "
     "still for all its listeners.",
     0, true},
};

std::vector<uint64_t> NumbersOf(absl::string_view text) {
  std::vector<uint64_t> numbers;
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    uint64_t number = 0;
    if (!absl::SimpleAtoi(word, &number)) return {};
    numbers.push_back(number);
  }
  return numbers;
}

bool Holds(const Sysctl& sysctl, const std::string& is) {
  if (sysctl.rule == Rule::kExactly) return is == sysctl.value;
  const std::vector<uint64_t> have = NumbersOf(is), want = NumbersOf(sysctl.value);
  if (have.size() != want.size() || have.empty()) return false;
  switch (sysctl.rule) {
    case Rule::kExactly: break;
    case Rule::kAtLeast: return have[0] >= want[0];
    case Rule::kAtMost: return have[0] <= want[0];
    case Rule::kCovers: return have.size() == 2 && have[0] <= want[0] && have[1] >= want[1];
  }
  return false;
}

std::string ShouldBe(const Sysctl& sysctl) {
  switch (sysctl.rule) {
    case Rule::kExactly: break;
    case Rule::kAtLeast: return absl::StrCat("at least ", sysctl.value);
    case Rule::kAtMost: return absl::StrCat("at most ", sysctl.value);
    case Rule::kCovers: return absl::StrCat(sysctl.value, " or wider");
  }
  return sysctl.value;
}

Verdict Judge(const Sysctl& sysctl, const std::string& is) {
  if (Holds(sysctl, is)) return Verdict::kGood;
  const std::vector<uint64_t> have = NumbersOf(is);
  return !have.empty() && have[0] < sysctl.bad_below ? Verdict::kBad : Verdict::kAdvice;
}

}  // namespace

std::span<const Sysctl> Sysctls() { return kSysctls; }

Findings CheckSysctls(const Host& host, const Plan& plan) {
  Findings findings;
  for (const Sysctl& sysctl : kSysctls) {
    findings.push_back({.name = sysctl.name,
                        .is = kUnreadable,
                        .should_be = ShouldBe(sysctl),
                        .verdict = Verdict::kUnknown,
                        .why = sysctl.why,
                        .set = SetSysctl(sysctl.name, sysctl.value)});
    Finding& finding = findings.back();
    if (absl::string_view(sysctl.name) == kCongestion && !plan.congestion.empty()) {
      finding.is = absl::StrCat(plan.congestion, ", by fanout.congestion");
      finding.set = absl::StrCat("fanout.congestion = \"", sysctl.value, "\"");
      finding.verdict = Judge(sysctl, plan.congestion);
    } else if (const std::string* is = host.Sysctl(sysctl.name); is != nullptr) {
      const bool is_moot = sysctl.is_of_swap && host.swap_bytes == 0;
      finding.is = is_moot ? absl::StrCat(*is, ", without swap") : *is;
      finding.verdict = is_moot ? Verdict::kGood : Judge(sysctl, *is);
    }
  }
  return findings;
}

std::string SetSysctl(absl::string_view name, absl::string_view value) {
  const char* quote = value.find(' ') == absl::string_view::npos ? "" : "'";
  return absl::StrCat("sysctl -w ", name, "=", quote, value, quote);
}

}  // namespace floe::doctor
