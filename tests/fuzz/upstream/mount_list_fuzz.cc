// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Any answer, whole and byte by byte: the same list of mounts, and one that the next process takes.
// The first byte says whether it is a page or followed.
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "base/check.h"
#include "upstream/mount_list.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace floe;
  using upstream::MountList;
  if (size == 0) return 0;
  const auto answer = data[0] == 'p' ? MountList::Answer::kPage : MountList::Answer::kFollowed;
  const absl::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  MountList whole, pieces;
  whole.Begin(answer);
  pieces.Begin(answer);
  absl::Status of_whole = whole.Take(text);
  if (of_whole.ok()) of_whole = whole.End();
  absl::Status of_pieces;
  for (size_t i = 0; i < text.size() && of_pieces.ok(); ++i) {
    of_pieces = pieces.Take(text.substr(i, 1));
  }
  if (of_pieces.ok()) of_pieces = pieces.End();
  FLOE_CHECK(of_whole == of_pieces);
  FLOE_CHECK(whole.names() == pieces.names());
  FLOE_CHECK(whole.passed_over() == pieces.passed_over());
  FLOE_CHECK(whole.names().size() <= kMountsMax);
  MountList next;
  FLOE_CHECK(next.Restore(whole.state()).ok() && next.names() == whole.names());
  return 0;
}
