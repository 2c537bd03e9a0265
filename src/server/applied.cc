// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/applied.h"

#include <algorithm>

#include "base/limits.h"

namespace floe::server {

log::Options LogOptionsOf(const config::Log& log) {
  log::Options options;
  options.level = log::Level(uint8_t(log.level));
  options.json = log.format == config::LogFormat::kJson;
  options.file = log.file;
  options.access_file = log.access_file;
  options.playlist_file = log.playlist_file;
  options.auth_file = log.auth_file;
  options.rotation = {.size_bytes = log.rotate_bytes, .keep = log.rotate_keep};
  return options;
}

void SetChangeable(const config::Config& config, uint32_t idle_window_bytes,
                   shard::ShardOptions* options) {
  options->lag_max = config.limits.lag;
  options->zero_copy = config.fanout.zero_copy;
  listener::FanOutOptions& fan_out = options->fan_out;
  fan_out.interval = config.fanout.interval;
  fan_out.interval_min = config.fanout.interval_min;
  fan_out.interval_max = config.fanout.interval_max;
  fan_out.client_timeout = config.limits.client_timeout;
  // The other half is what the kernel may hold already; see ListenSockets.
  fan_out.send_bytes_max = std::min(config.fanout.send_buffer_bytes / 2, kSendBytesMax);
  fan_out.idle_window_bytes = idle_window_bytes;
}

}  // namespace floe::server
