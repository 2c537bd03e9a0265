// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "importer/icecast.h"
#include "importer/upstream_list.h"
#include "importer/values.h"

namespace floe::importer {
namespace {

constexpr int64_t kPort = 8000;        // of servers that say none
constexpr int64_t kUpstreamPort = 80;  // of an <upstream> that says none
constexpr int64_t kLast = INT32_MAX;   // the priority of who has none
constexpr absl::string_view kOwnRetries =
    "Floe tries again by itself, sooner at first and later after more failures";
constexpr absl::string_view kNoBind = "Floe calls from whichever address the route has";
constexpr absl::string_view kNoTlsUpstream =
    "Floe does not speak TLS to other servers; a proxy such as stunnel can, and be the upstream";

constexpr Rule kRelay[] = {
    {"server", How::kElsewhere},
    {"ip", How::kElsewhere},
    {"port", How::kElsewhere},
    {"mount", How::kElsewhere},
    {"uri", How::kElsewhere},
    {"local-mount", How::kElsewhere},
    {"username", How::kElsewhere},
    {"password", How::kElsewhere},
    {"on-demand", How::kElsewhere},
    {"enable", How::kElsewhere},
    {"ssl", How::kElsewhere},
    {"tls", How::kElsewhere},
    {"upstream", How::kElsewhere},
    {"host", How::kElsewhere},
    {"master", How::kElsewhere},
    {"priority", How::kElsewhere},
    {"type", How::kMeaningless},
    {"run-on", How::kSeconds, ".run_on"},
    {"relay-shoutcast-metadata", How::kMeaningless},  // Floe always asks for titles
    {"relay-icy-metadata", How::kMeaningless},
    {"bind", How::kLeave, kNoBind},
    {"timeout", How::kLeave, kOwnRetries},
    {"retry-delay", How::kLeave, kOwnRetries},
    {"http-headers", How::kLeave, "Floe sends headers of its own alone"},
};

constexpr Rule kMaster[] = {
    {"server", How::kElsewhere},
    {"port", How::kElsewhere},
    {"username", How::kText, "master.user"},
    {"password", How::kElsewhere},
    {"interval", How::kSeconds, "master.interval"},
    {"on-demand", How::kFlag, "master.on_demand"},
    {"ssl-port", How::kLeaveIfOn, kNoTlsUpstream},
    {"bind", How::kLeave, kNoBind},
    {"relay-auth", How::kMeaningless},  // Floe always logs in where it has a password
    {"retry-delay", How::kLeave, kOwnRetries},
    {"redirect", How::kLeaveIfOn, "Floe sends listeners to no other server"},
    {"run-on", How::kLeave, "of a master's mounts it is 10s"},
};

struct Host {
  Call call;
  int64_t priority = 0;
};

std::string UrlOf(absl::string_view host, int64_t port, absl::string_view target) {
  const bool is_ipv6 = absl::StrContains(host, ':') && !absl::StartsWith(host, "[");
  return absl::StrCat("http://", is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "", ":", port,
                      MountNameOf(target));
}

class Relay {
 public:
  Relay(const Item& relay, absl::string_view mount, const IcecastFacts& facts)
      : relay_(relay), facts_(facts) {
    name_ = std::string(mount.empty() ? relay.TextAt("local-mount") : mount);
    if (name_.empty()) name_ = std::string(relay.TextAt("mount"));
    scene_ = {absl::StrCat("relay ", name_), NamedTable("relay", name_)};
  }

  void Read() {
    const Origin origin = OriginOf(scene_, "local-mount", relay_);
    if (!IsMountName(name_, origin, facts_.draft)) return;
    const absl::string_view enabled = relay_.TextAt("enable");
    if (!enabled.empty() && !IsOn(enabled)) {
      return facts_.draft->LeaveOut(OriginOf(scene_, "enable", relay_),
                                    "a relay that is off is a table that is not there");
    }
    Carry(relay_, kRelay, scene_, facts_.draft);
    std::vector<Host> hosts = Hosts();
    std::stable_sort(hosts.begin(), hosts.end(), [](const Host& one, const Host& other) {
      return one.priority < other.priority;
    });
    std::vector<Call> calls;
    for (Host& host : hosts) calls.push_back(std::move(host.call));
    SetUpstreams(scene_.section, calls, facts_.draft);
    if (!facts_.draft->Has(scene_.section, "upstream")) return;
    const absl::string_view on_demand = relay_.TextAt("on-demand");
    if (on_demand.empty() ? facts_.is_on_demand : IsOn(on_demand)) {
      facts_.draft->SetFlag(scene_.section, "on_demand", true,
                            OriginOf(scene_, "on-demand", relay_));
    }
  }

 private:
  // Those of Icecast-KH, those of Icecast 2.5, or the one that the relay itself names.
  std::vector<Host> Hosts() {
    std::vector<Host> hosts;
    for (const Field& member : relay_.members) {
      const bool is_upstream = member.name == "upstream";
      if (!is_upstream && member.name != "host" && member.name != "master") continue;
      if (!member.value.is_table()) continue;
      Scene scene = scene_;
      scene.where = absl::StrCat(scene_.where, ": ", member.name);
      Carry(member.value, kRelay, scene, facts_.draft);
      Add(member.value, is_upstream ? kUpstreamPort : kPort, scene, &hosts);
    }
    if (hosts.empty()) Add(relay_, kPort, scene_, &hosts);
    return hosts;
  }

  void Add(const Item& host, int64_t usual_port, const Scene& scene, std::vector<Host>* hosts) {
    const Origin origin = OriginOf(scene, "server", host);
    if (IsOn(host.TextAt("ssl")) || IsOn(host.TextAt("tls"))) {
      return facts_.draft->LeaveOut(origin, kNoTlsUpstream);
    }
    const auto either = [&](absl::string_view key) {
      return std::string(host.Find(key) != nullptr ? host.TextAt(key) : relay_.TextAt(key));
    };
    Host made;
    made.call.origin = origin;
    made.call.url = std::string(host.TextAt("uri"));
    if (made.call.url.empty()) {
      std::string server = either("server");
      if (server.empty()) server = either("ip");
      if (server.empty()) server = "127.0.0.1";
      std::string mount = either("mount");
      if (mount.empty()) mount = &host == &relay_ ? "/" : name_;
      made.call.url = UrlOf(server, NumberIn(either("port")).value_or(usual_port), mount);
    }
    made.call.user = either("username");
    made.call.password = either("password");
    made.priority = NumberIn(host.TextAt("priority")).value_or(0);
    if (made.priority <= 0) made.priority = priority_;
    priority_ = made.priority;
    if (host.TextAt("type") == "default") made.priority = kLast;
    hosts->push_back(std::move(made));
  }

  const Item& relay_;
  const IcecastFacts& facts_;
  std::string name_;
  Scene scene_;
  int64_t priority_ = 1;  // of a host that has none: as the one before it
};

// The root's keys under the names that <master> has for them.
Item MasterIn(const Item& root) {
  constexpr absl::string_view kNames[][2] = {
      {"master-server", "server"},      {"master-server-port", "port"},
      {"master-username", "username"},  {"master-password", "password"},
      {"master-bind", "bind"},          {"master-update-interval", "interval"},
      {"master-ssl-port", "ssl-port"},  {"master-relay-auth", "relay-auth"},
      {"relays-on-demand", "on-demand"}};
  Item master = {.kind = Item::Kind::kTable};
  for (const auto& [there, here] : kNames) {
    if (const Item* item = root.Find(there)) {
      master.members.push_back({std::string(here), *item});
      if (master.line == 0) master.line = item->line;
    }
  }
  if (const Item* own = root.Find("master")) {
    master.members.insert(master.members.end(), own->members.begin(), own->members.end());
    master.line = own->line;
  }
  return master;
}

}  // namespace

void FromRelay(const Item& relay, absl::string_view mount, const IcecastFacts& facts) {
  Relay(relay, mount, facts).Read();
}

void FromMaster(const Item& root, const IcecastFacts& facts) {
  const Item master = MasterIn(root);
  const std::string server(master.TextAt("server"));
  if (server.empty()) return;
  const Scene scene = {"master", "master"};
  const std::string url = UrlOf(server, NumberIn(master.TextAt("port")).value_or(kPort), "/");
  facts.draft->SetText("master", "url", url.substr(0, url.size() - 1),
                       OriginOf(scene, "server", master));
  Carry(master, kMaster, scene, facts.draft);
  const Item* password = master.Find("password");
  if (password == nullptr) return;
  SetPassword("master", "password", {password->Text(), Written::kPlain, Use::kSent},
              OriginOf(scene, "password", *password), facts.draft);
}

}  // namespace floe::importer
