// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Mounts that nobody asks for by name: other mounts' listeners are sent there. Their names do not
// begin with '/', as every path of a request does.
#pragma once

#include "absl/strings/string_view.h"
#include "config/config.h"

namespace floe::config {

inline bool IsInternalMount(absl::string_view name) { return name.empty() || name[0] != '/'; }

// What such a mount is like: the defaults, but for what is said to listeners and of them, and
// without files, intros and fallbacks of its own.
Mount InternalMount(const Config& config);

// Makes a mount of each "file:PATH" that a mount falls back to: on it that file plays, always, by
// one clock for all who are sent there.
void AddFileMounts(Config* config);

}  // namespace floe::config
