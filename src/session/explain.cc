// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/explain.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "base/local_zone.h"
#include "http/reply.h"
#include "http/status.h"
#include "mount/registry.h"
#include "nlohmann/json.hpp"

namespace floe::session {
namespace {

using Json = nlohmann::ordered_json;
using mount::Explanation;
using mount::Step;
using mount::Verdict;

// For programs.
const char* VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPlays: return "plays";
    case Verdict::kIsLater: return "later";
    case Verdict::kIsSilent: return "no-source";
    case Verdict::kIsNotYet: return "not-yet-heard";
    case Verdict::kOtherFormat: return "other-format";
    case Verdict::kOtherCodec: return "other-codec";
    case Verdict::kUnknown: return "unknown";
    case Verdict::kMetBefore: return "met-before";
    case Verdict::kTooFar: return "too-far";
  }
  FLOE_BUG("a verdict without a name", int(verdict));
}

// What of a step comes behind the mount's name.
std::string Sentence(const Step& step, const mount::Media& heard) {
  switch (step.verdict) {
    case Verdict::kPlays: return "plays";
    case Verdict::kIsLater: return "could play; what plays comes before it";
    case Verdict::kIsSilent: return "has no source";
    case Verdict::kIsNotYet: return "has a source, and nothing of it where a player could begin";
    case Verdict::kOtherFormat:
    case Verdict::kOtherCodec:
      return absl::StrCat("is passed over: it is ", mount::MediaName(step.media),
                          ", and players that heard ", mount::MediaName(heard),
                          " could not go on with it");
    case Verdict::kUnknown: return "is not there";
    case Verdict::kMetBefore: return "was met before";
    case Verdict::kTooFar: return absl::StrCat("is behind more than ", kFallbacksMax, " others");
  }
  FLOE_BUG("a verdict without a sentence", int(step.verdict));
}

std::string PlayedIn(const std::vector<Step>& steps) {
  const auto played = std::find_if(
      steps.begin(), steps.end(), [](const Step& step) { return step.verdict == Verdict::kPlays; });
  return played == steps.end() ? "" : played->mount;
}

std::string Iso8601(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%S%z", time, LocalZone());
}

const char* OverrideName(config::FallbackOverride override) {
  switch (override) {
    case config::FallbackOverride::kOwn: return "own";
    case config::FallbackOverride::kAll: return "all";
    case config::FallbackOverride::kNone: return "none";
  }
  FLOE_BUG("an override without a name", int(override));
}

const char* ReturnSentence(config::FallbackOverride override) {
  switch (override) {
    case config::FallbackOverride::kOwn: return "its listeners return";
    case config::FallbackOverride::kAll:
      return "its listeners return, and the fallback's with them";
    case config::FallbackOverride::kNone: return "nobody returns: they are the fallback's";
  }
  FLOE_BUG("an override without a sentence", int(override));
}

Json StepsJson(const std::vector<Step>& steps) {
  Json json = Json::array();
  for (const Step& step : steps) {
    Json& made = json.emplace_back();
    made["mount"] = step.mount;
    made["fallback_of"] = step.via.empty() ? Json(nullptr) : Json(step.via);
    made["verdict"] = VerdictName(step.verdict);
    made["media"] = mount::MediaName(step.media);
  }
  return json;
}

Json NameOrNull(const std::string& name) { return name.empty() ? Json(nullptr) : Json(name); }

void AddSteps(const Explanation& explanation, const std::vector<Step>& steps,
              std::vector<std::string>* lines) {
  for (size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    const bool is_nested = !step.via.empty() && step.via != explanation.mount;
    lines->push_back(absl::StrCat("  ", i + 1, ". ", step.mount,
                                  is_nested ? absl::StrCat(", of ", step.via, ",") : "", " ",
                                  Sentence(step, explanation.media)));
  }
}

}  // namespace

std::vector<std::string> ExplainLines(const Explanation& explanation) {
  const std::string& home = explanation.mount;
  const bool is_away = !explanation.plays.empty() && explanation.plays != home;
  std::vector<std::string> lines;
  if (explanation.plays.empty()) {
    lines.push_back(absl::StrCat(home, " plays nothing:"));
  } else {
    lines.push_back(absl::StrCat(home, " plays ", is_away ? explanation.plays : "its own source",
                                 " since ", Iso8601(explanation.since), ":"));
  }
  AddSteps(explanation, explanation.steps, &lines);
  if (is_away) {
    lines.push_back(
        absl::StrCat("When its source is back, ", ReturnSentence(explanation.override), "."));
  }
  if (explanation.plays != home) return lines;
  const std::string then = PlayedIn(explanation.without_source);
  lines.push_back(absl::StrCat("If its source left, ",
                               then.empty() ? "its listeners would linger and then leave"
                                            : absl::StrCat("it would play ", then),
                               ":"));
  AddSteps(explanation, explanation.without_source, &lines);
  return lines;
}

Json ExplainJson(const Explanation& explanation) {
  Json json;
  json["mount"] = explanation.mount;
  json["plays"] = NameOrNull(explanation.plays);
  json["since"] = explanation.plays.empty() ? Json(nullptr) : Json(Iso8601(explanation.since));
  json["media"] = mount::MediaName(explanation.media);
  json["listeners"] = explanation.listeners;
  json["override"] = OverrideName(explanation.override);
  json["steps"] = StepsJson(explanation.steps);
  json["without_source"]["plays"] = NameOrNull(PlayedIn(explanation.without_source));
  json["without_source"]["steps"] = StepsJson(explanation.without_source);
  json["lines"] = ExplainLines(explanation);
  return json;
}

ring::Task<> SendExplanation(Exchange& exchange) {
  const std::string name(exchange.fields.GetOr("mount"));
  absl::Status allowed;
  if (name.empty()) allowed = http::Refusal(400, "say the mount: mount=/...");
  if (allowed.ok() && !exchange.services.registry->Find(name)) {
    allowed = http::Refusal(404, "there is no such mount");
  }
  if (!allowed.ok()) {
    co_await Refuse(exchange, std::move(allowed));
    co_return;
  }
  const Explanation explanation = exchange.services.registry->Explain(name);
  const bool is_json = exchange.fields.GetOr("format") == "json";
  const std::string body =
      is_json ? ExplainJson(explanation).dump(2, ' ', false, Json::error_handler_t::replace) + "\n"
              : absl::StrJoin(ExplainLines(explanation), "\n") + "\n";
  const absl::string_view type =
      is_json ? "application/json; charset=utf-8" : "text/plain; charset=utf-8";
  std::string reply = http::Reply(exchange.To(), 200, type, body);
  co_await Answer(exchange, std::move(reply), 200);
}

}  // namespace floe::session
