// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "listener/listener.h"

namespace floe::listener {

// ListenerList is a chain through the records' `next` and `previous`, first in, first out. A record
// is in one list at a time; its `place` says in which, and is kept by whoever moves it.
class ListenerList {
 public:
  bool empty() const { return head_ == kNoSlot<ListenerSlot>; }
  ListenerSlot head() const { return head_; }
  ListenerSlot tail() const { return tail_; }

  void PushBack(Listeners& listeners, ListenerSlot slot) {
    Listener& listener = listeners[slot];
    listener.previous = tail_;
    listener.next = kNoSlot<ListenerSlot>;
    (tail_ == kNoSlot<ListenerSlot> ? head_ : listeners[tail_].next) = slot;
    tail_ = slot;
  }

  // REQUIRES: the listener is in this list.
  void Remove(Listeners& listeners, ListenerSlot slot) {
    const Listener& listener = listeners[slot];
    // The head's own `previous` may be out of date: PopFront does not touch the next record.
    const ListenerSlot previous = head_ == slot ? kNoSlot<ListenerSlot> : listener.previous;
    (head_ == slot ? head_ : listeners[previous].next) = listener.next;
    (tail_ == slot ? tail_ : listeners[listener.next].previous) = previous;
  }

  // REQUIRES: not empty. The one behind is on its way into the cache when this returns.
  ListenerSlot PopFront(Listeners& listeners) {
    const ListenerSlot slot = head_;
    head_ = listeners[slot].next;
    if (head_ == kNoSlot<ListenerSlot>) {
      tail_ = kNoSlot<ListenerSlot>;
    } else {
      __builtin_prefetch(&listeners[head_], 1);
    }
    return slot;
  }

 private:
  ListenerSlot head_ = kNoSlot<ListenerSlot>;
  ListenerSlot tail_ = kNoSlot<ListenerSlot>;
};

}  // namespace floe::listener
