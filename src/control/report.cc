// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "control/report.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "control/json_fields.h"
#include "control/table.h"

namespace floe::control {
namespace {

constexpr size_t kNameColumnsMax = 32;
constexpr size_t kAgentColumnsMax = 40;
constexpr size_t kTitleColumnsMax = 60;
constexpr size_t kUrlColumnsMax = 48;

std::string TextOrDash(const Json& json, const char* key) {
  const std::string text = Printable(TextAt(json, key));
  return text.empty() ? "-" : text;
}

std::string Number(const Json& json, const char* key) { return absl::StrCat(NumberAt(json, key)); }
std::string NumberOrDash(const Json& json, const char* key) {
  const uint64_t number = NumberAt(json, key);
  return number == 0 ? "-" : absl::StrCat(number);
}

void Append(const Table& table, std::string* text) {
  if (table.rows() == 0) return;
  absl::StrAppend(text, "\n", absl::StrJoin(table.Lines(/*width=*/0), "\n"), "\n");
}

std::string Head(const Json& status) {
  const Json& totals = FieldAt(status, "totals");
  std::vector<std::string> addresses;
  for (const Json& address : FieldAt(status, "listen")) {
    if (address.is_string()) addresses.push_back(Printable(address.get<std::string>()));
  }
  return absl::StrCat(
      "floe ", TextOrDash(status, "version"), ", pid ", Number(status, "pid"), ", up ",
      AgeText(NumberAt(status, "uptime_ms") / 1000), " since ", TextOrDash(status, "started"),
      "\nlistens on ", absl::StrJoin(addresses, ", "), "\nconfigured by ",
      TextAt(status, "configuration").empty() ? "no file" : TextOrDash(status, "configuration"),
      ", commanded at ", TextOrDash(status, "control_socket"), "\n",
      Counted(NumberAt(totals, "listeners"), "listener"), ", ",
      Counted(NumberAt(totals, "sources"), "source"), ", ",
      Counted(NumberAt(totals, "mounts"), "mount"), "; since the start ",
      Counted(NumberAt(totals, "connections"), "listener"), ", ",
      BytesText(NumberAt(totals, "sent_bytes")), " sent\n");
}

Table Mounts(const Json& mounts) {
  Table table({{"MOUNT", false, kNameColumnsMax},
               {"PHASE"},
               {"LISTENERS", true},
               {"PEAK", true},
               {"JOINED", true},
               {"IN", true},
               {"OUT", true},
               {"KBIT/S", true},
               {"CODEC"},
               {"TYPE", false, kNameColumnsMax},
               {"SOURCE", false, kNameColumnsMax},
               {"AGENT", false, kAgentColumnsMax},
               {"TITLE", false, kTitleColumnsMax}});
  for (const Json& mount : mounts) {
    const Json& source = FieldAt(mount, "source");
    const bool is_hidden = FlagAt(mount, "hidden");
    table.Add({absl::StrCat(TextOrDash(mount, "name"), is_hidden ? " (hidden)" : ""),
               PhaseText(mount), Number(mount, "listeners"), Number(mount, "listener_peak"),
               Number(mount, "connections"), BytesText(NumberAt(mount, "received_bytes")),
               BytesText(NumberAt(mount, "sent_bytes")), NumberOrDash(mount, "bitrate_kbps"),
               TextOrDash(mount, "codec"), TextOrDash(mount, "content_type"),
               TextOrDash(source, "peer"), TextOrDash(source, "agent"),
               TextOrDash(mount, "title")});
  }
  return table;
}

Table Relays(const Json& relays) {
  Table table({{"RELAY", false, kNameColumnsMax},
               {"STATE"},
               {"UPSTREAM", false, kUrlColumnsMax},
               {"PHASE"},
               {"FOR", true},
               {"ATTEMPTS", true},
               {"IN", true},
               {"LAG", true},
               {"LAST ERROR", false, kTitleColumnsMax}});
  for (const Json& relay : relays) {
    bool is_first = true;
    for (const Json& upstream : FieldAt(relay, "upstreams")) {
      const bool has_lag = FieldAt(upstream, "lag_ms").is_number();
      table.Add({is_first ? TextOrDash(relay, "mount") : "",
                 is_first ? TextOrDash(relay, "state") : "", TextOrDash(upstream, "url"),
                 TextOrDash(upstream, "phase"), AgeText(NumberAt(upstream, "phase_ms") / 1000),
                 Number(upstream, "attempts"), BytesText(NumberAt(upstream, "bytes")),
                 has_lag ? absl::StrCat(NumberAt(upstream, "lag_ms"), " ms") : "-",
                 TextOrDash(upstream, "error")});
      is_first = false;
    }
  }
  return table;
}

Table Master(const Json& master) {
  Table table({{"MASTER", false, kUrlColumnsMax},
               {"STATE"},
               {"FOR", true},
               {"MOUNTS", true},
               {"FETCHED", true},
               {"TOLD BY"},
               {"LAST ERROR", false, kTitleColumnsMax}});
  if (!master.is_object()) return table;
  table.Add({TextOrDash(master, "url"), TextOrDash(master, "state"),
             AgeText(NumberAt(master, "state_ms") / 1000), Number(master, "mounts"),
             Number(master, "fetched"), FlagAt(master, "is_followed") ? "itself" : "its page",
             TextOrDash(master, "error")});
  return table;
}

Table Pushes(const Json& pushes) {
  Table table({{"PUSH", false, kNameColumnsMax},
               {"TO", false, kUrlColumnsMax},
               {"STATE"},
               {"FOR", true},
               {"ATTEMPTS", true},
               {"OUT", true},
               {"LAST ERROR", false, kTitleColumnsMax}});
  for (const Json& push : pushes) {
    table.Add({TextOrDash(push, "mount"), TextOrDash(push, "to"), TextOrDash(push, "state"),
               AgeText(NumberAt(push, "state_ms") / 1000), Number(push, "attempts"),
               BytesText(NumberAt(push, "bytes")), TextOrDash(push, "error")});
  }
  return table;
}

Table Shards(const Json& shards) {
  Table table({{"SHARD", true},
               {"LISTENERS", true},
               {"REQUESTS", true},
               {"INTERVAL", true},
               {"LAG", true},
               {"BUSY", true},
               {"SENDS", true},
               {"OUT", true},
               {"DESCRIPTORS", true}});
  for (const Json& shard : shards) {
    table.Add(
        {absl::StrCat(table.rows()), Number(shard, "listeners"), Number(shard, "requests"),
         absl::StrCat(NumberAt(shard, "interval_ms"), " ms"),
         absl::StrCat(NumberAt(shard, "lag_ms"), " ms"),
         ShareText(NumberAt(shard, "busy_permille")), Number(shard, "sends"),
         BytesText(NumberAt(shard, "sent_bytes")),
         absl::StrCat(NumberAt(shard, "descriptors"), " of ", NumberAt(shard, "descriptors_max"))});
  }
  return table;
}

}  // namespace

std::string PhaseText(const Json& mount) {
  const std::string plays = TextAt(mount, "plays");
  if (plays.empty() || plays == TextAt(mount, "name")) return TextOrDash(mount, "phase");
  return absl::StrCat("on ", Printable(plays));
}

std::string StatusReport(const Json& status) {
  std::string text = Head(status);
  Append(Mounts(FieldAt(status, "mounts")), &text);
  Append(Relays(FieldAt(status, "relays")), &text);
  Append(Master(FieldAt(status, "master")), &text);
  Append(Pushes(FieldAt(status, "pushes")), &text);
  Append(Shards(FieldAt(status, "shards")), &text);
  return text;
}

std::string ListenersReport(const Json& status) {
  Table table({{"ID", true},
               {"MOUNT", false, kNameColumnsMax},
               {"ADDRESS"},
               {"CONNECTED"},
               {"FOR", true},
               {"SENT", true},
               {"USER", false, kNameColumnsMax},
               {"AGENT", false, kAgentColumnsMax}});
  for (const Json& listener : FieldAt(status, "listeners")) {
    table.Add({Number(listener, "id"), TextOrDash(listener, "mount"),
               TextOrDash(listener, "address"), TextOrDash(listener, "connected"),
               AgeText(NumberAt(listener, "seconds")), BytesText(NumberAt(listener, "sent_bytes")),
               TextOrDash(listener, "user"), TextOrDash(listener, "agent")});
  }
  std::string text = absl::StrCat(absl::StrJoin(table.Lines(/*width=*/0), "\n"), "\n");
  const uint64_t left_off = NumberAt(status, "listeners_left_off");
  if (left_off > 0) absl::StrAppend(&text, "and ", left_off, " more\n");
  return text;
}

}  // namespace floe::control
