// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "importer/formats.h"
#include "importer/reasons.h"
#include "importer/rules.h"
#include "importer/upstream_list.h"
#include "importer/values.h"

namespace floe::importer {
namespace {

constexpr absl::string_view kNoAccounts =
    "Floe's users log in with a password or a token: [user.\"NAME\"]";
constexpr absl::string_view kNoLook = "Floe's pages have one look";

constexpr Rule kRoot[] = {
    {"default_source_password", How::kHash, "auth.source_password"},
    {"admin_user", How::kText, "auth.admin_user"},
    {"admin_password", How::kHash, "auth.admin_password"},
    {"location", How::kText, "server.location"},
    {"admin_email", How::kText, "server.admin_contact"},
    {"hostname", How::kText, "server.hostname"},
    {"max_listeners", How::kCount, "mount_defaults.max_listeners"},
    {"banned_ips", How::kNetworks, "access.deny"},
    {"trusted_proxies", How::kNetworks, "access.trusted_proxies"},
    {"whitelisted_ips", How::kLeaveIfOn,
     "nobody is spared by the lockout; a login that is right ends it"},
    {"bind_host", How::kElsewhere},
    {"port", How::kElsewhere},
    {"mounts", How::kElsewhere},
    {"advanced_mounts", How::kElsewhere},
    {"disabled_mounts", How::kElsewhere},
    {"visible_mounts", How::kElsewhere},
    {"fallback_mounts", How::kElsewhere},
    {"relays", How::kElsewhere},
    {"transcoders", How::kElsewhere},
    {"webhooks", How::kElsewhere},
    {"users", How::kElsewhere},
    {"api_tokens", How::kElsewhere},
    {"autodjs", How::kElsewhere},
    {"ingest", How::kElsewhere},
    {"multi_tenant", How::kElsewhere},
    {"smtp", How::kElsewhere},
    {"variant_groups", How::kLeaveIfOn, "Floe serves each mount for itself, without HLS"},
    {"auto_transcode_mp3_bitrates", How::kLeaveIfOn, kNoTranscoding},
    {"oidc_providers", How::kLeaveIfOn, kNoAccounts},
    {"pending_users", How::kLeaveIfOn, kNoAccounts},
    {"webauthn", How::kLeaveIfOn, kNoAccounts},
    {"audit_enabled", How::kLeaveIfOn, "who logged in and who did not is in log.auth_file"},
    {"base_url", How::kLeaveIfOn, "playlists name the host that was asked, or server.hostname"},
    {"low_latency_mode", How::kLeaveIfOn,
     "what is late is mount_defaults.burst, and under load fanout.interval_max"},
    {"page_title", How::kLeaveIfOn, kNoLook},
    {"page_subtitle", How::kLeaveIfOn, kNoLook},
    {"accent_color", How::kLeaveIfOn, kNoLook},
    {"logo_path", How::kLeaveIfOn, kNoLook},
    {"landing_markdown", How::kLeaveIfOn, kNoLook},
    {"use_https", How::kLeaveIfOn, kNoTls},
    {"auto_https", How::kLeaveIfOn, kNoTls},
    {"https_port", How::kMeaningless},
    {"cert_file", How::kMeaningless},
    {"key_file", How::kMeaningless},
    {"acme_email", How::kMeaningless},
    {"acme_directory_url", How::kMeaningless},
    {"domains", How::kMeaningless},
    {"directory_listing", How::kLeaveIfOn, kNoDirectory},
    {"directory_server", How::kMeaningless},
    {"media_roots", How::kMeaningless},
    {"setup_complete", How::kMeaningless},
};

constexpr Rule kAdvanced[] = {
    {"password", How::kHash, ".source_password"},
    {"burst_size", How::kElsewhere},
    {"name_override", How::kText, ".stream_name"},
};

constexpr Rule kWebhook[] = {
    {"url", How::kText, ".url"},
    {"id", How::kMeaningless},
    {"name", How::kMeaningless},
    {"enabled", How::kMeaningless},
    {"events", How::kElsewhere},
    {"method", How::kElsewhere},
    {"content_type", How::kElsewhere},
    {"headers", How::kLeaveIfOn,
     "Floe signs what it sends with `secret`, and sends no other header"},
    {"body_template", How::kLeaveIfOn, "the body is Floe's JSON"},
};

// What happens, as each calls it.
constexpr absl::string_view kEvents[][2] = {
    {"source_connect", "source_up"}, {"source_disconnect", "source_down"}, {"now_playing", "title"},
    {"song_change", "title"},        {"listener_peak", "listener_peak"},   {"fallback", "fallback"},
};

constexpr Rule kAutoDj[] = {
    {"name", How::kMeaningless},
    {"mount", How::kMeaningless},
    {"enabled", How::kMeaningless},
    {"music_dir", How::kElsewhere},
    {"visible", How::kElsewhere},
    {"format", How::kMeaningless},
    {"bitrate", How::kMeaningless},
    {"loop", How::kMeaningless},
    {"inject_metadata", How::kMeaningless},
    {"last_playlist", How::kMeaningless},
    {"mpd_port", How::kMeaningless},
    {"mpd_password", How::kMeaningless},
    {"song_command_timeout", How::kMeaningless},
    {"on_play_command_timeout", How::kMeaningless},
    {"playlist", How::kLeaveIfOn,
     "the whole folder is played; `file` may name a playlist, such as an .m3u, instead"},
    {"mpd_enabled", How::kLeaveIfOn, "Floe does not speak MPD's protocol"},
    {"song_command", How::kLeaveIfOn, kNoPrograms},
    {"on_play_command", How::kLeaveIfOn, kNoPrograms},
};

class TinyIce {
 public:
  TinyIce(const Item& root, const Surroundings& surroundings, Draft* draft)
      : root_(root), surroundings_(surroundings), draft_(draft) {}

  void Read() {
    Carry(root_, kRoot, {"", ""}, draft_);
    ReadListen();
    ReadMounts();
    for (const Item& relay : ItemsOf("relays")) ReadRelay(relay);
    for (const Item& autodj : ItemsOf("autodjs")) ReadAutoDj(autodj);
    for (const Item& webhook : ItemsOf("webhooks")) ReadWebhook(webhook);
    for (const Item& transcoder : ItemsOf("transcoders")) {
      if (!IsOn(transcoder.TextAt("enabled"))) continue;
      draft_->LeaveOut({"transcoders", std::string(transcoder.TextAt("name"))}, kNoTranscoding);
    }
    for (const Field& user : MembersOf("users")) ReadUser(user.name, user.value);
    for (const Item& token : ItemsOf("api_tokens")) ReadToken(token);
    ReadSwitches();
  }

 private:
  const std::vector<Item>& ItemsOf(absl::string_view name) const {
    static const auto* const none = new std::vector<Item>;
    const Item* list = root_.Find(name);
    return list == nullptr ? *none : list->items;
  }
  const std::vector<Field>& MembersOf(absl::string_view name) const {
    static const auto* const none = new std::vector<Field>;
    const Item* table = root_.Find(name);
    return table == nullptr ? *none : table->members;
  }

  void ReadListen() {
    const std::string port(root_.TextAt("port"));
    if (port.empty() && root_.TextAt("bind_host").empty()) return;
    const int64_t number = port.empty() ? 8000 : NumberIn(port).value_or(0);
    if (const auto address = ListenAddress(root_.TextAt("bind_host"), number)) {
      return draft_->Listen(*address, {"", "port"});
    }
    draft_->LeaveOut({"", "port"}, "it is no numeric address with a port; see [[listen]]");
  }

  // The table of a mount that Floe takes; empty for another, which is noted.
  std::string Section(absl::string_view where, absl::string_view mount) {
    const std::string name = MountNameOf(mount);
    if (!IsMountName(name, {std::string(where), std::string(mount)}, draft_)) return "";
    return MountTable(name);
  }

  void ReadMounts() {
    for (const Field& mount : MembersOf("mounts")) {
      const std::string section = Section("mounts", mount.name);
      if (section.empty()) continue;
      draft_->Mention(section);
      SetPassword(section, "source_password", {mount.value.Text(), Written::kHashed},
                  {"mounts", mount.name}, draft_);
    }
    for (const Field& mount : MembersOf("advanced_mounts")) {
      const std::string section = Section("advanced_mounts", mount.name);
      if (section.empty()) continue;
      draft_->Mention(section);
      const std::string where = absl::StrCat("advanced_mounts ", mount.name);
      Carry(mount.value, kAdvanced, {where, section}, draft_);
      SetBurst(mount.value, section, where);
    }
    for (const Field& mount : MembersOf("disabled_mounts")) {
      const std::string section = Section("disabled_mounts", mount.name);
      if (section.empty() || !IsOn(mount.value.Text())) continue;
      const Origin origin = {"disabled_mounts", mount.name};
      draft_->SetList(section, "deny", {"0.0.0.0/0", "::/0"}, origin);
      draft_->Change(origin, kIsOff);
    }
    for (const Field& mount : MembersOf("visible_mounts")) {
      const std::string section = Section("visible_mounts", mount.name);
      if (section.empty() || IsOn(mount.value.Text())) continue;
      draft_->SetFlag(section, "hidden", true, {"visible_mounts", mount.name});
    }
    for (const Field& mount : MembersOf("fallback_mounts")) {
      const std::string section = Section("fallback_mounts", mount.name);
      if (section.empty() || mount.value.Text().empty()) continue;
      draft_->SetList(section, "fallback", {MountNameOf(mount.value.Text())},
                      {"fallback_mounts", mount.name});
    }
  }

  // 0 is as all mounts have it.
  void SetBurst(const Item& mount, absl::string_view section, const std::string& where) {
    const std::optional<int64_t> bytes = NumberIn(mount.TextAt("burst_size"));
    if (bytes.value_or(0) <= 0) return;
    SetBySize(section, "burst", {uint64_t(*bytes), kUsualBitrate}, {where, "burst_size"}, draft_);
  }

  void ReadRelay(const Item& relay) {
    const std::string name = MountNameOf(relay.TextAt("mount"));
    const std::string where = absl::StrCat("relays ", name);
    if (!IsOn(relay.TextAt("enabled"))) {
      return draft_->LeaveOut({where, "enabled"},
                              "a relay that is off is a table that is not there");
    }
    if (Section("relays", name).empty()) return;
    Call call = {.url = std::string(relay.TextAt("url")),
                 .password = std::string(relay.TextAt("password")),
                 .origin = {where, "url"}};
    SetUpstreams(NamedTable("relay", name), {call}, draft_);
    if (!call.password.empty()) {
      draft_->Change({where, "password"}, "with it goes the user \"relay\"");
    }
    SetBurst(relay, MountTable(name), where);
  }

  void ReadAutoDj(const Item& autodj) {
    const std::string name = MountNameOf(autodj.TextAt("mount"));
    const std::string where = absl::StrCat("autodjs ", autodj.TextAt("name"));
    if (!IsOn(autodj.TextAt("enabled"))) {
      return draft_->LeaveOut({where, "enabled"}, "a mount that plays no files has no `file`");
    }
    const std::string section = Section("autodjs", name);
    if (section.empty()) return;
    Carry(autodj, kAutoDj, {where, section}, draft_);
    const std::string folder(autodj.TextAt("music_dir"));
    const Origin origin = {where, "music_dir"};
    if (!surroundings_.exists(folder)) {
      return draft_->LeaveOut(origin, "there is no such folder; when it is, say `file`");
    }
    draft_->SetText(section, "file", folder, origin);
    draft_->Change(origin,
                   "files are played as they are, which have to be of one type: Floe does "
                   "not transcode");
    if (autodj.Find("visible") != nullptr && !IsOn(autodj.TextAt("visible"))) {
      draft_->SetFlag(section, "hidden", true, {where, "visible"});
    }
  }

  void ReadWebhook(const Item& webhook) {
    std::string name(webhook.TextAt("name"));
    if (name.empty()) name = std::string(webhook.TextAt("id"));
    if (name.empty()) name = absl::StrCat("webhook-", ++webhooks_);
    const std::string where = absl::StrCat("webhooks ", name);
    if (webhook.Find("enabled") != nullptr && !IsOn(webhook.TextAt("enabled"))) {
      return draft_->LeaveOut({where, "enabled"},
                              "a webhook that is off is a table that is not there");
    }
    const Scene scene = {where, NamedTable("webhook", name)};
    Carry(webhook, kWebhook, scene, draft_);
    const std::string method = absl::AsciiStrToUpper(webhook.TextAt("method"));
    if (!method.empty() && method != "POST") {
      draft_->LeaveOut({where, "method"}, "Floe calls with POST");
    }
    const absl::string_view type = webhook.TextAt("content_type");
    if (!type.empty() && type != "application/json") {
      draft_->LeaveOut({where, "content_type"}, "the body is Floe's JSON");
    }
    SetEvents(webhook, scene);
  }

  // None at all are all of them, there as here.
  void SetEvents(const Item& webhook, const Scene& scene) {
    const Item* there = webhook.Find("events");
    if (there == nullptr || there->items.empty()) return;
    std::vector<std::string> events;
    for (const Item& event : there->items) {
      const size_t known = events.size();
      for (const auto& [name, ours] : kEvents) {
        if (event.Text() == name) events.emplace_back(ours);
      }
      if (events.size() == known) {
        draft_->LeaveOut({scene.where, "events"}, "Floe has no such event among its own");
      }
    }
    if (!events.empty()) {
      return draft_->SetList(scene.section, "events", events, {scene.where, "events"});
    }
    draft_->Change({scene.where, "events"},
                   "without an event that Floe has, all of Floe's are sent");
  }

  void ReadUser(const std::string& key, const Item& user) {
    std::string name(user.TextAt("username"));
    if (name.empty()) name = key;
    const std::string where = absl::StrCat("users ", name);
    std::vector<std::string> mounts;
    if (const Item* own = user.Find("mounts")) {
      for (const Field& mount : own->members) {
        const std::string section = Section(where, mount.name);
        if (section.empty()) continue;
        mounts.push_back(MountNameOf(mount.name));
        if (draft_->Has(section, "source_password")) continue;
        SetPassword(section, "source_password", {mount.value.Text(), Written::kHashed},
                    {where, absl::StrCat("mounts ", mount.name)}, draft_);
      }
    }
    for (const absl::string_view other : {"passkeys", "linked_emails"}) {
      const Item* item = user.Find(other);
      if (item != nullptr && !item->items.empty()) {
        draft_->LeaveOut({where, std::string(other)}, kNoAccounts);
      }
    }
    if (name == root_.TextAt("admin_user") && draft_->Has("auth", "admin_password")) return;
    SetUser(name, user.TextAt("role"), mounts, {where, "role"}, [&](const std::string& section) {
      SetPassword(section, "password", {user.TextAt("password"), Written::kHashed},
                  {where, "password"}, draft_);
      return draft_->Has(section, "password");
    });
  }

  void ReadToken(const Item& token) {
    const std::string name = absl::StrCat(token.TextAt("username"), "-", token.TextAt("name"));
    const std::string where = absl::StrCat("api_tokens ", token.TextAt("name"));
    const std::string hash(token.TextAt("token_hash"));
    const bool is_sha256 = hash.size() == 64 && std::all_of(hash.begin(), hash.end(), [](char c) {
                             return absl::ascii_isxdigit(uint8_t(c));
                           });
    if (!is_sha256) {
      return draft_->LeaveOut({where, "token_hash"}, "it is no SHA-256; make another token");
    }
    SetUser(name, token.TextAt("role"), {}, {where, "role"}, [&](const std::string& section) {
      draft_->SetValue(section,
                       {.key = "token",
                        .value = absl::StrCat("\"sha256:", absl::AsciiStrToLower(hash), "\""),
                        .origin = {where, "token_hash"},
                        .is_secret = true});
      return true;
    });
    if (!token.TextAt("expires_at").empty()) {
      draft_->Change({where, "expires_at"}, "Floe's tokens do not expire; take it out in time");
    }
  }

  // `set_secret` says whether there is one; without it nobody could log in.
  template <typename SetSecret>
  void SetUser(const std::string& name, absl::string_view role,
               const std::vector<std::string>& mounts, const Origin& origin,
               const SetSecret& set_secret) {
    absl::string_view floe_role;
    if (role == "superadmin") floe_role = "configure";
    if (role == "admin") floe_role = "operate";
    if (role == "dj") floe_role = "source";
    if (floe_role.empty()) return draft_->LeaveOut(origin, "the importer does not know this role");
    const std::string section = NamedTable("user", name);
    if (!set_secret(section)) return;
    draft_->SetText(section, "role", floe_role, origin);
    if (role == "superadmin") return;
    if (!mounts.empty()) draft_->SetList(section, "mounts", mounts, origin);
    if (mounts.empty()) draft_->Change(origin, "without mounts of its own it is of all mounts");
  }

  // Parts that are one note when they are on.
  void ReadSwitches() {
    const auto leave = [&](absl::string_view table, absl::string_view key, absl::string_view why) {
      const Item* item = root_.Find(table);
      if (item == nullptr || !IsOn(item->TextAt(key))) return;
      draft_->LeaveOut({std::string(table), std::string(key)}, why);
    };
    leave("ingest", "rtmp_enabled", "Floe does not speak RTMP; ffmpeg can feed it from there");
    leave("ingest", "srt_enabled", "Floe does not speak SRT; ffmpeg can feed it from there");
    leave("multi_tenant", "enabled",
          "a Floe is of one operator; users may be of some mounts alone");
    leave("smtp", "enabled", "Floe sends no mail; a [webhook] can have it sent");
  }

  const Item& root_;
  const Surroundings& surroundings_;
  Draft* draft_;
  uint32_t webhooks_ = 0;
};

}  // namespace

void FromTinyIce(const Item& root, const Surroundings& surroundings, Draft* draft) {
  TinyIce(root, surroundings, draft).Read();
}

}  // namespace floe::importer
