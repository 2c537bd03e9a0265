// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/address.h"
#include "http/reply.h"
#include "http/request.h"
#include "ring/direct_fd.h"
#include "session/parking.h"
#include "session/services.h"
#include "shard/shard.h"

namespace floe::session {

// Exchange is one socket from its arrival to its end, or until it is given to the fan-out: who is
// there, what was asked, what was received beyond that.
//
// Lifetime  in the frame of Welcome; every coroutine it awaits takes it by reference.
// Threads   The shard's.
struct Exchange {
  Exchange(const Services& all, shard::Shard& here, ring::DirectFd arrived, Address from,
           Instant since)
      : services(all),
        shard(here),
        parking(all.ParkingOf(here)),
        socket(std::move(arrived)),
        peer(from),
        via(from),
        config(all.config.Get()),
        begun(since),
        by(since + config->limits.header_timeout) {
    parking.Enter(stage_);
  }
  ~Exchange() { parking.Leave(stage_); }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  const Services& services;
  shard::Shard& shard;
  Parking& parking;
  ring::DirectFd socket;
  Address peer;                // who asks: as trusted proxies say, if there are any in between
  const Address via;           // whose line it is: the socket's other end
  bool expects_proxy = false;  // a PROXY header comes before the head
  config::ConfigRef config;    // as it was when the exchange began; a source's is renewed
  const Instant begun;
  Instant by;            // until when the head, and then a reply, must be through
  std::string received;  // not yet used up: first the head, then what followed it
  std::string heard;     // all of it, while it may have to be heard again by another process
  std::string head;      // of the request
  bool is_told = false;  // see HeadState
  http::Request request;
  http::Query fields;  // of an endpoint's request: its query, and its form
  std::string body;    // of such a request
  std::string user;    // once authorized
  std::string cors;    // lines for every reply to this request
  bool is_answered = false;
  bool is_shoutcast = false;
  bool is_handed_over = false;  // another process answers

  void Enter(Parking::Stage stage) {
    parking.Leave(stage_);
    parking.Enter(stage);
    stage_ = stage;
  }
  http::ReplyTo To() const;
  absl::string_view HeaderOr(absl::string_view name) const {
    return request.Header(name).value_or(absl::string_view());
  }
  // "GET /live HTTP/1.1", for logs; of queries only that there is one, and nothing of a login in
  // an absolute target, since passwords travel there (SHOUTcast's admin.cgi). Empty for what was
  // no request.
  std::string RequestLine() const;

 private:
  Parking::Stage stage_ = Parking::Stage::kDeciding;
};

// Sends a whole reply, logs the request with `http_status`, and closes well: a peer that is still
// sending (an encoder that was refused) would otherwise be reset before it has read the answer.
ring::Task<> Answer(Exchange& exchange, std::string reply, int http_status);
// Answers a refusal.
ring::Task<> Refuse(Exchange& exchange, absl::Status refusal);
// Sends bytes without ending anything.
ring::Task<absl::Status> Say(Exchange& exchange, absl::string_view bytes);
// Receives more into `exchange.received`. Errors: Unavailable when the peer is gone or done,
// DeadlineExceeded at `by`.
ring::Task<absl::Status> Hear(Exchange& exchange, Instant by);
// One line in the access log.
void LogRequest(const Exchange& exchange, int http_status, uint64_t bytes);

}  // namespace floe::session
