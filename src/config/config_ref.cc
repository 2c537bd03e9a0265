// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/config_ref.h"

#include <memory>

namespace floe::config {

// The count owns the configuration, so it is a unique_ptr only on its way in and on its way out.
ConfigRef ConfigRef::Of(Config config) {
  return ConfigRef(std::unique_ptr<Counted>(new Counted{.config = std::move(config)}).release());
}

ConfigRef ConfigRef::Share() const {
  if (counted_ != nullptr) counted_->references.fetch_add(1, std::memory_order_relaxed);
  return ConfigRef(counted_);
}

ConfigRef::~ConfigRef() {
  if (counted_ == nullptr) return;
  if (counted_->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const std::unique_ptr<Counted> last(counted_);
}

ConfigRef LiveConfig::Get() const {
  const MutexLock lock(&mutex_);
  return held_.Share();
}

void LiveConfig::Set(ConfigRef config) {
  ConfigRef before;  // freed without the lock
  const MutexLock lock(&mutex_);
  current_.store(config.counted_, std::memory_order_release);
  before = std::exchange(held_, std::move(config));
}

bool LiveConfig::Renew(ConfigRef* known) const {
  if (!IsNewer(*known)) return false;
  *known = Get();
  return true;
}

}  // namespace floe::config
