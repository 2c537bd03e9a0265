// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "control/ask.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "control/json_fields.h"
#include "control/unix_address.h"
#include "nlohmann/json.hpp"

namespace floe::control {
namespace {

constexpr size_t kReadBytes = 64 * 1024;

// A blocking socket whose calls take `silence_max` at most.
class Line {
 public:
  Line() : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Line() {
    if (fd_ >= 0) close(fd_);
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  // Error: errno of what failed; 0.
  int Connect(const std::string& path, milliseconds silence_max) {
    const absl::StatusOr<UnixAddress> address = UnixAddress::Of(path);
    if (!address.ok()) return ENAMETOOLONG;
    timeval time{};
    time.tv_sec = silence_max.count() / 1000;
    time.tv_usec = silence_max.count() % 1000 * 1000;
    for (const int name : {SO_RCVTIMEO, SO_SNDTIMEO}) {  // the second one bounds connect(2) as well
      if (setsockopt(fd_, SOL_SOCKET, name, &time, sizeof(time)) != 0) return errno;
    }
    return connect(fd_, address->get(), address->size_bytes) == 0 ? 0 : errno;
  }

  // That it is not taken shows when nothing, or a refusal, is answered.
  void Say(absl::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return;
      text.remove_prefix(size_t(sent));
    }
  }

  // The next line without its end.
  absl::StatusOr<std::string> Hear() {
    for (;;) {
      const size_t end = heard_.find('\n', looked_);
      if (end != std::string::npos) {
        std::string line = heard_.substr(0, end);
        heard_.erase(0, end + 1);
        looked_ = 0;
        return line;
      }
      looked_ = heard_.size();
      char bytes[kReadBytes];
      const ssize_t received = recv(fd_, bytes, sizeof(bytes), 0);
      if (received < 0 && errno == EINTR) continue;
      if (received < 0 && errno == EAGAIN) {
        return absl::DeadlineExceededError("the server is there and does not answer");
      }
      if (received <= 0) return absl::UnavailableError("the server ended before it answered");
      all_bytes_ += size_t(received);
      if (all_bytes_ > kAnswerBytesMax) return absl::UnavailableError("the answer is too long");
      heard_.append(bytes, size_t(received));
    }
  }

 private:
  const int fd_;
  std::string heard_;
  size_t looked_ = 0;  // of what was heard, without an end in it
  size_t all_bytes_ = 0;
};

// What a line says; nothing: it was progress.
absl::StatusOr<std::optional<Json>> Understand(
    const std::string& line, absl::FunctionRef<void(absl::string_view)> on_progress) {
  const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (json.is_object() && json.contains("progress")) {
    on_progress(TextAt(json, "progress"));
    return std::optional<Json>();
  }
  const auto ok = json.is_object() ? json.find("ok") : json.end();
  if (ok == json.end() || !ok->is_boolean()) {
    return absl::UnavailableError("what listens there is no floe, or of another version");
  }
  if (!ok->get<bool>()) return absl::FailedPreconditionError(TextAt(json, "error"));
  return std::optional<Json>(json.contains("result") ? json["result"] : Json());
}

}  // namespace

absl::StatusOr<Json> Ask(const std::vector<std::string>& paths, const Request& request,
                         milliseconds silence_max,
                         absl::FunctionRef<void(absl::string_view)> on_progress) {
  std::vector<std::string> failures;
  for (const std::string& path : paths) {
    Line line;
    if (const int error = line.Connect(path, silence_max); error != 0) {
      failures.push_back(absl::StrCat(path, ": ", std::strerror(error)));
      continue;
    }
    line.Say(RequestLine(request));
    for (;;) {
      const absl::StatusOr<std::string> heard = line.Hear();
      if (!heard.ok()) return heard.status();
      absl::StatusOr<std::optional<Json>> result = Understand(*heard, on_progress);
      if (!result.ok()) return result.status();
      if (result->has_value()) return **std::move(result);
    }
  }
  return absl::NotFoundError(
      absl::StrCat("no floe answers at ", absl::StrJoin(failures, ", nor at ")));
}

}  // namespace floe::control
