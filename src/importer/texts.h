// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The formats' texts as items. What is wrong with a text is said with its line, and without a piece
// of it, which might be a password.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "importer/item.h"

namespace floe::importer {

// The root element. Attributes and child elements are members, in this order; what a document type
// declares is passed over, so that no entity is ever expanded. Errors: InvalidArgument.
absl::StatusOr<Item> ReadXml(absl::string_view text, absl::string_view root);

// VIBE 1.0.1, and the \uXXXX of 1.1. Errors: InvalidArgument.
absl::StatusOr<Item> ReadVibe(absl::string_view text);

// An object. Errors: InvalidArgument.
absl::StatusOr<Item> ReadJson(absl::string_view text);

// Sections are members that are tables; keys before any section stand beside them. Of what
// QSettings writes, keys lose their percent-escapes and are tables in tables where it has
// backslashes, and values lose quotes and escapes. Errors: InvalidArgument.
absl::StatusOr<Item> ReadIni(absl::string_view text);

}  // namespace floe::importer
