// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "shard/socket_batch.h"

#include <unistd.h>

namespace floe::shard {

int SocketBatch::Wait() {
  const MutexLock lock(&mutex_);
  while (!made_) is_made_.Wait(&mutex_);
  for (const int fd : fds) {
    if (fd < 0) return -fd;
  }
  return 0;
}

void SocketBatch::CloseAll() {
  for (const int fd : fds) {
    if (fd >= 0) close(fd);
  }
  fds.clear();
}

bool SocketBatch::Take(size_t index, int result) {
  fds[index] = result;
  return --left_ == 0;
}

void SocketBatch::Finish() {
  const MutexLock lock(&mutex_);
  made_ = true;
  is_made_.NotifyAll();
}

}  // namespace floe::shard
