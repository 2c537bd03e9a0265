// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tools/pester/options.h"
#include "tools/pester/requests.h"
#include "tools/wire/address.h"

namespace floe::tools {

// What came of the requests.
struct PesterResult {
  uint64_t asked = 0;
  uint64_t unanswered = 0;            // closed without a word
  uint64_t left = 0;                  // what was answered went on, so we left
  std::map<int, uint64_t> by_status;  // 200 for ICY and OK2 as well
  std::vector<std::string> bad;       // requests that were answered by a 5xx that is no refusal
};

// Pester asks, some at a time on one epoll, each on a connection of its own, which is half closed
// behind the request: whoever waits for more of it learns that none comes.
//
// Threads   One.
class Pester {
 public:
  explicit Pester(const PesterOptions& options)
      : options_(options), requests_(options.seed, options.paths, options.logins) {}
  ~Pester();
  Pester(const Pester&) = delete;
  Pester& operator=(const Pester&) = delete;

  // Errors: InvalidArgument for an address that is none; Unavailable when nobody listens there any
  // more: then the last requests are where `keep` says.
  absl::Status Run();
  const PesterResult& result() const { return result_; }
  bool IsBorne() const { return result_.bad.empty(); }

 private:
  struct Asking {
    int fd = -1;
    std::string request;
    size_t sent_bytes = 0;
    std::string heard;  // the begin of the reply
    uint64_t heard_bytes = 0;
    int64_t until_ns = 0;
  };
  absl::Status Begin(Asking* asking);
  void GoOn(Asking* asking, uint32_t events);
  void Send(Asking* asking);
  void Receive(Asking* asking);
  void End(Asking* asking, bool was_left);
  absl::Status Vanished(absl::string_view why);

  const PesterOptions options_;
  Requests requests_;
  Address server_;
  int epoll_ = -1;
  std::vector<Asking> asking_;
  uint64_t begun_ = 0;
  std::deque<std::string> last_;
  PesterResult result_;
};

}  // namespace floe::tools
