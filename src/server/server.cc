// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/server.h"

#include <pthread.h>
#include <signal.h>

#include <utility>

#include "base/local_zone.h"
#include "base/log.h"
#include "server/process.h"

namespace floe::server {

absl::Status Serve(config::Config config, config::Sources sources, ServeOptions options) {
  // Before the first thread, so that all inherit it: only the main thread takes signals.
  const sigset_t signals = ProcessSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);  // a log's reader may leave
  (void)LocalZone();
  absl::Status ended;
  {
    Process process(std::move(config), std::move(sources), std::move(options));
    ended = process.Start();
    if (ended.ok()) ended = process.RunUntilSignal();
  }
  log::Close();
  return ended;
}

}  // namespace floe::server
