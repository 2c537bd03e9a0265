// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "doctor/checks.h"

#include <algorithm>
#include <iterator>

#include "doctor/sysctls.h"

namespace floe::doctor {

Findings Examine(const Host& host, const Plan& plan) {
  Findings all;
  for (Findings part :
       {CheckKernel(host), CheckSysctls(host, plan), CheckLimits(host, plan),
        CheckNetwork(host, plan), CheckInterfaces(host, plan), CheckHardware(host)}) {
    std::move(part.begin(), part.end(), std::back_inserter(all));
  }
  std::stable_sort(all.begin(), all.end(), [](const Finding& one, const Finding& other) {
    return one.verdict < other.verdict;
  });
  return all;
}

}  // namespace floe::doctor
