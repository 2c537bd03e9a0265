// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/upstreams.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "base/http_url.h"
#include "base/limits.h"
#include "config/bounds.h"
#include "config/checks.h"
#include "config/suggest.h"

namespace floe::config {
namespace {

constexpr absl::string_view kUrl = "url";
constexpr absl::string_view kUser = "user";
constexpr absl::string_view kPassword = "password";
constexpr absl::string_view kToken = "token";
constexpr std::array<absl::string_view, 4> kNames = {kUrl, kUser, kPassword, kToken};

Wrong Refuse(absl::string_view why, const Value& item) {
  return {.why = std::string(why), .item = &item};
}
// The same of what may be a password, or hold one.
Wrong RefuseUnshown(absl::string_view why, const Value& item) {
  return {.why = std::string(why), .item = &item, .is_secret = true};
}

Verdict ReadUrl(const Value& item, Upstream* upstream) {
  if (!item.is_text()) return Refuse("is neither a URL nor a table with one", item);
  if (item.text.empty()) return Refuse("is empty", item);
  if (Verdict verdict = CheckUrl(item.text)) {
    verdict->item = &item;
    return verdict;
  }
  upstream->url = item.text;
  return std::nullopt;
}

Verdict ReadUser(const Value& item, Upstream* upstream) {
  if (!item.is_text()) return Refuse("is no text, which a user's name is", item);
  Verdict verdict = item.text.size() > kUserBytesMax || !IsPrintableUtf8(item.text)
                        ? Refuse("is no name of a user", item)
                        : CheckUser(item.text);
  if (verdict.has_value()) {
    verdict->item = &item;
    return verdict;
  }
  upstream->user = item.text;
  return std::nullopt;
}

Verdict ReadSecret(absl::string_view name, const Value& item, const SecretReader& secrets,
                   Secret* secret) {
  if (!item.is_text()) return RefuseUnshown(absl::StrCat("has a ", name, " that is no text"), item);
  Verdict verdict = secrets.Read(item.text, Secrecy::kSent, secret);
  if (!verdict.has_value()) return std::nullopt;
  verdict->why = absl::StrCat("has a ", name, " that ", verdict->why);
  verdict->item = &item;
  verdict->is_secret = true;
  return verdict;
}

Verdict ReadMember(const Member& member, const SecretReader& secrets, Upstream* upstream) {
  if (member.key == kUrl) return ReadUrl(member.value, upstream);
  if (member.key == kUser) return ReadUser(member.value, upstream);
  if (member.key == kPassword) {
    return ReadSecret(kPassword, member.value, secrets, &upstream->password);
  }
  if (member.key == kToken) return ReadSecret(kToken, member.value, secrets, &upstream->token);
  Wrong wrong = RefuseUnshown("has a key that no upstream has", member.value);
  wrong.suggestion = std::string(Nearest(member.key, kNames));
  return wrong;
}

// The visible part of ASCII: what a header line takes as it is.
bool IsToken(absl::string_view text) {
  return absl::c_all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

Verdict ReadTable(const Value& item, const SecretReader& secrets, Upstream* upstream) {
  for (const Member& member : item.members) {
    if (Verdict verdict = ReadMember(member, secrets, upstream)) return verdict;
  }
  if (upstream->url.empty()) return Refuse("has no url", item);
  if (!upstream->password.empty() && !upstream->token.empty()) {
    return Refuse("has a password and a token, of which one would be sent", item);
  }
  if (!upstream->password.empty() && upstream->user.empty()) {
    return Refuse("has a password and no user", item);
  }
  if (!IsToken(upstream->token)) return Refuse("has a token with a blank or beyond ASCII", item);
  return std::nullopt;
}

}  // namespace

Verdict ReadUpstreams(const std::vector<Value>& items, const SecretReader& secrets,
                      std::vector<Upstream>* upstreams) {
  if (items.size() > kUpstreamsMax) {
    return Wrong{.why = absl::StrCat("has more than ", kUpstreamsMax)};
  }
  std::vector<HttpUrl> seen;
  for (const Value& item : items) {
    Upstream upstream;
    Verdict verdict = item.kind == Value::Kind::kTable ? ReadTable(item, secrets, &upstream)
                                                       : ReadUrl(item, &upstream);
    if (verdict.has_value()) return verdict;
    const HttpUrl url = *HttpUrl::Parse(upstream.url);
    if (absl::c_linear_search(seen, url)) return Refuse("is named twice", item);
    seen.push_back(url);
    upstreams->push_back(std::move(upstream));
  }
  return std::nullopt;
}

std::vector<WrittenSecret> SecretsInUpstreams(const std::vector<Value>& items) {
  std::vector<WrittenSecret> secrets;
  for (const Value& item : items) {
    for (const Member& member : item.members) {
      const bool is_secret = member.key == kPassword || member.key == kToken;
      if (is_secret && member.value.is_text()) {
        secrets.push_back({member.value.text, Secrecy::kSent});
      }
    }
  }
  return secrets;
}

}  // namespace floe::config
