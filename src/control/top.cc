// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "control/top.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "control/json_fields.h"
#include "control/report.h"
#include "control/table.h"

namespace floe::control {
namespace {

constexpr size_t kNameColumnsMax = 32;
constexpr size_t kTitleColumnsMax = 60;
// Counters of a mount. What came in is taken where it is counted with every frame.
constexpr char kIn[] = "audio_bytes", kOut[] = "sent_bytes";
constexpr char kBold[] = "\x1b[1m", kInverse[] = "\x1b[7m", kYellow[] = "\x1b[33m";
constexpr char kPlain[] = "\x1b[0m";

// Rates is how fast counters of the server grow. Counters of what is new begin at 0; one that went
// back began anew.
class Rates {
 public:
  Rates(const Json& before, const Json& now) {
    const uint64_t from_ms = NumberAt(before, "uptime_ms"), to_ms = NumberAt(now, "uptime_ms");
    const bool is_same = NumberAt(before, "pid") == NumberAt(now, "pid");
    if (!before.is_object() || !is_same || to_ms <= from_ms) return;
    seconds_ = double(to_ms - from_ms) / 1000;
    for (const Json& mount : FieldAt(before, "mounts")) mounts_[TextAt(mount, "name")] = &mount;
  }

  bool are_known() const { return seconds_ != 0; }
  // In bits a second. `key` counts bytes.
  std::optional<double> Of(const Json& mount, const char* key) const {
    if (!are_known()) return std::nullopt;
    const auto found = mounts_.find(TextAt(mount, "name"));
    const uint64_t was = found == mounts_.end() ? 0 : NumberAt(*found->second, key);
    const uint64_t is = NumberAt(mount, key);
    return double(is < was ? is : is - was) * 8 / seconds_;
  }

 private:
  double seconds_ = 0;  // 0: there is nothing to compare with
  std::map<std::string, const Json*> mounts_;
};

std::string Text(std::optional<double> rate) { return rate.has_value() ? RateText(*rate) : "-"; }

struct Sum {
  std::optional<double> in, out;
};
Sum SumOf(const Json& status, const Rates& rates) {
  Sum sum;
  if (rates.are_known()) sum = {.in = 0, .out = 0};
  for (const Json& mount : FieldAt(status, "mounts")) {
    const auto add = [&](std::optional<double>* to, const char* key) {
      if (const std::optional<double> rate = rates.Of(mount, key)) *to = to->value_or(0) + *rate;
    };
    add(&sum.in, kIn);
    add(&sum.out, kOut);
  }
  return sum;
}

uint64_t WorstOf(const Json& shards, const char* key) {
  uint64_t worst = 0;
  for (const Json& shard : shards) worst = std::max(worst, NumberAt(shard, key));
  return worst;
}

std::vector<std::string> Head(const Json& status, const Rates& rates) {
  const Json& totals = FieldAt(status, "totals");
  const Json& shards = FieldAt(status, "shards");
  const Sum sum = SumOf(status, rates);
  return {
      absl::StrCat("floe ", Printable(TextAt(status, "version")), "  pid ", NumberAt(status, "pid"),
                   "  up ", AgeText(NumberAt(status, "uptime_ms") / 1000), "  ",
                   Counted(NumberAt(totals, "listeners"), "listener"), "  ",
                   Counted(NumberAt(totals, "sources"), "source"), "  ",
                   Counted(NumberAt(totals, "mounts"), "mount")),
      absl::StrCat("in ", Text(sum.in), "  out ", Text(sum.out), "  lag ",
                   WorstOf(shards, "lag_ms"), " ms  busiest ",
                   ShareText(WorstOf(shards, "busy_permille")))};
}

std::vector<std::string> Shards(const Json& shards, size_t width) {
  Table table({{"SHARD", true},
               {"LISTENERS", true},
               {"REQUESTS", true},
               {"BUSY", true},
               {"INTERVAL", true},
               {"LAG", true}});
  for (const Json& shard : shards) {
    table.Add({absl::StrCat(table.rows()), absl::StrCat(NumberAt(shard, "listeners")),
               absl::StrCat(NumberAt(shard, "requests")),
               ShareText(NumberAt(shard, "busy_permille")),
               absl::StrCat(NumberAt(shard, "interval_ms"), " ms"),
               absl::StrCat(NumberAt(shard, "lag_ms"), " ms")});
  }
  return table.Lines(width);
}

// Those with the most listeners first.
std::vector<std::string> Mounts(const Json& mounts, const Rates& rates, size_t width) {
  std::vector<const Json*> sorted;
  for (const Json& mount : mounts) sorted.push_back(&mount);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Json* a, const Json* b) {
    return NumberAt(*a, "listeners") > NumberAt(*b, "listeners");
  });
  Table table({{"MOUNT", false, kNameColumnsMax},
               {"PHASE"},
               {"LISTENERS", true},
               {"PEAK", true},
               {"IN", true},
               {"OUT", true},
               {"TITLE", false, kTitleColumnsMax}});
  for (const Json* mount : sorted) {
    table.Add({Printable(TextAt(*mount, "name")), PhaseText(*mount),
               absl::StrCat(NumberAt(*mount, "listeners")),
               absl::StrCat(NumberAt(*mount, "listener_peak")), Text(rates.Of(*mount, kIn)),
               Text(rates.Of(*mount, kOut)), Printable(TextAt(*mount, "title"))});
  }
  return table.Lines(width);
}

// At most `height` lines of it, the last of which says how many are missing.
void Shorten(std::vector<std::string>* lines, size_t height, size_t width) {
  if (lines->size() <= height) return;
  const size_t missing = lines->size() - height + 1;
  lines->resize(height);
  lines->back() = Clipped(absl::StrCat("... and ", missing, " more"), width);
}

void Colour(std::string* line, const char* how) { *line = absl::StrCat(how, *line, kPlain); }

}  // namespace

std::vector<std::string> TopScreen(const Json& before, const Json& now, const TopOptions& options) {
  const Rates rates(before, now);
  std::vector<std::string> head = Head(now, rates);
  for (std::string& line : head) line = Clipped(line, options.width);
  std::vector<std::string> shards = Shards(FieldAt(now, "shards"), options.width);
  std::vector<std::string> mounts = Mounts(FieldAt(now, "mounts"), rates, options.width);
  // Shards take half of what is left at most: a machine may have many cores.
  const size_t frame = head.size() + 2 + (options.message.empty() ? 0 : 1);
  const size_t room = options.height > frame ? options.height - frame : 0;
  if (options.height > 0) {
    Shorten(&shards, std::max<size_t>(2, room / 2), options.width);
    Shorten(&mounts, std::max<size_t>(2, room - std::min(room, shards.size())), options.width);
  }
  if (options.has_colours) {
    Colour(&head[0], kBold);
    Colour(&shards[0], kInverse);
    Colour(&mounts[0], kInverse);
  }
  std::vector<std::string> lines = std::move(head);
  for (const std::vector<std::string>* part : {&shards, &mounts}) {
    lines.emplace_back();
    lines.insert(lines.end(), part->begin(), part->end());
  }
  const size_t rows_max = options.height - (options.message.empty() ? 0 : 1);
  if (options.height > 0 && lines.size() > rows_max) lines.resize(rows_max);
  if (!options.message.empty()) {
    lines.push_back(Clipped(Printable(options.message), options.width));
    if (options.has_colours) Colour(&lines.back(), kYellow);
  }
  return lines;
}

std::string Painted(const std::vector<std::string>& lines) {
  // From the top left, each line to its end, then what was below: nothing flickers.
  std::string painted = "\x1b[H";
  for (size_t i = 0; i < lines.size(); ++i) {
    absl::StrAppend(&painted, i == 0 ? "" : "\r\n", lines[i], "\x1b[K");
  }
  return painted + "\x1b[J";
}

}  // namespace floe::control
