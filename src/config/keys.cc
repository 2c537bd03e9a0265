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
    TableName{Table::kLog, "log", "What is written down"},
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

constexpr Change kInPlace = Change::kInPlace;
constexpr Change kSwap = Change::kSwap;

constexpr Range<milliseconds> kTimeouts = {kTimeoutMin, kTimeoutMax};
constexpr Range<milliseconds> kIntervals = {kIntervalMin, kIntervalMax};

std::vector<Listen>& ListenOf(const Scope& scope) { return scope.config->listen; }

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

    Key{Table::kListen, "address", kInPlace,
        "Numeric, with a port; [::]:8000 is any address of IPv6", Addresses{&ListenOf}},

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
        Fallbacks{&Of<&Mount::fallback>}},
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
