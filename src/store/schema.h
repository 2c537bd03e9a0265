// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "store/sql.h"

namespace floe::store {

// Every table of Floe's database. A new one is a new step, at the end.
std::span<const SchemaStep> Schema();

}  // namespace floe::store
