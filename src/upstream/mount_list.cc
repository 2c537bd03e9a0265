// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "upstream/mount_list.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/http_url.h"
#include "base/utf8.h"
#include "config/mount_name.h"

namespace floe::upstream {
namespace {

absl::Status Refuse(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("the list of mounts ", why));
}

bool IsMount(absl::string_view name) { return IsUtf8(name) && config::CheckMountName(name).ok(); }

// Of a line that is a URL, what it names there.
std::string NameOf(absl::string_view line) {
  const absl::StatusOr<HttpUrl> url = HttpUrl::Parse(line);
  return url.ok() ? url->target : std::string(line);
}

}  // namespace

void MountList::Begin(Answer answer) {
  answer_ = answer;
  is_whole_ = false;
  passed_over_ = 0;
  line_.clear();
  coming_.clear();
}

absl::Status MountList::Take(absl::string_view bytes) {
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    const absl::string_view part = bytes.substr(0, end);
    if (line_.size() + part.size() > kListLineBytesMax) return Refuse("has a line without an end");
    line_.append(part.data(), part.size());
    if (end == absl::string_view::npos) return absl::OkStatus();
    bytes.remove_prefix(end + 1);
    const std::string line = std::exchange(line_, "");
    if (absl::Status taken = TakeLine(line); !taken.ok()) return taken;
  }
  return absl::OkStatus();
}

absl::Status MountList::End() {
  // The last line of a page may lack its end; of who is followed it may be half a name.
  const std::string line = std::exchange(line_, "");
  if (answer_ == Answer::kFollowed || is_whole_) return absl::OkStatus();
  if (absl::Status taken = TakeLine(line); !taken.ok()) return taken;
  names_ = std::exchange(coming_, {});
  is_whole_ = true;
  return absl::OkStatus();
}

absl::Status MountList::TakeLine(absl::string_view line) {
  absl::ConsumeSuffix(&line, "\r");
  if (line.empty()) return absl::OkStatus();
  if (answer_ == Answer::kFollowed) return TakeChange(line);
  Add(NameOf(line));
  return absl::OkStatus();
}

absl::Status MountList::TakeChange(absl::string_view line) {
  if (line == "=") {
    if (!is_whole_) names_ = std::exchange(coming_, {});
    is_whole_ = true;
  } else if (absl::ConsumePrefix(&line, "+")) {
    Add(line);
  } else if (absl::ConsumePrefix(&line, "-")) {
    said().erase(std::string(line));
  } else {
    return Refuse("has a line that says nothing");
  }
  return absl::OkStatus();
}

void MountList::Add(absl::string_view name) {
  const bool has_room = said().size() < kMountsMax || said().contains(std::string(name));
  if (has_room && IsMount(name)) {
    said().emplace(name);
  } else {
    ++passed_over_;
  }
}

absl::Status MountList::Restore(const std::vector<std::string>& names) {
  if (names.size() > kMountsMax) return Refuse("is longer than it may be");
  for (const std::string& name : names) {
    if (!IsMount(name)) return Refuse("names what is no mount");
  }
  names_ = {names.begin(), names.end()};
  return absl::OkStatus();
}

}  // namespace floe::upstream
