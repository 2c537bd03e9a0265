// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// UTF-8, as far as a server has to know it: is it, and where may it be cut. Conversion from other
// charsets is http/charset.h.
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"

namespace floe {

// Whether all of `text` is UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing
// above U+10FFFF. Empty text is.
bool IsUtf8(absl::string_view text);

// The bytes of the character `text` begins with, 1 to 4; 0 when no whole character does.
size_t Utf8CharacterBytes(absl::string_view text);

// The longest beginning of `text` of at most `bytes_max` that ends between two characters. In text
// that is no UTF-8 at most three bytes are given up for it.
absl::string_view CutUtf8(absl::string_view text, size_t bytes_max);

}  // namespace floe
