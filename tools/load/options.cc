// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/load/options.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "tools/report/command_line.h"

namespace floe::tools {
namespace {

void AddWhat(CLI::App& app, LoadOptions& o) {
  o.user_agent = "floe-load/" FLOE_VERSION;
  app.add_option("--server", o.server, "host:port of the server")->capture_default_str();
  app.add_option("--path", o.path, "mount to hear; %d becomes the number with --mounts")
      ->capture_default_str();
  app.add_option("--mounts", o.mounts, "spread the listeners over so many mounts")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  app.add_option("--first", o.first, "number of the first listener, for several processes");
  app.add_option("--listeners", o.listeners, "how many to open")
      ->capture_default_str()
      ->check(CLI::Range(1, 4'000'000));
  app.add_option("--rate", o.joins_per_s, "joins per second; 0: all at once")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--threads", o.threads, "rings to use; 0: one per 16,384 listeners");
  app.add_option("--mss", o.mss, "segment size of a real network; 0: what the route offers")
      ->capture_default_str();
  app.add_option("--rcvbuf", o.receive_buffer, "receive buffer of each socket, bytes");
  app.add_option("--from", o.sources, "source address(es); 127.0.0.0/8 is spread by itself");
  app.add_option("--user-agent", o.user_agent)->capture_default_str();
}

void AddKinds(CLI::App& app, LoadOptions& o) {
  const auto share = [&app](const char* flag, double* value, const char* text) {
    app.add_option(flag, *value, text)->check(CLI::Range(0.0, 1.0))->group("Kinds of listener");
  };
  share("--icy-share", &o.icy_share, "ask for titles (Icy-MetaData: 1)");
  share("--slow-share", &o.slow_share, "read slower than the audio plays");
  share("--slow-rate", &o.slow_rate, "how much slower: 0.5 is half the bitrate");
  share("--never-share", &o.never_share, "ask, then never read");
  share("--churn-share", &o.churn_share, "leave after a random time and come again");
  share("--half-close-share", &o.half_close_share, "close their sending side after the request");
  AddDuration(app, "--churn-every", &o.churn_every_ns, "mean stay of those who churn")
      ->group("Kinds of listener");
  app.add_flag("--rejoin", o.rejoins, "come again after a refusal or a close, as players do");
  app.add_flag("--reset", o.resets, "leave with a reset");
}

void AddJudging(CLI::App& app, LoadOptions& o) {
  app.add_option("--check", o.check_name, "full, light or count")
      ->capture_default_str()
      ->check(CLI::IsMember({"full", "light", "count"}));
  app.add_option("--check-share", o.check_share, "with light: share of listeners checked in full")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  AddDuration(app, "--read-every", &o.read_every_ns,
              "how often those not checked are read; 0s: whenever something came");
  AddDuration(app, "--buffer", &o.buffer_ns, "sound a player wants before it begins; 0s: none");
  AddDuration(app, "--settle", &o.settle_ns,
              "latency and waits count this long after the first audio");
  app.add_option("--bitrate", o.kbps, "kbit/s for those not checked; 0: as icy-br says, or 128");
  AddDuration(app, "--duration", &o.duration_ns, "end after this time");
  AddDuration(app, "--hold", &o.hold_ns, "end this long after the last join");
  AddDuration(app, "--report-every", &o.report_every_ns, "print the counts as a JSON line");
  app.add_flag("--json", o.is_json, "print the result as JSON");
}

void AddBounds(CLI::App& app, Bounds& b) {
  const auto bound = [&app](const char* flag, std::optional<uint64_t>* value, const char* text) {
    app.add_option(flag, *value, text)->group("Bounds");
  };
  bound("--max-underruns", &b.underruns, "times a player ran dry");
  bound("--max-gaps", &b.gaps, "gaps, repeats and torn frames, taken together");
  bound("--max-closes", &b.closes, "connections that the server ended");
  bound("--max-refused", &b.refused, "answers other than 200, and failed connects");
  bound("--max-ragged", &b.ragged, "streams that begin within a frame");
  bound("--max-title-faults", &b.title_faults, "titles missed or early, malformed ICY blocks");
  bound("--min-listeners", &b.listeners_min, "listeners that hear audio at the end");
  AddDuration(app, "--p99-latency", &b.p99_latency_ns, "age of a frame when it is heard")
      ->group("Bounds");
  AddDuration(app, "--p99-first-audio", &b.p99_first_audio_ns, "from connect to first audio")
      ->group("Bounds");
  AddDuration(app, "--max-wait", &b.longest_wait_ns,
              "a listener's wait for audio; of those who are read as it comes")
      ->group("Bounds");
}

absl::Status Complete(LoadOptions* o) {
  if (o->mounts > 1 && o->path.find("%d") == std::string::npos) o->path += "%d";
  o->check = o->check_name == "full"    ? Check::kFull
             : o->check_name == "light" ? Check::kLight
                                        : Check::kCount;
  if (o->check == Check::kFull) o->check_share = 1;
  if (o->check == Check::kCount) o->check_share = 0;
  if (o->slow_share + o->never_share + o->churn_share + o->half_close_share > 1) {
    return absl::InvalidArgumentError("the shares of the kinds add up to more than 1");
  }
  absl::StatusOr<Address> server = Address::Resolve(o->server);
  if (!server.ok()) return server.status();
  o->server_address = *server;
  for (const std::string& source : o->sources) {
    absl::StatusOr<Address> address = Address::Resolve(absl::StrCat(source, ":0"));
    if (!address.ok()) return address.status();
    o->source_addresses.push_back(*address);
  }
  return absl::OkStatus();
}

}  // namespace

bool ReadLoadOptions(int argc, char** argv, LoadOptions* options, int* exit_status) {
  CLI::App app("Opens many listeners and judges what they hear as players would.", "floe-load");
  app.set_version_flag("--version", FLOE_VERSION);
  AddWhat(app, *options);
  AddKinds(app, *options);
  AddJudging(app, *options);
  AddBounds(app, options->bounds);
  app.footer(
      "Without --duration or --hold it listens until it is interrupted.\n"
      "Bounds hold for those who listen as they should: the slow and the never-reading are shown\n"
      "but not counted. The longest wait of a listener is the longest time between two receives\n"
      "that brought audio; one that still lasts at the end is not counted. Who is read every\n"
      "--read-every has none, as it would be that period: there are those of the checked, and "
      "with\n"
      "--read-every 0s those of all. SIGUSR1 begins a window: waits are counted anew, and "
      "\"window\"\n"
      "in the report is one more. Exit status: 0 when all bounds held, 1 when one was broken, 2 "
      "when the\n"
      "command line cannot be followed.");
  if (!ParseCommandLine(app, argc, argv, exit_status)) return false;
  if (absl::Status complete = Complete(options); !complete.ok()) {
    std::cerr << "floe-load: " << complete.message() << "\n";
    *exit_status = kExitUsage;
    return false;
  }
  return true;
}

}  // namespace floe::tools
