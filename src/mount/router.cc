// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "mount/router.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"

namespace floe::mount {

void Router::Update(Mount& mount) {
  known_.try_emplace(mount.name(),
                     Known{.mount = &mount, .plays = {}, .since = absl::Now(), .pulls = {}});
  Apply(fallbacks_.Put(mount.name(), mount.standing()));
}

void Router::Forget(Mount& mount) {
  const auto found = known_.find(mount.name());
  if (found == known_.end()) return;
  EndPull(found->second);
  mount.signpost().Set({});
  mount.signpost().EndPull();
  known_.erase(found);
  Apply(fallbacks_.Remove(mount.name()));
}

void Router::Clear() {
  for (auto& [name, known] : known_) {
    known.mount->signpost().Set({});
    known.mount->signpost().EndPull();
  }
  known_.clear();
  fallbacks_ = {};
}

// Routes first: who is pulled finds there where to go.
void Router::Apply(const std::vector<Heading>& headings) {
  for (const Heading& heading : headings) {
    known_.at(heading.home).mount->signpost().Set(RouteOf(heading));
  }
  for (const Heading& heading : headings) {
    Known& known = known_.at(heading.home);
    if (heading.plays != heading.home) EndPull(known);
    if (!heading.pulls_from.empty()) BeginPull(heading.pulls_from, known);
    if (heading.plays == known.plays) continue;
    const bool is_away = heading.plays != heading.home && !heading.plays.empty();
    const bool was_away = known.plays != heading.home && !known.plays.empty();
    if (is_away || was_away) {
      log::Info(absl::StrCat("mount ", heading.home, " plays ",
                             heading.plays.empty() ? "nothing" : heading.plays,
                             is_away ? ", its fallback" : ""));
      tidings_.Plays(*known.mount, heading.plays);
    }
    known.plays = heading.plays;
    known.since = absl::Now();
  }
}

Route Router::RouteOf(const Heading& heading) const {
  Route route;
  route.stays = heading.stays;
  for (const std::string& name : heading.choices) {
    const Standing& standing = *fallbacks_.Find(name);
    MountRef mount = name == heading.home ? MountRef() : known_.at(name).mount->Ref();
    route.choices.push_back(
        {.mount = std::move(mount), .epoch = standing.epoch, .media = standing.media});
  }
  return route;
}

void Router::BeginPull(const std::string& from, Known& to) {
  EndPull(to);
  const auto found = known_.find(from);
  if (found == known_.end()) return;
  to.pulls = from;
  found->second.mount->signpost().Pull(to.mount->Ref());
  // Listeners of other mounts that hear it look at their own mount's signpost.
  for (const std::string& home : fallbacks_.AffectedBy(from)) {
    const auto known = known_.find(home);
    if (known != known_.end()) known->second.mount->signpost().Touch();
  }
}

void Router::EndPull(Known& to) {
  const auto from = known_.find(std::exchange(to.pulls, {}));
  if (from != known_.end()) from->second.mount->signpost().EndPullTo(*to.mount);
}

bool Router::IsSought(absl::string_view name) const {
  for (const std::string& home : fallbacks_.AffectedBy(name)) {
    const auto known = known_.find(home);
    if (known == known_.end()) continue;
    const Mount& mount = *known->second.mount;
    if (home == name && mount.arriving.load(std::memory_order_relaxed) > 0) return true;
    if (mount.listeners.load(std::memory_order_relaxed) == 0) continue;
    const std::vector<std::string> sought = fallbacks_.Sought(home);
    if (std::find(sought.begin(), sought.end(), name) != sought.end()) return true;
  }
  return false;
}

Explanation Router::Explain(absl::string_view name) const {
  Explanation explanation;
  explanation.mount = std::string(name);
  explanation.steps = fallbacks_.Explain(name);
  explanation.without_source = fallbacks_.Explain(name, /*without_source=*/true);
  const auto known = known_.find(name);
  if (known == known_.end()) return explanation;
  const Standing& standing = *fallbacks_.Find(name);
  explanation.plays = known->second.plays;
  explanation.since = known->second.since;
  explanation.override = standing.override;
  explanation.media = standing.media;
  explanation.listeners = known->second.mount->listeners.load(std::memory_order_relaxed);
  return explanation;
}

}  // namespace floe::mount
