// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "doctor/amounts.h"
#include "doctor/checks.h"
#include "doctor/sysctls.h"

namespace floe::doctor {
namespace {

// Of the machine's memory that is not asked for sockets: it has other uses.
constexpr uint64_t kSocketShareMax = 2;  // at most half
// For who set no number of listeners.
constexpr uint64_t kTrackedMin = 65'536;
// A player that left stays in the table for two minutes, while others come.
constexpr uint64_t kTrackedPerListener = 2;

// The third of tcp_mem's numbers.
std::optional<uint64_t> SocketPagesMax(const Host& host) {
  const std::string* text = host.Sysctl("net.ipv4.tcp_mem");
  if (text == nullptr) return std::nullopt;
  const std::vector<std::string> words = absl::StrSplit(*text, ' ');
  uint64_t pages = 0;
  if (words.size() != 3 || !absl::SimpleAtoi(words[2], &pages)) return std::nullopt;
  return pages;
}

// The line for so many pages: pressure begins at seven eighths, and ends at three quarters.
std::string SetSocketPages(uint64_t pages) {
  return SetSysctl("net.ipv4.tcp_mem", absl::StrCat(pages / 4 * 3, " ", pages / 8 * 7, " ", pages));
}

std::string Pages(const Host& host, uint64_t pages) {
  return absl::StrCat(pages, " pages, ", Size(pages * host.page_bytes));
}

Finding CheckSocketMemory(const Host& host, const Plan& plan) {
  const uint64_t needed = plan.unsent_bytes_max();
  const uint64_t needed_pages = (needed + host.page_bytes - 1) / host.page_bytes;
  Finding finding{
      .name = "net.ipv4.tcp_mem",
      .is = kUnreadable,
      .should_be = absl::StrCat("at least ", Pages(host, needed_pages)),
      .verdict = Verdict::kUnknown,
      .why = absl::StrCat("All sockets together may hold the third of its numbers; ",
                          Count(plan.listeners_or_usual()), " listeners whose ",
                          Size(plan.send_buffer_bytes),
                          " are full, as when an uplink stalls, hold ", Size(needed),
                          ". Beyond that the kernel drops packets and connections of all."),
      .set = SetSocketPages(needed_pages)};
  if (host.memory_bytes.has_value() && needed > *host.memory_bytes / kSocketShareMax) {
    finding.set = "fanout.send_buffer or limits.listeners: lower one of them";
  }
  const std::optional<uint64_t> pages = SocketPagesMax(host);
  if (!pages.has_value()) return finding;
  finding.is = Pages(host, *pages);
  if (*pages >= needed_pages) {
    finding.verdict = Verdict::kGood;
  } else {
    finding.verdict = plan.has_limit() ? Verdict::kBad : Verdict::kAdvice;
  }
  return finding;
}

Finding CheckSendBuffer(const Host& host, const Plan& plan) {
  // Half of it is the socket's, which the kernel doubles; wmem_max bounds what is asked.
  const uint64_t needed = plan.send_buffer_bytes / 2 / 2;
  Finding finding{
      .name = "net.core.wmem_max",
      .is = kUnreadable,
      .should_be = absl::StrCat("at least ", needed),
      .verdict = Verdict::kUnknown,
      .why = absl::StrCat("A listener gets fanout.send_buffer, ", Size(plan.send_buffer_bytes),
                          ", only if a quarter of it is allowed here; with less, a send "
                          "does not fit and is made in pieces."),
      .set = SetSysctl("net.core.wmem_max", absl::StrCat(needed))};
  const std::string* is = host.Sysctl("net.core.wmem_max");
  uint64_t bytes = 0;
  if (is == nullptr || !absl::SimpleAtoi(*is, &bytes)) return finding;
  finding.is = *is;
  finding.verdict = bytes >= needed ? Verdict::kGood : Verdict::kAdvice;
  return finding;
}

// Nothing is said where no such table is loaded.
void CheckTracking(const Host& host, const Plan& plan, Findings* findings) {
  const std::string* is = host.Sysctl("net.netfilter.nf_conntrack_max");
  uint64_t tracked = 0;
  if (is == nullptr || !absl::SimpleAtoi(*is, &tracked)) return;
  const uint64_t needed = plan.has_limit() ? plan.listeners : kTrackedMin;
  const uint64_t wanted = kTrackedPerListener * needed;
  Finding finding{.name = "net.netfilter.nf_conntrack_max",
                  .is = *is,
                  .should_be = absl::StrCat("at least ", wanted),
                  .verdict = Verdict::kGood,
                  .why =
                      "The firewall keeps every connection in a table; when it is full, new "
                      "players are dropped without a word.",
                  .set = SetSysctl("net.netfilter.nf_conntrack_max", absl::StrCat(wanted))};
  if (const std::string* count = host.Sysctl("net.netfilter.nf_conntrack_count")) {
    absl::StrAppend(&finding.is, ", ", *count, " in use");
  }
  if (tracked < needed) {
    finding.verdict = Verdict::kBad;
  } else if (tracked < wanted) {
    finding.verdict = Verdict::kAdvice;
  }
  findings->push_back(std::move(finding));
}

}  // namespace

Findings CheckNetwork(const Host& host, const Plan& plan) {
  Findings findings{CheckSocketMemory(host, plan), CheckSendBuffer(host, plan)};
  CheckTracking(host, plan, &findings);
  return findings;
}

}  // namespace floe::doctor
