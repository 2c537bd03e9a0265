// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/push_call.h"

#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dial/reply_head.h"
#include "http/redirect.h"
#include "http/upstream_reply.h"

namespace floe::session {
namespace {

constexpr int kContinue = 100;
constexpr int kOk = 200;

// What a server that was connected to and asked did then.
struct Answer {
  dial::Dialled line;
  int status = 0;    // 0: it answered nothing that can be read
  std::string text;  // of the status, or what it did instead
};

std::span<const std::byte> AsBytes(absl::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// Errors: it could not be connected to; Cancelled.
ring::Task<absl::StatusOr<Answer>> Ask(shard::Shard& shard, shard::WorkerPool& resolvers,
                                       const HttpUrl& url, const std::string& head,
                                       milliseconds answer_max, const void* owner) {
  const Instant by = shard.now() + kPushCallTimeMax;
  absl::StatusOr<dial::Dialled> line =
      co_await dial::Dial(shard, resolvers, url.host, url.port, by, owner);
  if (!line.ok()) co_return line.status();
  Answer answer{.line = *std::move(line)};
  const FdSlot socket = answer.line.socket.slot();
  absl::Status asked = co_await ring::SendAll(shard.io(), socket, AsBytes(head), by, owner);
  if (asked.ok()) {
    const Instant answer_by = shard.now() + answer_max;
    std::string received;
    const absl::StatusOr<http::UpstreamReply> reply =
        co_await dial::HearReplyHead(shard, socket, received, answer_by, owner);
    asked = reply.status();
    if (reply.ok()) {
      answer.status = reply->status;
      answer.text = absl::StrCat("answers ", reply->status, " ", reply->reason);
    }
  }
  if (absl::IsCancelled(asked)) co_return asked;
  if (!asked.ok()) answer.text = std::string(asked.message());
  co_return std::move(answer);
}

bool IsWanted(const Answer& answer) { return answer.status == kContinue || answer.status == kOk; }

absl::Status RefusalOf(const HttpUrl& url, const Answer& answer) {
  const std::string text = absl::StrCat(http::LogTextOf(url), " ", answer.text);
  const bool is_refused = answer.status >= 300 && answer.status < 500;
  return is_refused ? absl::FailedPreconditionError(text) : absl::UnavailableError(text);
}

}  // namespace

ring::Task<absl::StatusOr<dial::Dialled>> CallPush(shard::Shard& shard,
                                                   shard::WorkerPool& resolvers,
                                                   const http::PushRequest& request,
                                                   const void* owner) {
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
