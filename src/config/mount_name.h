// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace floe::config {

// How the name of a mount begins that plays a file, and that nobody can ask for.
inline constexpr absl::string_view kFileFallback = "file:";

// The fallback that is silence of the mount's own kind, so that players stay when all else is gone.
inline constexpr absl::string_view kSilenceFallback = "silence:";

// Whether a stream may be called `name`, which is a path with its percent-escapes already undone:
// begins with '/', at most kMountNameBytesMax bytes, no "..", no control character, none of '?'
// and '#' which end a path, not one of Floe's own pages. Errors: InvalidArgument that says why not.
absl::Status CheckMountName(absl::string_view name);

}  // namespace floe::config
