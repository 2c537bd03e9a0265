// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "config/fields.h"

namespace floe::config {
namespace {

void AppendQuoted(std::string* out, absl::string_view text) { absl::StrAppend(out, Quoted(text)); }

std::string Times(const Range<milliseconds>& range) {
  return absl::StrCat("a time such as \"1500ms\", \"30s\" or \"2m\", from ", FormatTime(range.min),
                      " to ", FormatTime(range.max));
}

std::string ExpectedOf(const Text& field) {
  return absl::StrCat("text of at most ", field.bytes_max, " bytes");
}
std::string ExpectedOf(const Password& field) {
  if (field.secrecy == Secrecy::kTokenCompared) {
    return "a token, its hash \"sha256:HEX\", \"env:NAME\" or \"file:/path\"";
  }
  return "a password, a crypt(3) hash, \"env:NAME\" or \"file:/path\"";
}
std::string ExpectedOf(const Number& field) {
  return absl::StrCat(field.zero_too && field.range.min > 1 ? "0 or " : "", "a whole number from ",
                      field.zero_too && field.range.min <= 1 ? 0 : field.range.min, " to ",
                      field.range.max);
}
std::string ExpectedOf(const Flag&) { return "true or false"; }
std::string ExpectedOf(const Time& field) { return Times(field.range); }
std::string ExpectedOf(const AutoTime& field) {
  return absl::StrCat("\"auto\" or ", Times(field.range));
}
std::string ExpectedOf(const Size& field) {
  return absl::StrCat(field.zero_too ? "\"0B\" or " : "",
                      "a size such as \"64KiB\" or \"256MiB\", from ", FormatSize(field.range.min),
                      " to ", FormatSize(field.range.max));
}
std::string ExpectedOf(const Choice& field) {
  return absl::StrJoin(field.names, " or ", AppendQuoted);
}
std::string ExpectedOf(const Origins&) {
  return "a list of origins: [\"*\"] for any, or such as [\"https://radio.example.com\"]";
}
std::string ExpectedOf(const List& field) { return std::string(field.expected); }
std::string ExpectedOf(const Cidrs&) {
  return "a list of addresses and networks such as [\"192.0.2.7\", \"10.0.0.0/8\", "
         "\"2001:db8::/32\"]";
}
std::string ExpectedOf(const ListenFlag&) { return "true or false"; }
std::string ExpectedOf(const Addresses&) {
  return "numeric addresses such as \"0.0.0.0:8000\" or \"[::]:8000\"";
}
std::string ExpectedOf(const Upstreams&) {
  return "a list of URLs such as [\"http://a.example:8000/live\"], or of tables such as { url = "
         "\"http://a.example:8000/live\", user = \"relay\", password = \"env:NAME\" }";
}

void AppendUpstream(std::string* out, const Upstream& upstream) {
  if (upstream.user.empty()) return AppendQuoted(out, upstream.url);
  absl::StrAppend(out, "{ url = ", Quoted(upstream.url), ", user = ", Quoted(upstream.user), " }");
}

std::string PrintOf(const Text& field, const Scope& scope) { return Quoted(field.at(scope)); }
std::string PrintOf(const Password&, const Scope&) { FLOE_BUG("a password is not printed", 0); }
std::string PrintOf(const Number& field, const Scope& scope) {
  return absl::StrCat(field.at(scope));
}
std::string PrintOf(const Flag& field, const Scope& scope) {
  return field.at(scope) ? "true" : "false";
}
std::string PrintOf(const Time& field, const Scope& scope) {
  return Quoted(FormatTime(field.at(scope)));
}
std::string PrintOf(const AutoTime& field, const Scope& scope) {
  const std::optional<milliseconds>& time = field.at(scope);
  return Quoted(time.has_value() ? FormatTime(*time) : "auto");
}
std::string PrintOf(const Size& field, const Scope& scope) {
  return Quoted(FormatSize(field.get(scope)));
}
std::string PrintOf(const Choice& field, const Scope& scope) {
  return Quoted(field.names[field.get(scope)]);
}
std::string PrintOf(const Origins& field, const Scope& scope) {
  return absl::StrCat("[", absl::StrJoin(field.at(scope), ", ", AppendQuoted), "]");
}
std::string PrintOf(const Upstreams& field, const Scope& scope) {
  return absl::StrCat("[", absl::StrJoin(field.at(scope), ", ", AppendUpstream), "]");
}
std::string PrintOf(const List& field, const Scope& scope) {
  return absl::StrCat("[", absl::StrJoin(field.at(scope), ", ", AppendQuoted), "]");
}
std::string PrintOf(const Cidrs& field, const Scope& scope) {
  const auto append = [](std::string* out, const Cidr& cidr) {
    AppendQuoted(out, cidr.ToString());
  };
  return absl::StrCat("[", absl::StrJoin(field.at(scope), ", ", append), "]");
}
std::string PrintOf(const ListenFlag& field, const Scope& scope) {
  return field.get(scope) ? "true" : "false";
}
std::string PrintOf(const Addresses&, const Scope&) { FLOE_BUG("addresses are tables", 0); }

}  // namespace

std::string Expected(const Field& field) {
  return std::visit([](const auto& kind) { return ExpectedOf(kind); }, field);
}

std::string Print(const Field& field, const Scope& scope) {
  return std::visit([&](const auto& kind) { return PrintOf(kind, scope); }, field);
}

}  // namespace floe::config
