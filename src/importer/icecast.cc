// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "importer/icecast.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "importer/formats.h"
#include "importer/values.h"

namespace floe::importer {
namespace {

constexpr uint64_t kKilo = 1'024;                            // of bytes
constexpr uint64_t kThousand = 1'000, kMillion = 1'000'000;  // of bits a second

constexpr Rule kRoot[] = {
    {"location", How::kText, "server.location"},
    {"admin", How::kText, "server.admin_contact"},
    {"hostname", How::kText, "server.hostname"},
    {"shoutcast-mount", How::kMount, "server.shoutcast_mount"},
    {"source-password", How::kPassword, "auth.source_password"},
    {"server-id", How::kLeave, kOwnName},
    {"server_id", How::kLeave, kOwnName},
    {"fileserve", How::kLeaveIfOn, kNoPages},
    {"mime-types", How::kLeave, kNoPages},
    {"directory", How::kLeave, kNoDirectory},
    {"yp-directory", How::kLeave, kNoDirectory},
    {"include", How::kLeave,
     "other files are not read; import each, and put the tables into one floe.toml"},
    {"redirect", How::kLeave, "Floe sends listeners to no other server"},
    {"master-redirect", How::kLeaveIfOn, "Floe sends listeners to no other server"},
    {"max-redirect-slaves", How::kLeaveIfOn, "Floe sends listeners to no other server"},
    {"event-bindings", How::kLeave,
     "what is called at events of every mount stands in [webhook.\"NAME\"]"},
    {"authentication", How::kElsewhere},
    {"bind-address", How::kElsewhere},
    {"http-headers", How::kElsewhere},
    {"limits", How::kElsewhere},
    {"listen-socket", How::kElsewhere},
    {"logging", How::kElsewhere},
    {"master", How::kElsewhere},
    {"master-bind", How::kElsewhere},
    {"master-password", How::kElsewhere},
    {"master-relay-auth", How::kElsewhere},
    {"master-server", How::kElsewhere},
    {"master-server-port", How::kElsewhere},
    {"master-ssl-port", How::kElsewhere},
    {"master-update-interval", How::kElsewhere},
    {"master-username", How::kElsewhere},
    {"mount", How::kElsewhere},
    {"paths", How::kElsewhere},
    {"port", How::kElsewhere},
    {"relay", How::kElsewhere},
    {"relays-on-demand", How::kElsewhere},
    {"security", How::kElsewhere},
};

constexpr absl::string_view kOwnPace = "Floe paces and bounds this itself";

constexpr Rule kLimits[] = {
    {"sources", How::kCount, "limits.sources"},
    {"header-timeout", How::kSeconds, "limits.header_timeout"},
    {"source-timeout", How::kSeconds, "limits.source_timeout"},
    {"client-timeout", How::kSeconds, "limits.client_timeout"},
    {"clients", How::kElsewhere},
    {"max-listeners", How::kElsewhere},
    {"max-bandwidth", How::kElsewhere},
    {"queue-size", How::kElsewhere},
    {"burst-size", How::kElsewhere},
    {"burst-on-connect", How::kElsewhere},
    {"min-queue-size", How::kLeave, "Floe always keeps the whole of `history`"},
    {"workers", How::kLeave, kThreads},
    {"threadpool", How::kLeave, kThreads},
    {"bodysize", How::kLeave, kOwnPace},
    {"body-size-limit", How::kLeave, kOwnPace},
    {"body-timeout", How::kLeave, kOwnPace},
    {"server-idle-timeout", How::kLeave, kOwnPace},
    {"inactivity-timeout", How::kLeaveIfOn, kOwnPace},
};

constexpr Rule kAuthentication[] = {
    {"source-password", How::kPassword, "auth.source_password"},
    {"admin-user", How::kText, "auth.admin_user"},
    {"admin-password", How::kPassword, "auth.admin_password"},
    {"relay-user", How::kText, "auth.relay_user"},
    {"relay-password", How::kPassword, "auth.relay_password"},
    {"shoutcast-user", How::kElsewhere},
    {"role", How::kElsewhere},
};

constexpr absl::string_view kByUnit =
    "as whom the server runs says its unit; `systemctl edit floe` changes that";
constexpr Rule kSecurity[] = {
    {"chroot", How::kLeaveIfOn,
     "Floe's unit confines it instead; paths are said here as they are outside"},
    {"changeowner", How::kLeave, kByUnit},
    {"tls-context", How::kLeave, kNoTls},
    {"prng-seed", How::kMeaningless},
};

constexpr Rule kSocket[] = {
    {"port", How::kElsewhere},
    {"bind-address", How::kElsewhere},
    {"shoutcast-mount", How::kElsewhere},
    {"ssl", How::kElsewhere},
    {"tls", How::kElsewhere},
    {"so-sndbuf", How::kElsewhere},
    {"shoutcast-compat", How::kMeaningless},  // every socket of Floe's hears SHOUTcast sources
    {"id", How::kMeaningless},
    {"type", How::kElsewhere},
    {"on-behalf-of", How::kMeaningless},
    {"listen-backlog", How::kLeave, "the backlog is as long as net.core.somaxconn allows"},
    {"queue-len", How::kLeave, "the backlog is as long as net.core.somaxconn allows"},
    {"so-mss", How::kLeave, "segments are as large as the route allows"},
    {"authentication", How::kLeave,
     "who may do what is one for all sockets: [auth], [user.\"NAME\"] and the mounts'"},
    {"http-headers", How::kLeave, "headers are one for all sockets; a proxy may add some"},
};

// What Xiph's Icecast does not know.
constexpr absl::string_view kOfKh[] = {"workers",         "max-bandwidth", "min-queue-size",
                                       "deny-agents",     "ban-file",      "banfile",
                                       "x-forwarded-for", "linger-for",    "hijack"};

bool HasAnyOfKh(const Item& table) {
  return std::any_of(std::begin(kOfKh), std::end(kOfKh),
                     [&table](absl::string_view name) { return table.Find(name) != nullptr; });
}

bool IsKh(const Item& root) {
  return std::any_of(root.members.begin(), root.members.end(), [](const Field& member) {
    return member.name == "master" || HasAnyOfKh(member.value);
  });
}

void FromLimits(const Item& limits, IcecastFacts* facts) {
  Draft* draft = facts->draft;
  const Scene scene = {"limits", "limits"};
  Carry(limits, kLimits, scene, draft);
  for (const Field& member : limits.members) {
    const absl::string_view text = member.value.Text();
    const Origin origin = OriginOf(scene, member.name, member.value);
    const std::optional<int64_t> number = NumberIn(text);
    if (member.name == "burst-on-connect" && !text.empty() && !IsOn(text)) {
      facts->burst = Amount{};
      draft->SetText("mount_defaults", "burst", "0s", origin);
    }
    if (member.name == "queue-size" || member.name == "burst-size") {
      const std::optional<Amount> amount = AmountIn(text);
      if (!amount.has_value()) {
        draft->LeaveOut(origin, "it is no size");
        continue;
      }
      const bool is_burst = member.name == "burst-size";
      (is_burst ? facts->burst : facts->queue) = amount;
      SetByAmount("mount_defaults", is_burst ? "burst" : "history", *amount, kUsualBitrate, false,
                  origin, draft);
    }
    if (member.name == "max-bandwidth") {
      SetBandwidth("limits", text, origin, draft);
    }
    if (member.name == "max-listeners" && number.has_value() && *number > 0) {
      draft->SetNumber("limits", "listeners", uint64_t(*number), origin);
    }
    if (member.name == "clients" && number.has_value() && *number > 0 &&
        NumberIn(limits.TextAt("max-listeners")).value_or(0) <= 0) {
      draft->SetNumber("limits", "listeners", uint64_t(*number), origin);
      draft->Change(origin,
                    "it counted every connection; limits.listeners counts those who listen");
    }
  }
}

void FromSocket(const Item& socket, Draft* draft) {
  const std::string port(socket.TextAt("port"));
  const Scene scene = {absl::StrCat("listen-socket", port.empty() ? "" : " ", port), "listen"};
  Carry(socket, kSocket, scene, draft);
  const Origin origin = OriginOf(scene, "port", socket);
  if (socket.TextAt("type") == "virtual") return;  // no port of its own
  for (const absl::string_view name : {"ssl", "tls"}) {
    const std::string mode(socket.TextAt(name));
    const bool is_plain = mode.empty() || mode == "0" || mode == "false" || mode == "no" ||
                          mode == "disabled" || mode == "auto";
    if (!is_plain) return draft->LeaveOut(OriginOf(scene, name, socket), kNoTls);
  }
  const int64_t number = NumberIn(port).value_or(0);
  const std::string host(socket.TextAt("bind-address"));
  const std::optional<std::string> address = ListenAddress(host, number);
  if (!address.has_value()) {
    return draft->LeaveOut(
        origin,
        "Floe listens on numeric addresses only; write the socket into [[listen]] "
        "with the address of that name");
  }
  draft->Listen(*address, origin);
  if (!socket.TextAt("shoutcast-mount").empty()) {
    const Origin mount = OriginOf(scene, "shoutcast-mount", *socket.Find("shoutcast-mount"));
    draft->SetText("server", "shoutcast_mount", MountNameOf(socket.TextAt("shoutcast-mount")),
                   mount);
    if (const auto next = ListenAddress(host, number + 1)) {
      draft->Listen(*next, mount);
      draft->Change(mount,
                    "of all sockets; the port after this one listens too, as Icecast has it");
    }
  }
  if (const auto bytes = NumberIn(socket.TextAt("so-sndbuf")); bytes.value_or(0) > 0) {
    const Origin buffer = OriginOf(scene, "so-sndbuf", *socket.Find("so-sndbuf"));
    draft->SetText("fanout", "send_buffer", absl::StrCat(*bytes, "B"), buffer);
    draft->Change(buffer, "of all sockets");
  }
}

// Where nothing says otherwise Icecast has one port in the root.
void FromSockets(const Item& root, Draft* draft) {
  bool has_any = false;
  for (const Field& member : root.members) {
    if (member.name != "listen-socket") continue;
    has_any = true;
    FromSocket(member.value, draft);
  }
  if (has_any || root.Find("port") == nullptr) return;
  const Origin origin = OriginOf({}, "port", *root.Find("port"));
  const auto address =
      ListenAddress(root.TextAt("bind-address"), NumberIn(root.TextAt("port")).value_or(0));
  if (!address.has_value()) {
    return draft->LeaveOut(origin, "it is no numeric address with a port; see [[listen]]");
  }
  draft->Listen(*address, origin);
}

void FromAccounts(const Item& authentication, const IcecastFacts& facts) {
  const Scene scene = {"authentication", "auth"};
  Carry(authentication, kAuthentication, scene, facts.draft);
  if (const Item* user = authentication.Find("shoutcast-user")) {
    if (user->Text() != "source" && !user->Text().empty()) {
      facts.draft->LeaveOut(OriginOf(scene, "shoutcast-user", *user),
                            "a SHOUTcast source is of the mount's source_user");
    }
  }
  if (authentication.Find("role") != nullptr) {
    FromAuthentication(authentication, {"authentication", "mount_defaults"}, facts);
  }
}

void FromParts(const Item& root, const Item* paths, IcecastFacts* facts) {
  for (const Field& member : root.members) {
    if (member.name == "limits") FromLimits(member.value, facts);
    if (member.name == "authentication") FromAccounts(member.value, *facts);
    if (member.name == "paths") FromPaths(member.value, *facts);
    if (member.name == "logging") FromLogging(member.value, paths, *facts);
    if (member.name == "security") {
      Carry(member.value, kSecurity, {"security", ""}, facts->draft);
    }
    if (member.name == "http-headers") {
      FromHeaders(member.value, {"http-headers", "mount_defaults"}, facts->draft);
    }
  }
}

}  // namespace

std::string IcecastFacts::PathOf(absl::string_view folder, absl::string_view path) const {
  if (absl::StartsWith(path, "/")) return absl::StrCat(base, path);
  return absl::StrCat(folder, absl::EndsWith(folder, "/") ? "" : "/", path);
}

std::optional<Amount> AmountIn(absl::string_view text) {
  const auto factor_of = [&text](absl::string_view letters, uint64_t factor) -> uint64_t {
    for (const char letter : letters) {
      if (absl::ConsumeSuffix(&text, absl::string_view(&letter, 1))) return factor;
    }
    return 0;
  };
  const uint64_t seconds = factor_of("sS", 1'000);
  uint64_t factor = seconds;
  if (factor == 0) factor = factor_of("kK", kKilo);
  if (factor == 0) factor = factor_of("mM", kKilo * kKilo);
  const std::optional<int64_t> number = NumberIn(text);
  if (!number.has_value() || *number < 0 || *number > INT32_MAX) return std::nullopt;
  const uint64_t whole = uint64_t(*number) * std::max<uint64_t>(factor, 1);
  if (seconds > 0) return Amount{.span_ms = whole};
  return Amount{.bytes = whole};
}

void SetBandwidth(absl::string_view section, absl::string_view bits, const Origin& origin,
                  Draft* draft) {
  if (bits.empty() || absl::StartsWith(bits, "-")) return;
  uint64_t factor = 1;
  if (absl::ConsumeSuffix(&bits, "k") || absl::ConsumeSuffix(&bits, "K")) factor = kThousand;
  if (absl::ConsumeSuffix(&bits, "m") || absl::ConsumeSuffix(&bits, "M")) factor = kMillion;
  const std::optional<int64_t> number = NumberIn(bits);
  if (!number.has_value() || *number > INT32_MAX) {
    return draft->LeaveOut(origin, "it is no number of bits a second");
  }
  const uint64_t bytes = uint64_t(*number) * factor / 8;
  if (bytes > 0) draft->SetText(section, "bandwidth", absl::StrCat(bytes, "B"), origin);
}

void SetByAmount(absl::string_view section, absl::string_view key, const Amount& amount,
                 uint32_t bitrate, bool is_silent, const Origin& origin, Draft* draft) {
  if (amount.span_ms.has_value()) {
    return SetBySpan(section, key, *amount.span_ms, origin, draft);
  }
  SetBySize(section, key, {amount.bytes, bitrate, is_silent}, origin, draft);
}

void FromIcecast(const Item& root, const Surroundings& surroundings, Draft* draft) {
  IcecastFacts facts = {.surroundings = surroundings, .draft = draft};
  facts.is_kh = IsKh(root);
  facts.is_on_demand = IsOn(root.TextAt("relays-on-demand"));
  const Item* paths = root.Find("paths");
  const Item* security = root.Find("security");
  if (paths != nullptr) {
    const bool is_chrooted = security != nullptr && IsOn(security->TextAt("chroot"));
    if (is_chrooted) facts.base = std::string(paths->TextAt("basedir"));
    facts.webroot = absl::StrCat(facts.base, paths->TextAt("webroot"));
  }
  Carry(root, kRoot, {"", ""}, draft);
  FromSockets(root, draft);
  FromParts(root, paths, &facts);
  // Those that are for all mounts first: the others go by them.
  for (const bool is_default : {true, false}) {
    for (const Field& member : root.members) {
      if (member.name != "mount" || IsDefaultMount(member.value) != is_default) continue;
      FromMount(member.value, root, &facts);
    }
  }
  for (const Field& member : root.members) {
    if (member.name == "relay") FromRelay(member.value, "", facts);
  }
  FromMaster(root, facts);
}

}  // namespace floe::importer
