// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "mount/fallbacks.h"
#include "mount/mount.h"
#include "mount/tidings.h"

namespace floe::mount {

// Why a mount plays what it plays, step by step.
struct Explanation {
  std::string mount;
  std::string plays;  // what its listeners hear; empty: nothing
  absl::Time since;   // wall clock: when that began
  config::FallbackOverride override = config::FallbackOverride::kOwn;
  Media media;  // what it has or had, where that is known
  std::vector<Step> steps;
  std::vector<Step> without_source;  // the same, if its source left
  uint32_t listeners = 0;
};

// Router tells mounts' signposts what the state machine makes of what happens to mounts.
//
//   source comes, is heard, leaves; settings; a mount comes or goes
//        -> Update, Forget -> Fallbacks -> headings -> signposts -> shards, at their next tick
//
// Lifetime  of the Registry, which owns it.
// Threads   One at a time: under the Registry's mutex. Never on the way of the audio.
class Router {
 public:
  // Says there, from now on, what mounts' listeners hear.
  void Tell(const Tidings& tidings) { tidings_ = tidings; }
  // Something may have changed about the mount, or it is new.
  void Update(Mount& mount);
  // The mount goes. REQUIRES: no listener hears it.
  void Forget(Mount& mount);
  // All go, and no signpost keeps a mount alive any more.
  void Clear();

  // Of a mount that is not here too, whose chain is empty then.
  Explanation Explain(absl::string_view name) const;
  // Empty: nothing.
  std::string PlaysOf(absl::string_view name) const { return fallbacks_.PlaysOf(name); }
  std::vector<std::string> Sought(absl::string_view name) const { return fallbacks_.Sought(name); }
  // Whether anybody would hear it if it had a source: its own listeners, or another mount's.
  bool IsSought(absl::string_view name) const;

 private:
  struct Known {
    Mount* mount;
    std::string plays;  // as its signpost was told last
    absl::Time since;   // it plays that
    std::string pulls;  // the fallback whose listeners it took along when it came; empty: none
  };

  void Apply(const std::vector<Heading>& headings);
  Route RouteOf(const Heading& heading) const;
  void BeginPull(const std::string& from, Known& to);
  void EndPull(Known& to);

  Tidings tidings_;
  Fallbacks fallbacks_;
  std::map<std::string, Known, std::less<>> known_;
};

}  // namespace floe::mount
