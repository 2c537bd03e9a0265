// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "importer/icecast.h"
#include "importer/values.h"

namespace floe::importer {
namespace {

constexpr Rule kPaths[] = {
    {"basedir", How::kMeaningless},
    {"logdir", How::kMeaningless},
    {"webroot", How::kLeave, kNoPages},
    {"adminroot", How::kLeave, "Floe's status pages are its own"},
    {"pidfile", How::kLeave, "systemd knows the server's process; `floe status` finds it as well"},
    {"nulldevice", How::kMeaningless},
    {"mime-types", How::kLeave, kNoPages},
    {"reportxmldb", How::kMeaningless},
    {"geoipdb", How::kLeave, "Floe says of no listener in which country it is"},
    {"tls-certificate", How::kLeave, kNoTls},
    {"tls-allowed-ciphers", How::kLeave, kNoTls},
    {"ssl-certificate", How::kLeave, kNoTls},
    {"ssl_certificate", How::kLeave, kNoTls},
    {"ssl-private-key", How::kLeave, kNoTls},
    {"ssl-cafile", How::kLeave, kNoTls},
    {"ssl-allowed-ciphers", How::kLeave, kNoTls},
    {"alias", How::kElsewhere},
    {"resource", How::kElsewhere},
    {"allow-ip", How::kElsewhere},
    {"deny-ip", How::kElsewhere},
    {"ban-file", How::kElsewhere},
    {"banfile", How::kElsewhere},
    {"deny-agents", How::kElsewhere},
    {"x-forwarded-for", How::kElsewhere},
};

constexpr Rule kLogging[] = {
    {"accesslog", How::kElsewhere},
    {"errorlog", How::kElsewhere},
    {"playlistlog", How::kElsewhere},
    {"loglevel", How::kElsewhere},
    {"logsize", How::kElsewhere},
    {"logarchive", How::kElsewhere},
    {"preroll-log", How::kLeave, "Floe writes no log of intros"},
    {"memorybacklog", How::kLeave, "the server keeps the last lines itself"},
    {"accesslog_ip", How::kMeaningless},
    {"accesslog_exclude_ext", How::kLeave, "the access log has every request"},
    {"accesslog_lines", How::kLeave, "the server keeps the last lines itself"},
    {"errorlog_lines", How::kLeave, "the server keeps the last lines itself"},
    {"playlistlog_lines", How::kLeave, "the server keeps the last lines itself"},
};

// Of Icecast-KH, which may say it of each log.
constexpr Rule kOneLog[] = {
    {"name", How::kElsewhere},
    {"size", How::kElsewhere},
    {"archive", How::kElsewhere},
    {"level", How::kElsewhere},
    {"ip", How::kMeaningless},
    {"querystr", How::kMeaningless},
    {"type", How::kLeave, "lines have one form; log.format = \"json\" is the other"},
    {"display", How::kLeave, "the server keeps the last lines itself"},
    {"history", How::kLeave, "the server keeps the last lines itself"},
    {"duration", How::kLeave, "logs are rotated by size (log.rotate_size), or by logrotate"},
    {"exclude_ext", How::kLeave, "the access log has every request"},
};

constexpr size_t kAgentsMax = 250, kAgentBytesMax = 500;  // as access.deny_agents takes them
constexpr uint64_t kKibibyte = 1'024;

// A file of bans: as it is, when all its lines are networks, since Floe reads it again when it
// changes; otherwise what it holds now.
void FromBans(const std::string& path, const Origin& origin, const IcecastFacts& facts) {
  const absl::StatusOr<std::string> text = facts.surroundings.read(path);
  const std::vector<std::string> lines = text.ok() ? LinesIn(*text) : std::vector<std::string>();
  const bool has_others = std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
    return absl::StrContains(line, '*') || !NetworkIn(line).has_value();
  });
  if (has_others) {
    SetNetworks("access", "deny", lines, origin, facts.draft);
    return facts.draft->Change(origin,
                               "not all its lines are addresses or networks, so access.deny holds "
                               "what it held, and later changes of the file are not seen");
  }
  facts.draft->SetText("access", "ban_file", path, origin);
  if (!text.ok()) facts.draft->Change(origin, "the file could not be read to look at it");
}

void FromAllowed(const std::string& path, const Origin& origin, const IcecastFacts& facts) {
  const absl::StatusOr<std::string> text = facts.surroundings.read(path);
  if (!text.ok()) {
    facts.draft->LeaveOut(origin, "the file cannot be read; its lines belong into access.allow");
    return facts.draft->Close("access", origin);
  }
  SetNetworks("access", "allow", LinesIn(*text), origin, facts.draft);
  facts.draft->Change(origin,
                      "access.allow holds what the file held; later changes of it are not seen");
}

void FromAgents(const std::string& path, const Origin& origin, const IcecastFacts& facts) {
  const absl::StatusOr<std::string> text = facts.surroundings.read(path);
  if (!text.ok()) {
    return facts.draft->LeaveOut(
        origin, "the file cannot be read; its lines belong into access.deny_agents, as regexes");
  }
  std::vector<std::string> regexes;
  for (const std::string& line : LinesIn(*text)) {
    if (regexes.size() == kAgentsMax) {
      facts.draft->LeaveOut(origin, absl::StrCat("of its lines the first ", kAgentsMax,
                                                 " are here; join the others in fewer regexes"));
      break;
    }
    if (RegexOf(line).size() > kAgentBytesMax) {
      facts.draft->LeaveOut(origin, "a line of it is too long");
    } else {
      regexes.push_back(RegexOf(line));
    }
  }
  if (regexes.empty()) return;
  facts.draft->SetList("access", "deny_agents", regexes, origin);
  facts.draft->Change(
      origin, "access.deny_agents holds what the file held; later changes of it are not seen");
}

void FromAlias(const Item& alias, Draft* draft) {
  const absl::string_view source = alias.TextAt("source");
  // Floe's own front page shows the same.
  if (source == "/") return;
  draft->LeaveOut(OriginOf({"paths", ""}, "alias", alias),
                  "Floe answers under no second name; a proxy can rewrite paths");
}

// Which log an element names: text, or of Icecast-KH a member.
absl::string_view LogNameIn(const Item& log) {
  const absl::string_view name = log.TextAt("name");
  return name.empty() ? log.Text() : name;
}

absl::string_view LevelIn(absl::string_view text) {
  for (const absl::string_view debug : {"4", "debug"}) {
    if (absl::EqualsIgnoreCase(text, debug)) return "debug";
  }
  for (const absl::string_view info : {"3", "info", "information"}) {
    if (absl::EqualsIgnoreCase(text, info)) return "info";
  }
  for (const absl::string_view warn : {"2", "warn", "warning"}) {
    if (absl::EqualsIgnoreCase(text, warn)) return "warn";
  }
  for (const absl::string_view error : {"1", "error"}) {
    if (absl::EqualsIgnoreCase(text, error)) return "error";
  }
  return "";
}

void SetLevel(const Item& level, const Origin& origin, Draft* draft) {
  const absl::string_view name = LevelIn(level.Text());
  if (name.empty() && !level.Text().empty()) return draft->LeaveOut(origin, "it is no level");
  draft->SetText("log", "level", name, origin);
}

void SetRotation(const Item& kibibytes, const Origin& origin, Draft* draft) {
  const std::optional<int64_t> size = NumberIn(kibibytes.Text());
  if (!size.has_value() || *size < 0 || *size > INT32_MAX) {
    if (!kibibytes.Text().empty()) draft->LeaveOut(origin, "it is no number of KiB");
    return;
  }
  if (*size > 0) {
    draft->SetText("log", "rotate_size", absl::StrCat(uint64_t(*size) * kKibibyte, "B"), origin);
  }
}

void SetKept(const Item& is_archive, const Origin& origin, Draft* draft) {
  if (IsOn(is_archive.Text())) {
    return draft->LeaveOut(origin,
                           "Floe keeps log.rotate_keep files and lets the oldest go; leave "
                           "log.rotate_size at 0B and use logrotate to keep them all");
  }
  draft->SetNumber("log", "rotate_keep", 1, origin);
}

void FromOneLog(const Item& log, const Scene& scene, Draft* draft) {
  if (!log.is_table()) return;
  Carry(log, kOneLog, scene, draft);
  for (const Field& member : log.members) {
    const Origin origin = OriginOf(scene, member.name, member.value);
    if (member.name == "size") SetRotation(member.value, origin, draft);
    if (member.name == "archive") SetKept(member.value, origin, draft);
    if (member.name == "level") SetLevel(member.value, origin, draft);
  }
}

}  // namespace

void FromPaths(const Item& paths, const IcecastFacts& facts) {
  const Scene scene = {"paths", ""};
  Carry(paths, kPaths, scene, facts.draft);
  std::vector<std::string> proxies;
  Origin of_proxies;
  for (const Field& member : paths.members) {
    const Origin origin = OriginOf(scene, member.name, member.value);
    if (member.name == "alias" || member.name == "resource") FromAlias(member.value, facts.draft);
    if (member.value.Text().empty()) continue;
    const std::string path = facts.PathOf(facts.base, member.value.Text());
    if (member.name == "allow-ip") FromAllowed(path, origin, facts);
    if (member.name == "deny-agents") FromAgents(path, origin, facts);
    if (member.name == "deny-ip" || member.name == "ban-file" || member.name == "banfile") {
      FromBans(path, origin, facts);
    }
    if (member.name == "x-forwarded-for") {
      proxies.emplace_back(member.value.Text());
      of_proxies = origin;
    }
  }
  SetNetworks("access", "trusted_proxies", proxies, of_proxies, facts.draft);
}

void FromLogging(const Item& logging, const Item* paths, const IcecastFacts& facts) {
  const Scene scene = {"logging", "log"};
  Draft* draft = facts.draft;
  Carry(logging, kLogging, scene, draft);
  const std::string folder =
      paths == nullptr ? "" : facts.PathOf(facts.base, paths->TextAt("logdir"));
  bool has_file = false;
  for (const Field& member : logging.members) {
    const Origin origin = OriginOf(scene, member.name, member.value);
    const absl::string_view name = LogNameIn(member.value);
    absl::string_view key;
    if (member.name == "accesslog") key = "access_file";
    if (member.name == "errorlog") key = "file";
    if (member.name == "playlistlog") key = "playlist_file";
    if (!key.empty() && !name.empty()) {
      const bool is_file = name != "-";
      has_file = has_file || is_file;
      draft->SetText("log", key, is_file ? facts.PathOf(folder, name) : std::string(name), origin);
      FromOneLog(member.value, {absl::StrCat("logging ", member.name), "log"}, draft);
    }
    if (member.name == "loglevel") SetLevel(member.value, origin, draft);
    if (member.name == "logsize") SetRotation(member.value, origin, draft);
    if (member.name == "logarchive") SetKept(member.value, origin, draft);
  }
  if (has_file) {
    draft->Change({"logging", "", logging.line},
                  "Floe's unit may write below /var/log/floe alone: have the logs there, or say "
                  "ReadWritePaths= in `systemctl edit floe`");
  }
}

}  // namespace floe::importer
