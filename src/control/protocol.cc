// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "control/protocol.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

namespace floe::control {
namespace {

using Command = Request::Command;

struct CommandName {
  Command command;
  absl::string_view name;
};
constexpr CommandName kCommands[] = {
    {Command::kStatus, "status"},
    {Command::kExplain, "explain"},
    {Command::kKick, "kick"},
    {Command::kReload, "reload"},
    {Command::kUpgrade, "upgrade"},
    {Command::kTakeOver, "take-over"},
    {Command::kTokenAdd, "token-add"},
    {Command::kTokenList, "token-list"},
    {Command::kTokenRemove, "token-remove"},
};

// What of a request does not depend on its command.
class Reader {
 public:
  explicit Reader(const Json& json) : json_(json) {}

  void Take(const char* key, std::string* text) {
    const Json* value = Find(key, "a text", &Json::is_string);
    if (value == nullptr) return;
    *text = value->get<std::string>();
    if (absl::c_any_of(*text, absl::ascii_iscntrl)) Refuse(key, "not a name or a path");
  }
  void Take(const char* key, bool* flag) {
    const Json* value = Find(key, "true or false", &Json::is_boolean);
    if (value != nullptr) *flag = value->get<bool>();
  }
  void Take(const char* key, std::vector<uint64_t>* numbers) {
    const Json* values = Find(key, "a list of numbers", &Json::is_array);
    if (values == nullptr) return;
    if (values->size() > kKickedMax) return Refuse(key, absl::StrCat("longer than ", kKickedMax));
    for (const Json& value : *values) {
      if (!value.is_number_unsigned()) return Refuse(key, "no list of numbers");
      numbers->push_back(value.get<uint64_t>());
    }
  }
  void Take(const char* key, uint64_t* number) {
    const Json* value = Find(key, "a number", &Json::is_number_unsigned);
    if (value != nullptr) *number = value->get<uint64_t>();
  }
  void Take(const char* key, std::vector<std::string>* texts) {
    const Json* values = Find(key, "a list of texts", &Json::is_array);
    if (values == nullptr) return;
    if (values->size() > kTokenMountsMax) {
      return Refuse(key, absl::StrCat("longer than ", kTokenMountsMax));
    }
    for (const Json& value : *values) {
      if (!value.is_string()) return Refuse(key, "no list of texts");
      texts->push_back(value.get<std::string>());
    }
  }
  // A word of a request that nobody has taken is a mistake: what it asks for would not be done.
  absl::Status status() const {
    if (!status_.ok() || taken_ == json_.size()) return status_;
    return absl::InvalidArgumentError("the request has words that are not known here");
  }

 private:
  const Json* Find(const char* key, absl::string_view expected, bool (Json::*is)() const noexcept) {
    const auto found = json_.find(key);
    if (found == json_.end()) return nullptr;
    ++taken_;
    if (((*found).*is)()) return &*found;
    Refuse(key, absl::StrCat("not ", expected));
    return nullptr;
  }
  void Refuse(absl::string_view key, absl::string_view is) {
    status_.Update(absl::InvalidArgumentError(absl::StrCat("\"", key, "\" is ", is)));
  }

  const Json& json_;
  size_t taken_ = 0;
  absl::Status status_;
};

absl::Status CheckKick(const Request& request) {
  const int ways =
      int(!request.ids.empty()) + int(!request.mount.empty()) + int(!request.source.empty());
  if (ways == 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "who is to be kicked: listeners by number, those of a mount, or its source");
}

std::string Line(const Json& json) {
  // Peers say what they like of themselves; what is not UTF-8 is replaced.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

absl::StatusOr<Request> ParseRequest(absl::string_view line) {
  const Json json = Json::parse(line.begin(), line.end(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return absl::InvalidArgumentError("a request is one line, an object in JSON");
  }
  Reader reader(json);
  std::string name;
  reader.Take("command", &name);
  Request request;
  bool is_known = false;
  for (const CommandName& command : kCommands) {
    if (command.name != name) continue;
    is_known = true;
    request.command = command.command;
  }
  switch (request.command) {
    case Command::kStatus:
      reader.Take("listeners", &request.wants_listeners);
      reader.Take("mount", &request.mount);
      break;
    case Command::kKick:
      reader.Take("ids", &request.ids);
      reader.Take("mount", &request.mount);
      reader.Take("source", &request.source);
      break;
    case Command::kExplain: reader.Take("mount", &request.mount); break;
    case Command::kUpgrade: reader.Take("binary", &request.binary); break;
    case Command::kTokenAdd:
      reader.Take("name", &request.name);
      reader.Take("role", &request.role);
      reader.Take("mounts", &request.mounts);
      reader.Take("days", &request.days);
      break;
    case Command::kTokenRemove: reader.Take("name", &request.name); break;
    case Command::kReload:
    case Command::kTokenList:
    case Command::kTakeOver: break;
  }
  if (!is_known) return absl::InvalidArgumentError("no such command");
  absl::Status status = reader.status();
  if (status.ok() && request.command == Command::kKick) status = CheckKick(request);
  if (status.ok() && request.command == Command::kExplain && request.mount.empty()) {
    status = absl::InvalidArgumentError("which mount is to be explained");
  }
  if (status.ok() && request.days > kTokenDaysMax) {
    status = absl::InvalidArgumentError(
        absl::StrCat("a token is good for ", kTokenDaysMax, " days at most, or for ever"));
  }
  if (!status.ok()) return status;
  return request;
}

std::string RequestLine(const Request& request) {
  Json json;
  for (const CommandName& command : kCommands) {
    if (command.command == request.command) json["command"] = std::string(command.name);
  }
  if (request.wants_listeners) json["listeners"] = true;
  if (!request.ids.empty()) json["ids"] = request.ids;
  if (!request.mount.empty()) json["mount"] = request.mount;
  if (!request.source.empty()) json["source"] = request.source;
  if (!request.binary.empty()) json["binary"] = request.binary;
  if (!request.name.empty()) json["name"] = request.name;
  if (!request.role.empty()) json["role"] = request.role;
  if (!request.mounts.empty()) json["mounts"] = request.mounts;
  if (request.days != 0) json["days"] = request.days;
  return Line(json);
}

std::string ProgressLine(absl::string_view text) {
  Json json;
  json["progress"] = std::string(text);
  return Line(json);
}

std::string OkLine(const Json& result) {
  Json json;
  json["ok"] = true;
  json["result"] = result;
  return Line(json);
}

std::string ErrorLine(absl::string_view error) {
  Json json;
  json["ok"] = false;
  json["error"] = std::string(error);
  return Line(json);
}

}  // namespace floe::control
