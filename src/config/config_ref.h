// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The configuration that holds now, and whoever still goes by an older one.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "config/config.h"

namespace floe::config {

// ConfigRef keeps a configuration readable; it never changes. Moved, never copied by accident:
// Share says so aloud. Who drops the last one frees it. Threads: a ref is one thread's, the
// configuration behind it anybody's.
class ConfigRef {
 public:
  static ConfigRef Of(Config config);
  ConfigRef() = default;
  ConfigRef(ConfigRef&& other) noexcept : counted_(std::exchange(other.counted_, nullptr)) {}
  ConfigRef& operator=(ConfigRef&& other) noexcept {
    ConfigRef moved(std::move(other));
    std::swap(counted_, moved.counted_);  // what was held before goes with `moved`
    return *this;
  }
  ~ConfigRef();

  [[nodiscard]] ConfigRef Share() const;

  explicit operator bool() const { return counted_ != nullptr; }
  const Config* operator->() const { return &counted_->config; }
  const Config& operator*() const { return counted_->config; }

 private:
  friend class LiveConfig;
  struct Counted {
    const Config config;
    std::atomic<uint32_t> references{1};
  };
  explicit ConfigRef(Counted* adopted) : counted_(adopted) {}

  Counted* counted_ = nullptr;
};

// LiveConfig is the configuration that holds. A request takes a ref when it begins and goes by that
// to its end, so that what it reads fits together; what lasts longer renews its ref.
//
// Threads   Any; behind a mutex that requests take, never the way of the audio: IsNewer is one
//           load.
class LiveConfig {
 public:
  ConfigRef Get() const;
  void Set(ConfigRef config);
  // Whether another one than that holds now.
  bool IsNewer(const ConfigRef& known) const {
    return current_.load(std::memory_order_acquire) != known.counted_;
  }
  // Answers whether there was a newer one, which `known` is now.
  bool Renew(ConfigRef* known) const;

 private:
  mutable Mutex mutex_;
  ConfigRef held_ ABSL_GUARDED_BY(mutex_);
  // The one behind held_. Who holds a ref may compare: what it refers to is not yet freed, so no
  // other is in its place.
  std::atomic<const ConfigRef::Counted*> current_{nullptr};
};

}  // namespace floe::config
