// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "importer/formats.h"
#include "importer/reasons.h"
#include "importer/rules.h"
#include "importer/values.h"

namespace floe::importer {
namespace {

constexpr Rule kRoot[] = {
    {"server", How::kElsewhere},
    {"auth", How::kElsewhere},
    {"limits", How::kElsewhere},
    {"logging", How::kElsewhere},
    {"admin", How::kElsewhere},
    {"directory", How::kElsewhere},
    {"mounts", How::kElsewhere},
    {"ssl", How::kElsewhere},
    {"version", How::kMeaningless},
    {"last_modified", How::kMeaningless},
    {"setup_complete", How::kMeaningless},
};

constexpr Rule kServer[] = {
    {"hostname", How::kText, "server.hostname"},
    {"location", How::kText, "server.location"},
    {"listen", How::kElsewhere},
    {"listen_address", How::kElsewhere},
    {"port", How::kElsewhere},
    {"ssl", How::kElsewhere},
    {"ssl_port", How::kElsewhere},
    {"server_id", How::kLeave, kOwnName},
    {"admin_root", How::kElsewhere},
};

constexpr Rule kAuth[] = {
    {"source_password", How::kPassword, "auth.source_password"},
    {"relay_password", How::kPassword, "auth.relay_password"},
    {"admin_user", How::kText, "auth.admin_user"},
    {"admin_password", How::kPassword, "auth.admin_password"},
};

constexpr Rule kLimits[] = {
    {"max_clients", How::kCount, "limits.listeners"},
    {"max_sources", How::kCount, "limits.sources"},
    {"max_listeners_per_mount", How::kCount, "mount_defaults.max_listeners"},
    {"client_timeout", How::kSeconds, "limits.client_timeout"},
    {"header_timeout", How::kSeconds, "limits.header_timeout"},
    {"source_timeout", How::kSeconds, "limits.source_timeout"},
    {"burst_size", How::kBurst, "mount_defaults.burst"},
    {"queue_size", How::kElsewhere},
};

constexpr Rule kLogging[] = {
    {"access_log", How::kText, "log.access_file"},
    {"error_log", How::kText, "log.file"},
    {"level", How::kElsewhere},
    {"log_level", How::kElsewhere},
    {"log_size", How::kElsewhere},
};

constexpr Rule kMount[] = {
    {"name", How::kMeaningless},  // the table's own
    {"password", How::kPassword, ".source_password"},
    {"max_listeners", How::kCount, ".max_listeners"},
    {"stream_name", How::kText, ".stream_name"},
    {"genre", How::kText, ".stream_genre"},
    {"description", How::kText, ".stream_description"},
    {"url", How::kText, ".stream_url"},
    {"hidden", How::kFlag, ".hidden"},
    {"burst_size", How::kBurst, ".burst"},
    {"max_listener_duration", How::kSeconds, ".listener_duration"},
    {"allowed_ips", How::kNetworks, ".allow"},
    {"denied_ips", How::kNetworks, ".deny"},
    {"fallback", How::kElsewhere},
    {"fallback_mount", How::kElsewhere},
    {"bitrate", How::kMeaningless},  // the source says it
    {"type", How::kMeaningless},
    {"public", How::kLeaveIfOn, kNoDirectory},
    {"dump_file", How::kLeaveIfOn, kNoRecording},
};

constexpr uint64_t kKibibyte = 1'024;

void FromTls(const Item* ssl, Draft* draft) {
  if (ssl == nullptr || !IsOn(ssl->TextAt("enabled"))) return;
  draft->LeaveOut(OriginOf({"ssl", ""}, "enabled", *ssl), kNoTls);
}

void FromServer(const Item& server, Draft* draft) {
  const Scene scene = {"server", "server"};
  Carry(server, kServer, scene, draft);
  FromTls(server.Find("ssl"), draft);
  const Item* root = server.Find("admin_root");
  if (root != nullptr && root->Text() != "/admin" && !root->Text().empty()) {
    draft->LeaveOut(OriginOf(scene, "admin_root", *root), "Floe's admin calls are below /admin/");
  }
  const std::string host(server.Find("listen") != nullptr ? server.TextAt("listen")
                                                          : server.TextAt("listen_address"));
  const Item* port = server.Find("port");
  if (port == nullptr && host.empty()) return;
  const Origin origin = OriginOf(scene, "port", port == nullptr ? server : *port);
  const int64_t number = port == nullptr ? 8000 : NumberIn(port->Text()).value_or(0);
  if (const std::optional<std::string> address = ListenAddress(host, number)) {
    return draft->Listen(*address, origin);
  }
  draft->LeaveOut(origin, "it is no numeric address with a port; see [[listen]]");
}

void SetQueue(const Item& queue, const Origin& origin, Draft* draft) {
  const std::optional<int64_t> bytes = NumberIn(queue.Text());
  if (!bytes.has_value() || *bytes < 0) return draft->LeaveOut(origin, "it is no number of bytes");
  SetBySize("mount_defaults", "history", {uint64_t(*bytes), kUsualBitrate}, origin, draft);
}

void FromLimits(const Item& limits, Draft* draft) {
  const Scene scene = {"limits", "limits"};
  Carry(limits, kLimits, scene, draft);
  if (const Item* queue = limits.Find("queue_size")) {
    SetQueue(*queue, OriginOf(scene, "queue_size", *queue), draft);
  }
}

void FromLogging(const Item& logging, Draft* draft) {
  const Scene scene = {"logging", "log"};
  Carry(logging, kLogging, scene, draft);
  for (const absl::string_view key : {"level", "log_level"}) {
    const Item* level = logging.Find(key);
    if (level == nullptr || level->Text().empty()) continue;
    draft->SetText("log", "level", level->Text() == "warning" ? "warn" : level->Text(),
                   OriginOf(scene, key, *level));
  }
  const Item* size = logging.Find("log_size");
  if (size == nullptr) return;
  const int64_t kibibytes = NumberIn(size->Text()).value_or(0);
  if (kibibytes <= 0 || kibibytes > INT32_MAX) return;
  const Origin origin = OriginOf(scene, "log_size", *size);
  draft->SetText("log", "rotate_size", absl::StrCat(uint64_t(kibibytes) * kKibibyte, "B"), origin);
  draft->Change(origin, "it is taken for KiB, as of Icecast");
}

// Of VIBE, where the administrator may stand here and not in [auth].
void FromAdmin(const Item& admin, Draft* draft) {
  const Scene scene = {"admin", "auth"};
  const Item* enabled = admin.Find("enabled");
  if (enabled != nullptr && !IsOn(enabled->Text())) {
    draft->LeaveOut(OriginOf(scene, "enabled", *enabled),
                    "admin calls are always there, for who has the password");
  }
  for (const Field& member : admin.members) {
    const Origin origin = OriginOf(scene, member.name, member.value);
    const bool is_user = member.name == "user", is_password = member.name == "password";
    if (member.name == "enabled") continue;
    if (!is_user && !is_password) {
      draft->LeaveOut(origin, "the importer does not know this key");
    } else if (draft->Has("auth", is_user ? "admin_user" : "admin_password")) {
      draft->Change(origin, "the administrator is the one of `auth`");
    } else if (is_user) {
      draft->SetText("auth", "admin_user", member.value.Text(), origin);
    } else {
      SetPassword("auth", "admin_password", {member.value.Text()}, origin, draft);
    }
  }
}

void FromOneMount(const std::string& name, const Item& mount, const Item* limits, Draft* draft) {
  const uint32_t bitrate = BitrateIn(mount.TextAt("bitrate"));
  const Scene scene = {absl::StrCat("mount ", name), MountTable(name), bitrate};
  if (!IsMountName(name, OriginOf(scene, "", mount), draft)) return;
  draft->Mention(scene.section);
  Carry(mount, kMount, scene, draft);
  for (const absl::string_view key : {"fallback", "fallback_mount"}) {
    const Item* fallback = mount.Find(key);
    if (fallback == nullptr || fallback->Text().empty()) continue;
    draft->SetList(scene.section, "fallback", {MountNameOf(fallback->Text())},
                   OriginOf(scene, key, *fallback));
  }
  // Bytes that hold for all mounts are another time at another bitrate.
  if (limits == nullptr || bitrate == kUsualBitrate) return;
  const auto inherit = [&](absl::string_view key, absl::string_view of) {
    const std::optional<int64_t> bytes = NumberIn(limits->TextAt(of));
    if (!bytes.has_value() || *bytes < 0 || draft->Has(scene.section, key)) return;
    SetBySize(scene.section, key, {uint64_t(*bytes), bitrate, /*is_silent=*/true},
              OriginOf(scene, "bitrate", mount), draft);
  };
  inherit("burst", "burst_size");
  inherit("history", "queue_size");
}

}  // namespace

void FromGoCast(const Item& root, Draft* draft) {
  Carry(root, kRoot, {"", ""}, draft);
  const auto with = [&root](absl::string_view name, auto take) {
    const Item* item = root.Find(name);
    if (item != nullptr && item->is_table()) take(*item);
  };
  with("server", [&](const Item& server) { FromServer(server, draft); });
  with("limits", [&](const Item& limits) { FromLimits(limits, draft); });
  with("auth", [&](const Item& auth) { Carry(auth, kAuth, {"auth", "auth"}, draft); });
  with("admin", [&](const Item& admin) { FromAdmin(admin, draft); });
  with("logging", [&](const Item& logging) { FromLogging(logging, draft); });
  FromTls(root.Find("ssl"), draft);
  with("directory", [&](const Item& directory) {
    if (!IsOn(directory.TextAt("enabled"))) return;
    draft->LeaveOut(OriginOf({"directory", ""}, "enabled", directory), kNoDirectory);
  });
  with("mounts", [&](const Item& mounts) {
    for (const Field& mount : mounts.members) {
      FromOneMount(MountNameOf(mount.name), mount.value, root.Find("limits"), draft);
    }
  });
}

}  // namespace floe::importer
