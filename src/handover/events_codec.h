// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "events/event_log.h"

namespace floe::handover {

class Events;

void SaveEvents(const events::EventLog::State& state, Events* message);
// Events of kinds that are not known here are left out: nobody would know what they say.
events::EventLog::State LoadEvents(const Events& message);

}  // namespace floe::handover
