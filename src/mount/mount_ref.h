// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

namespace floe::mount {

class Mount;

// MountRef keeps a mount alive. Moved, never copied by accident: Share says so aloud. Threads: a
// ref is one thread's, the mount behind it anybody's.
class MountRef {
 public:
  MountRef() = default;
  MountRef(MountRef&& other) noexcept : mount_(std::exchange(other.mount_, nullptr)) {}
  MountRef& operator=(MountRef&& other) noexcept {
    MountRef moved(std::move(other));
    std::swap(mount_, moved.mount_);  // what was held before goes with `moved`
    return *this;
  }
  ~MountRef();

  [[nodiscard]] MountRef Share() const;

  explicit operator bool() const { return mount_ != nullptr; }
  Mount* operator->() const { return mount_; }
  Mount& operator*() const { return *mount_; }
  Mount* get() const { return mount_; }

 private:
  friend class Mount;
  explicit MountRef(Mount* adopted) : mount_(adopted) {}

  Mount* mount_ = nullptr;
};

}  // namespace floe::mount
