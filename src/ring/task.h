// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "base/check.h"
#include "ring/frame_arena.h"

namespace floe::ring {

template <typename T>
class Task;
class RootTasks;

namespace internal {

struct PromiseBase {
  std::coroutine_handle<> continuation;  // who awaits this task
  RootTasks* root = nullptr;             // or who runs it, for one nobody awaits

  static void* operator new(size_t bytes) noexcept { return FrameArena::Allocate(bytes); }
  static void operator delete(void* frame, size_t bytes) noexcept {
    FrameArena::Free(frame, bytes);
  }

  std::suspend_always initial_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { FLOE_BUG("an exception left a coroutine", 0); }

  struct FinalAwait {
    bool await_ready() noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) noexcept;
    void await_resume() noexcept {}
  };
  FinalAwait final_suspend() noexcept { return {}; }
};

template <typename T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object() noexcept;
  static Task<T> get_return_object_on_allocation_failure() noexcept;
  void return_value(T result) { value.emplace(std::move(result)); }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object() noexcept;
  static Task<void> get_return_object_on_allocation_failure() noexcept;
  void return_void() noexcept {}
};

}  // namespace internal

// Task is a coroutine of the cold path: a request, a source's feed.
//
// It is lazy (nothing runs before it is awaited or handed to RootTasks), has one owner and never
// changes shard. Its frame comes from the shard's FrameArena. When that is full the task is empty:
// awaiting it answers ResourceExhausted where T can hold a Status, and does nothing where T is
// void. It is never destroyed while an operation it awaits is in flight: cancel, then await the
// last completion.
template <typename T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = internal::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  Task() = default;  // empty
  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool empty() const { return !handle_; }

  bool await_ready() const noexcept { return empty(); }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    handle_.promise().continuation = awaiting;
    return handle_;
  }
  T await_resume() {
    if constexpr (!std::is_void_v<T>) {
      if (empty()) return absl::ResourceExhaustedError("no memory for a request's frame");
      return std::move(*handle_.promise().value);
    }
  }

 private:
  friend class RootTasks;
  Handle handle_;
};

// RootTasks runs tasks nobody awaits; each frees itself at its end.
class RootTasks {
 public:
  explicit RootTasks(uint32_t max) : max_(max) {}
  ~RootTasks() { FLOE_CHECK(running_ == 0); }

  // Begins the task. False, and nothing ran, when it is empty or too many run already.
  bool Run(Task<void> task) {
    if (task.empty() || running_ >= max_) return false;
    ++running_;
    const auto handle = std::exchange(task.handle_, nullptr);
    handle.promise().root = this;
    handle.resume();
    return true;
  }
  uint32_t room() const { return max_ - running_; }
  uint32_t running() const { return running_; }

 private:
  friend struct internal::PromiseBase;
  uint32_t max_;
  uint32_t running_ = 0;
};

namespace internal {

template <typename Promise>
std::coroutine_handle<> PromiseBase::FinalAwait::await_suspend(
    std::coroutine_handle<Promise> self) noexcept {
  PromiseBase& promise = self.promise();
  if (promise.continuation) return promise.continuation;
  if (RootTasks* root = promise.root; root != nullptr) {
    self.destroy();
    --root->running_;
  }
  return std::noop_coroutine();
}

template <typename T>
Task<T> Promise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
template <typename T>
Task<T> Promise<T>::get_return_object_on_allocation_failure() noexcept {
  return Task<T>();
}
inline Task<void> Promise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object_on_allocation_failure() noexcept {
  return Task<void>();
}

}  // namespace internal
}  // namespace floe::ring
