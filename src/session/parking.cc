// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/parking.h"

#include <algorithm>

namespace floe::session {

void Parking::CallArrivals(ring::Io& io) {
  calls_arrivals_ = true;
  io.Interrupt(arrivals());
  // One that is interrupted may end its wait, and look for its place here, at once.
  const std::vector<const void*> deciders = deciders_;
  for (const void* owner : deciders) io.Interrupt(owner);
}

void Parking::CallAll(ring::Io& io) {
  CallArrivals(io);
  calls_all_ = true;
  for (const void* owner : owners_) io.Interrupt(owner);
}

void Parking::Release(ring::Io& io, Verdict verdict) {
  verdict_ = verdict;
  calls_arrivals_ = calls_all_ = false;
  io.Interrupt(this);
}

void Parking::EndDeciding(const void* owner) {
  deciders_.erase(std::find(deciders_.begin(), deciders_.end(), owner));
}

void Parking::EndWaiting(const void* owner) {
  owners_.erase(std::find(owners_.begin(), owners_.end(), owner));
}

template <typename Guest>
ring::Task<absl::StatusOr<Parking::Verdict>> Parking::Stand(ring::Io& io, std::vector<Guest>* here,
                                                            Guest guest) {
  here->push_back(guest);
  // A stop wakes as well: who goes on then finds that all is to end.
  const Instant forever = Instant::max();
  while (co_await io.Sleep(forever, this)) {
  }
  here->erase(std::find(here->begin(), here->end(), guest));
  co_return verdict_;
}

ring::Task<absl::StatusOr<Parking::Verdict>> Parking::Park(ring::Io& io, Exchange* head) {
  co_return co_await Stand(io, &heads_, head);
}
ring::Task<absl::StatusOr<Parking::Verdict>> Parking::Park(ring::Io& io, ParkedSource source) {
  co_return co_await Stand(io, &sources_, source);
}
ring::Task<absl::StatusOr<Parking::Verdict>> Parking::Park(ring::Io& io, ParkedLoop loop) {
  co_return co_await Stand(io, &loops_, loop);
}

ring::Task<absl::StatusOr<Parking::Verdict>> Parking::Park(ring::Io& io, Relay* relay) {
  co_return co_await Stand(io, &relays_, relay);
}

ring::Task<absl::StatusOr<Parking::Verdict>> Parking::Park(ring::Io& io, const Push* push) {
  co_return co_await Stand(io, &pushes_, push);
}

}  // namespace floe::session
