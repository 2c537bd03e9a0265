// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "importer/icecast.h"
#include "importer/values.h"

namespace floe::importer {
namespace {

constexpr absl::string_view kOwnPace =
    "Floe paces its calls itself, and pauses them after failures";
constexpr absl::string_view kNamesOfHeaders =
    "of Icecast 2.5's headers Floe takes those of its own names; only auth_header and "
    "timelimit_header have keys";

// Options of type="url".
constexpr Rule kUrlOptions[] = {
    {"listener_add", How::kText, ".hook_listener_add"},
    {"client_add", How::kText, ".hook_listener_add"},
    {"listener_remove", How::kText, ".hook_listener_remove"},
    {"client_remove", How::kText, ".hook_listener_remove"},
    {"mount_add", How::kText, ".hook_mount_add"},
    {"mount_remove", How::kText, ".hook_mount_remove"},
    {"stream_auth", How::kText, ".hook_stream_auth"},
    {"username", How::kText, ".hook_user"},
    {"auth_header", How::kText, ".hook_auth_header"},
    {"timelimit_header", How::kText, ".hook_timelimit_header"},
    {"header_prefix", How::kText, ".hook_header_prefix"},
    {"timeout", How::kSeconds, ".hook_timeout"},
    {"password", How::kElsewhere},
    {"headers", How::kElsewhere},
    {"presume_innocent", How::kElsewhere},
    {"on_error_wait", How::kLeave, kOwnPace},
    {"handlers", How::kLeave, kOwnPace},
    {"redirect_limit", How::kLeave, kOwnPace},
    {"action_add", How::kLeave, "`action` is listener_add, as in older Icecasts"},
    {"action_remove", How::kLeave, "`action` is listener_remove, as in older Icecasts"},
    {"header_auth", How::kLeave, kNamesOfHeaders},
    {"header_timelimit", How::kLeave, kNamesOfHeaders},
    {"header_message", How::kLeave, kNamesOfHeaders},
    {"header_alter_action", How::kLeave, kNamesOfHeaders},
    {"header_alter_argument", How::kLeave, kNamesOfHeaders},
};

// <option name= value=> as members of one table.
Item OptionsOf(const Item& role) {
  Item options = {.kind = Item::Kind::kTable, .line = role.line};
  for (const Field& member : role.members) {
    if (member.name != "option") continue;
    Item value = {.kind = Item::Kind::kScalar,
                  .text = std::string(member.value.TextAt("value")),
                  .line = member.value.line};
    options.members.push_back({std::string(member.value.TextAt("name")), std::move(value)});
  }
  return options;
}

void FromUrl(const Item& role, const Scene& scene, const IcecastFacts& facts) {
  const Item options = OptionsOf(role);
  Draft* draft = facts.draft;
  Carry(options, kUrlOptions, scene, draft);
  draft->MarkGuard(scene.section, "hook_listener_add");
  for (const Field& option : options.members) {
    const Origin origin = OriginOf(scene, option.name, option.value);
    const absl::string_view text = option.value.Text();
    if (option.name == "password") {
      SetPassword(scene.section, "hook_password", {text, Written::kPlain, Use::kSent}, origin,
                  draft);
    }
    if (option.name == "presume_innocent" && IsOn(text)) {
      draft->SetText(scene.section, "hook_on_error", "allow", origin);
    }
    if (option.name == "headers" && !text.empty()) {
      draft->SetList(scene.section, "hook_headers", TextsIn(option.value), origin);
      // Without a prefix Xiph's has none, where Floe and Icecast-KH have one.
      if (!facts.is_kh && options.Find("header_prefix") == nullptr) {
        draft->SetValue(scene.section, {"hook_header_prefix", "\"\"", origin});
      }
    }
  }
}

void FromHtpasswd(const Item& role, const Scene& scene, const IcecastFacts& facts) {
  const Item options = OptionsOf(role);
  for (const Field& option : options.members) {
    const Origin origin = OriginOf(scene, option.name, option.value);
    if (option.name == "filename" && !option.value.Text().empty()) {
      facts.draft->SetText(scene.section, "listener_users",
                           facts.PathOf(facts.base, option.value.Text()), origin);
      facts.draft->MarkGuard(scene.section, "listener_users");
    } else if (option.name == "allow_duplicate_users") {
      if (!option.value.Text().empty() && !IsOn(option.value.Text())) {
        facts.draft->LeaveOut(origin,
                              "a user may listen more than once; listeners_per_address is a limit "
                              "that Floe has");
      }
    } else {
      facts.draft->LeaveOut(origin, "the importer does not know this option");
    }
  }
  if (!facts.draft->Has(scene.section, "listener_users")) {
    facts.draft->Close(scene.section, OriginOf(scene, "htpasswd", role));
  }
}

bool Allows(const Item& role, absl::string_view key, absl::string_view what) {
  for (const absl::string_view allowed : absl::StrSplit(role.TextAt(key), ',')) {
    if (allowed == "*" || absl::EqualsIgnoreCase(allowed, what)) return true;
  }
  return false;
}

// One user of Icecast 2.5: an administrator, or a source.
void FromStatic(const Item& role, const Scene& scene, Draft* draft) {
  const Item options = OptionsOf(role);
  const std::string name(options.TextAt("username"));
  const Origin origin = OriginOf(scene, absl::StrCat("role ", name), role);
  absl::string_view floe_role;
  if (Allows(role, "allow-method", "source") || Allows(role, "allow-method", "put") ||
      Allows(role, "match-method", "source") || Allows(role, "match-method", "put")) {
    floe_role = "source";
  }
  if (Allows(role, "allow-admin", "*")) floe_role = "configure";
  if (floe_role.empty() || name.empty()) {
    return draft->LeaveOut(origin,
                           "it may neither send nor administer everything; see [user.\"NAME\"]");
  }
  const std::string section = NamedTable("user", name);
  SetPassword(section, "password", {options.TextAt("password")}, origin, draft);
  if (!draft->Has(section, "password")) return;
  draft->SetText(section, "role", floe_role, origin);
  if (scene.section != "mount_defaults") {
    const std::string mount = scene.where.substr(scene.where.find(' ') + 1);
    draft->SetList(section, "mounts", {mount.substr(0, mount.find(": authentication"))}, origin);
  }
}

void FromRole(const Item& role, const Scene& scene, const IcecastFacts& facts) {
  const std::string type(role.TextAt("type"));
  const Origin origin = OriginOf(scene, absl::StrCat("type ", type), role);
  if (type == "url") return FromUrl(role, scene, facts);
  if (type == "htpasswd") return FromHtpasswd(role, scene, facts);
  if (type == "static") return FromStatic(role, scene, facts.draft);
  if (type == "anonymous" && !Allows(role, "deny-all", "*")) return;  // as Floe has it
  if (type == "legacy-password") {
    const Item options = OptionsOf(role);
    return SetPassword(scene.section == "mount_defaults" ? "auth" : scene.section,
                       "source_password", {options.TextAt("password")}, origin, facts.draft);
  }
  if (type == "command" || type == "enforce-auth" || type == "anonymous") {
    facts.draft->LeaveOut(
        origin, type == "command"
                    ? "Floe starts no programs; hook_listener_add asks a URL instead"
                    : "who may listen is said by hook_listener_add, listener_users or allow");
    return facts.draft->Close(scene.section, origin);
  }
  facts.draft->LeaveOut(origin, "the importer does not know this type");
  facts.draft->Close(scene.section, origin);
}

}  // namespace

void FromAuthentication(const Item& authentication, const Scene& scene, const IcecastFacts& facts) {
  bool has_roles = false;
  for (const Field& member : authentication.members) {
    if (member.name != "role") continue;
    has_roles = true;
    FromRole(member.value, scene, facts);
  }
  if (!has_roles && authentication.Find("type") != nullptr) {
    FromRole(authentication, scene, facts);
  }
}

}  // namespace floe::importer
