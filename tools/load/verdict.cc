// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/load/verdict.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/report/command_line.h"
#include "tools/report/live_line.h"

namespace floe::tools {
namespace {

constexpr const char* kKindNames[kKinds] = {"steady", "churn", "half_close", "slow", "never"};

std::string Quantiles(const char* name, const Histogram& histogram) {
  if (histogram.count() == 0) return "";
  return absl::StrFormat("  %-13s p50 %s, p99 %s, max %s\n", name,
                         ReadableUs(histogram.QuantileUs(0.5)),
                         ReadableUs(histogram.QuantileUs(0.99)), ReadableUs(histogram.max_us()));
}

double MegabitsPerSecond(const RunState& run) {
  return double(run.tally.bytes) * 8e-6 / std::max(run.seconds(), 1e-9);
}

// From the start until the last of all had its first audio.
double AllHeardAfterS(const RunState& run) {
  if (run.tally.last_first_audio_ns == 0) return 0;
  return double(run.tally.last_first_audio_ns - run.began_at_ns) / double(kNsPerSecond);
}

std::string FlawsText(const char* name, const Flaws& flaws) {
  return absl::StrFormat(
      "  %-13s %s underruns (%.1f s stalled), %s gaps (%s frames), %s repeats, %s torn, "
      "%s ragged starts, %s closes (%s resets)\n",
      name, Thousands(flaws.underruns), double(flaws.stalled_ns) / double(kNsPerSecond),
      Thousands(flaws.gaps), Thousands(flaws.missing_frames), Thousands(flaws.repeats),
      Thousands(flaws.torn), Thousands(flaws.ragged_starts), Thousands(flaws.closes()),
      Thousands(flaws.closed_by_reset));
}

}  // namespace

std::string LineOf(const LoadOptions& options, const RunState& run, double mbit_per_s) {
  const Tally& t = run.tally;
  const Flaws flaws = t.counted();
  std::string line = absl::StrFormat("%.1f s  %s/%s hearing", run.seconds(), Thousands(t.hearing),
                                     Thousands(options.listeners));
  // What is mostly nothing takes no room until it is something.
  const auto add_some = [&line](uint64_t count, const char* what) {
    if (count > 0) absl::StrAppend(&line, "  ", Thousands(count), " ", what);
  };
  add_some(t.waiting, "waiting");
  add_some(t.refused + t.failed_connects, "refused");
  add_some(flaws.closes(), "closed");
  absl::StrAppend(&line, "  ", Thousands(flaws.underruns), " underruns  ",
                  Thousands(flaws.breaks()), " gaps");
  if (t.latency.count() > 0) {
    absl::StrAppend(&line, "  p99 ", ReadableUs(t.latency.QuantileUs(0.99)));
  }
  absl::StrAppendFormat(&line, "  %.0f Mbit/s", mbit_per_s);
  return line;
}

nlohmann::json ResultOf(const LoadOptions& options, const RunState& run) {
  const Tally& t = run.tally;
  nlohmann::json statuses = nlohmann::json::object();
  for (const auto& [status, count] : t.statuses) statuses[absl::StrCat(status)] = count;
  nlohmann::json errors = nlohmann::json::object();
  for (const auto& [error, count] : t.connect_errors) errors[strerror(error)] = count;
  nlohmann::json kinds = nlohmann::json::object();
  for (size_t i = 0; i < kKinds; ++i) {
    if (t.listeners_of[i] == 0) continue;
    kinds[kKindNames[i]] = ToJson(t.flaws[i]);
    kinds[kKindNames[i]]["listeners"] = t.listeners_of[i];
  }
  const Flaws counted = t.counted();
  nlohmann::json result = ToJson(counted);
  result["closes"] = counted.closes();
  result.update({
      {"tool", "floe-load"},
      {"seconds", run.seconds()},
      {"listeners", options.listeners},
      {"checked", t.checked},
      {"opened", t.opened},
      {"hearing", t.hearing},
      {"waiting", t.waiting},
      {"settled", t.settled},
      {"joins", t.joins},
      {"leaves", t.leaves},
      {"refused", t.refused},
      {"failed_connects", t.failed_connects},
      {"connect_errors", errors},
      {"statuses", statuses},
      {"bytes", t.bytes},
      {"receives", t.receives},
      {"mbit_per_s", MegabitsPerSecond(run)},
      {"frames", t.frames},
      {"bare_frames", t.bare_frames},
      {"new_lives", t.new_lives},
      {"moves", t.moves},
      {"changes", ToJson(t.changes)},
      {"wrong_mounts", t.wrong_mounts},
      {"titles", t.titles},
      {"titles_missed", t.titles_missed},
      {"titles_early", t.titles_early},
      {"malformed_blocks", t.malformed_blocks},
      {"all_heard_after_s", AllHeardAfterS(run)},
      {"connect_ms", ToJson(t.connect)},
      {"first_byte_ms", ToJson(t.first_byte)},
      {"first_audio_ms", ToJson(t.first_audio)},
      {"latency_ms", ToJson(t.latency)},
      {"freshest_ms", ToJson(t.freshest)},
      {"title_lag_ms", ToJson(t.title_lag)},
      {"never_closed_after_ms", ToJson(t.never_closed_after)},
      {"longest_wait_ms", ToJson(t.longest_wait)},
      {"window", t.window},
      {"kinds", kinds},
      {"cpu_s", run.cpu_s},
      {"broken", BrokenBounds(options.bounds, t)},
  });
  return result;
}

std::string SummaryOf(const LoadOptions& options, const RunState& run) {
  const Tally& t = run.tally;
  std::string text = absl::StrFormat(
      "%s of %s listeners hear audio after %.1f s (%s checked in full)\n", Thousands(t.hearing),
      Thousands(options.listeners), run.seconds(), Thousands(t.checked));
  absl::StrAppendFormat(&text, "  %-13s %s joins, %s refused, %s connects failed, %s left",
                        "joined", Thousands(t.joins), Thousands(t.refused),
                        Thousands(t.failed_connects), Thousands(t.leaves));
  absl::StrAppendFormat(&text, "; all heard after %.3f s\n", AllHeardAfterS(run));
  for (const auto& [error, count] : t.connect_errors) {
    absl::StrAppendFormat(&text, "  %-13s %s, %s times\n", "not connected", strerror(error),
                          Thousands(count));
  }
  for (const auto& [status, count] : t.statuses) {
    if (status != 200) {
      absl::StrAppendFormat(&text, "  %-13s %s times\n", absl::StrCat("status ", status),
                            Thousands(count));
    }
  }
  absl::StrAppend(&text, Quantiles("connect", t.connect), Quantiles("first byte", t.first_byte),
                  Quantiles("first audio", t.first_audio), Quantiles("latency", t.latency),
                  Quantiles("  freshest", t.freshest), Quantiles("title lag", t.title_lag),
                  Quantiles("never: closed", t.never_closed_after),
                  Quantiles("longest wait", t.longest_wait));
  absl::StrAppendFormat(&text, "  %-13s %s MiB, %.1f Mbit/s, %s frames looked at, %.1f s of CPU\n",
                        "received", Thousands(t.bytes >> 20), MegabitsPerSecond(run),
                        Thousands(t.frames), run.cpu_s);
  if (t.titles > 0) {
    absl::StrAppendFormat(&text, "  %-13s %s seen, %s missed, %s early, %s malformed blocks\n",
                          "titles", Thousands(t.titles), Thousands(t.titles_missed),
                          Thousands(t.titles_early), Thousands(t.malformed_blocks));
  }
  if (t.wrong_mounts > 0) {
    absl::StrAppendFormat(&text, "  %-13s %s listeners\n", "wrong mount",
                          Thousands(t.wrong_mounts));
  }
  for (size_t i = 0; i < kKinds; ++i) {
    if (t.listeners_of[i] > 0) absl::StrAppend(&text, FlawsText(kKindNames[i], t.flaws[i]));
  }
  for (const std::string& broken : BrokenBounds(options.bounds, t)) {
    absl::StrAppend(&text, "BROKEN: ", broken, "\n");
  }
  return text;
}

std::vector<std::string> BrokenBounds(const Bounds& bounds, const Tally& tally) {
  std::vector<std::string> broken;
  const auto at_most = [&](const std::optional<uint64_t>& most, uint64_t is, const char* what) {
    if (most.has_value() && is > *most) {
      broken.push_back(absl::StrCat(is, " ", what, ", at most ", *most, " were allowed"));
    }
  };
  const auto within = [&](int64_t bound_ns, const Histogram& histogram, const char* what) {
    if (bound_ns == 0) return;
    const uint64_t p99_us = histogram.QuantileUs(0.99);
    if (histogram.count() == 0) broken.push_back(absl::StrCat(what, ": nothing was measured"));
    if (int64_t(p99_us) * 1000 > bound_ns) {
      broken.push_back(absl::StrCat("p99 of ", what, " is ", ReadableUs(p99_us), ", ",
                                    DurationText(bound_ns), " was allowed"));
    }
  };
  const Flaws counted = tally.counted();
  at_most(bounds.underruns, counted.underruns, "underruns");
  at_most(bounds.gaps, counted.breaks(), "gaps, repeats and torn frames");
  at_most(bounds.closes, counted.closes(), "closes");
  at_most(bounds.refused, tally.refused + tally.failed_connects, "refusals");
  at_most(bounds.ragged, counted.ragged_starts, "ragged starts");
  at_most(bounds.title_faults, tally.title_faults(), "titles missed or early, malformed blocks");
  if (bounds.listeners_min.has_value() && tally.hearing < *bounds.listeners_min) {
    broken.push_back(absl::StrCat(tally.hearing, " listeners hear audio, at least ",
                                  *bounds.listeners_min, " should"));
  }
  within(bounds.p99_latency_ns, tally.latency, "latency");
  within(bounds.p99_first_audio_ns, tally.first_audio, "first audio");
  if (bounds.longest_wait_ns > 0) {
    const Histogram& waits = tally.longest_wait;
    if (waits.count() == 0) broken.push_back("longest wait: nothing was measured");
    if (int64_t(waits.max_us()) * 1000 > bounds.longest_wait_ns) {
      broken.push_back(absl::StrCat("longest wait is ", ReadableUs(waits.max_us()), ", ",
                                    DurationText(bounds.longest_wait_ns), " was allowed"));
    }
  }
  return broken;
}

}  // namespace floe::tools
