// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/endpoint.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "base/check.h"
#include "http/cross_site.h"
#include "http/status.h"
#include "session/authorize.h"
#include "session/exchange.h"
#include "session/form.h"

namespace floe::session {

using http::Method;

bool Endpoint::Takes(Method method) const {
  switch (method) {
    case Method::kGet: return (methods & kGet) != 0;
    case Method::kHead: return (methods & kGet) != 0 && !changes_state;
    case Method::kPost: return (methods & kPost) != 0;
    case Method::kPut: return (methods & kPut) != 0;
    case Method::kDelete: return (methods & kDelete) != 0;
    case Method::kStats: return (methods & kStats) != 0;
    case Method::kSource:
    case Method::kOptions:
    case Method::kOther: return false;
  }
  return false;
}

EndpointTable::EndpointTable(std::span<const std::span<const Endpoint>> parts) {
  for (const std::span<const Endpoint> part : parts) {
    for (const Endpoint& endpoint : part) {
      const bool is_new = by_path_.try_emplace(std::string(endpoint.path), &endpoint).second;
      FLOE_CHECK(is_new);
      all_.push_back(&endpoint);
    }
  }
  std::sort(all_.begin(), all_.end(),
            [](const Endpoint* a, const Endpoint* b) { return a->path < b->path; });
}

const Endpoint* EndpointTable::Find(absl::string_view path) const {
  const auto found = by_path_.find(path);
  if (found != by_path_.end()) return found->second;
  // "/" is the home page alone: what no other one is above may be a mount.
  for (size_t slash = path.rfind('/'); slash != absl::string_view::npos && slash > 0;
       slash = path.rfind('/', slash - 1)) {
    const auto above = by_path_.find(path.substr(0, slash + 1));
    if (above != by_path_.end()) return above->second;
  }
  return nullptr;
}

ring::Task<> AnswerAt(const Endpoint& endpoint, Exchange& exchange) {
  absl::Status status;
  if (!endpoint.Takes(exchange.request.method)) {
    status = http::Refusal(405, "this method is not known here");
  } else if (endpoint.changes_state && http::IsCrossSite(exchange.request)) {
    status = http::Refusal(403, "a page of another site may not ask for this");
  } else {
    status = co_await HearFields(exchange);
  }
  const std::string mount(exchange.fields.GetOr("mount"));
  if (status.ok() && endpoint.need == Need::kTell && mount.empty()) {
    status = http::Refusal(400, "say the mount: mount=/...");
  }
  if (status.ok() && endpoint.need != Need::kNothing) {
    std::string held_to = endpoint.about == About::kMount ? mount : std::string();
    status = co_await Authorize(exchange, endpoint.need, std::move(held_to));
  }
  if (!status.ok()) {
    co_await Refuse(exchange, std::move(status));
    co_return;
  }
  co_await endpoint.answer(exchange);
}

}  // namespace floe::session
