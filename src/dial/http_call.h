// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// One request to a web server, and its whole answer.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/http_url.h"
#include "http/header_list.h"
#include "http/reply.h"
#include "ring/task.h"
#include "shard/shard.h"
#include "shard/worker_pool.h"

namespace floe::dial {

// More of an answer's body is not read.
inline constexpr size_t kCallBodyBytesMax = 64 * 1024;

struct HttpCall {
  HttpUrl url;
  std::string method = "POST";
  std::string authorization;  // a header's value; empty: none
  std::string content_type;
  std::vector<http::ExtraHeader> headers;  // beyond the usual ones
  std::string body;

  // The request as it is sent. Header values are made safe: none ends its line.
  std::string ToString() const;
};

struct HttpAnswer {
  int status = 0;  // 200 to 599
  std::string reason;
  http::HeaderList headers;
  std::string body;  // at most kCallBodyBytesMax of it, without chunks
};

// Asks on a connection of its own, and hears the answer to its end. A redirect is an answer like
// any other: who is called stands in the configuration, and nobody else is. `call` stays until
// this ends. Errors, sentences without a full stop that name the URL but not its query:
//   Unavailable         nobody answers, or not all of it until `by`
//   FailedPrecondition  what is answered is no HTTP
//   Cancelled           `owner`, which has to be the call's own, was interrupted
ring::Task<absl::StatusOr<HttpAnswer>> CallHttp(shard::Shard& shard, shard::WorkerPool& resolvers,
                                                const HttpCall& call, Instant by,
                                                const void* owner);

}  // namespace floe::dial
