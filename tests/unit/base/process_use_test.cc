// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/process_use.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "absl/time/clock.h"

namespace floe {
namespace {

TEST(ProcessUse, IsThatOfThisProcess) {
  const ProcessUse use = ReadProcessUse();
  EXPECT_GT(use.cpu.count(), 0);
  EXPECT_GT(use.resident_bytes, 1u << 20);
  EXPECT_GE(use.virtual_bytes, use.resident_bytes);
  EXPECT_GE(use.files_max, use.files);
  EXPECT_LE(use.started, absl::Now() + absl::Seconds(1));
  EXPECT_GT(use.started, absl::Now() - absl::Hours(1));
}

TEST(ProcessUse, ADescriptorAndAThreadMoreAreCounted) {
  std::thread([] {}).join();  // sanitizers begin one of their own with the first
  const ProcessUse before = ReadProcessUse();
  const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(ReadProcessUse().files, before.files + 1);
  close(file);
  ProcessUse within;
  std::thread([&within] { within = ReadProcessUse(); }).join();
  EXPECT_EQ(within.threads, before.threads + 1);
}

}  // namespace
}  // namespace floe
