// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "mount/registry.h"

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace floe::mount {

Registry::Registry(tape::Arena& arena, uint32_t sources_max, uint32_t mounts_max)
    : arena_(arena), sources_max_(sources_max), mounts_max_(mounts_max) {}

Registry::~Registry() {
  MutexLock lock(&mutex_);
  router_.Clear();
}

void Registry::Tell(events::EventLog* events) {
  MutexLock lock(&mutex_);
  tidings_ = Tidings(events);
  router_.Tell(tidings_);
}

uint32_t Registry::NextTapeId() {
  const auto is_used = [this](uint32_t id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return std::any_of(entries_.begin(), entries_.end(),
                       [id](const auto& entry) { return entry.second.mount->tape().id() == id; });
  };
  // Only after 2^24 mounts came and went is an id met again.
  while (is_used(next_tape_id_)) next_tape_id_ = (next_tape_id_ + 1) % tape::kTapeIdsMax;
  return std::exchange(next_tape_id_, (next_tape_id_ + 1) % tape::kTapeIdsMax);
}

absl::StatusOr<Registry::Entry*> Registry::FindOrCreateLocked(absl::string_view name,
                                                              const config::Mount& settings) {
  const auto found = entries_.find(name);
  if (found != entries_.end()) return &found->second;
  if (entries_.size() >= mounts_max_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no room for mount ", name, ": there are ", mounts_max_, " already"));
  }
  Entry entry{.mount = Mount::Create(std::string(name), NextTapeId(), arena_, settings)};
  Entry& made = entries_.emplace(std::string(name), std::move(entry)).first->second;
  router_.Update(*made.mount);
  return &made;
}

absl::StatusOr<MountRef> Registry::Configure(absl::string_view name,
                                             const config::Mount& settings) {
  MutexLock lock(&mutex_);
  const absl::StatusOr<Entry*> entry = FindOrCreateLocked(name, settings);
  if (!entry.ok()) return entry.status();
  (*entry)->is_configured = true;
  (*entry)->mount->Configure(settings);
  router_.Update(*(*entry)->mount);
  return (*entry)->mount.Share();
}

void Registry::Unconfigure(absl::string_view name, const config::Mount& settings) {
  MutexLock lock(&mutex_);
  const auto found = entries_.find(name);
  if (found == entries_.end()) return;
  found->second.is_configured = false;
  found->second.mount->Configure(settings);
  router_.Update(*found->second.mount);
}

void Registry::Change(Mount& mount, const config::Mount& settings) {
  mount.Configure(settings);
  Changed(mount);
}

void Registry::Changed(Mount& mount) {
  MutexLock lock(&mutex_);
  if (is_sealed_) return;  // nobody is moved here any more, unless all goes on after all
  const auto found = entries_.find(mount.name());
  // One that was forgotten meanwhile may have a namesake.
  if (found != entries_.end() && found->second.mount.get() == &mount) router_.Update(mount);
}

Explanation Registry::Explain(absl::string_view name) const {
  MutexLock lock(&mutex_);
  return router_.Explain(name);
}

std::string Registry::PlaysOf(absl::string_view name) const {
  MutexLock lock(&mutex_);
  return router_.PlaysOf(name);
}

std::vector<std::string> Registry::Sought(absl::string_view name) const {
  MutexLock lock(&mutex_);
  return router_.Sought(name);
}

bool Registry::IsSought(absl::string_view name) const {
  MutexLock lock(&mutex_);
  return router_.IsSought(name);
}

absl::StatusOr<MountRef> Registry::FindOrCreate(absl::string_view name,
                                                const config::Mount& settings) {
  MutexLock lock(&mutex_);
  const absl::StatusOr<Entry*> entry = FindOrCreateLocked(name, settings);
  if (!entry.ok()) return entry.status();
  return (*entry)->mount.Share();
}

MountRef Registry::Find(absl::string_view name) const {
  MutexLock lock(&mutex_);
  if (is_sealed_) return {};
  const auto found = entries_.find(name);
  return found == entries_.end() ? MountRef() : found->second.mount.Share();
}

std::vector<MountRef> Registry::List() const {
  MutexLock lock(&mutex_);
  std::vector<MountRef> all;
  all.reserve(entries_.size());
  for (const auto& [name, entry] : entries_) all.push_back(entry.mount.Share());
  return all;
}

size_t Registry::mounts() const {
  MutexLock lock(&mutex_);
  return entries_.size();
}

absl::StatusOr<std::unique_ptr<Writer>> Registry::Claim(absl::string_view name, SourceInfo info,
                                                        const config::Mount& settings,
                                                        const ClaimRules& rules, Instant now) {
  // One claim at a time, so that a limit that was looked at still holds when it is used up.
  MutexLock lock(&mutex_);
  if (is_sealed_) return absl::ResourceExhaustedError("the server is being handed over");
  const auto found = entries_.find(name);
  const bool replaces = found != entries_.end() && found->second.mount->HasCountedSource();
  const uint32_t sources_max = sources_max_.load(std::memory_order_relaxed);
  if (rules.counts() && !replaces && sources() >= sources_max) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no room for a source of ", name, ": limits.sources is ", sources_max));
  }
  const absl::StatusOr<Entry*> entry = FindOrCreateLocked(name, settings);
  if (!entry.ok()) return entry.status();
  MountRef mount = (*entry)->mount.Share();
  const absl::StatusOr<Mount::Handed> handed = mount->GivePen(std::move(info), rules, now);
  if (!handed.ok()) return handed.status();
  if (const auto& before = handed->replaced; before.has_value()) {
    if (before->rules.counts()) SourceLeft();
    tidings_.Left(*mount, before->rules, before->connected, before->received_bytes, "replaced");
  }
  tidings_.Came(*mount, rules);
  tidings_.Titled(*mount, handed->newest_title_before);
  router_.Update(*mount);
  if (rules.counts()) sources_.fetch_add(1, std::memory_order_relaxed);
  return absl::WrapUnique(new Writer(*this, std::move(mount), handed->pen));
}

void Registry::Seal(bool sealed) {
  MutexLock lock(&mutex_);
  is_sealed_ = sealed;
  if (sealed) return;
  for (const auto& [name, entry] : entries_) router_.Update(*entry.mount);
}

absl::Status Registry::Restore(MountState state, const config::Mount& settings,
                               bool is_configured) {
  MutexLock lock(&mutex_);
  if (entries_.contains(state.name) || entries_.size() >= mounts_max_) {
    return absl::InvalidArgumentError(absl::StrCat("no room for mount ", state.name));
  }
  const std::string name = state.name;
  const uint32_t tape_id = state.tape.id;
  if (tape_id >= tape::kTapeIdsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("mount ", name, " has tape ", tape_id, ": none has such a number"));
  }
  Entry entry{.mount = Mount::Create(name, tape_id, arena_, settings),
              .is_configured = is_configured};
  if (absl::Status restored = entry.mount->Restore(std::move(state)); !restored.ok()) {
    return restored;
  }
  next_tape_id_ = std::max(next_tape_id_, (tape_id + 1) % tape::kTapeIdsMax);
  router_.Update(*entries_.emplace(name, std::move(entry)).first->second.mount);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Writer>> Registry::Resume(absl::string_view name, uint64_t pen) {
  MutexLock lock(&mutex_);
  const auto found = entries_.find(name);
  if (found == entries_.end() || pen == 0 || !found->second.mount->Holds(pen)) {
    return absl::InvalidArgumentError(absl::StrCat("no source of mount ", name, " has pen ", pen));
  }
  if (found->second.mount->HasCountedSource()) sources_.fetch_add(1, std::memory_order_relaxed);
  return absl::WrapUnique(new Writer(*this, found->second.mount.Share(), pen));
}

size_t Registry::Collect(Instant now) {
  MutexLock lock(&mutex_);
  size_t forgotten = 0;
  for (auto it = entries_.begin(); it != entries_.end();) {
    Mount& mount = *it->second.mount;
    mount.EndLinger(now);
    // A ref is got from us, under this mutex, or from another ref: when ours is the only one it
    // stays the only one.
    const bool is_unused = !it->second.is_configured && mount.phase() == Phase::kEmpty &&
                           mount.listeners.load(std::memory_order_relaxed) == 0 &&
                           mount.references_.load(std::memory_order_acquire) == 1;
    if (is_unused) {
      router_.Forget(mount);
      it = entries_.erase(it);
      ++forgotten;
    } else {
      ++it;
    }
  }
  return forgotten;
}

bool Registry::ShortenLongest() {
  struct Candidate {
    uint64_t history_bytes;
    Mount* mount;
  };
  const std::vector<MountRef> all = List();
  std::vector<Candidate> longest_first;
  longest_first.reserve(all.size());
  for (const MountRef& mount : all) {
    const uint64_t oldest = mount->tape().oldest();  // before published, which it never passes
    longest_first.push_back({mount->tape().published() - oldest, mount.get()});
  }
  std::sort(longest_first.begin(), longest_first.end(), [](const Candidate& a, const Candidate& b) {
    return a.history_bytes > b.history_bytes;
  });
  return std::any_of(longest_first.begin(), longest_first.end(),
                     [](const Candidate& candidate) { return candidate.mount->TryShorten(); });
}

}  // namespace floe::mount
