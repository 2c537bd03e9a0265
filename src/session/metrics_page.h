// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "session/exchange.h"

namespace floe::session {

// /metrics, for those who ask from access.metrics_from, and for who may read.
ring::Task<> SendMetrics(Exchange& exchange);

}  // namespace floe::session
