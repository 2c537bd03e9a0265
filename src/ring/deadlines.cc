// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "ring/deadlines.h"

#include "base/check.h"
#include "ring/io.h"

namespace floe::ring {

void Deadlines::Place(uint32_t at, Entry entry) {
  heap_[at] = entry;
  entry.op->heap_position = at;
}

void Deadlines::SiftUp(uint32_t at, Entry entry) {
  while (at > 0) {
    const uint32_t parent = (at - 1) / 2;
    if (heap_[parent].by <= entry.by) break;
    Place(at, heap_[parent]);
    at = parent;
  }
  Place(at, entry);
}

void Deadlines::SiftDown(uint32_t at, Entry entry) {
  const uint32_t size = uint32_t(heap_.size());
  for (;;) {
    uint32_t child = 2 * at + 1;
    if (child >= size) break;
    if (child + 1 < size && heap_[child + 1].by < heap_[child].by) ++child;
    if (entry.by <= heap_[child].by) break;
    Place(at, heap_[child]);
    at = child;
  }
  Place(at, entry);
}

void Deadlines::Arm(AwaitOp* op, Instant by) {
  FLOE_CHECK(op->heap_position == AwaitOp::kNotArmed);
  heap_.push_back({by, op});
  SiftUp(uint32_t(heap_.size() - 1), {by, op});
}

void Deadlines::Disarm(AwaitOp* op) {
  if (op->heap_position != AwaitOp::kNotArmed) RemoveAt(op->heap_position);
}

std::optional<Instant> Deadlines::Next() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().by;
}

AwaitOp* Deadlines::PopExpired(Instant now) {
  if (heap_.empty() || heap_.front().by > now) return nullptr;
  AwaitOp* op = heap_.front().op;
  RemoveAt(0);
  return op;
}

void Deadlines::RemoveAt(uint32_t at) {
  heap_[at].op->heap_position = AwaitOp::kNotArmed;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (at == heap_.size()) return;
  if (at > 0 && last.by < heap_[(at - 1) / 2].by) {
    SiftUp(at, last);
  } else {
    SiftDown(at, last);
  }
}

}  // namespace floe::ring
