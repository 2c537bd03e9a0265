// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/htpasswd.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "access/old_digests.h"
#include "access/password.h"
#include "base/replace_file.h"
#include "config/text_file.h"
#include "http/auth.h"

namespace floe::access {
namespace {

constexpr absl::string_view kSha1Prefix = "{SHA}";
constexpr absl::string_view kApr1Prefix = "$apr1$";
constexpr size_t kMd5Digits = 32;
constexpr size_t kDesLetters = 13;
constexpr size_t kApr1SaltBytesMax = 8;

bool IsDes(absl::string_view hash) {
  return hash.size() == kDesLetters && std::all_of(hash.begin(), hash.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '/';
         });
}

bool IsMd5(absl::string_view hash) {
  return hash.size() == kMd5Digits && std::all_of(hash.begin(), hash.end(), absl::ascii_isxdigit);
}

struct Line {
  absl::string_view user;  // empty: not a user's
  absl::string_view hash;
};

Line LineOf(absl::string_view text) {
  absl::ConsumeSuffix(&text, "\r");
  const size_t colon = text.find(':');
  if (colon == absl::string_view::npos || absl::StartsWith(text, "#")) return {};
  // Some tools put more fields behind the hash.
  const absl::string_view rest = text.substr(colon + 1);
  return {.user = text.substr(0, colon), .hash = rest.substr(0, rest.find(':'))};
}

absl::StatusOr<std::string> ReadText(const std::string& path) {
  absl::StatusOr<config::TextFile> file = config::ReadTextFile(path, kHtpasswdFileBytesMax);
  if (!file.ok()) return file.status();
  if (file->is_cut) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " has more than ", kHtpasswdFileBytesMax, " bytes"));
  }
  return std::move(file->text);
}

absl::Status CheckUser(absl::string_view user) {
  const bool is_good =
      !user.empty() && user.size() <= kHtpasswdUserBytesMax && user.front() != '#' &&
      std::none_of(user.begin(), user.end(),
                   [](unsigned char c) { return c == ':' || absl::ascii_iscntrl(c); });
  if (is_good) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "a user's name is not empty, has no ':' and begins with no '#'");
}

}  // namespace

bool MatchesHtpasswd(const std::string& given, const std::string& hash) {
  if (absl::StartsWith(hash, kSha1Prefix)) {
    return http::SecretsEqual(absl::StrCat(kSha1Prefix, absl::Base64Escape(Sha1(given))), hash);
  }
  if (absl::StartsWith(hash, kApr1Prefix)) {
    const absl::string_view rest = absl::string_view(hash).substr(kApr1Prefix.size());
    const absl::string_view salt = rest.substr(0, rest.find('$'));
    return salt.size() <= kApr1SaltBytesMax && http::SecretsEqual(Apr1(given, salt), hash);
  }
  if (IsMd5(hash)) {
    return http::SecretsEqual(absl::BytesToHexString(Md5(given)), absl::AsciiStrToLower(hash));
  }
  if (IsDes(hash)) return MatchesCrypt(given, hash);
  return IsSlow(hash) && Matches(given, hash);
}

HtpasswdFiles::Stamp HtpasswdFiles::StampOf(const std::string& path) {
  struct stat is {};
  if (stat(path.c_str(), &is) != 0) return {};
  return {.changed_ns = int64_t{is.st_mtim.tv_sec} * 1'000'000'000 + is.st_mtim.tv_nsec,
          .inode = is.st_ino,
          .size_bytes = uint64_t(is.st_size)};
}

absl::StatusOr<HtpasswdFiles::File> HtpasswdFiles::Read(const std::string& path) {
  File file;
  file.stamp = StampOf(path);  // before the text: a change between the two is seen at the next look
  const absl::StatusOr<std::string> text = ReadText(path);
  if (!text.ok()) return text.status();
  for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
    const Line parts = LineOf(line);
    if (!parts.user.empty()) file.users.try_emplace(std::string(parts.user), parts.hash);
  }
  return file;
}

std::vector<std::string> HtpasswdFiles::Refresh(const std::vector<std::string>& paths) {
  std::map<std::string, Stamp> known;
  {
    const MutexLock lock(&mutex_);
    for (const auto& [path, file] : files_) known[path] = file.stamp;
  }
  std::vector<std::string> wrong;
  std::map<std::string, File> changed;
  for (const std::string& path : paths) {
    const auto found = known.find(path);
    const Stamp stamp = StampOf(path);
    const bool is_as_known = found != known.end() && found->second == stamp;
    if (found != known.end()) known.erase(found);
    if (is_as_known || changed.contains(path)) continue;
    absl::StatusOr<File> read = Read(path);
    if (!read.ok()) wrong.push_back(absl::StrCat("listener_users: ", read.status().message()));
    File& file = changed[path];
    file.stamp = stamp;
    if (read.ok()) file = *std::move(read);
  }
  // Old ones are freed when nobody waits for it.
  const MutexLock lock(&mutex_);
  for (const auto& [path, stamp] : known) files_.erase(path);  // of no mount any more
  for (auto& [path, file] : changed) std::swap(files_[path], file);
  return wrong;
}

std::optional<std::string> HtpasswdFiles::Find(const std::string& path,
                                               const std::string& user) const {
  const MutexLock lock(&mutex_);
  const auto file = files_.find(path);
  if (file == files_.end()) return std::nullopt;
  const auto found = file->second.users.find(user);
  if (found == file->second.users.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> HtpasswdFiles::AnyHash(const std::string& path) const {
  const MutexLock lock(&mutex_);
  const auto file = files_.find(path);
  if (file == files_.end() || file->second.users.empty()) return std::nullopt;
  return file->second.users.begin()->second;
}

absl::StatusOr<std::vector<std::string>> HtpasswdFiles::List(const std::string& path) const {
  const absl::StatusOr<std::string> text = ReadText(path);
  if (!text.ok()) return text.status();
  std::vector<std::string> users;
  for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
    const Line parts = LineOf(line);
    if (!parts.user.empty()) users.emplace_back(parts.user);
  }
  return users;
}

absl::Status HtpasswdFiles::Put(const std::string& path, const std::string& user,
                                const std::string& password) {
  if (absl::Status good = CheckUser(user); !good.ok()) return good;
  // What Apache and Icecast can read as well.
  absl::StatusOr<std::string> hash = MakeHash(password, HashMethod::kBcrypt);
  if (!hash.ok()) return hash.status();
  return Rewrite(path, user, *hash, /*must_be_new=*/false);
}

absl::Status HtpasswdFiles::Add(const std::string& path, const std::string& user,
                                const std::string& password) {
  if (absl::Status good = CheckUser(user); !good.ok()) return good;
  absl::StatusOr<std::string> hash = MakeHash(password, HashMethod::kBcrypt);
  if (!hash.ok()) return hash.status();
  return Rewrite(path, user, *hash, /*must_be_new=*/true);
}

absl::Status HtpasswdFiles::Remove(const std::string& path, const std::string& user) {
  return Rewrite(path, user, "", /*must_be_new=*/false);
}

absl::Status HtpasswdFiles::Rewrite(const std::string& path, const std::string& user,
                                    const std::string& hash, bool must_be_new) {
  const MutexLock writing(&writing_);
  absl::StatusOr<std::string> text = ReadText(path);
  if (!text.ok() && !(absl::IsNotFound(text.status()) && !hash.empty())) return text.status();
  std::vector<std::string> lines;
  bool is_there = false;
  for (const absl::string_view line : absl::StrSplit(text.ok() ? *text : "", '\n')) {
    if (LineOf(line).user != user) {
      lines.emplace_back(line);
      continue;
    }
    if (!is_there && !hash.empty()) lines.push_back(absl::StrCat(user, ":", hash));
    is_there = true;
  }
  if (is_there && must_be_new) return absl::AlreadyExistsError("there is such a user already");
  if (!is_there && hash.empty()) return absl::NotFoundError("there is no such user");
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  if (!is_there) lines.push_back(absl::StrCat(user, ":", hash));
  const std::string rewritten = lines.empty() ? "" : absl::StrCat(absl::StrJoin(lines, "\n"), "\n");
  struct stat is {};
  const mode_t mode = stat(path.c_str(), &is) == 0 ? is.st_mode & 0777 : 0600;
  if (absl::Status written = ReplaceFile(path, rewritten, mode); !written.ok()) return written;
  absl::StatusOr<File> read = Read(path);
  if (!read.ok()) return read.status();
  const MutexLock lock(&mutex_);
  files_[path] = *std::move(read);
  return absl::OkStatus();
}

}  // namespace floe::access
