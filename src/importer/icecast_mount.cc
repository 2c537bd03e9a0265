// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "config/bounds.h"
#include "config/mount_name.h"
#include "importer/icecast.h"
#include "importer/values.h"

namespace floe::importer {
namespace {

constexpr absl::string_view kDefaults = "mount_defaults";

constexpr Rule kMount[] = {
    {"mount-name", How::kElsewhere},
    {"username", How::kText, ".source_user"},
    {"password", How::kPassword, ".source_password"},
    {"charset", How::kText, ".charset"},
    {"hidden", How::kFlag, ".hidden"},
    {"fallback-when-full", How::kFlag, ".fallback_when_full"},
    {"max-listener-duration", How::kSeconds, ".listener_duration"},
    {"stream-name", How::kText, ".stream_name"},
    {"stream-description", How::kText, ".stream_description"},
    {"stream-url", How::kText, ".stream_url"},
    {"genre", How::kText, ".stream_genre"},
    {"hijack", How::kFlag, ".takeover"},
    {"linger-for", How::kSeconds, ".linger"},
    {"authentication", How::kElsewhere},
    {"bitrate", How::kElsewhere},
    {"burst-size", How::kElsewhere},
    {"event-bindings", How::kElsewhere},
    {"fallback", How::kElsewhere},
    {"fallback-mount", How::kElsewhere},
    {"fallback-override", How::kElsewhere},
    {"http-headers", How::kElsewhere},
    {"icy-metadata-interval", How::kElsewhere},
    {"intro", How::kElsewhere},
    {"max-bandwidth", How::kElsewhere},
    {"max-listeners", How::kElsewhere},
    {"metadata-interval", How::kElsewhere},
    {"mp3-metadata-interval", How::kElsewhere},
    {"queue-size", How::kElsewhere},
    {"relay", How::kElsewhere},
    {"type", How::kElsewhere},
    {"subtype", How::kLeave, kAsSourceSays},
    {"public", How::kLeaveIfOn, kNoDirectory},
    {"no-yp", How::kMeaningless},
    {"cluster-password", How::kLeave, kNoDirectory},
    {"listenurl", How::kLeave, kNoDirectory},
    {"dump-file", How::kLeave, kNoRecording},
    {"dump-file-size-limit", How::kLeave, kNoRecording},
    {"dump-file-time-limit", How::kLeave, kNoRecording},
    {"on-connect", How::kLeave, kNoPrograms},
    {"on-disconnect", How::kLeave, kNoPrograms},
    {"max-history", How::kLeave,
     "titles are kept for a time, not by their number: history.songs says how long"},
    {"no-mount", How::kLeaveIfOn,
     "a mount can be heard by its name; with `hidden` it is on no status page"},
    {"allow-direct-access", How::kElsewhere},
    {"source-timeout", How::kLeave, "it is one for all mounts: limits.source_timeout"},
    {"so-sndbuf", How::kLeave, "it is one for all mounts: fanout.send_buffer"},
    {"min-queue-size", How::kLeave, "Floe always keeps the whole of `history`"},
    {"max-send-size", How::kLeave,
     "how much is sent at once Floe decides by load: fanout.interval"},
    {"limit-rate", How::kLeave, "Floe sends what the source sends, as fast as it comes"},
    {"wait-time", How::kLeave, "a mount may be fed again at once"},
    {"priority", How::kLeave, "mounts have whole names, of which one matches"},
    {"skip-accesslog", How::kLeaveIfOn, "the access log has every request"},
    {"accesslog", How::kLeave, "there is one access log: log.access_file"},
    {"preroll-log", How::kLeave, "Floe writes no log of intros"},
    {"ban-client", How::kLeave,
     "fail2ban can read the access log; access.deny and ban_file hold "
     "who is banned"},
    {"intro-skip-replay", How::kLeave, "a listener hears the intro once an hour at most"},
    {"max-stream-duration", How::kLeave, "a source may stay as long as it sends"},
    {"redirect", How::kLeave, "Floe sends listeners to no other server"},
    {"redirect-to", How::kLeave, "Floe sends listeners to no other server"},
    {"allow-chunked", How::kMeaningless},
    {"filter-theora", How::kLeaveIfOn, "Floe passes on all that is in a container"},
    {"ogg-passthrough", How::kMeaningless},
    {"admin_comments_only", How::kLeaveIfOn, "titles come from the stream and from admin calls"},
    {"allow-url-ogg-metadata", How::kMeaningless},
    {"file-seekable", How::kMeaningless},
};

// An attribute stands before the elements, so the first of that name says what kind it is of.
absl::string_view KindOf(const Item& mount) {
  for (const Field& member : mount.members) {
    if (member.name == "type") return member.value.Text();
  }
  return "";
}

bool HasMount(const Item& root, absl::string_view name) {
  return std::any_of(root.members.begin(), root.members.end(), [name](const Field& member) {
    return (member.name == "mount" && member.value.TextAt("mount-name") == name) ||
           (member.name == "relay" && member.value.TextAt("local-mount") == name);
  });
}

class Mount {
 public:
  Mount(const Item& mount, const Item& root, Scene scene, IcecastFacts* facts)
      : mount_(mount),
        root_(root),
        scene_(std::move(scene)),
        facts_(*facts),
        draft_(facts->draft) {}

  void Read() {
    Carry(mount_, kMount, scene_, draft_);
    for (const Field& member : mount_.members) {
      ReadMember(member.name, member.value, OriginOf(scene_, member.name, member.value));
    }
    SetOverride();
    SetInheritedSizes();
  }

 private:
  void ReadMember(absl::string_view name, const Item& value, const Origin& origin) {
    const std::string& section = scene_.section;
    if (name == "burst-size") ReadAmount("burst", value, origin);
    if (name == "queue-size") ReadAmount("history", value, origin);
    if (name == "max-listeners") ReadListeners(value, origin);
    if (name == "max-bandwidth") SetBandwidth(section, value.Text(), origin, draft_);
    if (name == "intro") ReadIntro(value, origin);
    if (name == "fallback-mount" || name == "fallback") ReadFallback(value, origin);
    if (absl::EndsWith(name, "metadata-interval")) ReadInterval(value, origin);
    if (name == "http-headers") {
      FromHeaders(value, {absl::StrCat(scene_.where, ": http-headers"), section}, draft_);
    }
    if (name == "authentication") {
      const std::string where = absl::StrCat(scene_.where, ": authentication");
      FromAuthentication(value, {where, section}, facts_);
    }
    if (name == "event-bindings") ReadEvents(value);
    if (name == "relay") FromRelay(value, mount_.TextAt("mount-name"), facts_);
    if (name == "allow-direct-access" && !value.Text().empty() && !IsOn(value.Text())) {
      draft_->LeaveOut(origin,
                       "a mount can be heard by its name; with `hidden` it is on no status "
                       "page");
    }
    if (name == "type" && value.Text() != "normal" && value.Text() != "default") {
      draft_->LeaveOut(origin, kAsSourceSays);
    }
    if (name == "bitrate" && scene_.bitrate == kUsualBitrate && value.Text() != "128") {
      draft_->LeaveOut(origin, kAsSourceSays);
    }
  }

  void ReadAmount(absl::string_view key, const Item& value, const Origin& origin) {
    const std::optional<Amount> amount = AmountIn(value.Text());
    if (!amount.has_value()) return draft_->LeaveOut(origin, "it is no size");
    if (scene_.section == kDefaults) (key == "burst" ? facts_.burst : facts_.queue) = amount;
    SetByAmount(scene_.section, key, *amount, scene_.bitrate, false, origin, draft_);
  }

  void ReadListeners(const Item& value, const Origin& origin) {
    const std::optional<int64_t> number = NumberIn(value.Text());
    if (!number.has_value()) return draft_->LeaveOut(origin, "it is no whole number");
    if (*number > 0) draft_->SetNumber(scene_.section, "max_listeners", uint64_t(*number), origin);
    if (*number == 0) {
      draft_->LeaveOut(origin, "of Floe's max_listeners 0 is no limit, where here it is nobody");
      draft_->Close(scene_.section, origin);
    }
  }

  // Only where it is there: a file that is not is a mistake to Floe, and nothing to Icecast.
  void ReadIntro(const Item& value, const Origin& origin) {
    if (value.Text().empty()) return;
    const std::string path =
        absl::StrCat(facts_.webroot, absl::StartsWith(value.Text(), "/") ? "" : "/", value.Text());
    if (!facts_.surroundings.exists(path)) {
      return draft_->LeaveOut(origin,
                              absl::StrCat("there is no ", path, "; when it is, say `intro`"));
    }
    draft_->SetText(scene_.section, "intro", path, origin);
  }

  void ReadFallback(const Item& value, const Origin& origin) {
    std::string name(value.is_table() ? value.TextAt("mount") : value.Text());
    if (name.empty()) name = std::string(value.Text());
    if (name.empty()) return;
    if (value.Find("rate") != nullptr) {
      draft_->LeaveOut(origin, "its rate: Floe plays a file by the durations of its frames");
    }
    const std::string path = absl::StrCat(facts_.webroot, name);
    const bool is_file = !facts_.webroot.empty() && absl::StartsWith(name, "/") &&
                         !HasMount(root_, name) && facts_.surroundings.exists(path);
    if (!is_file && !IsMountName(name, origin, draft_)) return;
    draft_->SetList(scene_.section, "fallback", {is_file ? absl::StrCat("file:", path) : name},
                    origin);
    if (is_file) draft_->Change(origin, "no mount has this name, so the file of it is played");
    has_fallback_ = true;
  }

  // Those of whom it says nothing go by what each server does then, which is not what Floe does.
  void SetOverride() {
    const Item* item = mount_.Find("fallback-override");
    if (item == nullptr && !has_fallback_) return;
    const absl::string_view text = item == nullptr ? "" : item->Text();
    absl::string_view override = facts_.is_kh ? "all" : "none";
    if (!text.empty()) override = IsOn(text) ? "all" : "none";
    if (text == "own" || text == "all") override = text;
    const Item& place = item == nullptr ? mount_ : *item;
    draft_->SetText(scene_.section, "fallback_override", override,
                    OriginOf(scene_, "fallback-override", place));
  }

  void ReadInterval(const Item& value, const Origin& origin) {
    const std::optional<int64_t> bytes = NumberIn(value.Text());
    if (!bytes.has_value()) return draft_->LeaveOut(origin, "it is no whole number");
    if (*bytes < 0) return;
    const bool is_less = *bytes > 0 && *bytes < int64_t(config::kMetaintMin);
    if (is_less) {
      draft_->Change(origin,
                     absl::StrCat("less than Floe's metaint may be; it is ", config::kMetaintMin));
    }
    draft_->SetNumber(scene_.section, "metaint", is_less ? config::kMetaintMin : uint64_t(*bytes),
                      origin);
  }

  // What calls a URL when a source comes or goes has a key; the rest has not.
  void ReadEvents(const Item& events) {
    for (const Field& member : events.members) {
      const absl::string_view trigger = member.value.TextAt("trigger");
      const Origin origin = {absl::StrCat(scene_.where, ": event-bindings"), std::string(trigger),
                             member.value.line};
      std::string url(member.value.TextAt("url"));
      for (const Field& option : member.value.members) {
        if (option.value.TextAt("name") == "url") url = std::string(option.value.TextAt("value"));
      }
      absl::string_view key;
      if (trigger == "source-connect") key = "hook_mount_add";
      if (trigger == "source-disconnect") key = "hook_mount_remove";
      if (member.value.TextAt("type") == "url" && !key.empty() && !url.empty()) {
        draft_->SetText(scene_.section, key, url, origin);
      } else if (member.value.TextAt("type") == "exec") {
        draft_->LeaveOut(origin, kNoPrograms);
      } else {
        draft_->LeaveOut(origin, "what is called at other events stands in [webhook.\"NAME\"]");
      }
    }
  }

  // Sizes that others say once are times, so that they differ with a mount's bitrate.
  void SetInheritedSizes() {
    if (scene_.section == kDefaults || scene_.bitrate == kUsualBitrate) return;
    const Origin origin = OriginOf(scene_, "bitrate", mount_);
    const auto inherit = [&](absl::string_view key, const std::optional<Amount>& amount) {
      if (!amount.has_value() || amount->span_ms.has_value()) return;
      if (draft_->Has(scene_.section, key)) return;
      SetByAmount(scene_.section, key, *amount, scene_.bitrate, true, origin, draft_);
    };
    inherit("burst", facts_.burst);
    inherit("history", facts_.queue);
  }

  const Item& mount_;
  const Item& root_;
  const Scene scene_;
  IcecastFacts& facts_;
  Draft* draft_;
  bool has_fallback_ = false;
};

}  // namespace

bool IsDefaultMount(const Item& mount) {
  const absl::string_view name = mount.TextAt("mount-name");
  return KindOf(mount) == "default" || name == "*" || name == "/*";
}

void FromMount(const Item& mount, const Item& root, IcecastFacts* facts) {
  const std::string name(mount.TextAt("mount-name"));
  const bool is_default = IsDefaultMount(mount);
  Scene scene = {is_default ? "default mount" : absl::StrCat("mount ", name),
                 is_default ? std::string(kDefaults) : MountTable(name),
                 BitrateIn(mount.TextAt("bitrate"))};
  const Origin origin = OriginOf(scene, "mount-name", mount);
  if (!is_default && name.find_first_of("*?[") != std::string::npos) {
    if (const Item* authentication = mount.Find("authentication")) {
      facts->draft->LeaveOut(
          OriginOf(scene, "authentication", *authentication),
          "everybody may listen to these mounts until each has a table that says "
          "otherwise");
    }
    return facts->draft->LeaveOut(
        origin,
        "Floe's mounts have whole names: a [mount.\"/name\"] for each, or [mount_defaults]");
  }
  if (!is_default && !IsMountName(name, origin, facts->draft)) return;
  facts->draft->Mention(scene.section);
  Mount(mount, root, std::move(scene), facts).Read();
}

void FromHeaders(const Item& headers, const Scene& scene, Draft* draft) {
  std::vector<std::string> origins;
  Origin of_origins;
  for (const Field& member : headers.members) {
    const std::string name(member.value.TextAt("name"));
    const Origin origin = OriginOf(scene, name, member.value);
    if (absl::EqualsIgnoreCase(name, "Access-Control-Allow-Origin")) {
      of_origins = origin;
      if (!member.value.TextAt("value").empty()) {
        origins.emplace_back(member.value.TextAt("value"));
      }
    } else if (absl::StartsWithIgnoreCase(name, "Access-Control-")) {
      draft->LeaveOut(origin, "what pages may do who may play a mount Floe says itself");
    } else {
      draft->LeaveOut(origin, "Floe adds no headers; a proxy in front of it can");
    }
  }
  if (!origins.empty()) draft->SetList(scene.section, "cors_origins", origins, of_origins);
}

}  // namespace floe::importer
