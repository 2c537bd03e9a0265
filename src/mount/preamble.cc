// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "mount/preamble.h"

#include <algorithm>

namespace floe::mount {

Preamble::Preamble(std::span<const std::byte> bytes)
    : size_bytes_(bytes.size()), bytes_(std::make_unique<std::byte[]>(bytes.size())) {
  std::copy(bytes.begin(), bytes.end(), bytes_.get());
}

// The count owns the preamble, so it is a unique_ptr only on its way in and on its way out.
PreambleRef Preamble::Copy(std::span<const std::byte> bytes) {
  return PreambleRef(std::unique_ptr<Preamble>(new Preamble(bytes)).release());
}

PreambleRef PreambleRef::Share() const {
  if (preamble_ != nullptr) preamble_->references_.fetch_add(1, std::memory_order_relaxed);
  return PreambleRef(preamble_);
}

PreambleRef::~PreambleRef() {
  if (preamble_ == nullptr) return;
  if (preamble_->references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const std::unique_ptr<Preamble> last(preamble_);
}

}  // namespace floe::mount
