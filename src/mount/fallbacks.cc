// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "mount/fallbacks.h"

#include <algorithm>
#include <utility>

namespace floe::mount {

// Walk is one look through a mount's chain.
class Fallbacks::Walk {
 public:
  Walk(const Fallbacks& fallbacks, absl::string_view home, bool without_source)
      : fallbacks_(fallbacks), home_(home), without_source_(without_source) {
    const Standing* standing = fallbacks.Find(home);
    if (standing != nullptr) heard_ = standing->media;
    Visit(home_, "", 0);
  }

  std::vector<Step> TakeSteps() { return std::move(steps_); }
  std::vector<std::string> TakeChoices() { return std::move(choices_); }
  const std::string& plays() const { return plays_; }

 private:
  void Visit(const std::string& name, const std::string& via, uint32_t depth) {
    const Standing* standing = fallbacks_.Find(name);
    Step step{.mount = name, .via = via, .verdict = Verdict::kUnknown, .media = {}};
    if (standing != nullptr) step.media = standing->media;
    const bool is_audible = standing != nullptr && standing->sound == Sound::kAudible &&
                            !(without_source_ && name == home_);
    if (depth > kFallbacksMax) {
      step.verdict = Verdict::kTooFar;
    } else if (!met_.insert(name).second) {
      step.verdict = Verdict::kMetBefore;
    } else if (is_audible) {
      step.verdict = Choose(name, *standing);
    } else if (standing != nullptr) {
      const bool is_not_yet = standing->sound == Sound::kNotYet && !without_source_;
      step.verdict = is_not_yet ? Verdict::kIsNotYet : Verdict::kIsSilent;
    }
    const bool goes_on =
        step.verdict == Verdict::kIsSilent || step.verdict == Verdict::kIsNotYet || name == home_;
    steps_.push_back(std::move(step));
    if (standing == nullptr || !goes_on || (depth > 0 && name == home_)) return;
    for (const std::string& fallback : standing->fallbacks) Visit(fallback, name, depth + 1);
  }

  Verdict Choose(const std::string& name, const Standing& standing) {
    choices_.push_back(name);
    switch (CanJoin(heard_, standing.media)) {
      case Joining::kOtherFormat: return Verdict::kOtherFormat;
      case Joining::kOtherCodec: return Verdict::kOtherCodec;
      case Joining::kCan: break;
    }
    if (!plays_.empty()) return Verdict::kIsLater;
    plays_ = name;
    return Verdict::kPlays;
  }

  const Fallbacks& fallbacks_;
  const std::string home_;
  const bool without_source_;
  Media heard_;
  std::set<std::string> met_;
  std::vector<Step> steps_;
  std::vector<std::string> choices_;
  std::string plays_;
};

const Standing* Fallbacks::Find(absl::string_view name) const {
  const auto found = known_.find(name);
  return found == known_.end() ? nullptr : &found->second.standing;
}

std::string Fallbacks::PlaysOf(absl::string_view name) const {
  const auto found = known_.find(name);
  return found == known_.end() ? "" : found->second.plays;
}

std::vector<std::string> Fallbacks::Sought(absl::string_view name) const {
  std::vector<std::string> sought;
  for (Step& step : Explain(name)) {
    const bool plays = step.verdict == Verdict::kPlays;
    const bool is_silent = step.verdict == Verdict::kIsSilent ||
                           step.verdict == Verdict::kIsNotYet || step.verdict == Verdict::kUnknown;
    if (plays || is_silent) sought.push_back(std::move(step.mount));
    if (plays) break;
  }
  return sought;
}

std::vector<Step> Fallbacks::Explain(absl::string_view name, bool without_source) const {
  return Walk(*this, name, without_source).TakeSteps();
}

void Fallbacks::SetListed(const std::string& home, const std::vector<std::string>& fallbacks,
                          bool is_on) {
  for (const std::string& fallback : fallbacks) {
    if (is_on) {
      listed_by_[fallback].insert(home);
      continue;
    }
    const auto listed = listed_by_.find(fallback);
    listed->second.erase(home);
    if (listed->second.empty()) listed_by_.erase(listed);
  }
}

std::vector<Heading> Fallbacks::Put(absl::string_view name, Standing standing) {
  // A chain names a mount once; twice would be taken off once too often.
  std::vector<std::string> once;
  for (std::string& fallback : standing.fallbacks) {
    if (std::find(once.begin(), once.end(), fallback) == once.end()) {
      once.push_back(std::move(fallback));
    }
  }
  standing.fallbacks = std::move(once);
  const auto [place, is_new] = known_.try_emplace(std::string(name));
  Known& known = place->second;
  if (!is_new && known.standing == standing) return {};
  SetListed(place->first, known.standing.fallbacks, /*is_on=*/false);
  SetListed(place->first, standing.fallbacks, /*is_on=*/true);
  known.standing = std::move(standing);
  return ResolveAffected(name);
}

std::vector<Heading> Fallbacks::Remove(absl::string_view name) {
  const auto found = known_.find(name);
  if (found == known_.end()) return {};
  SetListed(found->first, found->second.standing.fallbacks, /*is_on=*/false);
  known_.erase(found);
  return ResolveAffected(name);
}

std::vector<std::string> Fallbacks::AffectedBy(absl::string_view name) const {
  std::vector<std::string> affected{std::string(name)};
  std::set<std::string> met{affected.front()};
  for (size_t i = 0; i < affected.size(); ++i) {
    const auto listed = listed_by_.find(affected[i]);
    if (listed == listed_by_.end()) continue;
    for (const std::string& home : listed->second) {
      if (met.insert(home).second) affected.push_back(home);
    }
  }
  return affected;
}

std::vector<Heading> Fallbacks::ResolveAffected(absl::string_view name) {
  std::vector<Heading> headings;
  for (const std::string& home : AffectedBy(name)) {
    const auto known = known_.find(home);
    if (known != known_.end()) headings.push_back(Resolve(home, known->second));
  }
  return headings;
}

Heading Fallbacks::Resolve(const std::string& home, Known& known) {
  using config::FallbackOverride;
  Walk walk(*this, home, /*without_source=*/false);
  Heading heading{.home = home,
                  .choices = walk.TakeChoices(),
                  .plays = walk.plays(),
                  .pulls_from = {},
                  .stays = known.standing.override == FallbackOverride::kNone};
  const bool returns = heading.plays == home && known.plays != home && !known.plays.empty();
  if (returns && known.standing.override == FallbackOverride::kAll) {
    heading.pulls_from = known.plays;
  }
  known.plays = heading.plays;
  return heading;
}

}  // namespace floe::mount
