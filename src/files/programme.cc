// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "files/programme.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "audio/comments.h"
#include "audio/silence.h"
#include "base/log.h"

namespace floe::files {
namespace {

std::string NameOf(const std::string& path) {
  return audio::JoinTitle("", std::filesystem::path(path).stem().string());
}

absl::Status Wrong(const std::string& path, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("file \"", path, "\" ", why));
}

}  // namespace

absl::StatusOr<Programme> MakeProgramme(const std::string& path, config::FileOrder order) {
  if (audio::SilenceKind::Parse(path).has_value()) {
    return Programme{.path = path, .order = order, .entries = {}};
  }
  absl::StatusOr<std::vector<Entry>> entries = ListFiles(path);
  if (!entries.ok()) return entries.status();
  Programme programme{.path = path, .order = order, .entries = {}};
  absl::string_view type;
  for (Entry& entry : *entries) {
    const absl::string_view of_entry = ContentTypeOf(entry.path);
    if (type.empty()) type = of_entry;
    if (!of_entry.empty() && of_entry == type) {
      programme.entries.push_back(std::move(entry));
    } else if (entries->size() > 1) {
      log::Warn(absl::StrCat("\"", entry.path, "\" of \"", path, "\" is passed over: its ending ",
                             of_entry.empty() ? "says no type that can be played"
                                              : "says another type than the first one's"));
    }
  }
  if (programme.entries.empty()) {
    return Wrong(path, "is of no type that can be played: .mp3 .aac .ogg .opus .flac");
  }
  return programme;
}

absl::StatusOr<audio::Track> ReadTrack(const Entry& entry) {
  const absl::string_view type = ContentTypeOf(entry.path);
  if (type.empty()) {
    return Wrong(entry.path, "is of no type that can be played: .mp3 .aac .ogg .opus .flac");
  }
  std::ifstream in(entry.path, std::ios::binary | std::ios::ate);
  if (!in) {
    return absl::NotFoundError(absl::StrCat("file \"", entry.path, "\": ", std::strerror(errno)));
  }
  const std::streamoff size = in.tellg();
  if (size < 0) return Wrong(entry.path, "cannot be read");
  if (uint64_t(size) > kTrackBytesMax) {
    return Wrong(entry.path, absl::StrCat("is longer than ", kTrackBytesMax, " bytes"));
  }
  std::string bytes(size_t(size), '\0');
  in.seekg(0);
  in.read(bytes.data(), size);
  bytes.resize(size_t(in.gcount()));
  absl::StatusOr<audio::Track> track = audio::MakeTrack(type, audio::AsBytes(bytes));
  if (!track.ok()) return Wrong(entry.path, track.status().message());
  if (track->title.empty()) track->title = entry.title;
  if (track->title.empty()) track->title = NameOf(entry.path);
  return track;
}

absl::StatusOr<audio::Track> ReadNextTrack(const Programme& programme, const audio::Track* before,
                                           Rotation* rotation, std::set<size_t>* passed) {
  absl::Status why = absl::NotFoundError("it has no files");
  for (size_t tried = 0; tried < programme.entries.size(); ++tried) {
    const Entry& entry = programme.entries[rotation->current()];
    absl::StatusOr<audio::Track> track = ReadTrack(entry);
    if (track.ok() && before != nullptr && !audio::MayFollow(*before, *track)) {
      track = Wrong(entry.path, "has another sample rate or other channels than those before");
    }
    if (track.ok()) {
      passed->erase(rotation->current());
      return track;
    }
    why = track.status();
    const bool is_alone = programme.entries.size() == 1;
    if (!is_alone && passed->insert(rotation->current()).second) {
      log::Warn(absl::StrCat(why.message(), "; \"", programme.path, "\" goes on without it"));
    }
    rotation->Advance();
  }
  return why;
}

}  // namespace floe::files
