// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/limits.h"

namespace floe::upstream {

inline constexpr uint32_t kListLineBytesMax = 4096;  // Icecast may write a URL

// MountList is what is known of the mounts that another server has, from answers that come in
// pieces:
//
//   page       a mount a line, as a path or a URL; it is the list when it is whole
//   followed   "+/mount" and "-/mount" a line; up to the first "=" they are the list from its
//              beginning, and from there on what has changed
//
// What was known holds until another list is whole: a server that is gone for a while, or whose
// answer breaks off, takes nothing away.
//
// Threads   None of its own.
// Failure   InvalidArgument for an answer that is no list. Lines that can name no mount here are
//           counted and passed over, and so are mounts beyond kMountsMax.
class MountList {
 public:
  enum class Answer : uint8_t { kPage, kFollowed };
  using Names = std::set<std::string>;

  // An answer begins; one that was not whole counts no more.
  void Begin(Answer answer);
  // More of it. REQUIRES: it was begun.
  absl::Status Take(absl::string_view bytes);
  // It is over: a page is whole, and who is followed says no more.
  absl::Status End();

  const Names& names() const { return names_; }
  // Whether the answer under way has said all there is; of a page, once it has ended.
  bool is_whole() const { return is_whole_; }
  // Lines that named nothing, since Begin.
  uint32_t passed_over() const { return passed_over_; }

  // What goes to the next process, and comes back there. InvalidArgument: not all are mounts.
  std::vector<std::string> state() const { return {names_.begin(), names_.end()}; }
  absl::Status Restore(const std::vector<std::string>& names);

 private:
  absl::Status TakeLine(absl::string_view line);
  absl::Status TakeChange(absl::string_view line);
  void Add(absl::string_view name);
  // What lines are about: the list, or what is to become it.
  Names& said() { return is_whole_ ? names_ : coming_; }

  Answer answer_ = Answer::kPage;
  bool is_whole_ = false;
  uint32_t passed_over_ = 0;
  std::string line_;  // as far as it has come
  Names names_;
  Names coming_;
};

}  // namespace floe::upstream
