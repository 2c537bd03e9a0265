// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "api/names.h"

namespace floe::api {

using http::Method;
using session::Need;

const char* NameOf(Need need) {
  switch (need) {
    case Need::kNothing: return "nothing";
    case Need::kFeed: return "feed";
    case Need::kTell: return "tell";
    case Need::kRelay: return "relay";
    case Need::kRead: return "read";
    case Need::kOperate: return "operate";
    case Need::kConfigure: return "configure";
  }
  return "";
}

const char* NameOf(Method method) {
  switch (method) {
    case Method::kGet: return "GET";
    case Method::kPost: return "POST";
    case Method::kPut: return "PUT";
    case Method::kDelete: return "DELETE";
    case Method::kStats: return "STATS";
    default: return "";
  }
}

}  // namespace floe::api
