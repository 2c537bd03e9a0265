// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nlohmann/json.hpp"

namespace floe::control {

// What a server with a full house answers; its clock is at `uptime_ms`, and each mount was sent
// `sent_bytes` until then.
inline nlohmann::ordered_json StatusSample(uint64_t uptime_ms = 61'000,
                                           uint64_t sent_bytes = 4'200'000) {
  nlohmann::ordered_json status = nlohmann::ordered_json::parse(R"({
    "version": "1.2.3", "pid": 4711, "started": "2026-01-02T03:04:05+0000",
    "configuration": "/etc/floe/floe.toml", "control_socket": "/run/floe/control.sock",
    "listen": ["0.0.0.0:8000", "[::]:8000"],
    "totals": {"listeners": 3, "sources": 1, "mounts": 2, "connections": 17,
               "sent_bytes": 1234567},
    "mounts": [
      {"name": "/empty", "phase": "lingering", "hidden": true, "content_type": "", "codec": "",
       "bitrate_kbps": 0, "listeners": 0, "listener_peak": 4, "connections": 4,
       "received_bytes": 0, "audio_bytes": 0, "title": "", "source": null},
      {"name": "/live", "phase": "live", "hidden": false, "content_type": "audio/mpeg",
       "codec": "MP3", "bitrate_kbps": 128, "listeners": 3, "listener_peak": 9,
       "connections": 13, "received_bytes": 1600000,
       "audio_bytes": 1600000, "title": "Käse \u001b[31m",
       "source": {"peer": "192.0.2.1", "agent": "butt/1.0", "connected": "2026-01-02T03:05:00"}}
    ],
    "shards": [
      {"listeners": 1, "requests": 1, "interval_ms": 20, "busy_permille": 42, "lag_ms": 0,
       "sends": 100, "sent_bytes": 5000, "descriptors": 70, "descriptors_max": 20000},
      {"listeners": 2, "requests": 0, "interval_ms": 40, "busy_permille": 305, "lag_ms": 7,
       "sends": 200, "sent_bytes": 9000, "descriptors": 71, "descriptors_max": 20000}
    ],
    "listeners": [
      {"id": 12, "mount": "/live", "address": "192.0.2.9:40000", "user": "",
       "agent": "VLC \u0007\u001b]0;x", "connected": "2026-01-02T03:05:01", "seconds": 3725,
       "sent_bytes": 70000}
    ],
    "listeners_left_off": 5
  })");
  status["uptime_ms"] = uptime_ms;
  for (auto& mount : status["mounts"]) mount["sent_bytes"] = sent_bytes;
  return status;
}

}  // namespace floe::control
