// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// From facts to findings: pure functions, one for each part of a host. What is the same on every
// host is in sysctls.h.
#pragma once

#include "doctor/finding.h"
#include "doctor/host.h"
#include "doctor/plan.h"

namespace floe::doctor {

// checks_kernel.cc: version, io_uring.
Findings CheckKernel(const Host& host);

// checks_limits.cc: open files, locked memory, threads, and memory as a whole.
Findings CheckLimits(const Host& host, const Plan& plan);

// checks_network.cc: what the kernel may hold for all sockets, and its table of connections.
Findings CheckNetwork(const Host& host, const Plan& plan);

// checks_interfaces.cc: offloads, queues and NUMA of what is up. Interfaces without a device are
// looked at where there are no others, as in a container; else they only carry what a device
// carries as well.
Findings CheckInterfaces(const Host& host, const Plan& plan);

// checks_hardware.cc: governors of frequency, huge pages.
Findings CheckHardware(const Host& host);

// All of these and the sysctls, worst first, and before others what matters more.
Findings Examine(const Host& host, const Plan& plan);

}  // namespace floe::doctor
