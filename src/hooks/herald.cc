// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "hooks/herald.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "config/internal_mounts.h"
#include "events/event_json.h"
#include "hooks/auth_form.h"
#include "hooks/lane.h"

namespace floe::hooks {
namespace {

using events::Kind;

constexpr size_t kEventsAtOnce = 64;
constexpr events::Kinds kKinds = events::Only(Kind::kSourceUp) | events::Only(Kind::kSourceDown) |
                                 events::Only(Kind::kRelayUp) | events::Only(Kind::kRelayDown) |
                                 events::Only(Kind::kTitle) | events::Only(Kind::kFallback) |
                                 events::Only(Kind::kListenerPeak);

bool Names(const std::vector<std::string>& names, absl::string_view name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

// What the mount's own hooks are told.
void AddMountHook(const events::Event& event, const config::Config& config, uint16_t port,
                  std::vector<Notice>* notices) {
  const bool is_up = event.kind == Kind::kSourceUp || event.kind == Kind::kRelayUp;
  const bool is_down = event.kind == Kind::kSourceDown || event.kind == Kind::kRelayDown;
  if (!is_up && !is_down) return;
  const config::Mount& mount = config.MountSettings(event.mount);
  const std::string& url = is_up ? mount.hook_mount_add : mount.hook_mount_remove;
  if (url.empty()) return;
  Notice notice;
  notice.lane = LaneOfHook(url);
  notice.body = MountForm({config.server.hostname, port}, is_up ? "mount_add" : "mount_remove",
                          event.mount, event.peer, event.agent);
  notices->push_back(std::move(notice));
}

}  // namespace

std::vector<Notice> NoticesOf(const events::Event& event, uint64_t run,
                              const config::Config& config, uint16_t port) {
  std::vector<Notice> notices;
  if (config::IsInternalMount(event.mount)) return notices;
  AddMountHook(event, config, port, &notices);
  const absl::string_view name = events::NameOf(event.kind);
  for (const auto& [webhook, settings] : config.webhooks) {
    if (settings.url.empty() || !Names(settings.events, name)) continue;
    if (!Names(settings.mounts, event.mount)) continue;
    notices.push_back({.lane = LaneOfWebhook(webhook),
                       .body = events::JsonOf(event, run),
                       .extra = std::string(name)});
  }
  return notices;
}

void Herald::Start() {
  {
    const MutexLock lock(&mutex_);
    told_ = events_.newest();
  }
  thread_ = std::thread([this] { Work(); });
}

void Herald::Work() {
  while (!stopping_) {
    uint64_t told = 0;
    {
      const MutexLock lock(&mutex_);
      told = told_;
    }
    events_.Await(told, Instant::max());
    Drain();
  }
}

void Herald::Drain() {
  const MutexLock lock(&mutex_);
  const events::Filter filter{.kinds = kKinds, .mount = ""};
  for (;;) {
    std::vector<events::Event> events;
    const events::EventLog::Copied copied =
        events_.CopyAfter(told_, filter, kEventsAtOnce, &events);
    if (copied.is_torn) log::Warn("webhooks: more happened at once than could be told");
    const config::ConfigRef config = config_.Get();
    for (const events::Event& event : events) {
      for (Notice& notice : NoticesOf(event, events_.run(), *config, port_)) {
        journal_.Append(std::move(notice.lane), std::move(notice.body), std::move(notice.extra));
      }
    }
    if (copied.up_to == told_) return;
    told_ = copied.up_to;
  }
}

void Herald::Stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  events_.Wake();
  thread_.join();
  Drain();
}

}  // namespace floe::hooks
