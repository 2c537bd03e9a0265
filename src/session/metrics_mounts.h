// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The parts of the metrics that have a mount for a label; see metrics_text.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>

#include "metrics/text_writer.h"
#include "mount/registry.h"
#include "session/push_board.h"
#include "session/relay_board.h"

namespace floe::session {

void WriteMounts(const mount::Registry& registry, metrics::TextWriter* to);
void WriteRelays(const RelayBoard& board, metrics::TextWriter* to);
void WritePushes(const PushBoard& board, metrics::TextWriter* to);

// A sample for each cause that a listener may leave for.
void WriteLeaves(std::initializer_list<metrics::Label> labels,
                 const std::function<uint64_t(size_t cause)>& read, metrics::TextWriter* to);

}  // namespace floe::session
