// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "config/bounds.h"
#include "config/secrets.h"
#include "config/settings.h"

namespace floe::config {
namespace {

constexpr absl::string_view kOurs = "FLOE_";
constexpr absl::string_view kOfTests = "FLOE_TEST_";  // for what runs Floe, not for Floe
constexpr absl::string_view kOfEncoder = "FLOE_SOURCE_PASSWORD";  // with which floe-source logs in

Place PlaceOf(absl::string_view variable) { return {Source::kEnvironment, variable}; }

// The variables by which an orchestrator tells its containers of a service whose name begins with
// "floe": FLOE_SERVICE_HOST, FLOE_SERVICE_PORT_HTTP, FLOE_PORT, FLOE_PORT_8000_TCP_ADDR.
bool IsOfService(absl::string_view variable, absl::string_view value) {
  if (absl::EndsWith(variable, "_SERVICE_HOST")) return true;
  if (absl::StrContains(variable, "_SERVICE_PORT")) return true;
  if (absl::EndsWith(variable, "_PORT")) return absl::StrContains(value, "://");
  constexpr absl::string_view kPort = "_PORT_";
  const size_t port = variable.find(kPort);
  return port != absl::string_view::npos && port + kPort.size() < variable.size() &&
         absl::ascii_isdigit(uint8_t(variable[port + kPort.size()]));
}

}  // namespace

Environment EnvironmentFrom(const char* const* entries) {
  Environment environment;
  for (; entries != nullptr && *entries != nullptr; ++entries) {
    const absl::string_view entry = *entries;
    const size_t equals = entry.find('=');
    if (equals == absl::string_view::npos) continue;
    environment.emplace_back(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return environment;
}

void AddEnvironment(const Environment& environment, Settings& settings) {
  for (const auto& [name, value] : environment) {
    if (!absl::StartsWith(name, kOurs)) continue;
    const Key* key = FindVariable(name);
    if (key == nullptr) continue;
    settings.values.push_back(
        {key, "", {.kind = Value::Kind::kBare, .text = value, .place = PlaceOf(name)}});
  }
}

void CheckEnvironment(const Environment& environment, const Settings& settings, Problems& problems,
                      std::vector<std::string>* warnings) {
  std::set<absl::string_view> named;
  for (const Setting& setting : settings.values) {
    for (const WrittenSecret& secret : SecretsIn(setting.key->field, setting.value)) {
      if (const auto variable = VariableOf(secret.text)) named.insert(*variable);
    }
  }
  for (const auto& [name, value] : environment) {
    if (!absl::StartsWith(name, kOurs) || absl::StartsWith(name, kOfTests)) continue;
    if (FindVariable(name) != nullptr || named.contains(name) || IsOfService(name, value)) continue;
    const std::string text = absl::StrCat(
        "no key is called by this variable and no password is \"env:", absl::CHexEscape(name), "\"",
        DidYouMean(SuggestVariable(name)));
    if (name != kOfEncoder) {
      problems.Add(PlaceOf(name), text);
    } else if (warnings != nullptr) {
      warnings->push_back(absl::StrCat(name, ": ", text));
    }
  }
}

}  // namespace floe::config
