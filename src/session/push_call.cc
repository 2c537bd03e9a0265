// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/push_call.h"

#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "http/head_scan.h"
#include "http/redirect.h"
#include "http/upstream_reply.h"

namespace floe::session {
namespace {

using http::HeadScan;

constexpr int kContinue = 100;
constexpr int kOk = 200;
// All receive buffers are on loan: they come back within a turn or two.
constexpr milliseconds kNoBufferPause{2};

// What a server that was connected to and asked did then.
struct Answer {
  Dialled line;
  int status = 0;    // 0: it answered nothing that can be read
  std::string text;  // of the status, or what it did instead
};

std::span<const std::byte> AsBytes(absl::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// The head of its answer into `status` and `text`. Error: Cancelled.
ring::Task<absl::Status> HearAnswer(shard::Shard& shard, Answer& answer, Instant by,
                                    const void* owner) {
  ring::Io& io = shard.io();
  std::string heard;
  HeadScan scan;
  while (scan.kind == HeadScan::Kind::kNeedMore) {
    const ring::Received received = co_await io.Recv(answer.line.socket.slot(), by, owner);
    if (received.error == ECANCELED) co_return absl::CancelledError("interrupted");
    if (received.error == ENOBUFS) {
      const Instant later = shard.now() + kNoBufferPause;
      (void)co_await io.Sleep(later, owner);
      continue;
    }
    if (received.error != 0 || received.finished()) {
      answer.text = received.error == ETIMEDOUT ? "did not answer in time"
                    : received.error != 0 ? absl::StrCat("broke off: ", strerror(received.error))
                                          : "hung up without an answer";
      co_return absl::OkStatus();
    }
    const auto bytes = received.bytes();
    heard.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    scan = http::ScanReplyHead(heard, scan);
  }
  answer.text = "answers what is no HTTP";
  if (scan.kind != HeadScan::Kind::kHead) co_return absl::OkStatus();
  const absl::StatusOr<http::UpstreamReply> reply =
      http::ParseReplyHead(absl::string_view(heard).substr(0, scan.size_bytes));
  if (!reply.ok()) co_return absl::OkStatus();
  answer.status = reply->status;
  answer.text = absl::StrCat("answers ", reply->status, " ", reply->reason);
  co_return absl::OkStatus();
}

// Errors: it could not be connected to, or asked; Cancelled.
ring::Task<absl::StatusOr<Answer>> Ask(shard::Shard& shard, shard::WorkerPool& resolvers,
                                       const HttpUrl& url, const std::string& head,
                                       milliseconds answer_max, const void* owner) {
  const Instant by = shard.now() + kPushCallTimeMax;
  absl::StatusOr<Dialled> line = co_await Dial(shard, resolvers, url.host, url.port, by, owner);
  if (!line.ok()) co_return line.status();
  Answer answer{.line = *std::move(line)};
  ring::Io& io = shard.io();
  std::span<const std::byte> left = AsBytes(head);
  while (!left.empty()) {
    const ring::Sent sent = co_await io.Send(answer.line.socket.slot(), left, by, owner);
    if (sent.error == ECANCELED) co_return absl::CancelledError("interrupted");
    if (sent.error != 0) {
      answer.text = absl::StrCat("broke off: ", strerror(sent.error));
      co_return std::move(answer);
    }
    left = left.subspan(sent.bytes);
  }
  const Instant answer_by = shard.now() + answer_max;
  const absl::Status heard = co_await HearAnswer(shard, answer, answer_by, owner);
  if (!heard.ok()) co_return heard;
  co_return std::move(answer);
}

bool IsWanted(const Answer& answer) { return answer.status == kContinue || answer.status == kOk; }

absl::Status RefusalOf(const HttpUrl& url, const Answer& answer) {
  const std::string text = absl::StrCat(http::LogTextOf(url), " ", answer.text);
  const bool is_refused = answer.status >= 300 && answer.status < 500;
  return is_refused ? absl::FailedPreconditionError(text) : absl::UnavailableError(text);
}

}  // namespace

ring::Task<absl::StatusOr<Dialled>> CallPush(shard::Shard& shard, shard::WorkerPool& resolvers,
                                             const http::PushRequest& request, const void* owner) {
  {
    const std::string put = request.ToPut();
    absl::StatusOr<Answer> answer =
        co_await Ask(shard, resolvers, request.url, put, kPutAnswerTimeMax, owner);
    if (!answer.ok()) co_return answer.status();
    if (IsWanted(*answer)) co_return std::move(answer->line);
    if (answer->status != 0 && !http::MayKnowSource(answer->status)) {
      co_return RefusalOf(request.url, *answer);
    }
  }
  const std::string source = request.ToSource();
  absl::StatusOr<Answer> answer =
      co_await Ask(shard, resolvers, request.url, source, kPushCallTimeMax, owner);
  if (!answer.ok()) co_return answer.status();
  if (IsWanted(*answer)) co_return std::move(answer->line);
  co_return RefusalOf(request.url, *answer);
}

ring::Task<absl::Status> TellPush(shard::Shard& shard, shard::WorkerPool& resolvers,
                                  const HttpUrl& url, const std::string& head, const void* owner) {
  const absl::StatusOr<Answer> answer =
      co_await Ask(shard, resolvers, url, head, kPushCallTimeMax, owner);
  if (!answer.ok()) co_return answer.status();
  if (answer->status == kOk) co_return absl::OkStatus();
  co_return RefusalOf(url, *answer);
}

}  // namespace floe::session
