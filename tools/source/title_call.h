// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "tools/source/options.h"
#include "tools/wire/address.h"

namespace floe::tools {

// One call of /admin/metadata, which sets the title of a mount. Never blocks: the socket is asked
// again at every Turn until the answer is there or kTitleTimeoutNs is over.
class TitleCall {
 public:
  enum class State { kIdle, kCalling, kDone, kFailed };

  TitleCall() = default;
  ~TitleCall();
  TitleCall(const TitleCall&) = delete;
  TitleCall& operator=(const TitleCall&) = delete;

  void Begin(const SourceOptions& options, const Address& server, absl::string_view path,
             absl::string_view title, int64_t now_ns);

  // kDone and kFailed are told once; the call is idle afterwards.
  State Turn(int64_t now_ns);
  bool is_calling() const { return fd_ >= 0; }

 private:
  void Close();

  int fd_ = -1;
  int64_t began_at_ns_ = 0;
  std::string request_;  // what is not yet sent
  std::string reply_;
};

// Percent-encodes everything that is not a letter, a digit or one of "-._~".
std::string QueryEscaped(absl::string_view text);

}  // namespace floe::tools
