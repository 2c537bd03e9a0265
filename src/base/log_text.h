// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// How what others wrote gets into a line of a log, so that it can neither end it nor forge one.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace floe::log {

// Appends what stands within quotes: escapes what would end them, hex for what is not to be
// printed. As JSON it is UTF-8 throughout, whatever peers say of themselves: a byte that belongs to
// no character becomes U+FFFD.
void AppendEscaped(std::string* out, absl::string_view text, bool json);

// Appends `,"name":"text"`.
void AppendJsonField(std::string* out, absl::string_view name, absl::string_view text);

// Text as one word of a line; "-" when it is empty.
std::string Word(absl::string_view text);

}  // namespace floe::log
