// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What is said on the control socket, a unix stream: lines of JSON.
//
//   floe status  --- {"command":"status"} ------------------>  the server
//                <-- {"progress":"..."}, none or many -------
//                <-- {"ok":true,"result":{...}} -------------   or {"ok":false,"error":"..."}
//
// One request a peer, then the server closes. Whatever a peer says behind its line is never read,
// so that after {"command":"take-over"} the same socket can go on with a protocol of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "nlohmann/json_fwd.hpp"

namespace floe::control {

using Json = nlohmann::ordered_json;

// The file's name where it is not configured.
inline constexpr char kSocketName[] = "control.sock";

inline constexpr size_t kRequestBytesMax = 64 * 1024;  // a line, with its end
inline constexpr size_t kKickedMax = 1000;             // listeners of one request
inline constexpr size_t kTokenMountsMax = 64;          // of one token
inline constexpr uint64_t kTokenDaysMax = 36'500;
inline constexpr size_t kListedMax = 10'000;                  // listeners of one answer
inline constexpr size_t kAnswerBytesMax = size_t{64} << 20;   // of all lines together
inline constexpr size_t kProgressBytesMax = size_t{1} << 20;  // unread; more of it is left out
inline constexpr size_t kPeersMax = 16;                       // at once
inline constexpr milliseconds kAskTimeMax{5'000};             // from connecting to the line's end
inline constexpr milliseconds kTakeTimeMax{10'000};           // for the last line to be taken

struct Request {
  enum class Command : uint8_t {
    kStatus,
    kExplain,
    kKick,
    kReload,
    kUpgrade,
    kTakeOver,
    kTokenAdd,
    kTokenList,
    kTokenRemove,
  };
  Command command = Command::kStatus;
  bool wants_listeners = false;     // status: each listener as well
  std::string mount;                // status, explain: this mount; kick: all who hear it
  std::string source;               // kick: who feeds this mount
  std::vector<uint64_t> ids;        // kick: these
  std::string binary;               // upgrade: an absolute path; empty: the one that runs
  std::string name;                 // token-add, token-remove
  std::string role;                 // token-add
  std::vector<std::string> mounts;  // token-add: those it is held to
  uint64_t days = 0;                // token-add: until it expires; 0: never

  bool operator==(const Request&) const = default;
};

// A line without its end. Errors: InvalidArgument, a sentence for who asked.
absl::StatusOr<Request> ParseRequest(absl::string_view line);

// Lines with their end.
std::string RequestLine(const Request& request);
std::string ProgressLine(absl::string_view text);
std::string OkLine(const Json& result);
std::string ErrorLine(absl::string_view error);

}  // namespace floe::control
