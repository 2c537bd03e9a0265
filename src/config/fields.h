// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The kinds of values a key may have: where each is stored, what it may be, how it is written.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/cidr.h"
#include "config/config.h"
#include "config/problems.h"
#include "config/secrets.h"
#include "config/units.h"
#include "config/value.h"

namespace floe::config {

// Scope is what keys are stored in. A key of mounts is stored in `mount`, which may be the
// defaults; one of relays, pushes, users or webhooks in that of one name, and without it there is
// no place for it.
struct Scope {
  Config* config;
  Mount* mount;
  Relay* relay = nullptr;
  Push* push = nullptr;
  User* user = nullptr;
  Webhook* webhook = nullptr;
};

inline Mount& OwnerOf(const Scope& scope, const Mount*) { return *scope.mount; }
inline Relay& OwnerOf(const Scope& scope, const Relay*) { return *scope.relay; }
inline Push& OwnerOf(const Scope& scope, const Push*) { return *scope.push; }
inline User& OwnerOf(const Scope& scope, const User*) { return *scope.user; }
inline Webhook& OwnerOf(const Scope& scope, const Webhook*) { return *scope.webhook; }

template <typename T>
using At = T& (*)(const Scope&);

template <typename Owner, typename T>
const Owner* NoOwner(T Owner::*) {
  return nullptr;
}

// Ready-made places: &In<&Config::limits, &Limits::sources>, &Of<&Mount::burst>.
template <auto kSection, auto kMember>
auto& In(const Scope& scope) {
  return scope.config->*kSection.*kMember;
}
template <auto kMember>
auto& Of(const Scope& scope) {
  return OwnerOf(scope, NoOwner(kMember)).*kMember;
}

struct Text {
  At<std::string> at;
  uint32_t bytes_max;
  Verdict (*check)(absl::string_view);  // null: any printable text
};
struct Password {
  At<Secret> at;
  Secrecy secrecy = Secrecy::kCompared;
};
struct Number {
  At<uint32_t> at;
  Range<uint32_t> range;
  bool zero_too = false;  // 0 is allowed besides the range
};
struct Flag {
  At<bool> at;
};
struct Time {
  At<milliseconds> at;
  Range<milliseconds> range;
};
struct AutoTime {
  At<std::optional<milliseconds>> at;  // unset: "auto"
  Range<milliseconds> range;
};
struct Size {
  uint64_t (*get)(const Scope&);
  void (*set)(const Scope&, uint64_t);
  Range<uint64_t> range;
  bool zero_too = false;
};
struct Choice {
  uint8_t (*get)(const Scope&);
  void (*set)(const Scope&, uint8_t);
  std::span<const absl::string_view> names;  // in the order of the enum
};
struct Origins {
  At<std::vector<std::string>> at;
};
// Texts of which none is named twice.
struct List {
  At<std::vector<std::string>> at;
  uint32_t items_max;
  Verdict (*check)(absl::string_view);  // of each, besides that it is printable
  absl::string_view expected;           // `a list of mounts such as ["/live"]`
};
struct Cidrs {
  At<std::vector<Cidr>> at;
};
struct Addresses {
  At<std::vector<Listen>> at;
};
// Said of one address in its table of a file; by other sources of all of them.
struct ListenFlag {
  bool (*get)(const Scope&);
  void (*set)(const Scope&, bool);
};
struct Upstreams {
  At<std::vector<Upstream>> at;
};
using Field = std::variant<Text, Password, Number, Flag, Time, AutoTime, Size, Choice, Origins,
                           List, Cidrs, Addresses, ListenFlag, Upstreams>;

// A size or a choice in a member of whatever integer or enum type: `kAt` is an &In or an &Of.
template <auto kAt>
Size SizeAt(Range<uint64_t> range, bool zero_too = false) {
  return {[](const Scope& scope) { return uint64_t{kAt(scope)}; },
          [](const Scope& scope, uint64_t size_bytes) {
            auto& member = kAt(scope);
            member = std::remove_reference_t<decltype(member)>(size_bytes);
          },
          range, zero_too};
}
template <auto kAt>
Choice ChoiceAt(std::span<const absl::string_view> names) {
  return {[](const Scope& scope) { return uint8_t(kAt(scope)); },
          [](const Scope& scope, uint8_t index) {
            auto& member = kAt(scope);
            member = std::remove_reference_t<decltype(member)>(index);
          },
          names};
}

// Checks the value and stores it, or says what is wrong with it and stores nothing.
Verdict Store(const Field& field, const Value& value, const Scope& scope,
              const SecretReader& secrets);

// What may be stored: `a time such as "30s", from "100ms" to "1h"`.
std::string Expected(const Field& field);

// The passwords that `value` says for the field, each as it is written there. Good as long as the
// value is.
std::vector<WrittenSecret> SecretsIn(const Field& field, const Value& value);

// What is stored, as TOML and without the passwords of Upstreams. REQUIRES: neither a Password,
// which is not printed, nor Addresses, which are tables of their own.
std::string Print(const Field& field, const Scope& scope);

}  // namespace floe::config
