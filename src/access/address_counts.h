// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "access/house.h"
#include "base/mutex.h"

namespace floe::access {

// How many listeners of one address there may be; 0: no limit.
struct AddressLimits {
  uint32_t of_all = 0;
  uint32_t of_mount = 0;

  bool any() const { return of_all != 0 || of_mount != 0; }
};

// AddressCounts counts listeners by house, and by house and mount. Whoever has counted one gives
// it back: what counts is owned.
//
// Lifetime  of the process.
// Threads   Any.
class AddressCounts {
 public:
  // One more, unless that would be too many.
  bool Take(const House& house, absl::string_view mount, const AddressLimits& limits);
  // One more, however many there are: who is here already.
  void Add(const House& house, absl::string_view mount);
  void GiveBack(const House& house, absl::string_view mount);

  uint32_t Of(const House& house) const;
  uint32_t Of(const House& house, absl::string_view mount) const;
  size_t houses() const;

 private:
  struct Counts {
    uint32_t of_all = 0;
    absl::flat_hash_map<std::string, uint32_t> of_mounts;
  };
  mutable Mutex mutex_;
  absl::flat_hash_map<House, Counts> by_house_ ABSL_GUARDED_BY(mutex_);  // none counts nobody
};

}  // namespace floe::access
