// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Places where a test has a process die or hang in the middle of a hand-over. Only a build with
// -Dfaults=true has them; elsewhere nothing is left of a fault point.
#pragma once

#ifdef FLOE_FAULTS
namespace floe::handover {
// When the variable FAULT_POINT is "name:kill" the process ends as by kill -9, with "name:hang" it
// stands still for good, with "name:slow" for a second. Otherwise nothing.
void ReachFaultPoint(const char* name);
}  // namespace floe::handover
#define FLOE_FAULT_POINT(name) ::floe::handover::ReachFaultPoint(name)
#else
#define FLOE_FAULT_POINT(name) static_cast<void>(0)
#endif
