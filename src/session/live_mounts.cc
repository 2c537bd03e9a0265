// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/live_mounts.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace floe::session {
namespace {

constexpr absl::string_view kLineEnd = "\r\n";

void AppendLines(std::string* out, absl::string_view sign, const std::vector<std::string>& names) {
  for (const std::string& name : names) absl::StrAppend(out, sign, name, kLineEnd);
}

}  // namespace

std::vector<std::string> LiveMountsOf(const mount::Registry& registry, Instant now) {
  std::vector<std::string> names;
  for (const mount::MountRef& mount : registry.List()) {
    const bool is_live = mount->phase() != mount::Phase::kEmpty && !mount->LingerIsOver(now);
    // A mount without a path is the server's own, and no request reaches it.
    if (is_live && !mount->is_hidden() && absl::StartsWith(mount->name(), "/")) {
      names.push_back(mount->name());
    }
  }
  return names;
}

std::string ChangesBetween(const std::vector<std::string>& before,
                           const std::vector<std::string>& after) {
  std::vector<std::string> gone, come;
  std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                      std::back_inserter(gone));
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::back_inserter(come));
  std::string lines;
  AppendLines(&lines, "-", gone);
  AppendLines(&lines, "+", come);
  return lines;
}

std::string LiveMounts::Renew(const mount::Registry& registry, Instant now, Known* known) {
  MutexLock lock(&mutex_);
  if (version_ == 0 || now - looked_ >= kLiveMountsAge) {
    looked_ = now;
    std::vector<std::string> names = LiveMountsOf(registry, now);
    if (version_ == 0 || names != names_) {
      names_ = std::move(names);
      ++version_;
    }
  }
  if (known->version == version_) return "";
  std::string changes = ChangesBetween(known->names, names_);
  *known = {version_, names_};
  return changes;
}

bool LiveMounts::Came() {
  if (followers_.fetch_add(1, std::memory_order_relaxed) < kFollowersMax) return true;
  Left();
  return false;
}

}  // namespace floe::session
