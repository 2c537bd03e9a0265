// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "mount/route.h"

#include <utility>

#include "mount/mount.h"

namespace floe::mount {

void Signpost::Set(Route route) {
  {
    MutexLock lock(&mutex_);
    std::swap(route_, route);
  }
  Touch();  // what was swapped out goes without the lock: it may be a mount's last reference
}

void Signpost::Pull(MountRef to) {
  {
    MutexLock lock(&mutex_);
    ++pulls_;
    std::swap(pulled_to_, to);
  }
  Touch();
}

void Signpost::EndPull() {
  MountRef ended;
  MutexLock lock(&mutex_);
  std::swap(pulled_to_, ended);
}

void Signpost::EndPullTo(const Mount& to) {
  MountRef ended;
  MutexLock lock(&mutex_);
  if (pulled_to_.get() == &to) std::swap(pulled_to_, ended);
}

Signpost::Direction Signpost::Where(Mount& self, const Media& heard) const {
  MutexLock lock(&mutex_);
  for (const Route::Choice& choice : route_.choices) {
    Mount& mount = choice.mount ? *choice.mount : self;
    if (!mount.is_audible() || mount.epoch() != choice.epoch) continue;
    if (CanJoin(heard, choice.media) != Joining::kCan) continue;
    return {.plays = mount.Ref(), .stays = route_.stays && &mount != &self};
  }
  return {};
}

std::vector<MountRef> Signpost::Others() const {
  std::vector<MountRef> others;
  MutexLock lock(&mutex_);
  for (const Route::Choice& choice : route_.choices) {
    if (choice.mount && choice.mount->is_audible()) others.push_back(choice.mount.Share());
  }
  return others;
}

Signpost::Pulled Signpost::pulled() const {
  MutexLock lock(&mutex_);
  return {.count = pulls_, .to = pulled_to_.Share()};
}

}  // namespace floe::mount
