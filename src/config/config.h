// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/cidr.h"
#include "base/clock.h"

namespace floe::config {

enum class FileOrder : uint8_t { kInOrder, kShuffle };  // of a playlist or folder
enum class Lagging : uint8_t { kSkip, kDrop };
// Whom a mount that returns takes from the fallback that stood in for it.
enum class FallbackOverride : uint8_t {
  kOwn,   // those that came from it
  kAll,   // whoever hears the fallback
  kNone,  // nobody: who was moved stays
};
enum class LogFormat : uint8_t { kText, kJson };
enum class LogLevel : uint8_t { kDebug, kInfo, kWarn, kError };

// What a user may do. Who may configure may operate, and who may operate may read; each of the
// three may fetch mounts as a relay does.
enum class Role : uint8_t { kSource, kRelay, kRead, kOperate, kConfigure };
// What becomes of who asks while a mount's hook does not answer.
enum class OnHookError : uint8_t { kDeny, kAllow };

// Text of a password as configured: plain, or, of who logs in here, a hash of crypt(3) or argon2
// when it begins with '$'; of a token that is compared, "sha256:" and its hash. Already resolved:
// env:NAME and file:PATH were read when the file was.
using Secret = std::string;

struct Server {
  std::string hostname = "localhost";
  uint32_t shards = 0;         // 0: one per core of `cores`
  std::string cores = "auto";  // a CoreSet
  enum class Steering : uint8_t { kHash, kCore } steering = Steering::kHash;
  std::string state_dir;  // empty: /var/lib/floe for root, else $XDG_STATE_HOME/floe
  std::string control_socket = "/run/floe/control.sock";
  std::string location = "Earth";
  std::string admin_contact = "icemaster@localhost";
  std::string shoutcast_mount = "/stream";  // where a SHOUTcast v1 source without a mount goes
  milliseconds drain{0};  // between saying that it is not ready any more and a stop
};

struct Listen {
  std::string address = "0.0.0.0:8000";
  bool proxy_protocol = false;  // a PROXY header comes first; only `trusted_proxies` may connect
};

struct Limits {
  uint32_t sources = 64;
  uint32_t listeners = 0;  // 0: as many as descriptors allow
  milliseconds header_timeout{15'000};
  milliseconds source_timeout{10'000};
  milliseconds client_timeout{30'000};
  milliseconds lag{500};  // of a shard; beyond it newcomers are refused
  uint64_t arena_bytes = uint64_t{256} << 20;
  uint32_t listeners_per_address = 0;  // of an IPv6 address's /64; 0: no limit
  uint64_t bandwidth_bytes = 0;        // a second, to all listeners; 0: no limit
  milliseconds listener_duration{0};   // 0: no limit
  uint32_t request_rate = 100;         // a second, of one address; 0: no limit
  uint32_t request_burst = 1'000;      // at once
};

struct Fanout {
  std::optional<milliseconds> interval;  // unset: "auto"
  milliseconds interval_min{20};
  milliseconds interval_max{1'000};
  enum class ZeroCopy : uint8_t { kAuto, kOn, kOff } zero_copy = ZeroCopy::kAuto;
  uint32_t send_buffer_bytes = 64 * 1024;  // of kernel memory for one listener's unsent audio
  std::string congestion;                  // tcp(7)'s TCP_CONGESTION; empty: the host's
};

struct Auth {
  Secret source_password;  // empty: generated at first start and kept in state_dir
  std::string admin_user = "admin";
  Secret admin_password;  // the same
  std::string relay_user = "relay";
  Secret relay_password;  // for servers that fetch the list of mounts; empty: none may
};

// Who may come, and what becomes of who guesses passwords.
struct Access {
  std::vector<Cidr> trusted_proxies;     // who is believed when it says for whom it asks
  std::vector<Cidr> allow;               // empty: everybody
  std::vector<Cidr> deny;                // stronger than `allow`
  std::vector<std::string> deny_agents;  // RE2, anywhere in a User-Agent
  std::string ban_file;                  // a CIDR a line; empty: none
  uint32_t lockout_failures = 10;        // in a row; 0: nobody is locked out
  milliseconds lockout_min{5'000};
  milliseconds lockout_max{900'000};
  milliseconds password_cache{60'000};  // 0: each is computed anew
  // Who reads /metrics without a login.
  std::vector<Cidr> metrics_from{Cidr::Parse("127.0.0.0/8").value(), Cidr::Parse("::1").value()};
};

// [user."name"]: who may log in besides those of [auth].
struct User {
  Secret password;  // empty: none will do
  Secret token;     // a bearer's; empty: none will do
  Role role = Role::kRead;
  std::vector<std::string> mounts;  // to which it is confined; empty: all
};

// How long is kept what happened.
struct History {
  milliseconds songs{24h * 30};     // 0: not kept
  milliseconds sessions{24h * 90};  // of listeners; 0: not kept
};

// [webhook."name"]: a page elsewhere that is told what happens.
struct Webhook {
  std::string url;                  // empty: none is told
  Secret secret;                    // with which what is sent is signed; empty: it is not
  std::vector<std::string> events;  // empty: all
  std::vector<std::string> mounts;  // empty: of all
};

struct Log {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kText;
  std::string file = "-";         // "-": stderr
  std::string access_file = "-";  // "-": stdout; "": none
  std::string playlist_file;      // a line per title; as above
  std::string auth_file;          // a line per login; as above
  uint64_t rotate_bytes = 0;      // a file that is longer is put aside; 0: none is
  uint32_t rotate_keep = 5;       // files put aside
};

// What a mount is like: [mount_defaults], and [mount."/name"] on top of it.
struct Mount {
  milliseconds burst{4'000};
  milliseconds history{30'000};
  milliseconds linger{10'000};
  Lagging lagging = Lagging::kSkip;
  uint32_t metaint = 16'000;   // audio bytes between ICY blocks; 0: none
  bool takeover = false;       // a second source takes the mount over instead of a 409
  bool hidden = false;         // not in status pages
  uint32_t max_listeners = 0;  // 0: no limit of its own
  std::string charset;         // of titles that are not UTF-8; empty: ISO-8859-1
  std::string source_user = "source";
  Secret source_password;  // empty: the global one
  std::string file;        // plays while no source is connected: a file, a playlist or a folder
  FileOrder file_order = FileOrder::kInOrder;
  std::string intro;  // a file that a listener hears before anything else; empty: none
  // Who is heard while its source is not: the first of these that can be. "/mount" or "file:PATH".
  std::vector<std::string> fallback;
  FallbackOverride fallback_override = FallbackOverride::kOwn;
  bool fallback_when_full = false;  // who finds it full gets the first fallback that has room
  // What the mount says of itself, over what its source says. Empty: as the source says.
  std::string stream_name, stream_description, stream_url, stream_genre;
  std::vector<std::string> cors_origins{"*"};
  // Besides what [access] says of everybody.
  std::vector<Cidr> allow;
  std::vector<Cidr> deny;
  std::vector<std::string> deny_agents;
  uint32_t listeners_per_address = 0;  // these as in [limits]
  uint64_t bandwidth_bytes = 0;
  milliseconds listener_duration{0};
  std::string listener_users;  // an htpasswd file of who may listen; empty: everybody
  // http URLs that are asked, or told; empty: none.
  std::string hook_listener_add, hook_listener_remove, hook_stream_auth;
  std::string hook_mount_add, hook_mount_remove;
  std::string hook_user;
  Secret hook_password;
  milliseconds hook_timeout{5'000};
  OnHookError hook_on_error = OnHookError::kDeny;
  milliseconds hook_cache{0};             // 0: asked each time
  std::vector<std::string> hook_headers;  // of the listener's request, passed on
  std::string hook_header_prefix = "ClientHeader-";
  std::string hook_auth_header = "icecast-auth-user: 1";
  std::string hook_timelimit_header = "icecast-auth-timelimit:";
};

// Where a stream is fetched from. URLs are such as HttpUrl::Parse takes; with them goes the
// password (with its user) or the token (a bearer's), or neither.
struct Upstream {
  std::string url;
  std::string user;
  Secret password;
  Secret token;

  bool operator==(const Upstream&) const = default;
};

// [relay."/name"]: a mount that is fetched from elsewhere.
struct Relay {
  std::vector<Upstream> upstreams;  // the one that is preferred first; none: nothing is fetched
  bool on_demand = false;           // only while somebody listens
  milliseconds run_on{10'000};      // after the last one of them left
  milliseconds prefer_after{30'000};

  bool operator==(const Relay&) const = default;
};

// [master]: every mount of another server is fetched from there.
struct Master {
  std::string url;  // of the server itself: its target is "/"; empty: there is none
  std::string user = "relay";
  Secret password;
  Secret token;
  milliseconds interval{60'000};  // between two looks at the list, where it is not followed
  bool on_demand = false;
};

// [push."/name"]: a mount that is sent elsewhere.
struct Push {
  std::string to;  // empty: nowhere
  std::string user = "source";
  Secret password;
};

// Config is all that can be set, validated and immutable: built once from defaults, file,
// environment and command line, then only read.
struct Config {
  std::string file;  // that it was read from; empty: none
  Server server;
  std::vector<Listen> listen{Listen{}};
  Limits limits;
  Fanout fanout;
  Auth auth;
  Access access;
  std::map<std::string, User> users;  // by name
  Log log;
  History history;
  std::map<std::string, Webhook> webhooks;  // by name
  Mount mount_defaults;
  std::map<std::string, Mount> mounts;  // by name, with the defaults already applied
  std::map<std::string, Relay> relays;  // by mount; each has a mount among `mounts`
  Master master;
  std::map<std::string, Push> pushes;  // by mount

  // The settings of a mount: its own, or the defaults for one that only a source named.
  const Mount& MountSettings(const std::string& name) const {
    const auto found = mounts.find(name);
    return found == mounts.end() ? mount_defaults : found->second;
  }
};

}  // namespace floe::config
