// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/fallback_chains.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/limits.h"
#include "config/keys.h"
#include "config/mount_name.h"

namespace floe::config {
namespace {

// Files that a player takes for one another's.
struct Ending {
  absl::string_view ending, type;
};
constexpr Ending kEndings[] = {
    {".mp3", "MP3"}, {".aac", "AAC"},  {".ogg", "Ogg"},
    {".oga", "Ogg"}, {".opus", "Ogg"}, {".flac", "FLAC"},
};

// Empty when the name does not say.
absl::string_view TypeOfFile(absl::string_view path) {
  for (const Ending& known : kEndings) {
    if (absl::EndsWithIgnoreCase(path, known.ending)) return known.type;
  }
  return "";
}

class Chains {
 public:
  Chains(const Config& config, const Provenance& provenance, Problems& problems)
      : config_(config), provenance_(provenance), problems_(problems) {}

  void Find() {
    for (const auto& [name, mount] : config_.mounts) {
      FindOtherTypes(name, mount);
      if (DepthFrom(name) <= kFallbacksMax || has_loop_) continue;
      Add(name, absl::StrCat("leads through more than ", kFallbacksMax, " mounts"));
      return;  // of those before it the same would be said
    }
  }

 private:
  struct Known {
    bool is_under_way = false;
    uint32_t depth = 0;  // mounts that follow each other from here on; 0: not yet known
  };

  const Key* key() const { return FindKey(Table::kMount, "fallback"); }

  void Add(const std::string& name, absl::string_view why) {
    const Provenance::Entry* own = provenance_.Find(key(), name);
    const Provenance::Entry* entry = own != nullptr ? own : provenance_.Find(key(), "");
    if (entry == nullptr || entry->is_wrong) return;
    const std::string path = PathOf(*key(), own != nullptr ? name : "");
    const std::string of = own != nullptr ? "" : absl::StrCat(", of mount \"", name, "\",");
    problems_.Add(entry->place, absl::StrCat(path, of, " ", why));
  }

  // Those of the mount that lead on. The defaults' own fallback does not fall back to itself.
  bool IsPassedOver(const std::string& name, const std::string& fallback) const {
    return fallback == name && provenance_.Find(key(), name) == nullptr;
  }

  // How many mounts follow each other from this one on. A loop is told once and counts as none.
  uint32_t DepthFrom(const std::string& name) {
    const auto mount = config_.mounts.find(name);
    if (mount == config_.mounts.end()) return 0;
    Known& known = known_[name];
    if (known.depth > 0) return known.depth;
    if (path_.size() > kFallbacksMax) return kFallbacksMax;  // too many, whatever comes behind
    known.is_under_way = true;
    path_.push_back(name);
    uint32_t depth = 0;
    for (const std::string& fallback : mount->second.fallback) {
      if (has_loop_ || depth > kFallbacksMax) break;
      if (IsPassedOver(name, fallback)) continue;
      if (known_[fallback].is_under_way) {
        TellLoop(fallback);
        break;
      }
      depth = std::max(depth, 1 + DepthFrom(fallback));
    }
    path_.pop_back();
    known.is_under_way = false;
    known.depth = depth;
    return depth;
  }

  void TellLoop(const std::string& to) {
    has_loop_ = true;
    const auto begin = std::find(path_.begin(), path_.end(), to);
    Add(path_.back(),
        absl::StrCat("leads back to where it comes from: ",
                     absl::StrJoin(std::vector<std::string>(begin, path_.end()), " > "), " > ", to,
                     "; a mount that is to have none says fallback = []"));
  }

  absl::string_view TypeOf(absl::string_view name) const {
    if (absl::ConsumePrefix(&name, kFileFallback)) return TypeOfFile(name);
    const auto mount = config_.mounts.find(std::string(name));
    return mount == config_.mounts.end() ? "" : TypeOfFile(mount->second.file);
  }

  void FindOtherTypes(const std::string& name, const Mount& mount) {
    const absl::string_view own = TypeOfFile(mount.file);
    if (own.empty()) return;
    for (const std::string& fallback : mount.fallback) {
      const absl::string_view type = TypeOf(fallback);
      if (type.empty() || type == own) continue;
      Add(name, absl::StrCat("names \"", fallback, "\", which is ", type,
                             " and cannot go on where file = \"", mount.file, "\" is ", own));
    }
  }

  const Config& config_;
  const Provenance& provenance_;
  Problems& problems_;
  std::map<std::string, Known> known_;
  std::vector<std::string> path_;
  bool has_loop_ = false;
};

}  // namespace

void FindFallbackProblems(const Config& config, const Provenance& provenance, Problems& problems) {
  Chains(config, provenance, problems).Find();
}

}  // namespace floe::config
