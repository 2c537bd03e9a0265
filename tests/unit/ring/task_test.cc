// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "ring/task.h"

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "gtest/gtest.h"

namespace floe::ring {
namespace {

constexpr size_t kArenaBytes = 256 * 1024;

// Gate is a thing to wait for that the test opens.
class Gate {
 public:
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) { waiting_.push_back(waiter); }
  void await_resume() const {}
  void Open() {
    auto waiting = std::exchange(waiting_, {});
    for (const auto& waiter : waiting) waiter.resume();
  }

 private:
  std::vector<std::coroutine_handle<>> waiting_;
};

class TaskTest : public testing::Test {
 protected:
  TaskTest() { FrameArena::Install(&arena_); }
  ~TaskTest() override { FrameArena::Install(nullptr); }

  FrameArena arena_{kArenaBytes};
  RootTasks roots_{/*max=*/8};
  Gate gate_;
};

Task<absl::StatusOr<int>> Half(Gate& gate, int number) {
  co_await gate;
  if (number % 2 != 0) co_return absl::InvalidArgumentError("odd");
  co_return number / 2;
}

Task<> HalveInto(Gate& gate, int number, std::optional<absl::StatusOr<int>>* result) {
  *result = co_await Half(gate, number);
}

TEST_F(TaskTest, AnAwaitedTaskGivesItsValueOrItsError) {
  std::optional<absl::StatusOr<int>> four, seven;
  ASSERT_TRUE(roots_.Run(HalveInto(gate_, 4, &four)));
  ASSERT_TRUE(roots_.Run(HalveInto(gate_, 7, &seven)));
  EXPECT_FALSE(four.has_value());
  gate_.Open();
  EXPECT_EQ(four->value(), 2);
  EXPECT_EQ(seven->status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(TaskTest, NothingRunsBeforeATaskIsAwaited) {
  std::optional<absl::StatusOr<int>> result;
  { const Task<> never = HalveInto(gate_, 4, &result); }
  gate_.Open();
  EXPECT_FALSE(result.has_value());
}

TEST_F(TaskTest, ARootFreesItsFramesAtItsEnd) {
  std::optional<absl::StatusOr<int>> result;
  ASSERT_TRUE(roots_.Run(HalveInto(gate_, 4, &result)));
  EXPECT_EQ(roots_.running(), 1u);
  EXPECT_GT(arena_.bytes_in_use(), 0u);
  gate_.Open();
  EXPECT_EQ(roots_.running(), 0u);
  EXPECT_EQ(arena_.bytes_in_use(), 0u);
}

TEST_F(TaskTest, MoreRootsThanTheBoundAreRefused) {
  std::vector<std::optional<absl::StatusOr<int>>> results(9);
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(roots_.Run(HalveInto(gate_, 4, &results[i])));
  EXPECT_FALSE(roots_.Run(HalveInto(gate_, 4, &results[8])));
  gate_.Open();
  EXPECT_FALSE(results[8].has_value());
}

TEST(TaskWithoutMemory, IsEmptyAndAnswersResourceExhausted) {
  Gate gate;
  std::optional<absl::StatusOr<int>> result;
  size_t caller_bytes = 0;
  {
    FrameArena ample(kArenaBytes);
    FrameArena::Install(&ample);
    const Task<> measured = HalveInto(gate, 4, &result);
    caller_bytes = ample.bytes_in_use();
  }
  FrameArena tiny(/*limit_bytes=*/caller_bytes);  // room for the caller, not for its callee
  FrameArena::Install(&tiny);
  RootTasks roots(/*max=*/2);
  EXPECT_TRUE(roots.Run(HalveInto(gate, 4, &result)));
  EXPECT_EQ(result->status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_FALSE(roots.Run(Task<>())) << "an empty task cannot run";
  FrameArena::Install(nullptr);
}

}  // namespace
}  // namespace floe::ring
