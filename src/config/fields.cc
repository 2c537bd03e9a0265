// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/fields.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/check.h"
#include "base/http_url.h"
#include "config/address.h"
#include "config/bounds.h"
#include "config/checks.h"
#include "config/suggest.h"
#include "config/upstreams.h"

namespace floe::config {
namespace {

using Kind = Value::Kind;

constexpr absl::string_view kAuto = "auto";
constexpr absl::string_view kAnyOrigin = "*";
constexpr absl::string_view kAddress = "address";
constexpr absl::string_view kProxyProtocol = "proxy_protocol";

Verdict Refuse(absl::string_view why, absl::string_view suggestion = "", bool is_string = false) {
  return Wrong{
      .why = std::string(why), .suggestion = std::string(suggestion), .suggests_string = is_string};
}

// Bare text around which a shell or a unit file left blanks; what a file quotes is exact.
absl::string_view Word(const Value& value) {
  return value.kind == Kind::kBare ? absl::StripAsciiWhitespace(value.text) : value.text;
}

// Text that should have been quoted, where a file has something else.
std::string Unquoted(const Value& value) {
  if (value.kind == Kind::kInteger || value.kind == Kind::kBoolean) return Shown(value);
  return "";
}

// A value's text for the readers of units; a bare number of TOML is read as its digits, so that the
// answer is about the missing unit.
std::optional<std::string> TextOfQuantity(const Value& value) {
  if (value.is_text()) return std::string(Word(value));
  if (value.kind == Kind::kInteger) return absl::StrCat(value.integer);
  return std::nullopt;
}

// Text split at commas, or the list of a file.
std::vector<Value> Items(const Value& value) {
  if (value.kind != Kind::kBare) return value.items;
  std::vector<Value> items;
  for (const absl::string_view part : absl::StrSplit(value.text, ',')) {
    const absl::string_view word = absl::StripAsciiWhitespace(part);
    if (word.empty()) continue;
    items.push_back({.kind = Kind::kString, .text = std::string(word), .place = value.place});
  }
  return items;
}

Verdict StoreIn(const Text& field, const Value& value, const Scope& scope, const SecretReader&) {
  if (!value.is_text()) return Refuse("", Unquoted(value), true);
  if (value.text.size() > field.bytes_max) return Refuse("is too long");
  if (!IsPrintableUtf8(value.text)) return Refuse("holds a control character or is not UTF-8");
  if (field.check != nullptr) {
    if (Verdict verdict = field.check(value.text)) return verdict;
  }
  field.at(scope) = value.text;
  return std::nullopt;
}

Verdict StoreIn(const Password& field, const Value& value, const Scope& scope,
                const SecretReader& secrets) {
  if (!value.is_text()) return Refuse("is not text");
  return secrets.Read(value.text, field.secrecy, &field.at(scope));
}

Verdict StoreIn(const Number& field, const Value& value, const Scope& scope, const SecretReader&) {
  int64_t number = value.integer;
  if (value.kind == Kind::kString) {
    return Refuse("is text", absl::SimpleAtoi(value.text, &number) ? absl::StrCat(number) : "");
  }
  if (value.kind == Kind::kBare && !absl::SimpleAtoi(value.text, &number)) return Refuse("");
  if (value.kind != Kind::kBare && value.kind != Kind::kInteger) return Refuse("");
  const bool is_zero = number == 0 && field.zero_too;
  if (!is_zero && number < int64_t{field.range.min}) return Refuse("is too small");
  if (!is_zero && number > int64_t{field.range.max}) return Refuse("is too large");
  field.at(scope) = uint32_t(number);
  return std::nullopt;
}

Verdict ReadFlag(const Value& value, bool* flag) {
  const std::string word = absl::AsciiStrToLower(Word(value));
  if (value.kind == Kind::kBoolean) {
    *flag = value.boolean;
  } else if (value.kind == Kind::kBare && (word == "true" || word == "false")) {
    *flag = word == "true";
  } else if (word == "true" || word == "yes" || word == "on" || word == "1" || value.integer == 1) {
    return Refuse("", "true");
  } else {
    const bool is_no = word == "false" || word == "no" || word == "off" || word == "0" ||
                       (value.kind == Kind::kInteger && value.integer == 0);
    return Refuse("", is_no ? "false" : "");
  }
  return std::nullopt;
}

Verdict StoreIn(const Flag& field, const Value& value, const Scope& scope, const SecretReader&) {
  return ReadFlag(value, &field.at(scope));
}

Verdict StoreIn(const Time& field, const Value& value, const Scope& scope, const SecretReader&) {
  const std::optional<std::string> text = TextOfQuantity(value);
  if (!text.has_value()) return Refuse("");
  return ReadTime(*text, field.range, &field.at(scope));
}

Verdict StoreIn(const AutoTime& field, const Value& value, const Scope& scope,
                const SecretReader&) {
  const std::optional<std::string> text = TextOfQuantity(value);
  if (!text.has_value()) return Refuse("");
  if (*text == kAuto) {
    field.at(scope) = std::nullopt;
    return std::nullopt;
  }
  milliseconds time{};
  Verdict verdict = ReadTime(*text, field.range, &time);
  if (!verdict.has_value()) {
    field.at(scope) = time;
  } else if (absl::EqualsIgnoreCase(*text, kAuto) || EditDistance(*text, kAuto) == 1) {
    verdict->suggestion = std::string(kAuto);
  }
  return verdict;
}

Verdict StoreIn(const Size& field, const Value& value, const Scope& scope, const SecretReader&) {
  const std::optional<std::string> text = TextOfQuantity(value);
  if (!text.has_value()) return Refuse("");
  uint64_t size_bytes = 0;
  if (field.zero_too && !ReadSize(*text, {0, 0}, &size_bytes).has_value()) {
    field.set(scope, 0);
    return std::nullopt;
  }
  Verdict verdict = ReadSize(*text, field.range, &size_bytes);
  if (!verdict.has_value()) {
    field.set(scope, size_bytes);
  } else if (value.kind == Kind::kInteger && field.range.Holds(uint64_t(value.integer))) {
    verdict->suggestion = FormatSize(uint64_t(value.integer));  // a count of bytes
  }
  return verdict;
}

Verdict StoreIn(const Choice& field, const Value& value, const Scope& scope, const SecretReader&) {
  // on and off are booleans to who does not quote them.
  const std::string said =
      value.kind == Kind::kBoolean ? (value.boolean ? "on" : "off") : std::string(Word(value));
  for (size_t i = 0; i < field.names.size(); ++i) {
    if (!value.is_text() || field.names[i] != said) continue;
    field.set(scope, uint8_t(i));
    return std::nullopt;
  }
  return Refuse("", Nearest(said, field.names), true);
}

// An origin is what a browser sends: scheme and host, no path.
bool IsOrigin(absl::string_view text) {
  if (text == kAnyOrigin || text == "null") return true;
  const size_t scheme = text.find("://");
  if (scheme == absl::string_view::npos || scheme == 0) return false;
  const absl::string_view host = text.substr(scheme + 3);
  return !host.empty() && host.find_first_of("/?# ,\"") == absl::string_view::npos;
}

Verdict StoreIn(const Origins& field, const Value& value, const Scope& scope, const SecretReader&) {
  if (value.kind == Kind::kString) return Refuse("", absl::StrCat("[", Quoted(value.text), "]"));
  if (value.kind != Kind::kBare && value.kind != Kind::kList) return Refuse("");
  std::vector<std::string> origins;
  const std::vector<Value> items = Items(value);
  if (items.size() > kOriginsMax) return Refuse(absl::StrCat("has more than ", kOriginsMax));
  for (size_t i = 0; i < items.size(); ++i) {
    const Value* item = value.kind == Kind::kList ? &value.items[i] : nullptr;
    const std::string& text = items[i].text;
    if (!items[i].is_text() || !IsPrintableUtf8(text) || !IsOrigin(text)) {
      return Wrong{.why = "is not an origin", .item = item};
    }
    origins.push_back(text);
  }
  if (origins.size() > 1 && absl::c_linear_search(origins, kAnyOrigin)) {
    return Refuse("has \"*\", any origin, and others beside it");
  }
  field.at(scope) = std::move(origins);
  return std::nullopt;
}

// Why `value` is no list; a text alone is likely meant as one of one item.
Verdict CheckList(const Value& value) {
  if (value.kind == Kind::kString) return Refuse("", absl::StrCat("[", Quoted(value.text), "]"));
  if (value.kind != Kind::kBare && value.kind != Kind::kList) return Refuse("");
  return std::nullopt;
}

Verdict StoreIn(const List& field, const Value& value, const Scope& scope, const SecretReader&) {
  if (const Verdict verdict = CheckList(value)) return verdict;
  const std::vector<Value> items = Items(value);
  if (items.size() > field.items_max)
    return Refuse(absl::StrCat("has more than ", field.items_max));
  std::vector<std::string> texts;
  for (size_t i = 0; i < items.size(); ++i) {
    const Value* item = value.kind == Kind::kList ? &value.items[i] : nullptr;
    const auto refuse = [item](absl::string_view why) {
      return Wrong{.why = std::string(why), .item = item};
    };
    if (!items[i].is_text()) return refuse("is not text");
    if (!IsPrintableUtf8(items[i].text)) {
      return refuse("holds a control character or is not UTF-8");
    }
    if (Verdict verdict = field.check(items[i].text)) {
      verdict->item = item;
      return verdict;
    }
    if (absl::c_linear_search(texts, items[i].text)) return refuse("is named twice");
    texts.push_back(items[i].text);
  }
  field.at(scope) = std::move(texts);
  return std::nullopt;
}

Verdict StoreIn(const Cidrs& field, const Value& value, const Scope& scope, const SecretReader&) {
  if (const Verdict verdict = CheckList(value)) return verdict;
  const std::vector<Value> items = Items(value);
  if (items.size() > kCidrsMax) return Refuse(absl::StrCat("has more than ", kCidrsMax));
  std::vector<Cidr> cidrs;
  for (size_t i = 0; i < items.size(); ++i) {
    const Value* item = value.kind == Kind::kList ? &value.items[i] : nullptr;
    if (!items[i].is_text()) return Wrong{.why = "is not text", .item = item};
    const absl::StatusOr<Cidr> cidr = Cidr::Parse(items[i].text);
    if (!cidr.ok()) return Wrong{.why = std::string(cidr.status().message()), .item = item};
    cidrs.push_back(*cidr);
  }
  field.at(scope) = std::move(cidrs);
  return std::nullopt;
}

// `seen`: what the addresses before it mean, however they were written.
Verdict ReadListen(const Value& item, std::vector<SocketAddress>& seen, Listen* listen) {
  const auto refuse = [&item](absl::string_view why) {
    return Wrong{.why = std::string(why), .item = &item};
  };
  if (!item.is_text()) return refuse("is not text");
  SocketAddress address;
  if (Verdict verdict = ReadAddress(item.text, &address)) {
    verdict->item = &item;
    return verdict;
  }
  if (PortOf(address) == 0) return refuse("has port 0, which players could not find");
  if (absl::c_linear_search(seen, address)) return refuse("is listened on twice");
  seen.push_back(address);
  listen->address = item.text;
  return std::nullopt;
}

// A [[listen]]: its address, and whether a PROXY header comes first.
Verdict ReadListenTable(const Value& table, std::vector<SocketAddress>& seen, Listen* listen) {
  for (const Member& member : table.members) {
    if (member.key == kAddress) {
      if (const Verdict verdict = ReadListen(member.value, seen, listen)) return verdict;
    } else if (member.key != kProxyProtocol) {
      continue;  // told as a key that there is not
    } else if (member.value.kind == Kind::kBoolean) {
      listen->proxy_protocol = member.value.boolean;
    } else {
      return Wrong{.why = absl::StrCat("is said of ", member.key, ", which is true or false"),
                   .item = &member.value};
    }
  }
  return std::nullopt;
}

Verdict StoreIn(const Addresses& field, const Value& value, const Scope& scope,
                const SecretReader&) {
  const std::vector<Value> split = value.kind == Kind::kBare ? Items(value) : std::vector<Value>();
  const std::vector<Value>& items = value.kind == Kind::kBare ? split : value.items;
  if (items.empty()) return Refuse("names no address; without one nobody can be heard");
  if (items.size() > kListenMax) return Refuse(absl::StrCat("has more than ", kListenMax));
  std::vector<Listen> all;
  std::vector<SocketAddress> seen;
  for (const Value& item : items) {
    Listen listen;
    Verdict verdict = item.kind == Kind::kTable ? ReadListenTable(item, seen, &listen)
                                                : ReadListen(item, seen, &listen);
    if (verdict.has_value()) {
      if (value.kind == Kind::kBare) verdict->item = nullptr;  // it ends here
      return verdict;
    }
    all.push_back(std::move(listen));
  }
  field.at(scope) = std::move(all);
  return std::nullopt;
}

Verdict StoreIn(const ListenFlag& field, const Value& value, const Scope& scope,
                const SecretReader&) {
  bool flag = false;
  const Verdict verdict = ReadFlag(value, &flag);
  if (!verdict.has_value()) field.set(scope, flag);
  return verdict;
}

Verdict StoreIn(const Upstreams& field, const Value& value, const Scope& scope,
                const SecretReader& secrets) {
  if (value.kind == Kind::kString) {
    const bool is_url = HttpUrl::Parse(value.text).ok();
    Wrong wrong = {.suggestion = is_url ? absl::StrCat("[", Quoted(value.text), "]") : ""};
    wrong.is_secret = !is_url;
    return wrong;
  }
  if (value.kind != Kind::kBare && value.kind != Kind::kList) return Refuse("");
  const std::vector<Value> split = value.kind == Kind::kBare ? Items(value) : std::vector<Value>();
  const std::vector<Value>& items = value.kind == Kind::kBare ? split : value.items;
  std::vector<Upstream> upstreams;
  Verdict verdict = ReadUpstreams(items, secrets, &upstreams);
  if (!verdict.has_value()) {
    field.at(scope) = std::move(upstreams);
  } else if (value.kind == Kind::kBare) {
    verdict->item = nullptr;  // it ends here
  }
  return verdict;
}

}  // namespace

std::vector<WrittenSecret> SecretsIn(const Field& field, const Value& value) {
  if (const auto* password = std::get_if<Password>(&field)) {
    if (!value.is_text()) return {};
    return {{value.text, password->secrecy}};
  }
  return std::holds_alternative<Upstreams>(field) ? SecretsInUpstreams(value.items)
                                                  : std::vector<WrittenSecret>();
}

Verdict Store(const Field& field, const Value& value, const Scope& scope,
              const SecretReader& secrets) {
  return std::visit([&](const auto& kind) { return StoreIn(kind, value, scope, secrets); }, field);
}

}  // namespace floe::config
