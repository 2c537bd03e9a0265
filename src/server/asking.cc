// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/asking.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "control/ask.h"
#include "control/json_fields.h"
#include "control/report.h"
#include "control/table.h"
#include "control/top.h"
#include "server/terminal.h"

namespace floe::server {
namespace {

using control::Json;
using control::Request;

// How long the server may be silent. While it hands itself over it says what it does.
constexpr milliseconds kSilenceMax{15'000};
constexpr milliseconds kReloadSilenceMax{60'000};
constexpr milliseconds kUpgradeSilenceMax{120'000};

using Paths = std::vector<std::string>;

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "floe: %s\n", control::Printable(std::string(status.message())).c_str());
  return 1;
}

void PrintProgress(absl::string_view text) {
  WriteOut(absl::StrCat(control::Printable(text), "\n"));
}

void PrintLines(const Json& lines) {
  for (const Json& line : lines) {
    if (line.is_string()) PrintProgress(line.get<std::string>());
  }
}

absl::StatusOr<Json> AskStatus(const Options& options, const Paths& paths) {
  Request request;
  request.wants_listeners = options.lists_listeners;
  request.mount = options.mount;
  return control::Ask(paths, request, kSilenceMax, PrintProgress);
}

int Status(const Options& options, const Paths& paths) {
  const absl::StatusOr<Json> status = AskStatus(options, paths);
  if (!status.ok()) return Fail(status.status());
  if (options.as_json) {
    WriteOut(status->dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else if (options.lists_listeners) {
    WriteOut(control::ListenersReport(*status));
  } else {
    WriteOut(control::StatusReport(*status));
  }
  return 0;
}

int TopOnce(const Options& options, const Paths& paths) {
  const absl::StatusOr<Json> before = AskStatus(options, paths);
  if (!before.ok()) return Fail(before.status());
  std::this_thread::sleep_for(options.interval);  // a rate takes two looks
  const absl::StatusOr<Json> now = AskStatus(options, paths);
  if (!now.ok()) return Fail(now.status());
  WriteOut(absl::StrCat(absl::StrJoin(control::TopScreen(*before, *now, {}), "\n"), "\n"));
  return 0;
}

// Goes on while the server is away: it may be handing itself over, or starting again.
int Top(const Options& options, const Paths& paths) {
  absl::StatusOr<Json> answer = AskStatus(options, paths);
  if (!answer.ok()) return Fail(answer.status());
  Terminal terminal;
  Json before, now = *std::move(answer);
  control::TopOptions screen;
  screen.has_colours = HasColours();
  for (;;) {
    const Terminal::Size size = terminal.size();
    screen.width = size.width;
    screen.height = size.height;
    WriteOut(control::Painted(control::TopScreen(before, now, screen)));
    const Terminal::Event event = terminal.Wait(Clock::now() + options.interval);
    if (event == Terminal::Event::kQuit) return 0;
    if (event == Terminal::Event::kResized) continue;
    answer = AskStatus(options, paths);
    screen.message = answer.ok() ? "" : std::string(answer.status().message());
    if (answer.ok()) before = std::exchange(now, *std::move(answer));
  }
}

int Explain(const Options& options, const Paths& paths) {
  Request request;
  request.command = Request::Command::kExplain;
  request.mount = options.mount;
  absl::StatusOr<Json> explained = control::Ask(paths, request, kSilenceMax, PrintProgress);
  if (!explained.ok()) return Fail(explained.status());
  if (!options.as_json) {
    PrintLines(control::FieldAt(*explained, "lines"));
    return 0;
  }
  explained->erase("lines");
  WriteOut(explained->dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  return 0;
}

int Kick(const Options& options, const Paths& paths) {
  Request request;
  request.command = Request::Command::kKick;
  request.ids = options.ids;
  request.mount = options.mount;
  request.source = options.source;
  const absl::StatusOr<Json> result = control::Ask(paths, request, kSilenceMax, PrintProgress);
  if (!result.ok()) return Fail(result.status());
  if (result->contains("source")) {
    PrintProgress(absl::StrCat("the source of ", control::TextAt(*result, "source"), " is kicked"));
    return 0;
  }
  PrintProgress(absl::StrCat(
      "kicked ", control::Counted(control::NumberAt(*result, "listeners"), "listener")));
  const Json& unknown = control::FieldAt(*result, "unknown");
  if (unknown.empty()) return 0;
  return Fail(absl::NotFoundError(absl::StrCat("no such listener: ", unknown.dump())));
}

std::string MountsOf(const Json& token) {
  std::string mounts;
  for (const Json& mount : control::FieldAt(token, "mounts")) {
    if (mount.is_string()) absl::StrAppend(&mounts, " ", mount.get<std::string>());
  }
  return mounts;
}

int Token(const Options& options, const Paths& paths) {
  Request request;
  request.command = Request::Command::kTokenList;
  if (options.action == "add") request.command = Request::Command::kTokenAdd;
  if (options.action == "remove") request.command = Request::Command::kTokenRemove;
  request.name = options.name;
  request.role = options.role;
  request.mounts = options.mounts;
  request.days = options.days;
  const bool is_list = request.command == Request::Command::kTokenList;
  if (!is_list && request.name.empty()) {
    return Fail(absl::InvalidArgumentError("say the token's name"));
  }
  const absl::StatusOr<Json> result = control::Ask(paths, request, kSilenceMax, PrintProgress);
  if (!result.ok()) return Fail(result.status());
  if (options.as_json) {
    WriteOut(result->dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    return 0;
  }
  if (request.command == Request::Command::kTokenAdd) {
    PrintProgress(control::TextAt(*result, "token"));  // alone, so that a script can take it
  } else if (!is_list) {
    PrintProgress(absl::StrCat("token ", request.name, " is removed"));
  }
  if (!is_list) return 0;
  for (const Json& token : control::FieldAt(*result, "tokens")) {
    PrintProgress(absl::StrCat(control::TextAt(token, "name"), " ", control::TextAt(token, "role"),
                               MountsOf(token)));
  }
  return 0;
}

int Reload(const Paths& paths) {
  Request request;
  request.command = Request::Command::kReload;
  const absl::StatusOr<Json> result =
      control::Ask(paths, request, kReloadSilenceMax, PrintProgress);
  if (!result.ok()) return Fail(result.status());
  PrintLines(control::FieldAt(*result, "changes"));
  return 0;
}

int Upgrade(const Options& options, const Paths& paths) {
  Request request;
  request.command = Request::Command::kUpgrade;
  std::error_code error;  // the path is as it stands here, not where the server runs
  if (!options.binary.empty()) {
    request.binary = std::filesystem::absolute(options.binary, error).string();
  }
  const absl::StatusOr<Json> result =
      control::Ask(paths, request, kUpgradeSilenceMax, PrintProgress);
  if (!result.ok()) return Fail(result.status());
  PrintLines(control::FieldAt(*result, "summary"));
  return 0;
}

}  // namespace

int AskServer(const Options& options, const Paths& paths) {
  switch (options.command) {
    case Command::kStatus: return Status(options, paths);
    case Command::kTop:
      if (options.is_once || isatty(STDOUT_FILENO) == 0) return TopOnce(options, paths);
      return Top(options, paths);
    case Command::kExplain: return Explain(options, paths);
    case Command::kKick: return Kick(options, paths);
    case Command::kToken: return Token(options, paths);
    case Command::kReload: return Reload(paths);
    case Command::kUpgrade: return Upgrade(options, paths);
    default: return 1;
  }
}

}  // namespace floe::server
