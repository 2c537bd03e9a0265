// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The two logs: what the server does (text or JSON), and the access log. Both are written by a
// thread of their own, so a slow disk never holds up a shard; when the queue is full the oldest
// lines give way. Operating errors are logged once, where they are handled; never per packet.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace floe::log {

enum class Level { kDebug, kInfo, kWarn, kError };

struct Options {
  Level level = Level::kInfo;
  bool json = false;
  std::string file = "-";         // "-": stderr
  std::string access_file = "-";  // "-": stdout; "": none
};

// Opens the logs; before it everything goes to stderr. Errors: a file cannot be opened.
absl::Status Open(const Options& options);
// Opens the files anew by their names, which somebody may have moved, and goes by these options
// from then on. No line is lost or written twice: each is in the old file or in the new one.
// Errors: a file cannot be opened, and everything is as before. REQUIRES: opened. Threads: one at a
// time, and others may write meanwhile.
absl::Status Reopen(const Options& options);
// Writes out what is queued and closes.
void Close();

// One event; `text` is a sentence without its full stop. Threads: any.
void Write(Level level, absl::string_view text);
inline void Debug(absl::string_view text) { Write(Level::kDebug, text); }
inline void Info(absl::string_view text) { Write(Level::kInfo, text); }
inline void Warn(absl::string_view text) { Write(Level::kWarn, text); }
inline void Error(absl::string_view text) { Write(Level::kError, text); }

// One finished request or listener, already a line.
void Access(absl::string_view line);
// Whether access lines go anywhere: who builds them may ask first.
bool AccessWanted();

}  // namespace floe::log
