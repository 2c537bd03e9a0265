// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "importer/formats.h"
#include "importer/reasons.h"
#include "importer/rules.h"
#include "importer/values.h"

namespace floe::importer {
namespace {

constexpr absl::string_view kStatistics =
    "it sends statistics to another server, which Floe does not; audio is sent by [push.\"/name\"]";
constexpr absl::string_view kOwnMemory = "Floe's memory for audio is limits.arena";
constexpr absl::string_view kNoHls = "Floe serves no HLS";

// Names without regard to case, for each form has its own.
constexpr Rule kServer[] = {
    {"httpport", How::kElsewhere},
    {"bindaddress", How::kElsewhere},
    {"hostname", How::kText, "server.hostname"},
    {"location", How::kText, "server.location"},
    {"maxconnections", How::kCount, "limits.listeners"},
    {"maxstreams", How::kCount, "limits.sources"},
    {"sourcepassword", How::kPassword, "auth.source_password"},
    {"relaypassword", How::kPassword, "auth.relay_password"},
    {"adminusername", How::kText, "auth.admin_user"},
    {"adminpassword", How::kPassword, "auth.admin_password"},
    {"httpsport", How::kMeaningless},
    {"workerthreads", How::kLeave, kThreads},
};

constexpr Rule kStreaming[] = {
    {"defaultlatency", How::kSecondsOr0, "mount_defaults.burst"},
    {"maxlatency", How::kSeconds, "mount_defaults.history"},
    {"minlatency", How::kLeave, "a listener is as late as its burst is long"},
    {"buffersize", How::kLeave, kOwnMemory},
    {"enablecompression", How::kLeaveIfOn, "audio is compressed already"},
};

constexpr Rule kSecurity[] = {
    {"allowedips", How::kNetworks, "access.allow"},
    {"blockedips", How::kNetworks, "access.deny"},
    {"maxconnectionsperip", How::kCount, "limits.listeners_per_address"},
    {"connectiontimeout", How::kSeconds, "limits.client_timeout"},
    {"requesttimeout", How::kSeconds, "limits.header_timeout"},
    {"enableratelimiting", How::kElsewhere},
    {"maxrequestsperminute", How::kElsewhere},
    {"requireauthentication", How::kLeaveIfOn,
     "sources and administrators always log in; listeners do with listener_users or "
     "hook_listener_add"},
    {"enableddosprotection", How::kLeaveIfOn,
     "what bounds one address is in [limits] and [access]"},
};

constexpr Rule kMount[] = {
    {"name", How::kText, ".stream_name"},
    {"description", How::kText, ".stream_description"},
    {"maxlisteners", How::kCount, ".max_listeners"},
    {"fallbackfile", How::kElsewhere},
    {"enabled", How::kElsewhere},
    {"protocol", How::kMeaningless},  // Floe hears all of them on each port
    {"codec", How::kMeaningless},     // the source says it
    {"bitrate", How::kMeaningless},
    {"quality", How::kMeaningless},
    {"public", How::kLeaveIfOn, kNoDirectory},
};

constexpr Rule kLogging[] = {
    {"level", How::kElsewhere},
    {"maxsize", How::kElsewhere},
    {"retention", How::kLeave, "of rotated files log.rotate_keep are kept"},
};

// Sections that are one note.
struct Section {
  absl::string_view name;
  absl::string_view why;
};
constexpr Section kSections[] = {
    {"icecastrelay", kStatistics},
    {"shoutcastrelay", kStatistics},
    {"statisticrelay", kStatistics},
    {"relay", "which mounts are fetched stands in [relay.\"/name\"] of each"},
    {"letsencrypt", kNoTls},
    {"cloudflare", kNoTls},
    {"protocols", "Floe hears Icecast's and SHOUTcast's protocols on each port, and serves no HLS"},
    {"hls", kNoHls},
    {"codecs", kNoTranscoding},
    {"performance", kThreads},
    {"webinterface", "Floe's pages are at / and /status-json.xsl"},
    {"monitoring", "Prometheus reads /metrics; /health says whether all is well"},
};

// What each key is called is told without its case; the names of mounts keep theirs.
std::string Lower(absl::string_view name) {
  const size_t colon = name.find(':');
  return absl::StrCat(absl::AsciiStrToLower(name.substr(0, colon)),
                      colon == absl::string_view::npos ? "" : name.substr(colon));
}

// Sections by their lower names, and "section/key" of the root and of [General] in its section.
class Sections {
 public:
  explicit Sections(const Item& root) {
    for (const Field& member : root.members) {
      if (!member.value.is_table()) {
        AddKey(member);
      } else if (Lower(member.name) == "general") {
        for (const Field& key : member.value.members) AddKey(key);
      } else {
        Item& section = At(Lower(member.name));
        section.line = member.value.line;
        const bool is_of_mounts = Lower(member.name) == "mountpoints";
        for (const Field& key : member.value.members) {
          section.members.push_back(
              {is_of_mounts ? key.name : absl::AsciiStrToLower(key.name), Lowered(key.value)});
        }
      }
    }
  }

  const std::vector<Field>& all() const { return sections_.members; }
  const Item* Find(absl::string_view name) const { return sections_.Find(name); }

 private:
  Item& At(const std::string& name) {
    // Of relays there may be many of one name; each is another.
    if (!absl::EndsWith(name, "relay")) {
      for (Field& section : sections_.members) {
        if (section.name == name) return section.value;
      }
    }
    sections_.members.push_back({name, Item{.kind = Item::Kind::kTable}});
    return sections_.members.back().value;
  }

  void AddKey(const Field& key) {
    const size_t slash = key.name.find('/');
    if (slash == 0 || slash == std::string::npos) {
      At("general").members.push_back({absl::AsciiStrToLower(key.name), key.value});
      return;
    }
    const std::string section = absl::AsciiStrToLower(key.name.substr(0, slash));
    std::string name = key.name.substr(slash + 1);
    const size_t last = name.rfind('/');
    if (section != "mountpoints" || last == std::string::npos) {
      At(section).members.push_back({absl::AsciiStrToLower(name), key.value});
      return;
    }
    Item& mounts = At(section);
    const std::string mount = name.substr(0, last);
    if (mounts.members.empty() || mounts.members.back().name != mount) {
      mounts.members.push_back({mount, Item{.kind = Item::Kind::kTable, .line = key.value.line}});
    }
    mounts.members.back().value.members.push_back(
        {absl::AsciiStrToLower(name.substr(last + 1)), key.value});
  }

  // A mount's keys, which are one deeper.
  static Item Lowered(const Item& item) {
    Item lowered = item;
    for (Field& member : lowered.members) member.name = absl::AsciiStrToLower(member.name);
    return lowered;
  }

  Item sections_;
};

class LegacyStream {
 public:
  LegacyStream(const Item& root, const Surroundings& surroundings, Draft* draft)
      : sections_(root), surroundings_(surroundings), draft_(draft) {}

  void Read() {
    for (const Field& section : sections_.all()) ReadSection(section.name, section.value);
  }

 private:
  void ReadSection(const std::string& name, const Item& section) {
    if (absl::StartsWith(name, "mountpoint:")) {
      return ReadMount(name.substr(name.find(':') + 1), section);
    }
    if (name == "server") return ReadServer(section);
    if (name == "streaming" || name == "stream") return ReadStreaming(name, section);
    if (name == "security") return ReadSecurity(section);
    if (name == "logging") return ReadLogging(section);
    if (name == "fallback") return ReadFallback(section);
    if (name == "mountpoints") return ReadMounts(section);
    if (name == "ssl") {
      if (IsOn(section.TextAt("enabled"))) {
        draft_->LeaveOut({"ssl", "enabled", section.line}, kNoTls);
      }
      return;
    }
    for (const Section& known : kSections) {
      if (known.name == name) return draft_->LeaveOut({name, "", section.line}, known.why);
    }
    draft_->LeaveOut({name, "", section.line}, "the importer does not know this section");
  }

  void ReadServer(const Item& server) {
    const Scene scene = {"server", "server"};
    Carry(server, kServer, scene, draft_);
    const Item* port = server.Find("httpport");
    if (port == nullptr && server.Find("bindaddress") == nullptr) return;
    const Origin origin = OriginOf(scene, "httpport", port == nullptr ? server : *port);
    const int64_t number = port == nullptr ? 8000 : NumberIn(port->Text()).value_or(0);
    if (const auto address = ListenAddress(server.TextAt("bindaddress"), number)) {
      return draft_->Listen(*address, origin);
    }
    draft_->LeaveOut(origin, "it is no numeric address with a port; see [[listen]]");
  }

  void ReadStreaming(const std::string& name, const Item& streaming) {
    const Scene scene = {name, "mount_defaults"};
    Carry(streaming, kStreaming, scene, draft_);
    if (const Item* latency = streaming.Find("defaultlatency")) {
      draft_->Change(OriginOf(scene, "defaultlatency", *latency),
                     "it is the burst: a listener is as late as that is long");
    }
    if (const Item* latency = streaming.Find("maxlatency")) {
      draft_->Change(OriginOf(scene, "maxlatency", *latency),
                     "it is the history: a listener who is later skips to now");
    }
  }

  void ReadSecurity(const Item& security) {
    const Scene scene = {"security", "limits"};
    Carry(security, kSecurity, scene, draft_);
    const Item* enabled = security.Find("enableratelimiting");
    const Item* rate = security.Find("maxrequestsperminute");
    if (enabled != nullptr && !IsOn(enabled->Text())) {
      return draft_->SetNumber("limits", "request_rate", 0,
                               OriginOf(scene, "enableratelimiting", *enabled));
    }
    if (rate == nullptr) return;
    const Origin origin = OriginOf(scene, "maxrequestsperminute", *rate);
    const int64_t a_minute = NumberIn(rate->Text()).value_or(0);
    if (a_minute <= 0 || a_minute > INT32_MAX) {
      return draft_->LeaveOut(origin, "it is no number of requests");
    }
    draft_->SetNumber("limits", "request_rate", uint64_t(a_minute + 59) / 60, origin);
    draft_->SetNumber("limits", "request_burst", uint64_t(a_minute), origin);
  }

  void ReadLogging(const Item& logging) {
    const Scene scene = {"logging", "log"};
    Carry(logging, kLogging, scene, draft_);
    std::string level = absl::AsciiStrToLower(logging.TextAt("level"));
    if (level == "warning") level = "warn";
    if (level == "critical" || level == "fatal") level = "error";
    if (!level.empty()) {
      draft_->SetText("log", "level", level, OriginOf(scene, "level", *logging.Find("level")));
    }
    const int64_t mebibytes = NumberIn(logging.TextAt("maxsize")).value_or(0);
    if (mebibytes > 0 && mebibytes < INT32_MAX) {
      draft_->SetText("log", "rotate_size", absl::StrCat(mebibytes, "MiB"),
                      OriginOf(scene, "maxsize", *logging.Find("maxsize")));
    }
  }

  void ReadFallback(const Item& fallback) {
    if (!IsOn(fallback.TextAt("enabled"))) return;
    std::vector<std::string> files;
    for (const absl::string_view key : {"file", "emergencyfile"}) {
      const Item* file = fallback.Find(key);
      if (file == nullptr || file->Text().empty()) continue;
      AddFile(file->Text(), OriginOf({"fallback", ""}, key, *file), &files);
    }
    if (files.empty()) return;
    draft_->SetList("mount_defaults", "fallback", files, {"fallback", "file", fallback.line});
  }

  void AddFile(absl::string_view path, const Origin& origin, std::vector<std::string>* files) {
    if (!absl::StartsWith(path, "/") || !surroundings_.exists(std::string(path))) {
      return draft_->LeaveOut(origin,
                              "there is no such file; when it is, say fallback = [\"file:/PATH\"]");
    }
    files->push_back(absl::StrCat("file:", path));
  }

  // "/live=icecast", or of QSettings a table for each.
  void ReadMounts(const Item& mounts) {
    for (const Field& mount : mounts.members) {
      if (mount.value.is_table()) {
        ReadMount(mount.name, mount.value);
      } else {
        Mention(MountNameOf(mount.name), {"mountpoints", mount.name, mount.value.line});
      }
    }
  }

  bool Mention(const std::string& name, const Origin& origin) {
    if (!IsMountName(name, origin, draft_)) return false;
    draft_->Mention(MountTable(name));
    return true;
  }

  void ReadMount(absl::string_view written, const Item& mount) {
    const std::string name = MountNameOf(written);
    const Scene scene = {absl::StrCat("mount ", name), MountTable(name)};
    if (!Mention(name, OriginOf(scene, "", mount))) return;
    Carry(mount, kMount, scene, draft_);
    const Item* file = mount.Find("fallbackfile");
    if (file != nullptr && !file->Text().empty()) {
      const Origin origin = OriginOf(scene, "fallbackfile", *file);
      std::vector<std::string> files;
      AddFile(file->Text(), origin, &files);
      if (!files.empty()) draft_->SetList(scene.section, "fallback", files, origin);
    }
    const Item* enabled = mount.Find("enabled");
    if (enabled == nullptr || IsOn(enabled->Text())) return;
    const Origin origin = OriginOf(scene, "enabled", *enabled);
    draft_->SetList(scene.section, "deny", {"0.0.0.0/0", "::/0"}, origin);
    draft_->Change(origin, kIsOff);
  }

  const Sections sections_;
  const Surroundings& surroundings_;
  Draft* draft_;
};

}  // namespace

void FromLegacyStream(const Item& root, const Surroundings& surroundings, Draft* draft) {
  LegacyStream(root, surroundings, draft).Read();
}

}  // namespace floe::importer
