// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The logs: what the server does (text or JSON), and one each for finished requests, for what
// played and for logins. All are written by a thread of their own, which rotates them too, so a
// slow disk never holds up a shard; when the queue is full the oldest lines give way. Operating
// errors are logged once, where they are handled; never per packet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/log_file.h"
#include "base/log_lines.h"

namespace floe::log {

enum class Level { kDebug, kInfo, kWarn, kError };

enum class Kind : uint8_t { kEvents, kAccess, kPlaylist, kAuth };
inline constexpr size_t kKinds = 4;

// Of each log so many lines are kept in memory, each cut to so many bytes.
inline constexpr size_t kRecentLines = 1'000;
inline constexpr size_t kRecentLineBytesMax = 2'048;

struct Options {
  Level level = Level::kInfo;
  bool json = false;
  std::string file = "-";         // "-": stderr
  std::string access_file = "-";  // "-": stdout; "": none
  std::string playlist_file;      // the same
  std::string auth_file;
  Rotation rotation;  // of all that are files
};

// Opens the logs; before it events go to stderr, and lines nowhere. Errors: a file cannot be
// opened.
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
// What began to play, and what came of a login: kept for Recent also when no file is named.
void Playlist(const PlaylistLine& line);
void Auth(const AuthLine& line);
// Whether lines are JSON objects.
bool IsJson();

// The newest lines of a log, at most `count`, the oldest first; as they were written, without their
// ends. Threads: any; it waits for no disk.
std::vector<std::string> Recent(Kind kind, size_t count);
// Lines that gave way in the queue, or that a disk did not take. Threads: any.
uint64_t LostLines();

}  // namespace floe::log
