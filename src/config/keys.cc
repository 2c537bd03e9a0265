// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The table of keys. conf/floe.toml repeats each doc and default; a test holds it to that.
#include "config/keys.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/http_url.h"
#include "config/bounds.h"
#include "config/checks.h"
#include "config/suggest.h"

namespace floe::config {
namespace {

constexpr std::array kTables = {
    TableName{Table::kServer, "server", "The process"},
    TableName{Table::kListen, "listen", "Where players and encoders arrive; one table per address"},
    TableName{Table::kLimits, "limits", "What is allowed, and for how long"},
    TableName{Table::kFanout, "fanout", "How audio is sent to listeners"},
    TableName{Table::kAuth, "auth", "Who may send and who may administer"},
    TableName{Table::kAccess, "access", "Who may come, and what becomes of who guesses passwords"},
    TableName{Table::kUser, "user", "Who may log in besides those of [auth]; one table per user",
              "user", true},
    TableName{Table::kLog, "log", "What is written down"},
    TableName{Table::kHistory, "history", "How long is remembered what happened"},
    TableName{Table::kWebhook, "webhook", "Who is told what happens; one table per page", "webhook",
              true},
    TableName{Table::kMount, "mount_defaults", "What every mount is like unless it says otherwise",
              "mount"},
    TableName{Table::kRelay, "relay", "Where a mount is fetched from; one table per mount",
              "relay"},
    TableName{Table::kMaster, "master", "Another server, of which every mount is fetched"},
    TableName{Table::kPush, "push", "Where a mount is sent to; one table per mount", "push"},
};

constexpr std::array<absl::string_view, 4> kLevels = {"debug", "info", "warn", "error"};
constexpr std::array<absl::string_view, 2> kFormats = {"text", "json"};
constexpr std::array<absl::string_view, 2> kLaggings = {"skip", "drop"};
constexpr std::array<absl::string_view, 2> kFileOrders = {"in_order", "shuffle"};
constexpr std::array<absl::string_view, 3> kOverrides = {"own", "all", "none"};
constexpr std::array<absl::string_view, 3> kZeroCopies = {"auto", "on", "off"};

constexpr std::array<absl::string_view, 2> kSteerings = {"hash", "core"};
constexpr std::array<absl::string_view, 5> kRoles = {"source", "relay", "read", "operate",
                                                     "configure"};
constexpr std::array<absl::string_view, 2> kOnHookErrors = {"deny", "allow"};

constexpr Change kInPlace = Change::kInPlace;
constexpr Change kSwap = Change::kSwap;

constexpr Range<milliseconds> kTimeouts = {kTimeoutMin, kTimeoutMax};
constexpr Range<milliseconds> kIntervals = {kIntervalMin, kIntervalMax};

constexpr Range<uint64_t> kBandwidths = {kBandwidthMin, kBandwidthMax};

std::vector<Listen>& ListenOf(const Scope& scope) { return scope.config->listen; }

ListenFlag ProxyProtocol() {
  return {[](const Scope& scope) { return ListenOf(scope).front().proxy_protocol; },
          [](const Scope& scope, bool flag) {
            for (Listen& listen : ListenOf(scope)) listen.proxy_protocol = flag;
          }};
}

List Patterns(At<std::vector<std::string>> at) {
  return {at, kPatternsMax, &CheckPattern,
          "a list of regular expressions of RE2 such as [\"(?i)badbot\"]"};
}
List MountNames(At<std::vector<std::string>> at) {
  return {at, kNamedMountsMax, &CheckMount, "a list of mounts such as [\"/live\"]"};
}
Text HookUrl(At<std::string> at) { return {at, kHttpUrlBytesMax, &CheckUrl}; }

const std::array kKeys = {
    Key{Table::kServer, "hostname", kInPlace, "The name under which players reach this server",
        Text{&In<&Config::server, &Server::hostname>, kHostnameBytesMax, &CheckHostname}},
    Key{Table::kServer, "shards", kSwap, "Threads that serve; 0: one per core",
        Number{&In<&Config::server, &Server::shards>, {1, kShardsMax}, true}},
    Key{Table::kServer, "cores", kSwap,
        "Where threads are pinned: auto, off, cores such as 0-3,8, or a NUMA node such as node0",
        Text{&In<&Config::server, &Server::cores>, kTextBytesMax, &CheckCores}},
    Key{Table::kServer, "steering", kSwap,
        "Who comes goes to any thread (hash), or stays on the core where it arrived (core)",
        ChoiceAt<&In<&Config::server, &Server::steering>>(kSteerings)},
    Key{Table::kServer, "state_dir", kSwap,
        "What is kept between runs; empty: /var/lib/floe for root, else $XDG_STATE_HOME/floe",
        Text{&In<&Config::server, &Server::state_dir>, kPathBytesMax, nullptr}},
    Key{Table::kServer, "control_socket", kSwap,
        "Where commands reach the running server; where /run/floe cannot be, control.sock in "
        "state_dir",
        Text{&In<&Config::server, &Server::control_socket>, kSocketPathBytesMax, &CheckNotEmpty}},
    Key{Table::kServer, "location", kInPlace, "Where the server is, for status pages",
        Text{&In<&Config::server, &Server::location>, kTextBytesMax, nullptr}},
    Key{Table::kServer, "admin_contact", kInPlace, "Whom to write to, for status pages",
        Text{&In<&Config::server, &Server::admin_contact>, kTextBytesMax, nullptr}},
    Key{Table::kServer, "shoutcast_mount", kInPlace,
        "The mount of SHOUTcast sources, which name none",
        Text{&In<&Config::server, &Server::shoutcast_mount>, kMountNameBytesMax, &CheckMount}},
    Key{Table::kServer, "drain", kInPlace,
        "How long before a stop /readyz says that it is not ready any more",
        Time{&In<&Config::server, &Server::drain>, {0ms, kDrainMax}}},

    Key{Table::kListen, "address", kInPlace,
        "Numeric, with a port; [::]:8000 is any address of IPv6", Addresses{&ListenOf}},
    Key{Table::kListen, "proxy_protocol", kInPlace,
        "A PROXY header (v1, v2) comes first, from none but access.trusted_proxies",
        ProxyProtocol()},

    Key{Table::kLimits, "sources", kInPlace, "Encoders at once",
        Number{&In<&Config::limits, &Limits::sources>, {1, kSourcesMax}}},
    Key{Table::kLimits, "listeners", kInPlace, "Players at once; 0: as many as descriptors allow",
        Number{&In<&Config::limits, &Limits::listeners>, {1, kListenersMax}, true}},
    Key{Table::kLimits, "header_timeout", kInPlace, "For a request to arrive whole",
        Time{&In<&Config::limits, &Limits::header_timeout>, kTimeouts}},
    Key{Table::kLimits, "source_timeout", kInPlace,
        "A source that sends nothing for so long is let go",
        Time{&In<&Config::limits, &Limits::source_timeout>, kTimeouts}},
    Key{Table::kLimits, "client_timeout", kInPlace,
        "A player that takes nothing for so long is let go",
        Time{&In<&Config::limits, &Limits::client_timeout>, kTimeouts}},
    Key{Table::kLimits, "lag", kInPlace, "A thread that serves players so late refuses new ones",
        Time{&In<&Config::limits, &Limits::lag>, {kLagMin, kLagMax}}},
    Key{Table::kLimits, "arena", kSwap, "Memory for the audio of all mounts",
        SizeAt<&In<&Config::limits, &Limits::arena_bytes>>({kArenaBytesMin, kArenaBytesMax})},
    Key{Table::kLimits, "listeners_per_address", kInPlace,
        "Players at once of one address, or of one IPv6 network /64; 0: no limit",
        Number{&In<&Config::limits, &Limits::listeners_per_address>, {1, kListenersMax}, true}},
    Key{Table::kLimits, "bandwidth", kInPlace, "Bytes a second to all players; 0B: no limit",
        SizeAt<&In<&Config::limits, &Limits::bandwidth_bytes>>(kBandwidths, true)},
    Key{Table::kLimits, "listener_duration", kInPlace,
        "How long a player may listen; 0s: as long as it likes",
        Time{&In<&Config::limits, &Limits::listener_duration>, {0ms, kDurationMax}}},
    Key{Table::kLimits, "request_rate", kInPlace,
        "Requests a second of one address, without those for a stream; 0: no limit",
        Number{&In<&Config::limits, &Limits::request_rate>, {1, kRequestRateMax}, true}},
    Key{Table::kLimits, "request_burst", kInPlace,
        "Requests that may come at once after a time of rest",
        Number{&In<&Config::limits, &Limits::request_burst>, {1, kRequestRateMax}}},

    Key{Table::kFanout, "interval", kInPlace,
        "Between two sends to a listener; auto: as short as load allows",
        AutoTime{&In<&Config::fanout, &Fanout::interval>, kIntervals}},
    Key{Table::kFanout, "interval_min", kInPlace, "The shortest interval that auto chooses",
        Time{&In<&Config::fanout, &Fanout::interval_min>, kIntervals}},
    Key{Table::kFanout, "interval_max", kInPlace,
        "The longest interval that auto chooses; at most half of what a mount bursts",
        Time{&In<&Config::fanout, &Fanout::interval_max>, kIntervals}},
    Key{Table::kFanout, "zero_copy", kInPlace,
        "Sends without a copy; auto: where the kernel says it pays",
        ChoiceAt<&In<&Config::fanout, &Fanout::zero_copy>>(kZeroCopies)},
    Key{Table::kFanout, "send_buffer", kInPlace,
        "Kernel memory for what one listener has not yet taken",
        SizeAt<&In<&Config::fanout, &Fanout::send_buffer_bytes>>(
            {kSendBufferBytesMin, kSendBufferBytesMax})},
    Key{Table::kFanout, "congestion", kInPlace,
        "Congestion control of players' connections, such as bbr; empty: the host's",
        Text{&In<&Config::fanout, &Fanout::congestion>, kCongestionBytesMax, &CheckCongestion}},

    Key{Table::kAuth, "source_password", kInPlace,
        "For encoders; empty: made at the first start and kept in state_dir",
        Password{&In<&Config::auth, &Auth::source_password>}},
    Key{Table::kAuth, "admin_user", kInPlace, "The administrator's name",
        Text{&In<&Config::auth, &Auth::admin_user>, kUserBytesMax, &CheckUser}},
    Key{Table::kAuth, "admin_password", kInPlace,
        "The administrator's; empty: made at the first start and kept in state_dir",
        Password{&In<&Config::auth, &Auth::admin_password>}},
    Key{Table::kAuth, "relay_user", kInPlace, "The name that servers give which fetch the mounts",
        Text{&In<&Config::auth, &Auth::relay_user>, kUserBytesMax, &CheckUser}},
    Key{Table::kAuth, "relay_password", kInPlace,
        "For servers that fetch the list of mounts; empty: only the administrator's will do",
        Password{&In<&Config::auth, &Auth::relay_password>}},

    Key{Table::kAccess, "trusted_proxies", kInPlace,
        "Who is believed when it says for whom it asks: addresses and networks",
        Cidrs{&In<&Config::access, &Access::trusted_proxies>}},
    Key{Table::kAccess, "allow", kInPlace, "Who may come: addresses and networks; []: everybody",
        Cidrs{&In<&Config::access, &Access::allow>}},
    Key{Table::kAccess, "deny", kInPlace, "Who may not, though allowed: addresses and networks",
        Cidrs{&In<&Config::access, &Access::deny>}},
    Key{Table::kAccess, "deny_agents", kInPlace,
        "Programs that may not: regular expressions, looked for in User-Agent",
        Patterns(&In<&Config::access, &Access::deny_agents>)},
    Key{Table::kAccess, "ban_file", kInPlace,
        "A file of who may not, one a line, read again when it changes; empty: none",
        Text{&In<&Config::access, &Access::ban_file>, kPathBytesMax, nullptr}},
    Key{Table::kAccess, "lockout_failures", kInPlace,
        "Wrong passwords in a row that lock an address out; 0: none do",
        Number{&In<&Config::access, &Access::lockout_failures>, {1, kLockoutFailuresMax}, true}},
    Key{Table::kAccess, "lockout_min", kInPlace, "How long the first time; each time twice as long",
        Time{&In<&Config::access, &Access::lockout_min>, {kLockoutMin, kLockoutMax}}},
    Key{Table::kAccess, "lockout_max", kInPlace, "And no longer than this",
        Time{&In<&Config::access, &Access::lockout_max>, {kLockoutMin, kLockoutMax}}},
    Key{Table::kAccess, "password_cache", kInPlace,
        "How long a password that was right need not be computed again; 0s: not at all",
        Time{&In<&Config::access, &Access::password_cache>, {0ms, kCacheMax}}},
    Key{Table::kAccess, "metrics_from", kInPlace,
        "Who reads /metrics without a login: addresses and networks",
        Cidrs{&In<&Config::access, &Access::metrics_from>}},

    Key{Table::kUser, "password", kInPlace, "Said with the name; empty: none will do",
        Password{&Of<&User::password>}},
    Key{Table::kUser, "token", kInPlace, "A bearer's, in place of both; empty: none will do",
        Password{&Of<&User::token>, Secrecy::kTokenCompared}},
    Key{Table::kUser, "role", kInPlace,
        "What for: source, relay; or read, operate, configure, each more than the one before",
        ChoiceAt<&Of<&User::role>>(kRoles)},
    Key{Table::kUser, "mounts", kInPlace, "To which the user is confined; []: all",
        MountNames(&Of<&User::mounts>)},

    Key{Table::kLog, "level", kInPlace,
        "The least severe that is written: debug, info, warn or error",
        ChoiceAt<&In<&Config::log, &Log::level>>(kLevels)},
    Key{Table::kLog, "format", kInPlace, "Lines of text, or of json",
        ChoiceAt<&In<&Config::log, &Log::format>>(kFormats)},
    Key{Table::kLog, "file", kInPlace, "What the server does; \"-\": standard error",
        Text{&In<&Config::log, &Log::file>, kPathBytesMax, &CheckNotEmpty}},
    Key{Table::kLog, "access_file", kInPlace,
        "A line per request and per finished listener; \"-\": standard output; empty: none",
        Text{&In<&Config::log, &Log::access_file>, kPathBytesMax, nullptr}},
    Key{Table::kLog, "playlist_file", kInPlace,
        "A line per title that is played; \"-\": standard output; empty: none",
        Text{&In<&Config::log, &Log::playlist_file>, kPathBytesMax, nullptr}},
    Key{Table::kLog, "auth_file", kInPlace,
        "A line per login, and per one that was refused; \"-\": standard output; empty: none",
        Text{&In<&Config::log, &Log::auth_file>, kPathBytesMax, nullptr}},
    Key{Table::kLog, "rotate_size", kInPlace, "A file that grew so long is put aside; 0B: none is",
        SizeAt<&In<&Config::log, &Log::rotate_bytes>>({kRotateBytesMin, kRotateBytesMax}, true)},
    Key{Table::kLog, "rotate_keep", kInPlace, "Files put aside that are kept of each",
        Number{&In<&Config::log, &Log::rotate_keep>, {0, kRotateKeepMax}}},

    Key{Table::kHistory, "songs", kInPlace, "For titles that were played; 0s: none is kept",
        Time{&In<&Config::history, &History::songs>, {0ms, kKeptMax}}},
    Key{Table::kHistory, "sessions", kInPlace, "For who listened, and how long; 0s: none is kept",
        Time{&In<&Config::history, &History::sessions>, {0ms, kKeptMax}}},

    Key{Table::kWebhook, "url", kInPlace,
        "Where it is told, such as http://studio.example/floe; empty: nowhere",
        Text{&Of<&Webhook::url>, kHttpUrlBytesMax, &CheckUrl}},
    Key{Table::kWebhook, "secret", kInPlace,
        "With which what is said is signed (HMAC-SHA256); empty: it is not",
        Password{&Of<&Webhook::secret>, Secrecy::kSent}},
    Key{Table::kWebhook, "events", kInPlace, "Of what it is told; []: of everything",
        List{&Of<&Webhook::events>, kWebhookEventsMax, &CheckEventName,
             "a list of events such as [\"source_up\", \"source_down\", \"title\"]"}},
    Key{Table::kWebhook, "mounts", kInPlace, "Of which mounts; []: of all",
        MountNames(&Of<&Webhook::mounts>)},

    Key{Table::kMount, "burst", kInPlace,
        "What a new listener is sent at once, so that it can play at once",
        Time{&Of<&Mount::burst>, {0ms, kBurstMax}}},
    Key{Table::kMount, "history", kInPlace, "What is kept for listeners that fall behind",
        Time{&Of<&Mount::history>, {kHistoryMin, kHistoryMax}}},
    Key{Table::kMount, "linger", kInPlace, "How long listeners wait for a source that left",
        Time{&Of<&Mount::linger>, {0ms, kLingerMax}}},
    Key{Table::kMount, "lagging", kInPlace,
        "A listener behind the history: skip to now, or drop it",
        ChoiceAt<&Of<&Mount::lagging>>(kLaggings)},
    Key{Table::kMount, "metaint", kInPlace,
        "Bytes of audio between two titles inside the stream; 0: none",
        Number{&Of<&Mount::metaint>, {kMetaintMin, kMetaintMax}, true}},
    Key{Table::kMount, "takeover", kInPlace,
        "A second source replaces the first instead of being refused", Flag{&Of<&Mount::takeover>}},
    Key{Table::kMount, "hidden", kInPlace, "Not on status pages", Flag{&Of<&Mount::hidden>}},
    Key{Table::kMount, "max_listeners", kInPlace,
        "Players of the mount at once; 0: no limit of its own",
        Number{&Of<&Mount::max_listeners>, {1, kListenersMax}, true}},
    Key{Table::kMount, "charset", kInPlace, "Of titles that are not UTF-8; empty: ISO-8859-1",
        Text{&Of<&Mount::charset>, kCharsetBytesMax, &CheckCharset}},
    Key{Table::kMount, "source_user", kInPlace, "The name that encoders give",
        Text{&Of<&Mount::source_user>, kUserBytesMax, &CheckUser}},
    Key{Table::kMount, "source_password", kInPlace,
        "For the mount's encoders; empty: the one of [auth]",
        Password{&Of<&Mount::source_password>}},
    Key{Table::kMount, "file", kInPlace,
        "Played in a loop while no source is there: a file, a playlist or a folder; empty: none",
        Text{&Of<&Mount::file>, kPathBytesMax, nullptr}},
    Key{Table::kMount, "file_order", kInPlace,
        "Of the files of a playlist or a folder: in_order, or shuffle",
        ChoiceAt<&Of<&Mount::file_order>>(kFileOrders)},
    Key{Table::kMount, "intro", kInPlace,
        "A file that a new listener hears before the burst; empty: none",
        Text{&Of<&Mount::intro>, kPathBytesMax, nullptr}},
    Key{Table::kMount, "fallback", kInPlace,
        "Heard while its source is not: the first of these mounts and files that can be",
        List{&Of<&Mount::fallback>, kFallbacksMax, &CheckFallback,
             "a list of mounts and files such as [\"/backup\", \"file:/srv/sorry.mp3\"]"}},
    Key{Table::kMount, "fallback_override", kInPlace,
        "Who returns with the source: those that came from here (own), all who hear the fallback, "
        "or none",
        ChoiceAt<&Of<&Mount::fallback_override>>(kOverrides)},
    Key{Table::kMount, "fallback_when_full", kInPlace,
        "Who finds it full is sent to the first of its fallbacks that has room",
        Flag{&Of<&Mount::fallback_when_full>}},
    Key{Table::kMount, "stream_name", kInPlace,
        "Its name, said to players; empty: as the source says",
        Text{&Of<&Mount::stream_name>, kTextBytesMax, nullptr}},
    Key{Table::kMount, "stream_description", kInPlace, "Its description; empty: as the source says",
        Text{&Of<&Mount::stream_description>, kTextBytesMax, nullptr}},
    Key{Table::kMount, "stream_url", kInPlace, "Its page in the web; empty: as the source says",
        Text{&Of<&Mount::stream_url>, kTextBytesMax, nullptr}},
    Key{Table::kMount, "stream_genre", kInPlace, "Its genre; empty: as the source says",
        Text{&Of<&Mount::stream_genre>, kTextBytesMax, nullptr}},
    Key{Table::kMount, "cors_origins", kInPlace,
        "Web pages that may play it: [\"*\"] for any, [] for none",
        Origins{&Of<&Mount::cors_origins>}},
    Key{Table::kMount, "allow", kInPlace, "As in [access], of who listens to the mount",
        Cidrs{&Of<&Mount::allow>}},
    Key{Table::kMount, "deny", kInPlace, "As in [access], besides what is said there",
        Cidrs{&Of<&Mount::deny>}},
    Key{Table::kMount, "deny_agents", kInPlace, "As in [access], besides those named there",
        Patterns(&Of<&Mount::deny_agents>)},
    Key{Table::kMount, "listeners_per_address", kInPlace, "As in [limits], of the mount alone",
        Number{&Of<&Mount::listeners_per_address>, {1, kListenersMax}, true}},
    Key{Table::kMount, "bandwidth", kInPlace, "As in [limits], of the mount alone",
        SizeAt<&Of<&Mount::bandwidth_bytes>>(kBandwidths, true)},
    Key{Table::kMount, "listener_duration", kInPlace,
        "How long a player may listen to the mount; 0s: as [limits] says",
        Time{&Of<&Mount::listener_duration>, {0ms, kDurationMax}}},
    Key{Table::kMount, "listener_users", kInPlace,
        "An htpasswd file of who may listen; empty: everybody",
        Text{&Of<&Mount::listener_users>, kPathBytesMax, nullptr}},
    Key{Table::kMount, "hook_listener_add", kInPlace,
        "A URL that is asked whether a player may listen; empty: none",
        HookUrl(&Of<&Mount::hook_listener_add>)},
    Key{Table::kMount, "hook_listener_remove", kInPlace,
        "A URL that is told of each player that left, and how long it listened; empty: none",
        HookUrl(&Of<&Mount::hook_listener_remove>)},
    Key{Table::kMount, "hook_stream_auth", kInPlace,
        "A URL that is asked whether an encoder may send; empty: none",
        HookUrl(&Of<&Mount::hook_stream_auth>)},
    Key{Table::kMount, "hook_mount_add", kInPlace,
        "A URL that is told when the mount has a source; empty: none",
        HookUrl(&Of<&Mount::hook_mount_add>)},
    Key{Table::kMount, "hook_mount_remove", kInPlace,
        "A URL that is told when it has none any more; empty: none",
        HookUrl(&Of<&Mount::hook_mount_remove>)},
    Key{Table::kMount, "hook_user", kInPlace, "The name with which Floe logs in at these URLs",
        Text{&Of<&Mount::hook_user>, kUserBytesMax, &CheckUserOrNone}},
    Key{Table::kMount, "hook_password", kInPlace, "The password that goes with it; empty: no login",
        Password{&Of<&Mount::hook_password>, Secrecy::kSent}},
    Key{Table::kMount, "hook_timeout", kInPlace, "How long an answer may take",
        Time{&Of<&Mount::hook_timeout>, {kTimeoutMin, kHookTimeoutMax}}},
    Key{Table::kMount, "hook_on_error", kInPlace,
        "Who asks while there is no answer: deny, or allow",
        ChoiceAt<&Of<&Mount::hook_on_error>>(kOnHookErrors)},
    Key{Table::kMount, "hook_cache", kInPlace,
        "How long an answer holds for the same name and password; 0s: it is asked for each time",
        Time{&Of<&Mount::hook_cache>, {0ms, kCacheMax}}},
    Key{Table::kMount, "hook_headers", kInPlace, "Headers of the request that are passed on",
        List{&Of<&Mount::hook_headers>, kHeaderNamesMax, &CheckHeaderName,
             "a list of names of headers such as [\"Referer\"]"}},
    Key{Table::kMount, "hook_header_prefix", kInPlace, "What their names are given in front",
        Text{&Of<&Mount::hook_header_prefix>, kHeaderTextBytesMax, &CheckHeaderPrefix}},
    Key{Table::kMount, "hook_auth_header", kInPlace,
        "What an answer that allows says: a header, or the beginning of one",
        Text{&Of<&Mount::hook_auth_header>, kHeaderTextBytesMax, &CheckHeaderLine}},
    Key{Table::kMount, "hook_timelimit_header", kInPlace,
        "What an answer says that allows for so many seconds: a header's name and colon",
        Text{&Of<&Mount::hook_timelimit_header>, kHeaderTextBytesMax, &CheckHeaderLine}},

    Key{Table::kRelay, "upstream", kInPlace,
        "URLs, the preferred one first; each alone, or with its user and password, or its token",
        Upstreams{&Of<&Relay::upstreams>}},
    Key{Table::kRelay, "on_demand", kInPlace, "Fetched only while somebody listens",
        Flag{&Of<&Relay::on_demand>}},
    Key{Table::kRelay, "run_on", kInPlace,
        "How long it is still fetched when the last one left who made it be",
        Time{&Of<&Relay::run_on>, {0ms, kRunOnMax}}},
    Key{Table::kRelay, "prefer_after", kInPlace,
        "How long an upstream must have been well again to be returned to from a later one",
        Time{&Of<&Relay::prefer_after>, {kPreferAfterMin, kPreferAfterMax}}},

    Key{Table::kMaster, "url", kInPlace,
        "Its address, such as http://origin.example:8000; empty: none",
        Text{&In<&Config::master, &Master::url>, kHttpUrlBytesMax, &CheckServerUrl}},
    Key{Table::kMaster, "user", kInPlace, "The name with which Floe logs in there",
        Text{&In<&Config::master, &Master::user>, kUserBytesMax, &CheckUser}},
    Key{Table::kMaster, "password", kInPlace, "The password that goes with it; empty: no login",
        Password{&In<&Config::master, &Master::password>, Secrecy::kSent}},
    Key{Table::kMaster, "token", kInPlace, "A bearer's token, in place of user and password",
        Password{&In<&Config::master, &Master::token>, Secrecy::kSent}},
    Key{Table::kMaster, "interval", kInPlace,
        "Between two looks at the list of mounts, where the server does not tell of changes itself",
        Time{&In<&Config::master, &Master::interval>, {kPollMin, kPollMax}}},
    Key{Table::kMaster, "on_demand", kInPlace, "Each is fetched only while somebody listens",
        Flag{&In<&Config::master, &Master::on_demand>}},

    Key{Table::kPush, "to", kInPlace,
        "Its URL at another server, such as http://edge.example:8000/live; empty: nowhere",
        Text{&Of<&Push::to>, kHttpUrlBytesMax, &CheckUrl}},
    Key{Table::kPush, "user", kInPlace, "The name that Floe gives there as an encoder",
        Text{&Of<&Push::user>, kUserBytesMax, &CheckUser}},
    Key{Table::kPush, "password", kInPlace, "The password that goes with it",
        Password{&Of<&Push::password>, Secrecy::kSent}},
};

}  // namespace

std::span<const TableName> Tables() { return kTables; }
std::span<const Key> Keys() { return kKeys; }

const TableName& NamesOf(Table table) {
  for (const TableName& entry : kTables) {
    if (entry.table == table) return entry;
  }
  FLOE_BUG("a table without a name", table);
}

const Key* FindKey(Table table, absl::string_view name) {
  for (const Key& key : kKeys) {
    if (key.table == table && key.name == name) return &key;
  }
  return nullptr;
}

}  // namespace floe::config
