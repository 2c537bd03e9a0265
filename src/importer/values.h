// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What other servers say in their way, said in Floe's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "importer/draft.h"
#include "importer/item.h"

namespace floe::importer {

inline constexpr uint32_t kUsualBitrate = 128'000;  // bits a second, where a mount does not say

// Bits a second of "128", "128k", "Quality 5": kUsualBitrate where it is not known.
uint32_t BitrateIn(absl::string_view kilobits);

// "0.0.0.0:8000" of a host as others write it, which may be empty, "*" or "localhost"; nothing when
// it is another name or the port is none.
std::optional<std::string> ListenAddress(absl::string_view host, int64_t port);

// "192.0.2.0/24" of itself, of "192.0.2.*" or of "192.0.2.7/24"; "192.0.2.7" and "*" as well.
// Nothing when it is something else.
std::optional<std::string> NetworkIn(absl::string_view text);

// A regular expression for the whole of a name in which '*' and '?' stand for others.
std::string RegexOf(absl::string_view wildcard);

// The lines of a file of bans or agents: without comments and blanks.
std::vector<std::string> LinesIn(absl::string_view text);

// "/live" of itself and of "live".
std::string MountNameOf(absl::string_view name);
// Whether Floe takes that name; when it does not, a note says so.
bool IsMountName(absl::string_view name, const Origin& origin, Draft* draft);

// "16s" or "1500ms" of that many seconds; nothing below 0.
std::optional<std::string> SecondsIn(absl::string_view seconds);

// Times that are sizes elsewhere. `key` is "burst" or "history", which has bounds. Notes say that
// bytes became time; not where `is_silent`.
struct Sizing {
  uint64_t bytes;
  uint32_t bitrate;  // bits a second
  bool is_silent = false;
};
void SetBySize(absl::string_view section, absl::string_view key, const Sizing& sizing,
               const Origin& origin, Draft* draft);
// The same of a time in milliseconds, which is cut to the bounds of the key.
void SetBySpan(absl::string_view section, absl::string_view key, uint64_t span_ms,
               const Origin& origin, Draft* draft);

// How the password stands in the other configuration.
enum class Written : uint8_t { kPlain, kHashed };
// What it is for: it is compared with what somebody says, or sent to another server.
enum class Use : uint8_t { kCompared, kSent };
struct PasswordText {
  absl::string_view text;
  Written written = Written::kPlain;
  Use use = Use::kCompared;
};
// Sets it, unless Floe would take it for something else; then a note says what to do.
void SetPassword(absl::string_view section, absl::string_view key, const PasswordText& password,
                 const Origin& origin, Draft* draft);
// Whether the text may stand for a password in a floe.toml. When it may not, a note says why.
bool IsPassword(const PasswordText& password, const Origin& origin, Draft* draft);

// Sets `key` to those of the entries that are networks, and notes the others. Without any entry
// nothing is set; nor without any that is a network, unless the list is who may come in.
void SetNetworks(absl::string_view section, absl::string_view key,
                 const std::vector<std::string>& entries, const Origin& origin, Draft* draft);

// A list that is a list, or text with commas between.
std::vector<std::string> TextsIn(const Item& item);

}  // namespace floe::importer
