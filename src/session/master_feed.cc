// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/master_feed.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/http_url.h"
#include "base/log.h"
#include "http/chunked.h"
#include "http/redirect.h"
#include "http/upstream_request.h"
#include "session/parking.h"
#include "session/paths.h"

namespace floe::session {
namespace {

constexpr milliseconds kNoBufferPause{2};
// From so many failures in a row on, who could be followed but is not is asked for the page as
// well: it may have more followers than it takes.
constexpr uint32_t kFollowTries = 3;
// How often it is looked whether a hand-over is over.
constexpr milliseconds kStandStillPoll{50};

absl::string_view AsText(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Takes the framing off an answer, and gives the list what is in it.
class ListBody {
 public:
  ListBody(http::BodyFraming framing, upstream::MountList& list) : framing_(framing), list_(list) {}

  bool is_over() const {
    if (framing_.kind == http::BodyFraming::Kind::kChunked) return chunks_.ended();
    return framing_.kind == http::BodyFraming::Kind::kLength && framing_.length_bytes == 0;
  }

  absl::Status Take(std::span<const std::byte> bytes) {
    if (framing_.kind == http::BodyFraming::Kind::kChunked) return TakeChunks(bytes);
    if (framing_.kind == http::BodyFraming::Kind::kLength) {
      bytes = bytes.first(size_t(std::min<uint64_t>(bytes.size(), framing_.length_bytes)));
      framing_.length_bytes -= bytes.size();
    }
    return list_.Take(AsText(bytes));
  }

 private:
  absl::Status TakeChunks(std::span<const std::byte> bytes) {
    for (;;) {
      const http::ChunkedReader::Piece piece = chunks_.Feed(&bytes);
      if (piece.kind == http::ChunkedReader::Kind::kBroken) {
        return absl::InvalidArgumentError(chunks_.error());
      }
      if (piece.kind != http::ChunkedReader::Kind::kPayload) return absl::OkStatus();
      if (absl::Status taken = list_.Take(AsText(piece.payload)); !taken.ok()) return taken;
    }
  }

  http::BodyFraming framing_;
  upstream::MountList& list_;
  http::ChunkedReader chunks_;
};

// A page for people that stands in the way names no mounts either, and is no empty list.
bool IsPlainText(const http::UpstreamReply& reply) {
  const absl::string_view type = reply.stream.content_type;
  return type.empty() || absl::StartsWithIgnoreCase(type, "text/plain");
}

std::string LogTextOf(const config::Master& master) {
  const absl::StatusOr<HttpUrl> url = HttpUrl::Parse(master.url);
  return url.ok() ? absl::StrCat("http://", url->Authority()) : std::string();
}

}  // namespace

void MasterFeed::Change(config::Master settings) {
  changed_ = std::move(settings);
  if (shard_ == nullptr) return;
  if (is_running_) {
    shard_->io().Interrupt(this);
  } else {
    Start();
  }
}

absl::Status MasterFeed::Restore(const std::vector<std::string>& names) {
  if (absl::Status restored = list_.Restore(names); !restored.ok()) return restored;
  services_.master_board->Publish(list_.state());
  return absl::OkStatus();
}

void MasterFeed::Begin(shard::Shard& shard) {
  shard_ = &shard;
  dice_.state = uint64_t(Clock::now().time_since_epoch().count()) ^ services_.instance;
  Start();
}

void MasterFeed::Start() {
  if (!changed_.has_value() || changed_->url.empty()) return;
  is_running_ = shard_->Spawn(Run(*this));
  if (!is_running_) log::Error("there is no room to ask the master for its mounts");
}

bool MasterFeed::MustStop() const {
  return shard_->io().stopping() || changed_.has_value() ||
         services_.ParkingOf(*shard_).calls_all();
}

void MasterFeed::TakeSettings() {
  settings_ = *std::exchange(changed_, std::nullopt);
  has_only_pages_ = false;
  status_ = {};
  status_.url = LogTextOf(settings_);
  status_.since = now();
  status_.listed = uint32_t(list_.names().size());
  services_.master_board->Show(status_);
  if (!settings_.url.empty()) return;
  list_ = {};
  services_.master_board->Publish({});
}

UpstreamCall MasterFeed::CallFor(Answer answer) const {
  UpstreamCall call;
  call.url = *HttpUrl::Parse(settings_.url);
  call.url.target = std::string(kStreamListTextPath);
  if (answer == Answer::kFollowed) call.url.target = absl::StrCat(kStreamListPath, "?follow=1");
  if (!settings_.token.empty()) {
    call.authorization = http::BearerAuthorization(settings_.token);
  } else if (!settings_.password.empty()) {
    call.authorization = http::BasicAuthorization(settings_.user, settings_.password);
  }
  return call;
}

// The list is whole, or has changed since it was.
void MasterFeed::Succeed(Answer answer) {
  const bool is_followed = answer == Answer::kFollowed;
  const auto listed = uint32_t(list_.names().size());
  const bool is_news = status_.phase != MasterStatus::Phase::kUp ||
                       status_.is_followed != is_followed || status_.listed != listed;
  if (status_.phase != MasterStatus::Phase::kUp) status_.since = now();
  status_.phase = MasterStatus::Phase::kUp;
  status_.is_followed = is_followed;
  status_.failures = 0;
  status_.listed = listed;
  services_.master_board->Publish(list_.state());
  services_.master_board->Show(status_);
  if (!is_news) return;
  log::Info(absl::StrCat("master ", status_.url, " has ", listed, " mounts, ",
                         is_followed ? "and tells of changes" : "and is asked again for changes"));
}

Instant MasterFeed::Fail(const absl::Status& why) {
  const bool is_news =
      status_.phase != MasterStatus::Phase::kDown || status_.error != why.message();
  if (status_.phase != MasterStatus::Phase::kDown) status_.since = now();
  status_.phase = MasterStatus::Phase::kDown;
  status_.is_followed = false;
  status_.error = std::string(why.message());
  ++status_.failures;
  has_only_pages_ = false;
  services_.master_board->Show(status_);
  if (is_news) {
    log::Warn(absl::StrCat("master ", status_.url, ": ", why.message(), "; the ", status_.listed,
                           " mounts that it had are fetched on"));
  }
  return now() + upstream::Backoff(status_.failures, dice_);
}

ring::Task<absl::Status> MasterFeed::Hear(MasterFeed& feed, UpstreamStream& stream, Answer answer) {
  ring::Io& io = feed.shard_->io();
  if (!IsPlainText(stream.reply)) co_return absl::InvalidArgumentError("it answers with no list");
  feed.list_.Begin(answer);
  ListBody body(stream.reply.body, feed.list_);
  const Instant whole_by = feed.now() + kListPageTimeMax;
  absl::Status taken = body.Take(std::as_bytes(std::span(stream.early)));
  while (taken.ok() && !body.is_over()) {
    const bool is_followed = answer == Answer::kFollowed;
    if (is_followed && feed.list_.is_whole()) feed.Succeed(answer);
    if (feed.MustStop()) co_return absl::CancelledError("interrupted");
    const Instant by = is_followed ? feed.now() + kListSilenceMax : whole_by;
    const ring::Received received = co_await io.Recv(stream.socket.slot(), by, &feed);
    if (received.error == ENOBUFS) {
      const Instant later = feed.now() + kNoBufferPause;
      (void)co_await io.Sleep(later, &feed);
      continue;
    }
    if (received.error == ECANCELED) continue;
    if (received.error == ETIMEDOUT) co_return absl::UnavailableError("its list does not go on");
    if (received.error != 0) co_return absl::UnavailableError(std::strerror(received.error));
    if (received.finished()) break;
    taken = body.Take(received.bytes());
  }
  if (!taken.ok()) co_return taken;
  const bool is_cut_off = !body.is_over() &&
                          stream.reply.body.kind != http::BodyFraming::Kind::kUntilClose &&
                          stream.reply.body.kind != http::BodyFraming::Kind::kNone;
  if (is_cut_off) co_return absl::UnavailableError("its list breaks off");
  if (answer == Answer::kPage) co_return feed.list_.End();
  if (feed.list_.is_whole()) co_return absl::UnavailableError("it ends its list");
  co_return absl::InvalidArgumentError("the list of mounts is not whole");
}

ring::Task<absl::Status> MasterFeed::Ask(MasterFeed& feed, Answer answer) {
  const UpstreamCall call = feed.CallFor(answer);
  absl::StatusOr<UpstreamStream> stream =
      co_await CallUpstream(*feed.shard_, *feed.services_.resolvers, call, &feed);
  if (!stream.ok()) co_return stream.status();
  absl::Status heard = co_await Hear(feed, *stream, answer);
  co_return heard;
}

ring::Task<absl::Status> MasterFeed::AskAny(MasterFeed& feed) {
  ++feed.status_.attempts;
  if (!feed.has_only_pages_) {
    absl::Status followed = co_await Ask(feed, Answer::kFollowed);
    // Whatever it refuses or says instead: it may be another kind of server.
    const bool may_have_pages = absl::IsFailedPrecondition(followed) ||
                                absl::IsInvalidArgument(followed) ||
                                feed.status_.failures >= kFollowTries;
    if (!may_have_pages || feed.MustStop()) co_return followed;
  }
  absl::Status asked = co_await Ask(feed, Answer::kPage);
  if (asked.ok()) {
    feed.has_only_pages_ = true;
    feed.Succeed(Answer::kPage);
  }
  co_return asked;
}

ring::Task<> MasterFeed::Run(MasterFeed& feed) {
  ring::Io& io = feed.shard_->io();
  Parking& parking = feed.services_.ParkingOf(*feed.shard_);
  parking.BeginWaiting(&feed);
  while (!io.stopping() && !parking.is_given_up()) {
    if (parking.calls_all()) {
      const Instant later = feed.now() + kStandStillPoll;
      (void)co_await io.Sleep(later, &feed);
      continue;
    }
    if (feed.changed_.has_value()) feed.TakeSettings();
    if (feed.settings_.url.empty()) break;
    const absl::Status asked = co_await AskAny(feed);
    if (feed.MustStop()) continue;
    const Instant again = asked.ok() ? feed.now() + feed.settings_.interval : feed.Fail(asked);
    // What woke it may be no news.
    while (!feed.MustStop() && feed.now() < again) (void)co_await io.Sleep(again, &feed);
  }
  parking.EndWaiting(&feed);
  feed.is_running_ = false;
}

}  // namespace floe::session
