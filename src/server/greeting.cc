// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/greeting.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "config/address.h"

namespace floe::server {
namespace {

std::string AuthorityOf(const config::Config& config) {
  const uint16_t port = config::PortOf(config::ParseAddress(config.listen.front().address).value());
  return absl::StrCat(config.server.hostname, ":", port);
}

// Whether what is printed there is kept, for more people than the operator to read: systemd says
// which stream is its journal's, by device and inode.
bool IsJournal(int fd) {
  struct stat stream {};
  const char* journal = getenv("JOURNAL_STREAM");
  if (journal == nullptr || fstat(fd, &stream) != 0) return false;
  return absl::StrCat(stream.st_dev, ":", stream.st_ino) == journal;
}

}  // namespace

void Greet(const config::Config& config, const Passwords& passwords) {
  const std::string authority = AuthorityOf(config);
  std::string text =
      absl::StrCat("Floe ", FLOE_VERSION, " is ready\n\n  open    http://", authority, "/\n");
  for (const auto& [name, settings] : config.mounts) {
    if (settings.file.empty()) continue;
    absl::StrAppend(&text, "  hear    curl -s http://", authority, name, " | mpg123 -\n");
    break;
  }
  const bool shows_passwords = passwords.are_new && !IsJournal(STDOUT_FILENO);
  const std::string password = shows_passwords ? config.auth.source_password : "PASSWORD";
  absl::StrAppend(&text,
                  "  feed    ffmpeg -re -i song.flac -c:a libmp3lame -b:a 128k -content_type ",
                  "audio/mpeg -f mp3 icecast://source:", password, "@", authority, "/live\n");
  if (shows_passwords) {
    absl::StrAppend(&text, "\n  These passwords were made just now and are shown only once:\n",
                    "    source  ", config.auth.source_password, "\n    ", config.auth.admin_user,
                    "   ", config.auth.admin_password, "\n  They are kept in ", passwords.file,
                    "\n");
  } else if (!passwords.file.empty()) {
    absl::StrAppend(&text, "\n  The passwords are in ", passwords.file, "\n");
  }
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
}

}  // namespace floe::server
