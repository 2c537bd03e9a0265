// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "handover/state.pb.h"
#include "session/services.h"

namespace floe::handover {

// What the server has counted, with what its shards have for themselves: the next process goes on
// from there. One more process has handed over.
void SaveFigures(const session::Services& services, End* message);
void LoadFigures(const End& message, metrics::Instruments& instruments);

}  // namespace floe::handover
