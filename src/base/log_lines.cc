// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/log_lines.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/local_zone.h"
#include "base/log_text.h"

namespace floe::log {
namespace {

std::string Escaped(absl::string_view text) {
  std::string escaped;
  AppendEscaped(&escaped, text, /*json=*/false);
  return escaped;
}

// What stands within no quotes: as it is, but for what is not to be printed.
std::string Bare(absl::string_view text) {
  return absl::StrReplaceAll(Escaped(text), {{"\\\"", "\""}, {"\\\\", "\\"}});
}

}  // namespace

std::string LineTime(absl::Time at) {
  return absl::FormatTime("%d/%b/%Y:%H:%M:%S %z", at, LocalZone());
}

std::string JsonTime(absl::Time at) {
  return absl::FormatTime(absl::RFC3339_sec, at, absl::UTCTimeZone());
}

std::string PlaylistLine::ToString(absl::Time at) const {
  // A bar ends the mount's name; the title is last, and may have some.
  return absl::StrCat(LineTime(at), "|", absl::StrReplaceAll(Bare(mount), {{"|", "\\x7c"}}), "|",
                      listeners, "|", Bare(metadata));
}

std::string PlaylistLine::ToJson(absl::Time at) const {
  std::string line = absl::StrCat(R"({"time":")", JsonTime(at), "\"");
  AppendJsonField(&line, "mount", mount);
  absl::StrAppend(&line, ",\"listeners\":", listeners);
  AppendJsonField(&line, "metadata", metadata);
  line.push_back('}');
  return line;
}

std::string AuthLine::ToString(absl::Time at) const {
  return absl::StrCat(peer.Host(), " - ", Word(user), " [", LineTime(at), "] \"",
                      Escaped(request.empty() ? "-" : request), "\" ", Escaped(outcome));
}

std::string AuthLine::ToJson(absl::Time at) const {
  std::string line = absl::StrCat(R"({"time":")", JsonTime(at), "\"");
  AppendJsonField(&line, "peer", peer.Host());
  AppendJsonField(&line, "user", user);
  AppendJsonField(&line, "request", request);
  AppendJsonField(&line, "outcome", outcome);
  line.push_back('}');
  return line;
}

}  // namespace floe::log
