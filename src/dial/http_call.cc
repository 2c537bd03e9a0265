// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "dial/http_call.h"

#include <algorithm>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dial/dial.h"
#include "dial/reply_head.h"
#include "http/chunked.h"
#include "http/lines.h"
#include "http/redirect.h"
#include "http/upstream_reply.h"

namespace floe::dial {
namespace {

using http::BodyFraming;
using http::ChunkedReader;

std::span<const std::byte> AsBytes(absl::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// An answer's body as it comes.
class Body {
 public:
  Body(const http::UpstreamReply& head, std::string* into) : framing_(head.body), into_(into) {
    const bool has_none = head.status == 204 || head.status == 304;
    is_over_ =
        has_none || (framing_.kind == BodyFraming::Kind::kLength && framing_.length_bytes == 0);
  }

  // Errors: the chunks are none.
  absl::Status Take(absl::string_view bytes) {
    if (framing_.kind != BodyFraming::Kind::kChunked) {
      Add(bytes);
      return absl::OkStatus();
    }
    std::span<const std::byte> left = AsBytes(bytes);
    for (;;) {
      const ChunkedReader::Piece piece = chunks_.Feed(&left);
      if (piece.kind == ChunkedReader::Kind::kBroken) {
        return absl::FailedPreconditionError(absl::StrCat("answers badly: ", chunks_.error()));
      }
      is_over_ |= piece.kind == ChunkedReader::Kind::kEnd;
      if (piece.kind != ChunkedReader::Kind::kPayload) return absl::OkStatus();
      Add({reinterpret_cast<const char*>(piece.payload.data()), piece.payload.size()});
    }
  }
  // No more comes: whether that was all.
  bool MayEnd() const { return is_over_ || framing_.kind == BodyFraming::Kind::kUntilClose; }
  bool is_over() const { return is_over_; }

 private:
  void Add(absl::string_view payload) {
    size_t wanted = kCallBodyBytesMax;
    if (framing_.kind == BodyFraming::Kind::kLength) {
      wanted = std::min<uint64_t>(wanted, framing_.length_bytes);
    }
    absl::StrAppend(into_, payload.substr(0, wanted - into_->size()));
    is_over_ |= into_->size() == wanted;
  }

  const BodyFraming framing_;
  std::string* const into_;
  ChunkedReader chunks_;
  bool is_over_ = false;
};

ring::Task<absl::StatusOr<HttpAnswer>> HearAnswer(shard::Shard& shard, FdSlot socket, Instant by,
                                                  const void* owner) {
  std::string received;
  http::UpstreamReply head;
  HttpAnswer answer;
  while (head.status < 200) {  // interim replies (1xx) are passed over
    const absl::StatusOr<std::string> text =
        co_await HearReplyText(shard, socket, received, by, owner);
    if (!text.ok()) co_return text.status();
    absl::StatusOr<http::UpstreamReply> parsed = http::ParseReplyHead(*text);
    if (!parsed.ok() || parsed->is_icy) {
      const absl::string_view why = parsed.ok() ? "ICY" : parsed.status().message();
      co_return absl::FailedPreconditionError(absl::StrCat("answers badly: ", why));
    }
    head = *std::move(parsed);
    absl::string_view lines = *text;
    absl::string_view first;
    while (first.empty() && !lines.empty()) first = http::TakeLine(&lines);
    absl::StatusOr<http::HeaderList> headers =
        http::HeaderList::Parse(lines, http::HeaderList::BadLine::kIgnore);
    if (headers.ok()) answer.headers = *std::move(headers);  // ParseReplyHead could read them
  }
  answer.status = head.status;
  answer.reason = head.reason;
  Body body(head, &answer.body);
  for (;;) {
    if (absl::Status taken = body.Take(received); !taken.ok()) co_return taken;
    received.clear();
    if (body.is_over()) co_return std::move(answer);
    absl::Status heard = co_await HearMore(shard, socket, received, by, owner);
    if (absl::IsOutOfRange(heard) && body.MayEnd()) co_return std::move(answer);
    if (absl::IsOutOfRange(heard)) {
      co_return absl::UnavailableError("hung up in the middle of its answer");
    }
    if (!heard.ok()) co_return heard;
  }
}

}  // namespace

std::string HttpCall::ToString() const {
  std::string text = absl::StrCat(method, " ", url.target, " HTTP/1.1\r\n");
  http::AppendHeader(&text, "Host", url.Authority());
  http::AppendHeader(&text, "User-Agent", http::ServerName());
  http::AppendHeader(&text, "Connection", "close");
  if (!authorization.empty()) http::AppendHeader(&text, "Authorization", authorization);
  for (const http::ExtraHeader& header : headers) {
    http::AppendHeader(&text, header.name, header.value);
  }
  if (!content_type.empty()) http::AppendHeader(&text, "Content-Type", content_type);
  if (!body.empty() || method == "POST") {
    http::AppendHeader(&text, "Content-Length", absl::StrCat(body.size()));
  }
  return absl::StrCat(text, "\r\n", body);
}

ring::Task<absl::StatusOr<HttpAnswer>> CallHttp(shard::Shard& shard, shard::WorkerPool& resolvers,
                                                const HttpCall& call, Instant by,
                                                const void* owner) {
  absl::StatusOr<Dialled> line =
      co_await Dial(shard, resolvers, call.url.host, call.url.port, by, owner);
  if (!line.ok()) co_return line.status();
  const FdSlot socket = line->socket.slot();
  const std::string request = call.ToString();
  const absl::Status sent = co_await ring::SendAll(shard.io(), socket, AsBytes(request), by, owner);
  if (absl::IsCancelled(sent)) co_return sent;
  // Who answers before it has heard all may break the send off, but its answer can be there.
  absl::StatusOr<HttpAnswer> answer = co_await HearAnswer(shard, socket, by, owner);
  if (answer.ok() || absl::IsCancelled(answer.status())) co_return std::move(answer);
  const std::string text = absl::StrCat(http::LogTextOf(call.url), " ", answer.status().message());
  co_return absl::Status(answer.status().code(), text);
}

}  // namespace floe::dial
