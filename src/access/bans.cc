// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/bans.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/replace_file.h"
#include "config/text_file.h"
#include "config/value.h"
#include "nlohmann/json.hpp"

namespace floe::access {
namespace {

using Json = nlohmann::json;

constexpr mode_t kFileMode = 0600;
constexpr size_t kFileBytesMax = kBansMax * 1024;

bool IsOver(const Ban& ban, absl::Time now) { return ban.until.has_value() && *ban.until <= now; }

absl::Status NoneOfOurs(const std::string& path, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("\"", path, "\" is no list of bans: ", why));
}

// Empty: the entry is not such as Write makes.
std::optional<Ban> BanOf(const Json& entry) {
  const auto text = [&](const char* name) {
    const auto found = entry.find(name);
    return found != entry.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (!entry.is_object()) return std::nullopt;
  const absl::StatusOr<Cidr> cidr = Cidr::Parse(text("cidr"));
  if (!cidr.ok()) return std::nullopt;
  Ban ban = {.cidr = *cidr, .reason = text("reason"), .since = absl::UnixEpoch()};
  if (const auto since = entry.find("since"); since != entry.end() && since->is_number_integer()) {
    ban.since = absl::FromUnixSeconds(since->get<int64_t>());
  }
  if (const auto until = entry.find("until"); until != entry.end() && until->is_number_integer()) {
    ban.until = absl::FromUnixSeconds(until->get<int64_t>());
  }
  return ban;
}

}  // namespace

void Bans::DropOver(absl::Time now) {
  if (std::erase_if(bans_, [now](const Ban& ban) { return IsOver(ban, now); }) == 0) return;
  has_news_ = true;
  Index(now);
  count_.store(uint32_t(bans_.size()), std::memory_order_relaxed);
}

void Bans::Index(absl::Time now) const {
  held_ = {};
  holds_until_ = absl::InfiniteFuture();
  for (const Ban& ban : bans_) {
    if (!IsOver(ban, now)) Hold(ban);
  }
}

void Bans::Hold(const Ban& ban) const {
  held_.Add(ban.cidr);
  holds_until_ = std::min(holds_until_, ban.until.value_or(absl::InfiniteFuture()));
}

absl::Status Bans::Add(const Cidr& cidr, absl::string_view reason,
                       std::optional<absl::Time> until) {
  if (reason.size() > kBanReasonBytesMax || !config::IsPrintableUtf8(reason)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a reason is printable and has at most ", kBanReasonBytesMax, " bytes"));
  }
  const absl::Time now = absl::Now();
  const MutexLock lock(&mutex_);
  DropOver(now);
  std::erase_if(bans_, [&](const Ban& ban) { return ban.cidr == cidr; });
  if (bans_.size() >= kBansMax) {
    return absl::ResourceExhaustedError(absl::StrCat("there are ", kBansMax, " bans already"));
  }
  bans_.push_back({.cidr = cidr, .reason = std::string(reason), .since = now, .until = until});
  has_news_ = true;
  Hold(bans_.back());
  count_.store(uint32_t(bans_.size()), std::memory_order_relaxed);
  additions_.fetch_add(1, std::memory_order_relaxed);
  return absl::OkStatus();
}

absl::Status Bans::Remove(const Cidr& cidr) {
  const absl::Time now = absl::Now();
  const MutexLock lock(&mutex_);
  DropOver(now);
  const size_t before = bans_.size();
  std::erase_if(bans_, [&](const Ban& ban) { return ban.cidr == cidr; });
  if (bans_.size() == before) {
    return absl::NotFoundError(absl::StrCat(cidr.ToString(), " is not banned"));
  }
  has_news_ = true;
  Index(now);
  count_.store(uint32_t(bans_.size()), std::memory_order_relaxed);
  return absl::OkStatus();
}

std::vector<Ban> Bans::List() const {
  const absl::Time now = absl::Now();
  const MutexLock lock(&mutex_);
  std::vector<Ban> held = bans_;
  std::erase_if(held, [now](const Ban& ban) { return IsOver(ban, now); });
  return held;
}

bool Bans::Contains(const Address& address) const {
  if (count_.load(std::memory_order_relaxed) == 0) return false;  // as for nearly everybody
  const absl::Time now = absl::Now();
  const MutexLock lock(&mutex_);
  if (now >= holds_until_) Index(now);
  return held_.Contains(address);
}

absl::Status Bans::Read(absl::string_view text, std::vector<Ban>* bans) const {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  const bool is_list = json.is_object() && json.contains("bans") && json["bans"].is_array();
  if (!is_list) return absl::InvalidArgumentError("it has no list \"bans\"");
  for (const Json& entry : json["bans"]) {
    std::optional<Ban> ban = BanOf(entry);
    if (!ban.has_value()) return absl::InvalidArgumentError("one of them names no network");
    bans->push_back(*std::move(ban));
  }
  if (bans->size() > kBansMax) return absl::InvalidArgumentError("there are too many");
  return absl::OkStatus();
}

absl::Status Bans::Load(const std::string& path) {
  const absl::StatusOr<config::TextFile> file = config::ReadTextFile(path, kFileBytesMax);
  std::vector<Ban> bans;
  absl::Status read = file.status();
  if (absl::IsNotFound(read)) read = absl::OkStatus();  // nobody was banned yet
  if (file.ok()) {
    read = file->is_cut ? absl::InvalidArgumentError("it is too long") : Read(file->text, &bans);
    if (!read.ok()) read = NoneOfOurs(path, read.message());
  }
  const MutexLock lock(&mutex_);
  path_ = path;
  if (!read.ok()) return read;
  bans_ = std::move(bans);
  has_news_ = false;
  Index(absl::Now());
  count_.store(uint32_t(bans_.size()), std::memory_order_relaxed);
  additions_.fetch_add(1, std::memory_order_relaxed);
  return absl::OkStatus();
}

std::string Bans::Write() {
  Json list = Json::array();
  for (const Ban& ban : bans_) {
    Json entry = {{"cidr", ban.cidr.ToString()},
                  {"reason", ban.reason},
                  {"since", absl::ToUnixSeconds(ban.since)}};
    if (ban.until.has_value()) entry["until"] = absl::ToUnixSeconds(*ban.until);
    list.push_back(std::move(entry));
  }
  return absl::StrCat(Json({{"bans", std::move(list)}}).dump(1), "\n");
}

absl::Status Bans::Save() {
  std::string text, path;
  {
    const MutexLock lock(&mutex_);
    if (!has_news_ || path_.empty()) return absl::OkStatus();
    text = Write();
    path = path_;
    has_news_ = false;
  }
  absl::Status saved = ReplaceFile(path, text, kFileMode);
  if (saved.ok()) return saved;
  const MutexLock lock(&mutex_);
  has_news_ = true;
  return saved;
}

}  // namespace floe::access
