// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "doctor/checks.h"
#include "doctor/sysctls.h"

namespace floe::doctor {
namespace {

// The first that installs a descriptor of a ring's table in the process (FIXED_FD_INSTALL).
constexpr std::pair<uint32_t, uint32_t> kKernelMin{6, 8};
constexpr char kSetKernel[] = "apt install -t bookworm-backports linux-image-amd64";

// Major and minor of "6.8.0-45-generic"; 0.0 when it is something else.
std::pair<uint32_t, uint32_t> VersionOf(absl::string_view release) {
  const std::vector<absl::string_view> parts = absl::StrSplit(release, absl::ByAnyChar(".-+"));
  std::pair<uint32_t, uint32_t> version{0, 0};
  if (parts.size() < 2 || !absl::SimpleAtoi(parts[0], &version.first) ||
      !absl::SimpleAtoi(parts[1], &version.second)) {
    return {0, 0};
  }
  return version;
}

Finding CheckVersion(const Host& host) {
  Finding finding{.name = "kernel",
                  .is = host.kernel_release,
                  .should_be = "6.8 or newer",
                  .verdict = Verdict::kGood,
                  .why =
                      "Floe does all its input and output by io_uring, and uses what Linux 6.8 "
                      "was the first to have.",
                  .set = kSetKernel};
  if (host.kernel_release.empty()) {
    finding.is = kUnreadable;
    finding.verdict = Verdict::kUnknown;
  } else if (VersionOf(host.kernel_release) < kKernelMin) {
    finding.verdict = Verdict::kBad;
  }
  return finding;
}

// What makes it work depends on what forbids it.
std::string SetIoUring(const Host& host) {
  const std::string* is_disabled = host.Sysctl("kernel.io_uring_disabled");
  if (VersionOf(host.kernel_release) < kKernelMin) return kSetKernel;
  if (is_disabled == nullptr || *is_disabled != "0") {
    return SetSysctl("kernel.io_uring_disabled", "0");
  }
  return "docker run --security-opt seccomp=PROFILE, one that allows io_uring_setup, "
         "io_uring_enter and io_uring_register";
}

Finding CheckIoUring(const Host& host) {
  constexpr char kAble[] = "does all that Floe needs";
  Finding finding{.name = "io_uring",
                  .is = kAble,
                  .should_be = kAble,
                  .verdict = Verdict::kGood,
                  .why = "Without it the server does not start; containers often forbid it.",
                  .set = SetIoUring(host)};
  if (!host.io_uring.ok()) {
    finding.is = std::string(host.io_uring.message());
    finding.verdict = Verdict::kBad;
  }
  return finding;
}

// Not said where the probe has failed: then the reason is told already, or is another one.
void CheckIoUringForOthers(const Host& host, Findings* findings) {
  const std::string* is = host.Sysctl("kernel.io_uring_disabled");
  if (is == nullptr || *is == "0" || !host.io_uring.ok()) return;
  findings->push_back({.name = "kernel.io_uring_disabled",
                       .is = *is,
                       .should_be = "0",
                       .verdict = Verdict::kAdvice,
                       .why = "io_uring works for who asks now, but not for every user: one that "
                              "is neither root nor of kernel.io_uring_group cannot start Floe.",
                       .set = SetSysctl("kernel.io_uring_disabled", "0")});
}

}  // namespace

Findings CheckKernel(const Host& host) {
  Findings findings{CheckVersion(host), CheckIoUring(host)};
  CheckIoUringForOthers(host, &findings);
  return findings;
}

}  // namespace floe::doctor
