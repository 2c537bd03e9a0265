// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "importer/rules.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "importer/values.h"

namespace floe::importer {
namespace {

struct Target {
  std::string section;
  std::string key;
};

Target TargetOf(absl::string_view to, const Scene& scene) {
  const size_t dot = to.find('.');
  if (dot == 0) return {scene.section, std::string(to.substr(1))};
  return {std::string(to.substr(0, dot)), std::string(to.substr(dot + 1))};
}

void SetCount(const Target& target, const Item& item, int64_t least, const Origin& origin,
              Draft* draft) {
  const std::optional<int64_t> number = NumberIn(item.Text());
  if (!number.has_value()) return draft->LeaveOut(origin, "it is no whole number");
  if (*number >= least) draft->SetNumber(target.section, target.key, uint64_t(*number), origin);
}

void SetSeconds(const Target& target, const Item& item, bool with_0, const Origin& origin,
                Draft* draft) {
  const std::optional<std::string> time = SecondsIn(item.Text());
  if (!time.has_value()) {
    const std::optional<int64_t> number = NumberIn(item.Text());
    if (!number.has_value() || *number > 0) draft->LeaveOut(origin, "it is no number of seconds");
    return;
  }
  if (with_0 || *time != "0s") draft->SetText(target.section, target.key, *time, origin);
}

void SetBurst(const Target& target, const Item& item, const Scene& scene, const Origin& origin,
              Draft* draft) {
  const std::optional<int64_t> bytes = NumberIn(item.Text());
  if (!bytes.has_value() || *bytes < 0) return draft->LeaveOut(origin, "it is no number of bytes");
  const uint32_t bitrate = scene.bitrate == 0 ? kUsualBitrate : scene.bitrate;
  SetBySize(target.section, target.key, {uint64_t(*bytes), bitrate}, origin, draft);
}

void CarryOne(const Rule& rule, const Item& item, const Scene& scene, const Origin& origin,
              Draft* draft) {
  const Target target = TargetOf(rule.to, scene);
  const absl::string_view text = item.Text();
  switch (rule.how) {
    case How::kElsewhere:
    case How::kMeaningless: return;
    case How::kLeave: return draft->LeaveOut(origin, rule.to);
    case How::kLeaveIfOn: {
      const bool is_off = text.empty() && item.items.empty() && item.members.empty();
      if (!is_off && text != "0" && !absl::EqualsIgnoreCase(text, "false")) {
        draft->LeaveOut(origin, rule.to);
      }
      return;
    }
    case How::kNetworks:
      return SetNetworks(target.section, target.key, TextsIn(item), origin, draft);
    default: break;
  }
  if (text.empty()) return;
  switch (rule.how) {
    case How::kText: return draft->SetText(target.section, target.key, text, origin);
    case How::kPassword: return SetPassword(target.section, target.key, {text}, origin, draft);
    case How::kHash:
      return SetPassword(target.section, target.key, {text, Written::kHashed}, origin, draft);
    case How::kCount: return SetCount(target, item, 1, origin, draft);
    case How::kNumber: return SetCount(target, item, 0, origin, draft);
    case How::kSeconds: return SetSeconds(target, item, false, origin, draft);
    case How::kSecondsOr0: return SetSeconds(target, item, true, origin, draft);
    case How::kFlag: return draft->SetFlag(target.section, target.key, IsOn(text), origin);
    case How::kMount: return draft->SetText(target.section, target.key, MountNameOf(text), origin);
    case How::kBurst: return SetBurst(target, item, scene, origin, draft);
    default: return;
  }
}

const Rule* FindRule(std::span<const Rule> rules, absl::string_view name) {
  for (const Rule& rule : rules) {
    if (rule.name == name) return &rule;
  }
  return nullptr;
}

}  // namespace

Origin OriginOf(const Scene& scene, absl::string_view key, const Item& item) {
  return {scene.where, std::string(key), item.line};
}

void Carry(const Item& table, std::span<const Rule> rules, const Scene& scene, Draft* draft) {
  for (const Field& member : table.members) {
    const Origin origin = OriginOf(scene, member.name, member.value);
    const Rule* rule = FindRule(rules, member.name);
    if (rule == nullptr) {
      draft->LeaveOut(origin, "the importer does not know this key");
    } else {
      CarryOne(*rule, member.value, scene, origin, draft);
    }
  }
}

}  // namespace floe::importer
