// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/address.h"
#include "base/clock.h"
#include "config/config.h"
#include "dial/call_gate.h"
#include "dial/companions.h"
#include "mount/source_info.h"
#include "mount/writer.h"
#include "ring/direct_fd.h"
#include "session/hand_over_state.h"
#include "session/relay_board.h"
#include "session/relay_track.h"
#include "session/services.h"
#include "session/upstream_call.h"
#include "shard/shard.h"
#include "upstream/choice.h"
#include "upstream/lag_meter.h"

namespace floe::session {

class Relay;

// A connection to one upstream of a relay, from the call to its end.
struct RelayLine final : public ValveOwner {
  RelayLine(Relay& owner, uint32_t number) : relay(owner), upstream(number) {}

  mount::Writer* Claim() override;

  Relay& relay;
  uint32_t upstream;       // its number; changes when the list does
  bool opens = false;      // what it gives is to be heard as soon as it can be joined
  bool is_let_go = false;  // no more is wanted of it: its end is not the upstream's fault
  bool stands = false;     // while the server is handed over
  bool has_ended = false;  // nobody looks at it any more
  std::optional<ring::DirectFd> socket;
  Address peer;
  mount::SourceInfo info;
  std::optional<http::UpstreamReply> reply;  // until the first byte behind it
  std::unique_ptr<Track> track;              // null until then
  uint64_t told_bytes = 0;                   // of the track's audio, that the choice knows of
  Instant last_audio{};
  upstream::LagMeter lag;
};

// Relay is one mount that is fetched from elsewhere: which upstreams are called, who of them is
// heard, and what becomes of the mount meanwhile. The coroutines are relay_feed.cc's.
//
//   a line breaks:  the mount is held for kHoldMax, with its source still connected as far as
//                   anybody sees, while the next call is made. Then it is left, and lingers.
//   a line opens:   it claims the mount, and what was heard until then is let go: at a sync point
//                   of what comes, behind the last boundary of what was.
//   goes on:        an upstream that says positions is asked for the very byte that is due. If it
//                   has it the stream goes on as if nothing had been; even if the mount was left
//                   meanwhile, as long as nobody else had it.
//
// Lifetime  of its coroutine, which outlives its lines'.
// Threads   The shard's.
// Failure   None: what fails is tried again, and shown on the board.
class Relay {
 public:
  Relay(shard::Shard& shard, const Services& services, dial::CallGate& gate, std::string mount,
        config::Relay settings);
  Relay(const Relay&) = delete;

  const std::string& mount() const { return mount_; }
  shard::Shard& shard() { return shard_; }
  const Services& services() const { return services_; }
  dial::CallGate& gate() { return gate_; }
  const config::Relay& settings() const { return settings_; }
  upstream::Choice& choice() { return choice_; }
  std::vector<std::unique_ptr<RelayLine>>& lines() { return lines_; }
  dial::Companions& companions() { return companions_; }

  // ---- for the relay's coroutine ----
  // Other upstreams, or other times.
  void Change(config::Relay settings);
  // Whether somebody is to hear it, a source has the mount, the hold is over. Answers when to look
  // again at the latest.
  Instant Look();
  // What the choice says is to be done; the line that is to be run, if one is.
  RelayLine* Do(const upstream::Next& next);
  // Ends what is open, and leaves the mount. The lines end soon.
  void End(bool lingers);
  void LetGoOf(RelayLine& line);
  // Forgets lines that have ended.
  void Clear();
  // Puts on the board how it is.
  void Tell();
  // Something happened that the relay's coroutine has to look at.
  void Wake() { shard_.io().Interrupt(this); }

  // ---- for a line's coroutine ----
  UpstreamCall CallOf(const RelayLine& line) const;
  // An upstream has answered. False: its stream is none that can be heard.
  bool Begin(RelayLine& line, UpstreamStream stream);
  // Some of its stream came. False: that was the end of it.
  bool Take(RelayLine& line, std::span<const std::byte> bytes);
  void Fail(RelayLine& line, const absl::Status& why);
  void Stall(RelayLine& line);
  milliseconds SilenceMax() const;

  // A line wants to be heard: see ValveOwner.
  mount::Writer* ClaimFor(RelayLine& line);

  // ---- hand-over ----
  // The line that is heard, if one is; everything else begins anew, here or in the next process.
  RelayLine* heard() const;
  const mount::Writer* writer() const { return writer_.get(); }
  void DropAllButHeard();
  // The line that is heard stands still, and the others have ended.
  bool IsAtRest() const;
  // Those that stand still go on; or end without a word, as another process goes on for them.
  void GoOnAgain();
  void GiveUp() { is_given_up_ = true; }
  bool is_given_up() const { return is_given_up_; }
  RelayState state() const;
  // Goes on where another process stood; `writer` is null if the mount was not that one's, and
  // `socket` there if a line is heard. The line that is to be run, if one is. InvalidArgument names
  // what is impossible in the state.
  absl::StatusOr<RelayLine*> GoOnFrom(RelayState state, std::unique_ptr<mount::Writer> writer,
                                      std::optional<ring::DirectFd> socket);

 private:
  // What was heard and broke off.
  struct Broken {
    std::unique_ptr<Track> track;
    uint32_t upstream = 0;
    uint64_t left_pen = 0;  // the mount was left by it; 0: it is held
    Instant hold_by{};
  };

  Instant now() const { return shard_.now(); }
  std::string UrlOf(uint32_t upstream) const;
  RelayLine* LineOf(std::optional<uint32_t> upstream);
  void BeginTrack(RelayLine& line);
  bool GoOn(RelayLine& line, const http::UpstreamReply& reply, const std::string& charset);
  std::unique_ptr<mount::Writer> Return();
  void Break(RelayLine& line);
  void EndOpen();
  void LeaveMount(bool lingers);
  void LogFailure(uint32_t upstream) const;
  bool IsWantedNow();
  bool IsTaken() const;

  shard::Shard& shard_;
  const Services& services_;
  dial::CallGate& gate_;
  const std::string mount_;
  config::Relay settings_;
  upstream::Choice choice_;
  std::vector<std::unique_ptr<RelayLine>> lines_;
  dial::Companions companions_;            // the lines' coroutines
  std::unique_ptr<mount::Writer> writer_;  // null: the mount is not ours
  Track* open_ = nullptr;                  // of a line's or broken_'s: what goes to writer_
  std::optional<Broken> broken_;
  bool is_displaced_ = false;  // a source has the mount
  bool is_given_up_ = false;   // all is another process's
  Instant last_listener_{};    // when somebody was there, of one on demand
  RelayStatus told_;
};

}  // namespace floe::session
