// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// A shard's part in a hand-over: its sockets for another process, and listeners in from one.
#include <utility>

#include "base/check.h"
#include "shard/shard.h"

namespace floe::shard {

using ring::OpKind;
using ring::Token;

void Shard::GoOn() {
  acceptor_->Resume();
  fan_out_.Thaw();
}

void Shard::LetGo() {
  has_let_go_ = true;
  fan_out_.LetGo(now_);
}

void Shard::Install(SocketBatch& batch) {
  FLOE_CHECK(installing_ == nullptr);
  batch.fds.assign(batch.sockets.size(), -1);
  batch.left_ = batch.sockets.size();
  if (batch.sockets.empty()) return batch.Finish();
  installing_ = &batch;
  for (uint32_t i = 0; i < batch.sockets.size(); ++i) {
    ring_->QueueInstall(batch.sockets[i], Token::Of(OpKind::kInstall, i, 0));
  }
}

void Shard::OnInstalled(uint32_t index, int32_t result) {
  FLOE_CHECK(installing_ != nullptr);
  if (installing_->Take(index, result)) std::exchange(installing_, nullptr)->Finish();
}

absl::StatusOr<ListenerSlot> Shard::Restore(const listener::ListenerState& state, MountSlot view,
                                            FdSlot fd, uint64_t id, const Guest& guest,
                                            absl::Time connected) {
  const absl::StatusOr<ListenerSlot> slot = fan_out_.Restore(state, view, fd, now_);
  if (!slot.ok()) return slot;
  details_.Set(*slot, id, guest, connected);
  zero_copy_.Begin(*slot);
  return slot;
}

}  // namespace floe::shard
