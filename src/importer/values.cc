// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "importer/values.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/cidr.h"
#include "config/address.h"
#include "config/bounds.h"
#include "config/mount_name.h"
#include "config/units.h"
#include "config/value.h"
#include "importer/bounds.h"

namespace floe::importer {
namespace {

constexpr uint32_t kKilobitsMin = 8, kKilobitsMax = 100'000;
constexpr uint64_t kCoarse_ms = 2'000;  // from here on times are whole seconds
constexpr uint64_t kCoarseStep_ms = 1'000, kFineStep_ms = 100;
constexpr size_t kNetworksMax = 4'000;  // of one list; a few are two
// Passwords of the sample files of others.
constexpr std::array<absl::string_view, 3> kSamples = {"hackme", "changeme", "admin"};

uint64_t RoundedTo(uint64_t span_ms) {
  const uint64_t step = span_ms >= kCoarse_ms ? kCoarseStep_ms : kFineStep_ms;
  return (span_ms + step / 2) / step * step;
}

// "10.*.*.*" and "192.168.*": numbers, then stars alone.
std::optional<std::string> WildcardNetwork(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  if (parts.size() < 2 || parts.size() > 4) return std::nullopt;
  const auto first_star = std::find(parts.begin(), parts.end(), "*");
  if (!std::all_of(first_star, parts.end(), [](absl::string_view part) { return part == "*"; })) {
    return std::nullopt;
  }
  const size_t numbers = size_t(first_star - parts.begin());
  if (numbers == parts.size()) return std::nullopt;
  std::vector<absl::string_view> octets(parts.begin(), first_star);
  octets.resize(4, "0");
  const absl::StatusOr<Cidr> network =
      Cidr::Parse(absl::StrCat(absl::StrJoin(octets, "."), "/", numbers * 8));
  if (!network.ok()) return std::nullopt;
  return network->ToString();
}

}  // namespace

uint32_t BitrateIn(absl::string_view kilobits) {
  absl::string_view digits = absl::StripAsciiWhitespace(kilobits);
  const size_t end = digits.find_first_not_of("0123456789");
  digits = digits.substr(0, end);
  uint32_t number = 0;
  if (!absl::SimpleAtoi(digits, &number)) return kUsualBitrate;
  if (number < kKilobitsMin || number > kKilobitsMax) return kUsualBitrate;
  return number * 1'000;
}

std::optional<std::string> ListenAddress(absl::string_view host, int64_t port) {
  if (port < 1 || port > UINT16_MAX) return std::nullopt;
  std::string name(absl::StripAsciiWhitespace(host));
  absl::AsciiStrToLower(&name);
  if (name.empty() || name == "*") name = "0.0.0.0";
  if (name == "localhost") name = "127.0.0.1";
  if (absl::StrContains(name, ':') && !absl::StartsWith(name, "[")) {
    name = absl::StrCat("[", name, "]");
  }
  const std::string address = absl::StrCat(name, ":", port);
  if (!config::ParseAddress(address).ok()) return std::nullopt;
  return address;
}

std::optional<std::string> NetworkIn(absl::string_view written) {
  const absl::string_view text = absl::StripAsciiWhitespace(written);
  if (text == "*") return "0.0.0.0/0";
  if (absl::StrContains(text, '*')) return WildcardNetwork(text);
  const absl::StatusOr<Cidr> network = Cidr::Parse(text);
  if (!network.ok()) return std::nullopt;
  return network->ToString();
}

std::string RegexOf(absl::string_view wildcard) {
  std::string regex = "^";
  for (const char c : wildcard) {
    if (c == '*') {
      absl::StrAppend(&regex, ".*");
    } else if (c == '?') {
      absl::StrAppend(&regex, ".");
    } else {
      if (absl::StrContains("\\.+^$()[]{}|", c)) regex.push_back('\\');
      regex.push_back(c);
    }
  }
  return regex + "$";
}

std::vector<std::string> LinesIn(absl::string_view text) {
  std::vector<std::string> lines;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || absl::StartsWith(line, "#")) continue;
    if (lines.size() == kLinesMax) break;
    lines.emplace_back(line);
  }
  return lines;
}

std::string MountNameOf(absl::string_view name) {
  return absl::StartsWith(name, "/") ? std::string(name) : absl::StrCat("/", name);
}

bool IsMountName(absl::string_view name, const Origin& origin, Draft* draft) {
  const absl::Status status = config::CheckMountName(name);
  if (status.ok()) return true;
  draft->LeaveOut(origin, absl::StrCat("Floe takes no such name: ", status.message()));
  return false;
}

std::optional<std::string> SecondsIn(absl::string_view seconds) {
  const std::optional<int64_t> whole = NumberIn(seconds);
  if (whole.has_value()) {
    if (*whole < 0 || *whole > INT32_MAX) return std::nullopt;
    return config::FormatTime(milliseconds(*whole * 1'000));
  }
  double parts = 0;
  if (!absl::SimpleAtod(seconds, &parts) || !(parts >= 0 && parts < INT32_MAX)) {
    return std::nullopt;
  }
  return config::FormatTime(milliseconds(std::llround(parts * 1'000)));
}

void SetBySpan(absl::string_view section, absl::string_view key, uint64_t span_ms,
               const Origin& origin, Draft* draft) {
  const bool is_burst = key == "burst";
  const milliseconds min = is_burst ? milliseconds(0) : config::kHistoryMin;
  const milliseconds max = is_burst ? config::kBurstMax : config::kHistoryMax;
  const uint64_t cut_ms = std::clamp(span_ms, uint64_t(min.count()), uint64_t(max.count()));
  const std::string time = config::FormatTime(milliseconds(cut_ms));
  if (cut_ms != span_ms) {
    draft->Change(origin, absl::StrCat(cut_ms < span_ms ? "more" : "less", " than Floe's ", key,
                                       " may be; it is ", time));
  }
  draft->SetText(section, key, time, origin);
}

void SetBySize(absl::string_view section, absl::string_view key, const Sizing& sizing,
               const Origin& origin, Draft* draft) {
  const uint64_t bytes = std::min(sizing.bytes, uint64_t{1} << 40);
  const uint64_t span_ms = RoundedTo(bytes * 8 * 1'000 / sizing.bitrate);
  if (!sizing.is_silent) {
    draft->Change(origin, absl::StrCat("Floe counts in time: ", sizing.bytes, " bytes are ", key,
                                       " = \"", config::FormatTime(milliseconds(span_ms)), "\" at ",
                                       sizing.bitrate / 1'000, " kbit/s"));
  }
  SetBySpan(section, key, span_ms, origin, draft);
}

bool IsPassword(const PasswordText& password, const Origin& origin, Draft* draft) {
  const absl::string_view text = password.text;
  const auto no = [&](absl::string_view why) {
    draft->LeaveOut(origin, why);
    return false;
  };
  if (!config::IsPrintableUtf8(text)) return no("it holds a control character or is not UTF-8");
  if (password.written == Written::kHashed) {
    if (absl::StartsWith(text, "$")) return true;
    return no("it is no hash that Floe knows; set the password anew (`floe passwd` hashes it)");
  }
  if (absl::StartsWith(text, "env:") || absl::StartsWith(text, "file:")) {
    return no(
        "Floe would take it for the name of a variable or of a file; put it into a variable and "
        "name that: env:NAME");
  }
  if (absl::StartsWith(text, "$") && password.use == Use::kCompared) {
    return no(
        "Floe would take it for a hash, since it begins with '$'; set the hash of it, which "
        "`floe passwd` makes");
  }
  if (std::find(kSamples.begin(), kSamples.end(), text) != kSamples.end()) {
    draft->Change(origin, "it is a password that everybody tries first; set another one");
  }
  return true;
}

void SetPassword(absl::string_view section, absl::string_view key, const PasswordText& password,
                 const Origin& origin, Draft* draft) {
  if (password.text.empty() || !IsPassword(password, origin, draft)) return;
  draft->SetValue(section, {.key = std::string(key),
                            .value = config::Quoted(password.text),
                            .origin = origin,
                            .is_secret = true});
}

void SetNetworks(absl::string_view section, absl::string_view key,
                 const std::vector<std::string>& entries, const Origin& origin, Draft* draft) {
  std::vector<std::string> networks;
  for (const std::string& entry : entries) {
    if (networks.size() >= kNetworksMax) {
      draft->LeaveOut(origin, absl::StrCat("of its entries the first ", kNetworksMax,
                                           " are here; access.ban_file may hold more"));
      break;
    }
    if (const std::optional<std::string> network = NetworkIn(entry)) {
      networks.push_back(*network);
      if (entry == "*") networks.push_back("::/0");
    } else {
      draft->LeaveOut(origin, "an entry of it is neither an address nor a network");
    }
  }
  if (!networks.empty()) {
    draft->SetList(section, key, networks, origin);
    if (key == "allow") draft->MarkGuard(section, key);
  } else if (!entries.empty() && key == "allow") {
    draft->Close(section, origin);
  }
}

std::vector<std::string> TextsIn(const Item& item) {
  std::vector<std::string> texts;
  for (const Item& entry : item.items) {
    if (!entry.Text().empty()) texts.emplace_back(entry.Text());
  }
  for (absl::string_view text : absl::StrSplit(item.text, ',')) {
    text = absl::StripAsciiWhitespace(text);
    if (!text.empty()) texts.emplace_back(text);
  }
  return texts;
}

}  // namespace floe::importer
