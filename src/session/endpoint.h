// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The paths that are the server's own: what each takes, who may ask for it, and who answers.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "http/request.h"
#include "ring/task.h"

namespace floe::session {

struct Exchange;

// What somebody must be allowed to do, of a mount or of the server as a whole.
enum class Need : uint8_t {
  kNothing,    // everybody may, or the answer sees to it itself
  kFeed,       // be that mount's source
  kTell,       // say what its source says beside the audio: its source, or who may operate
  kRelay,      // fetch the mounts: another server, or who may read
  kRead,       // see what is no secret of others
  kOperate,    // kick, move, tell titles
  kConfigure,  // change what holds from now on
};

// What somebody must be allowed to do that with.
enum class About : uint8_t {
  kServer,  // as a whole: of no use to who is held to some mounts, whichever they name
  kMount,   // the one that the field "mount" names, or a path of the API; all of them, if none is
};

// Methods that a path takes; any of them together. GET goes with HEAD where nothing changes by it.
using Methods = uint8_t;
inline constexpr Methods kGet = 1 << 0;
inline constexpr Methods kPost = 1 << 1;
inline constexpr Methods kPut = 1 << 2;
inline constexpr Methods kDelete = 1 << 3;
inline constexpr Methods kStats = 1 << 4;

// Endpoint is one path. Before `answer` is called the router has seen to all that stands here:
// the method, the request's origin, its form, and that who asks may.
struct Endpoint {
  absl::string_view path;  // one that ends in '/' is of all paths below it as well
  Methods methods;
  Need need;
  About about;
  bool changes_state;  // refused when a page of another site has a browser ask for it
  ring::Task<> (*answer)(Exchange& exchange);

  bool Takes(http::Method method) const;
};

// EndpointTable finds them.
//
// Lifetime  of the process, as what it was made of.
// Threads   Read-only once made.
class EndpointTable {
 public:
  explicit EndpointTable(std::span<const std::span<const Endpoint>> parts);

  // The one of that very path, or the nearest above it; null: the path is nobody's here.
  const Endpoint* Find(absl::string_view path) const;
  // All of them, by path.
  const std::vector<const Endpoint*>& all() const { return all_; }

 private:
  absl::flat_hash_map<std::string, const Endpoint*> by_path_;
  std::vector<const Endpoint*> all_;
};

// Checks what the endpoint asks for, then has it answer.
ring::Task<> AnswerAt(const Endpoint& endpoint, Exchange& exchange);

}  // namespace floe::session
