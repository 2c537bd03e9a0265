// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "ring/io.h"

namespace floe::shard {

struct Call;

// Mail is what other threads tell a shard. Control only: audio never travels by mail.
struct Mail {
  enum class Kind : uint8_t {
    kResume,     // the work that `op` waits for is done
    kEndSource,  // the source that feeds `mount` shall go
    kCall,       // run `call` here
    kStop,       // finish what is open, soon
  };
  Kind kind;
  ring::AwaitOp* op = nullptr;
  const void* mount = nullptr;  // compared, never followed: the mount may be gone by now
  Call* call = nullptr;
};

}  // namespace floe::shard
