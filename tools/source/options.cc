// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/source/options.h"

#include <CLI/CLI.hpp>

#include "tools/report/command_line.h"

namespace floe::tools {

bool ReadSourceOptions(int argc, char** argv, SourceOptions* options, int* exit_status) {
  SourceOptions& o = *options;
  CLI::App app("Feeds mounts with audio whose every frame is numbered and time-stamped.",
               "floe-source");
  app.set_version_flag("--version", FLOE_VERSION);
  app.add_option("--server", o.server, "host:port of the server")->capture_default_str();
  app.add_option("--mount", o.mount, "mount to feed; %d becomes the number with --mounts")
      ->capture_default_str();
  app.add_option("--mounts", o.mounts, "how many mounts to feed")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  app.add_option("--method", o.method, "PUT, or SOURCE as older encoders do")
      ->capture_default_str()
      ->check(CLI::IsMember({"PUT", "SOURCE"}));
  app.add_option("--user", o.user, "user name")->capture_default_str();
  app.add_option("--password", o.password, "password")
      ->capture_default_str()
      ->envname("FLOE_SOURCE_PASSWORD");
  app.add_option("--format", o.format_name, "mp3, adts or opus")
      ->capture_default_str()
      ->check(CLI::IsMember({"mp3", "adts", "aac", "opus"}));
  app.add_option("--bitrate", o.kbps, "of each mount, kbit/s")->capture_default_str();
  app.add_option("--file", o.file, "feed this MP3 file in real time instead, over and over");
  app.add_option("--name", o.name, "name of the station")->capture_default_str();
  app.add_flag("!--no-expect", o.expects_continue, "PUT without waiting for 100 Continue");
  app.add_flag("--chunked", o.is_chunked, "PUT with a chunked body");
  app.add_flag("!--no-reconnect", o.reconnects, "give a mount up when it is lost");
  AddDuration(app, "--title-every", &o.title_every_ns, "set a new title at this interval");
  app.add_option("--title", o.title, "the title; {n} and {frame} are filled in")
      ->capture_default_str();
  AddDuration(app, "--duration", &o.duration_ns, "end after this time");
  app.add_flag("--json", o.is_json, "print the result as JSON");
  app.footer(
      "Exit status: 0 when every mount was being fed at the end, 1 when one was not,\n"
      "2 when the command line cannot be followed.");
  if (!ParseCommandLine(app, argc, argv, exit_status)) return false;
  if (o.mounts > 1 && o.mount.find("%d") == std::string::npos) o.mount += "%d";
  o.format = *ParseFormat(o.format_name);
  return true;
}

}  // namespace floe::tools
