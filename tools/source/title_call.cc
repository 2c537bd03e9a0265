// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/source/title_call.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/wire/reply_head.h"

namespace floe::tools {
namespace {

constexpr int64_t kTitleTimeoutNs = 5 * kNsPerSecond;

}  // namespace

std::string QueryEscaped(absl::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (absl::ascii_isalnum(uint8_t(c)) || c == '-' || c == '.' || c == '_' || c == '~') {
      escaped.push_back(c);
    } else {
      absl::StrAppendFormat(&escaped, "%%%02X", uint8_t(c));
    }
  }
  return escaped;
}

TitleCall::~TitleCall() { Close(); }

void TitleCall::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

void TitleCall::Begin(const SourceOptions& options, const Address& server, absl::string_view path,
                      absl::string_view title, int64_t now_ns) {
  Close();
  reply_.clear();
  began_at_ns_ = now_ns;
  request_ = absl::StrCat(
      "GET /admin/metadata?mode=updinfo&mount=", QueryEscaped(path), "&song=", QueryEscaped(title),
      "&charset=UTF-8 HTTP/1.0\r\nHost: ", options.server, "\r\nAuthorization: Basic ",
      absl::Base64Escape(absl::StrCat(options.user, ":", options.password)),
      "\r\nUser-Agent: floe-source/", FLOE_VERSION, "\r\n\r\n");
  fd_ = socket(server.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ >= 0) (void)connect(fd_, server.get(), server.bytes);  // a failure shows at the send
}

TitleCall::State TitleCall::Turn(int64_t now_ns) {
  if (fd_ < 0) return State::kIdle;
  if (!request_.empty()) {
    const ssize_t sent = send(fd_, request_.data(), request_.size(), MSG_NOSIGNAL);
    if (sent > 0) request_.erase(0, size_t(sent));
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
      Close();
      return State::kFailed;
    }
  }
  char piece[1024];
  const ssize_t got = recv(fd_, piece, sizeof(piece), 0);
  if (got > 0) reply_.append(piece, size_t(got));
  const auto head = ReplyHead::Decode(reply_);
  const bool is_over = got == 0 || head.has_value() || now_ns - began_at_ns_ > kTitleTimeoutNs ||
                       (got < 0 && errno != EAGAIN && errno != EINTR);
  if (!is_over) return State::kCalling;
  Close();
  return head.has_value() && head->status == 200 ? State::kDone : State::kFailed;
}

}  // namespace floe::tools
