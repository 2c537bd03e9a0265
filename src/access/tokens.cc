// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/tokens.h"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/replace_file.h"
#include "base/sha256.h"
#include "config/text_file.h"
#include "nlohmann/json.hpp"

namespace floe::access {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kTokenBytes = 32;
constexpr size_t kHashDigits = 2 * kSha256Bytes;
constexpr size_t kFileBytesMax = size_t{32} << 20;
constexpr mode_t kOwnerOnly = 0600;

absl::StatusOr<std::string> MakeToken() {
  std::string bytes(kTokenBytes, '\0');
  if (getrandom(bytes.data(), bytes.size(), 0) != ssize_t(bytes.size())) {
    return absl::ErrnoToStatus(errno, "getrandom");
  }
  return absl::StrCat(kTokenPrefix, absl::BytesToHexString(bytes));
}

absl::Status CheckName(absl::string_view name) {
  const bool is_good = !name.empty() && name.size() <= kTokenNameBytesMax &&
                       std::all_of(name.begin(), name.end(), [](unsigned char c) {
                         return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
                       });
  if (is_good) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "a token's name is letters, digits, '.', '_' and '-', ", kTokenNameBytesMax, " at most"));
}

absl::Status CheckMounts(const std::vector<std::string>& mounts) {
  if (mounts.size() > kTokenMountsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("a token is held to ", kTokenMountsMax, " mounts at most"));
  }
  for (const std::string& mount : mounts) {
    const bool is_good = absl::StartsWith(mount, "/") && mount.size() > 1 &&
                         mount.size() <= kMountNameBytesMax &&
                         std::none_of(mount.begin(), mount.end(), absl::ascii_iscntrl);
    if (!is_good) return absl::InvalidArgumentError("a mount's name begins with '/'");
  }
  return absl::OkStatus();
}

Json JsonOf(const TokenRecord& record) {
  Json json;
  json["name"] = record.name;
  json["sha256"] = record.hash;
  json["role"] = std::string(RoleName(record.grant.role));
  json["mounts"] = record.grant.mounts;
  json["created"] = absl::ToUnixSeconds(record.created);
  if (record.last_used.has_value()) json["last_used"] = absl::ToUnixSeconds(*record.last_used);
  if (record.expires.has_value()) json["expires"] = absl::ToUnixSeconds(*record.expires);
  return json;
}

std::string TextAt(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<absl::Time> TimeAt(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number_integer()) return std::nullopt;
  return absl::FromUnixSeconds(found->get<int64_t>());
}

std::optional<TokenRecord> RecordOf(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  TokenRecord record;
  record.name = TextAt(json, "name");
  record.hash = TextAt(json, "sha256");
  const std::optional<Role> role = RoleNamed(TextAt(json, "role"));
  const auto mounts = json.find("mounts");
  if (!role.has_value() || mounts == json.end() || !mounts->is_array()) return std::nullopt;
  record.grant.role = *role;
  for (const Json& mount : *mounts) {
    if (!mount.is_string()) return std::nullopt;
    record.grant.mounts.push_back(mount.get<std::string>());
  }
  const bool is_whole = CheckName(record.name).ok() && record.hash.size() == kHashDigits &&
                        CheckMounts(record.grant.mounts).ok();
  if (!is_whole) return std::nullopt;
  record.created = TimeAt(json, "created").value_or(absl::UnixEpoch());
  record.last_used = TimeAt(json, "last_used");
  record.expires = TimeAt(json, "expires");
  return record;
}

}  // namespace

absl::Status Tokens::Load(const std::string& file) {
  const MutexLock writing(&writing_);
  file_ = file;
  ByHash by_hash;
  if (::access(file.c_str(), F_OK) == 0) {
    const absl::StatusOr<config::TextFile> text = config::ReadTextFile(file, kFileBytesMax);
    if (!text.ok()) return text.status();
    const Json json = Json::parse(text->text, nullptr, /*allow_exceptions=*/false);
    const auto tokens = json.is_object() ? json.find("tokens") : json.end();
    if (tokens == json.end() || !tokens->is_array() || tokens->size() > kTokensMax) {
      return absl::InvalidArgumentError(absl::StrCat(file, " is no list of tokens"));
    }
    for (const Json& token : *tokens) {
      std::optional<TokenRecord> record = RecordOf(token);
      if (!record.has_value()) {
        return absl::InvalidArgumentError(absl::StrCat(file, " has a token that is not whole"));
      }
      std::string hash = record->hash;
      by_hash[std::move(hash)] = *std::move(record);
    }
  }
  const MutexLock lock(&mutex_);
  by_hash_ = std::move(by_hash);
  return absl::OkStatus();
}

absl::StatusOr<std::string> Tokens::Add(TokenRecord record) {
  if (absl::Status good = CheckName(record.name); !good.ok()) return good;
  if (absl::Status good = CheckMounts(record.grant.mounts); !good.ok()) return good;
  absl::StatusOr<std::string> token = MakeToken();
  if (!token.ok()) return token;
  record.hash = Sha256Hex(*token);
  record.last_used.reset();
  const MutexLock writing(&writing_);
  ByHash all;
  {
    const MutexLock lock(&mutex_);
    all = by_hash_;
  }
  if (all.size() >= kTokensMax) {
    return absl::ResourceExhaustedError(absl::StrCat("there are ", kTokensMax, " tokens already"));
  }
  for (const auto& [hash, other] : all) {
    if (other.name == record.name) {
      return absl::AlreadyExistsError(absl::StrCat("there is a token \"", record.name, "\""));
    }
  }
  all[record.hash] = record;
  if (absl::Status written = Write(all); !written.ok()) return written;
  const MutexLock lock(&mutex_);
  by_hash_[record.hash] = std::move(record);
  return token;
}

absl::Status Tokens::Remove(absl::string_view name) {
  const MutexLock writing(&writing_);
  ByHash all;
  {
    const MutexLock lock(&mutex_);
    all = by_hash_;
  }
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& it) { return it.second.name == name; });
  if (found == all.end()) return absl::NotFoundError("there is no such token");
  const std::string hash = found->first;
  all.erase(found);
  if (absl::Status written = Write(all); !written.ok()) return written;
  const MutexLock lock(&mutex_);
  by_hash_.erase(hash);
  return absl::OkStatus();
}

std::vector<TokenRecord> Tokens::List() const {
  std::vector<TokenRecord> list;
  {
    const MutexLock lock(&mutex_);
    for (const auto& [hash, record] : by_hash_) list.push_back(record);
  }
  std::sort(list.begin(), list.end(),
            [](const TokenRecord& a, const TokenRecord& b) { return a.name < b.name; });
  return list;
}

std::optional<TokenRecord> Tokens::Find(absl::string_view token, absl::Time now) {
  if (!absl::StartsWith(token, kTokenPrefix)) return std::nullopt;
  // Found by its hash: how long that takes tells of the hash, not of the token.
  const std::string hash = Sha256Hex(token);
  const MutexLock lock(&mutex_);
  const auto found = by_hash_.find(hash);
  if (found == by_hash_.end()) return std::nullopt;
  TokenRecord& record = found->second;
  if (record.expires.has_value() && *record.expires <= now) return std::nullopt;
  record.last_used = now;
  has_new_uses_ = true;
  return record;
}

absl::Status Tokens::SaveUses() {
  const MutexLock writing(&writing_);
  ByHash all;
  {
    const MutexLock lock(&mutex_);
    if (!has_new_uses_) return absl::OkStatus();
    has_new_uses_ = false;
    all = by_hash_;
  }
  return Write(all);
}

absl::Status Tokens::Write(const ByHash& by_hash) {
  if (file_.empty()) return absl::FailedPreconditionError("tokens have no file here");
  std::vector<const TokenRecord*> records;
  for (const auto& [hash, record] : by_hash) records.push_back(&record);
  std::sort(records.begin(), records.end(),
            [](const TokenRecord* a, const TokenRecord* b) { return a->name < b->name; });
  Json json;
  json["tokens"] = Json::array();
  for (const TokenRecord* record : records) json["tokens"].push_back(JsonOf(*record));
  std::error_code error;  // what is wrong with the folder, the file will say
  const std::filesystem::path folder = std::filesystem::path(file_).parent_path();
  if (std::filesystem::create_directories(folder, error)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  const absl::Status written = ReplaceFile(file_, json.dump(1) + "\n", kOwnerOnly);
  return written.ok() ? written : absl::InternalError(written.message());
}

}  // namespace floe::access
