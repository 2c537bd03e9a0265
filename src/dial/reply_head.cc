// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "dial/reply_head.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "http/head_scan.h"

namespace floe::dial {
namespace {

using http::HeadScan;

// All receive buffers are on loan: they come back within a turn or two.
constexpr milliseconds kNoBufferPause{2};

}  // namespace

ring::Task<absl::Status> HearMore(shard::Shard& shard, FdSlot socket, std::string& received,
                                  Instant by, const void* owner) {
  ring::Io& io = shard.io();
  for (;;) {
    const ring::Received more = co_await io.Recv(socket, by, owner);
    if (more.is_interrupted) co_return absl::CancelledError("interrupted");
    if (more.error == ENOBUFS) {
      const Instant later = shard.now() + kNoBufferPause;
      if (!co_await io.Sleep(later, owner)) co_return absl::CancelledError("interrupted");
      continue;
    }
    if (more.error == ETIMEDOUT) co_return absl::UnavailableError("did not answer in time");
    if (more.error != 0) {
      co_return absl::UnavailableError(absl::StrCat("broke off: ", std::strerror(more.error)));
    }
    if (more.finished()) co_return absl::OutOfRangeError("hung up");
    const auto bytes = more.bytes();
    received.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    co_return absl::OkStatus();
  }
}

ring::Task<absl::StatusOr<std::string>> HearReplyText(shard::Shard& shard, FdSlot socket,
                                                      std::string& received, Instant by,
                                                      const void* owner) {
  HeadScan scan = http::ScanReplyHead(received);
  while (scan.kind == HeadScan::Kind::kNeedMore) {
    absl::Status heard = co_await HearMore(shard, socket, received, by, owner);
    if (absl::IsOutOfRange(heard)) {
      co_return absl::UnavailableError("hung up without an answer");
    }
    if (!heard.ok()) co_return heard;
    scan = http::ScanReplyHead(received, scan);
  }
  if (scan.kind != HeadScan::Kind::kHead) {
    co_return absl::FailedPreconditionError("answers what is neither HTTP nor ICY");
  }
  std::string head = received.substr(0, scan.size_bytes);
  received.erase(0, scan.size_bytes);
  co_return std::move(head);
}

ring::Task<absl::StatusOr<http::UpstreamReply>> HearReplyHead(shard::Shard& shard, FdSlot socket,
                                                              std::string& received, Instant by,
                                                              const void* owner) {
  const absl::StatusOr<std::string> head =
      co_await HearReplyText(shard, socket, received, by, owner);
  if (!head.ok()) co_return head.status();
  absl::StatusOr<http::UpstreamReply> reply = http::ParseReplyHead(*head);
  if (!reply.ok()) {
    co_return absl::FailedPreconditionError(
        absl::StrCat("answers badly: ", reply.status().message()));
  }
  co_return std::move(reply);
}

}  // namespace floe::dial
