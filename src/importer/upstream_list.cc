// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "importer/upstream_list.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/http_url.h"
#include "base/limits.h"
#include "config/value.h"
#include "importer/values.h"

namespace floe::importer {

void SetUpstreams(absl::string_view section, const std::vector<Call>& calls, Draft* draft) {
  std::vector<std::string> items;
  std::vector<HttpUrl> seen;
  bool has_login = false;
  for (const Call& call : calls) {
    const absl::StatusOr<HttpUrl> url = HttpUrl::Parse(call.url);
    if (!url.ok()) {
      draft->LeaveOut(call.origin,
                      absl::StrCat("its URL is none that Floe calls: it ", url.status().message()));
      continue;
    }
    if (std::find(seen.begin(), seen.end(), *url) != seen.end()) continue;
    if (seen.size() == kUpstreamsMax) {
      draft->LeaveOut(call.origin,
                      absl::StrCat("a mount has at most ", kUpstreamsMax, " upstreams"));
      continue;
    }
    seen.push_back(*url);
    const PasswordText password = {call.password, Written::kPlain, Use::kSent};
    if (call.password.empty() || !IsPassword(password, call.origin, draft)) {
      items.push_back(config::Quoted(call.url));
      continue;
    }
    has_login = true;
    const bool is_user = !call.user.empty() && !absl::StrContains(call.user, ':') &&
                         config::IsPrintableUtf8(call.user);
    items.push_back(absl::StrCat("{ url = ", config::Quoted(call.url),
                                 ", user = ", config::Quoted(is_user ? call.user : "relay"),
                                 ", password = ", config::Quoted(call.password), " }"));
  }
  if (items.empty()) return;
  draft->SetValue(section, {.key = "upstream",
                            .value = absl::StrCat("[", absl::StrJoin(items, ", "), "]"),
                            .origin = calls[0].origin,
                            .is_secret = has_login});
}

}  // namespace floe::importer
