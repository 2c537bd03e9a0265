// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "files/listing.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace floe::files {
namespace {

namespace fs = std::filesystem;

struct TypeOfEnding {
  absl::string_view ending, content_type;
};
constexpr TypeOfEnding kTypes[] = {
    {".mp3", "audio/mpeg"},      {".aac", "audio/aac"},        {".ogg", "application/ogg"},
    {".oga", "application/ogg"}, {".opus", "application/ogg"}, {".flac", "audio/flac"},
};

absl::Status CannotRead(const std::string& path, absl::string_view why) {
  return absl::NotFoundError(absl::StrCat("\"", path, "\": ", why));
}

absl::StatusOr<std::string> ReadText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return CannotRead(path, std::strerror(errno));
  std::string text(kPlaylistBytesMax + 1, '\0');
  in.read(text.data(), std::streamsize(text.size()));
  text.resize(size_t(in.gcount()));
  if (text.size() > kPlaylistBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", path, "\" is longer than ", kPlaylistBytesMax, " bytes"));
  }
  return text;
}

// Adds what can be played in and below `folder`.
void AddFolder(const fs::path& folder, int depth, std::vector<Entry>* entries) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (entries->size() >= kEntriesMax) return;
    std::error_code unknown;
    if (absl::StartsWith(at->path().filename().string(), ".")) continue;
    const bool is_folder = at->is_directory(unknown) && !at->is_symlink(unknown);
    if (is_folder && depth < kFolderDepthMax) AddFolder(at->path(), depth + 1, entries);
    const bool is_playable =
        at->is_regular_file(unknown) && !ContentTypeOf(at->path().string()).empty();
    if (is_playable) entries->push_back({.path = at->path().string(), .title = ""});
  }
}

}  // namespace

absl::string_view ContentTypeOf(absl::string_view path) {
  for (const TypeOfEnding& type : kTypes) {
    if (absl::EndsWithIgnoreCase(path, type.ending)) return type.content_type;
  }
  return "";
}

absl::StatusOr<std::vector<Entry>> ListFiles(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return CannotRead(path, std::strerror(ENOENT));
  if (error) return CannotRead(path, error.message());
  std::vector<Entry> entries;
  const bool is_pls = absl::EndsWithIgnoreCase(path, ".pls");
  if (status.type() == fs::file_type::directory) {
    AddFolder(path, 0, &entries);
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.path < b.path; });
  } else if (is_pls || absl::EndsWithIgnoreCase(path, ".m3u") ||
             absl::EndsWithIgnoreCase(path, ".m3u8")) {
    const absl::StatusOr<std::string> text = ReadText(path);
    if (!text.ok()) return text.status();
    const std::string folder = fs::path(path).parent_path().string();
    entries = is_pls ? ParsePls(*text, folder) : ParseM3u(*text, folder);
  } else {
    entries.push_back({.path = path, .title = ""});
  }
  if (entries.empty()) return CannotRead(path, "names no file that can be played");
  return entries;
}

}  // namespace floe::files
