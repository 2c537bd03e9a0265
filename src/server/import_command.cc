// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/import_command.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/unique_fd.h"
#include "config/text_file.h"
#include "importer/bounds.h"
#include "importer/import.h"
#include "importer/report.h"
#include "server/terminal.h"

namespace floe::server {
namespace {

constexpr int kAllCarried = 0, kUnreadable = 1, kUsage = 2, kLeftOut = 3;
constexpr mode_t kSecretMode = 0600, kOpenMode = 0644;

int Fail(int status, absl::string_view why) {
  std::fprintf(stderr, "floe import: %s\n", std::string(why).c_str());
  return status;
}

absl::StatusOr<std::string> ReadAll(const std::string& path) {
  absl::StatusOr<config::TextFile> file = config::ReadTextFile(path, importer::kFileBytesMax);
  if (!file.ok()) return file.status();
  if (file->is_cut) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", path, "\" is larger than ", importer::kFileBytesMax, " bytes"));
  }
  return std::move(file->text);
}

importer::Surroundings Host() {
  importer::Surroundings host;
  host.exists = [](const std::string& path) { return access(path.c_str(), F_OK) == 0; };
  host.read = ReadAll;
  return host;
}

absl::Status Failure(absl::string_view what, const std::string& path) {
  return absl::UnavailableError(
      absl::StrCat("\"", path, "\" cannot be ", what, ": ", std::strerror(errno)));
}

absl::Status WriteText(int fd, absl::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failure("written", path);
    text.remove_prefix(size_t(written));
  }
  return fsync(fd) == 0 ? absl::OkStatus() : Failure("written", path);
}

// Whole or not at all: it is written beside its place, and then takes it. What is there already
// stays there unless `replaces`.
absl::Status WriteFile(const importer::Imported& imported, const std::string& path, bool replaces) {
  const std::string beside = absl::StrCat(path, ".", getpid(), ".new");
  const UniqueFd file(open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                           imported.has_secrets ? kSecretMode : kOpenMode));
  if (!file) return Failure("made", beside);
  absl::Status status = WriteText(file.get(), imported.toml, path);
  const unsigned flags = replaces ? 0 : RENAME_NOREPLACE;
  if (status.ok() && renameat2(AT_FDCWD, beside.c_str(), AT_FDCWD, path.c_str(), flags) != 0) {
    status = Failure("made", path);
  }
  if (!status.ok()) unlink(beside.c_str());
  return status;
}

void Report(const importer::Imported& imported, importer::Format format, const Options& options) {
  if (options.as_json) {
    return WriteOut(importer::JsonReport(imported, format, options.import_to));
  }
  if (options.import_to.empty()) WriteOut(imported.toml);
  const auto count = [&imported](importer::Note::Kind kind) {
    return std::count_if(imported.notes.begin(), imported.notes.end(),
                         [kind](const importer::Note& note) { return note.kind == kind; });
  };
  const std::string notes = importer::TextNotes(imported.notes, options.import_from);
  std::fprintf(stderr, "%sfloe import: %d settings were not carried over, %d were changed\n",
               notes.c_str(), int(count(importer::Note::Kind::kLeftOut)),
               int(count(importer::Note::Kind::kChanged)));
}

}  // namespace

int ImportConfig(const Options& options) {
  std::optional<importer::Format> format;
  if (!options.import_format.empty()) {
    format = importer::FormatOf(options.import_format);
    if (!format.has_value()) {
      return Fail(kUsage, absl::StrCat("\"", options.import_format, "\" is no format; there are ",
                                       importer::FormatNames()));
    }
  }
  const std::string& to = options.import_to;
  if (!to.empty() && !options.is_forced && access(to.c_str(), F_OK) == 0) {
    return Fail(kUsage, absl::StrCat("\"", to, "\" is there already; --force replaces it"));
  }
  const absl::StatusOr<std::string> text = ReadAll(options.import_from);
  if (!text.ok()) return Fail(kUnreadable, text.status().message());
  if (!format.has_value()) format = importer::Recognize(*text, options.import_from);
  if (!format.has_value()) {
    return Fail(kUnreadable, absl::StrCat("\"", options.import_from,
                                          "\" is of no format that is known; --format says which: ",
                                          importer::FormatNames()));
  }
  const absl::StatusOr<importer::Imported> imported = importer::Import(*text, *format, Host());
  if (!imported.ok()) {
    return Fail(kUnreadable,
                absl::StrCat("\"", options.import_from, "\": ", imported.status().message()));
  }
  if (!to.empty()) {
    if (absl::Status status = WriteFile(*imported, to, options.is_forced); !status.ok()) {
      return Fail(kUnreadable, status.message());
    }
  }
  Report(*imported, *format, options);
  return imported->is_whole() ? kAllCarried : kLeftOut;
}

}  // namespace floe::server
