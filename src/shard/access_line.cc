// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "shard/access_line.h"

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/log_lines.h"
#include "base/log_text.h"

namespace floe::shard {
namespace {

void AppendQuoted(std::string* out, absl::string_view text) {
  out->push_back('"');
  log::AppendEscaped(out, text.empty() ? "-" : text, /*json=*/false);
  out->push_back('"');
}

}  // namespace

std::string AccessLine::ToString(absl::Time ended) const {
  std::string line =
      absl::StrCat(peer.Host(), " - ", log::Word(user), " [", log::LineTime(ended), "] ");
  AppendQuoted(&line, request);
  absl::StrAppend(&line, " ", status, " ", bytes, " ");
  AppendQuoted(&line, referer);
  line.push_back(' ');
  AppendQuoted(&line, agent);
  absl::StrAppend(&line, " ", absl::ToInt64Seconds(lasted));
  return line;
}

std::string AccessLine::ToJson(absl::Time ended) const {
  std::string line = absl::StrCat(R"({"time":")", log::JsonTime(ended), "\"");
  log::AppendJsonField(&line, "peer", peer.Host());
  log::AppendJsonField(&line, "user", user);
  log::AppendJsonField(&line, "request", request);
  absl::StrAppend(&line, ",\"status\":", status, ",\"bytes\":", bytes);
  log::AppendJsonField(&line, "referer", referer);
  log::AppendJsonField(&line, "agent", agent);
  absl::StrAppend(&line, ",\"seconds\":", absl::ToInt64Seconds(lasted), "}");
  return line;
}

void LogAccess(const AccessLine& line) {
  if (!log::AccessWanted()) return;
  const absl::Time now = absl::Now();
  log::Access(log::IsJson() ? line.ToJson(now) : line.ToString(now));
}

}  // namespace floe::shard
