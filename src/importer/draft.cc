// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "importer/draft.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "config/value.h"

namespace floe::importer {
namespace {

// The order of a floe.toml; of those that have names what stands before the dot.
constexpr std::array<absl::string_view, 16> kOrder = {
    "server",         "listen", "limits", "fanout", "access", "auth", "log",     "history",
    "mount_defaults", "mount",  "relay",  "master", "push",   "user", "webhook", ""};
constexpr absl::string_view kListen = "listen";

size_t RankOf(absl::string_view head) {
  const absl::string_view table = head.substr(0, head.find('.'));
  return size_t(std::find(kOrder.begin(), kOrder.end(), table) - kOrder.begin());
}

std::string HeadLine(const Draft::Section& section) {
  return section.head == kListen ? "[[listen]]" : absl::StrCat("[", section.head, "]");
}

}  // namespace

std::string NamedTable(absl::string_view table, absl::string_view name) {
  return absl::StrCat(table, ".", config::Quoted(name));
}

void Draft::SetText(absl::string_view section, absl::string_view key, absl::string_view text,
                    const Origin& origin) {
  if (text.empty()) return;
  if (!config::IsPrintableUtf8(text)) {
    return LeaveOut(origin, "it holds a control character or is not UTF-8");
  }
  SetValue(section, {std::string(key), config::Quoted(text), origin});
}

void Draft::SetNumber(absl::string_view section, absl::string_view key, uint64_t number,
                      const Origin& origin) {
  SetValue(section, {std::string(key), absl::StrCat(number), origin});
}

void Draft::SetFlag(absl::string_view section, absl::string_view key, bool flag,
                    const Origin& origin) {
  SetValue(section, {std::string(key), flag ? "true" : "false", origin});
}

void Draft::SetList(absl::string_view section, absl::string_view key,
                    const std::vector<std::string>& texts, const Origin& origin) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) {
    if (config::IsPrintableUtf8(text)) {
      quoted.push_back(config::Quoted(text));
    } else {
      LeaveOut(origin, "an entry of it holds a control character or is not UTF-8");
    }
  }
  SetValue(section,
           {std::string(key), absl::StrCat("[", absl::StrJoin(quoted, ", "), "]"), origin});
}

void Draft::SetValue(absl::string_view section, Setting setting) {
  std::vector<Setting>& settings = At(section).settings;
  for (Setting& known : settings) {
    if (known.key != setting.key) continue;
    setting.is_guard |= known.is_guard;
    known = std::move(setting);
    return;
  }
  settings.push_back(std::move(setting));
}

void Draft::MarkGuard(absl::string_view section, absl::string_view key) {
  for (Setting& setting : At(section).settings) {
    if (setting.key == key) setting.is_guard = true;
  }
}

void Draft::Listen(absl::string_view address, const Origin& origin) {
  const std::string value = config::Quoted(address);
  for (const Section& section : sections_) {
    if (section.head == kListen && section.settings[0].value == value) return;
  }
  sections_.push_back({std::string(kListen), {{"address", value, origin}}});
}

void Draft::Mention(absl::string_view section) { At(section); }

bool Draft::Has(absl::string_view section, absl::string_view key) const {
  return !ValueOf(section, key).empty();
}

std::string Draft::ValueOf(absl::string_view section, absl::string_view key) const {
  const Section* found = FindSection(section);
  if (found == nullptr) return "";
  for (const Setting& setting : found->settings) {
    if (setting.key == key) return setting.value;
  }
  return "";
}

void Draft::LeaveOut(const Origin& origin, absl::string_view why) {
  notes_.push_back({Note::Kind::kLeftOut, origin, std::string(why)});
}

void Draft::Change(const Origin& origin, absl::string_view why) {
  notes_.push_back({Note::Kind::kChanged, origin, std::string(why)});
}

void Draft::Close(absl::string_view section, const Origin& origin) {
  const std::string everybody = "[\"0.0.0.0/0\", \"::/0\"]";
  if (ValueOf(section, "deny") == everybody) return;
  SetValue(section, {"deny", everybody, origin});
  Change(origin,
         absl::StrCat("what said who may come in is not carried over, so nobody may: take `",
                      "deny` out of [", section, "] when something else says so"));
}

std::string Draft::ToToml() const {
  std::string toml;
  for (const size_t place : Ordered()) {
    const Section& section = sections_[place];
    absl::StrAppend(&toml, toml.empty() ? "" : "\n", HeadLine(section), "\n");
    for (const Setting& setting : section.settings) {
      absl::StrAppend(&toml, setting.key, " = ", setting.value, "\n");
    }
  }
  return toml;
}

bool Draft::Drop(const std::map<uint32_t, std::string>& why_by_line) {
  std::vector<std::pair<std::string, Origin>> opened;  // sections, and what kept people out there
  std::vector<bool> is_dropped(sections_.size(), false);
  bool has_dropped = false;
  uint32_t line = 0;
  for (const size_t place : Ordered()) {
    Section& section = sections_[place];
    line += line == 0 ? 1 : 2;  // a blank line stands before each but the first
    if (const auto why = why_by_line.find(line); why != why_by_line.end()) {
      is_dropped[place] = true;
      LeaveOut({.where = section.head}, why->second);
    }
    std::vector<Setting> kept;
    for (Setting& setting : section.settings) {
      const auto why = why_by_line.find(++line);
      if (why == why_by_line.end()) {
        kept.push_back(std::move(setting));
        continue;
      }
      has_dropped = true;
      LeaveOut(setting.origin, why->second);
      if (setting.is_guard) opened.emplace_back(section.head, setting.origin);
    }
    section.settings = std::move(kept);
    is_dropped[place] = is_dropped[place] || (section.head == kListen && section.settings.empty());
    has_dropped |= is_dropped[place];
  }
  Remove(is_dropped);
  for (const auto& [head, origin] : opened) Close(head, origin);
  return has_dropped;
}

void Draft::Remove(const std::vector<bool>& is_dropped) {
  std::vector<Section> kept;
  index_.clear();
  for (size_t i = 0; i < sections_.size(); ++i) {
    if (is_dropped[i]) continue;
    if (sections_[i].head != kListen) index_[sections_[i].head] = kept.size();
    kept.push_back(std::move(sections_[i]));
  }
  sections_ = std::move(kept);
}

bool Draft::has_secrets() const {
  return std::any_of(sections_.begin(), sections_.end(), [](const Section& section) {
    return std::any_of(section.settings.begin(), section.settings.end(),
                       [](const Setting& setting) { return setting.is_secret; });
  });
}

Draft::Section& Draft::At(absl::string_view head) {
  const auto [place, is_new] = index_.try_emplace(std::string(head), sections_.size());
  if (is_new) sections_.push_back({std::string(head), {}});
  return sections_[place->second];
}

const Draft::Section* Draft::FindSection(absl::string_view head) const {
  const auto found = index_.find(std::string(head));
  return found == index_.end() ? nullptr : &sections_[found->second];
}

std::vector<size_t> Draft::Ordered() const {
  std::vector<size_t> ordered(sections_.size());
  std::iota(ordered.begin(), ordered.end(), 0);
  std::stable_sort(ordered.begin(), ordered.end(), [this](size_t one, size_t other) {
    return RankOf(sections_[one].head) < RankOf(sections_[other].head);
  });
  return ordered;
}

}  // namespace floe::importer
