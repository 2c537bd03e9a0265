// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The next binary as it is started, played by small shell scripts.
#include "server/successor_child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::server {
namespace {

using testing::HasSubstr;

class SuccessorChildTest : public testing::Test {
 protected:
  SuccessorChildTest() {
    char name[] = "/tmp/floe-child-XXXXXX";
    EXPECT_NE(mkdtemp(name), nullptr);
    folder_ = name;
  }
  ~SuccessorChildTest() override {
    for (const char* name : {"/floe", "/said"}) unlink((folder_ + name).c_str());
    rmdir(folder_.c_str());
  }

  // A binary that does this.
  std::string Binary(const std::string& script) {
    const std::string path = folder_ + "/floe";
    std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
    EXPECT_EQ(chmod(path.c_str(), 0700), 0);
    return path;
  }
  SuccessorChild Start(const std::string& script, const std::vector<std::string>& arguments = {}) {
    auto child = SuccessorChild::Start(Binary(script), arguments, "/run/f.sock");
    EXPECT_TRUE(child.ok()) << child.status();
    return *std::move(child);
  }
  // Why it ended, once it has.
  static absl::Status EndOf(SuccessorChild& child) {
    const Instant by = Clock::now() + 30s;
    std::optional<absl::Status> ended;
    while (!ended.has_value() && Clock::now() < by) {
      ended = child.HasEnded();
      std::this_thread::sleep_for(1ms);
    }
    EXPECT_TRUE(ended.has_value());
    return ended.value_or(absl::OkStatus());
  }
  // What a script wrote to its file "said".
  std::string Said() const {
    std::stringstream said;
    said << std::ifstream(folder_ + "/said").rdbuf();
    return said.str();
  }

  std::string folder_;
};

TEST_F(SuccessorChildTest, WhatItReportsIsWhyItEnded) {
  SuccessorChild child = Start("echo 'line 3: no such key' >&3; exit 1");
  const absl::Status ended = EndOf(child);
  EXPECT_EQ(ended.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ended.message(), "line 3: no such key");
}

TEST_F(SuccessorChildTest, ALongReportArrivesWhole) {
  SuccessorChild child = Start("i=0; while [ $i -lt 500 ]; do echo 'word'; i=$((i+1)); done >&3");
  EXPECT_EQ(EndOf(child).message().size(), 500u * 5 - 1);
}

TEST_F(SuccessorChildTest, WithoutAReportItsStatusIsAllThereIs) {
  SuccessorChild child = Start("exit 7");
  const absl::Status ended = EndOf(child);
  EXPECT_EQ(ended.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(ended.message(), HasSubstr("status 7"));
}

TEST_F(SuccessorChildTest, OrTheSignalThatEndedIt) {
  SuccessorChild child = Start("kill -SEGV $$");
  EXPECT_THAT(EndOf(child).message(), HasSubstr("signal 11"));
}

TEST_F(SuccessorChildTest, WhoRunsHasNotEndedAndCanBeEnded) {
  SuccessorChild child = Start("exec sleep 60");
  EXPECT_EQ(child.HasEnded(), std::nullopt);
  child.Kill();
  EXPECT_THAT(EndOf(child).message(), HasSubstr("signal 9"));
}

TEST_F(SuccessorChildTest, ItsOwnChildGoesOnWhenItIsNamed) {
  SuccessorChild child = Start("sleep 60 & echo \"pid $!\" >&3");
  siginfo_t shell{};
  ASSERT_EQ(waitid(P_ALL, 0, &shell, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(child.HasEnded(), std::nullopt);
  child.Kill();
  EXPECT_THAT(EndOf(child).message(), HasSubstr("without a word"));
}

TEST_F(SuccessorChildTest, ItHasOurArgumentsAndThoseOfASwap) {
  SuccessorChild child = Start("echo \"$@\" > ${0%/*}/said", {"-c", "/etc/floe.toml", "--x=y z"});
  (void)EndOf(child);
  EXPECT_EQ(Said(),
            "-c /etc/floe.toml --x=y z --take-over --predecessor=/run/f.sock --report-fd=3\n");
}

// The one that starts it was started in the same way.
TEST_F(SuccessorChildTest, ThoseOfASwapAreThereOnceHoweverOftenItIsSwapped) {
  SuccessorChild child =
      Start("echo \"$@\" > ${0%/*}/said",
            {"--take-over", "-c", "f", "--report-fd=9", "--predecessor=x", "--report-fd=3"});
  (void)EndOf(child);
  EXPECT_EQ(Said(), "-c f --take-over --predecessor=/run/f.sock --report-fd=3\n");
}

TEST_F(SuccessorChildTest, ItInheritsNoDescriptorOfOurs) {
  const UniqueFd ours(fcntl(0, F_DUPFD, 20));  // without FD_CLOEXEC
  ASSERT_GE(ours.get(), 20);
  SuccessorChild child = Start(absl::StrCat("test -e /proc/$$/fd/", ours.get()));
  EXPECT_THAT(EndOf(child).message(), HasSubstr("status 1"));
}

TEST_F(SuccessorChildTest, SignalsThatWeBlockReachIt) {
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &blocked, &before), 0);
  SuccessorChild child = Start("kill -TERM $$; exit 0");
  const absl::Status ended = EndOf(child);
  ASSERT_EQ(pthread_sigmask(SIG_SETMASK, &before, nullptr), 0);
  EXPECT_THAT(ended.message(), HasSubstr("signal 15"));
}

TEST_F(SuccessorChildTest, WhatCannotBeRunIsSaidAtOnce) {
  const absl::Status missing = SuccessorChild::Start(folder_ + "/none", {}, "").status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(missing.message(), HasSubstr("/none: No such file"));
  EXPECT_THAT(SuccessorChild::Start(folder_, {}, "").status().message(), HasSubstr("denied"));
}

TEST_F(SuccessorChildTest, ItIsLateWhenItsTimeIsOver) {
  SuccessorChild child = Start("exit 0");
  EXPECT_FALSE(child.IsLate(Clock::now()));
  EXPECT_TRUE(child.IsLate(Clock::now() + SuccessorChild::kArrivalTimeMax + 1ms));
  (void)EndOf(child);
}

TEST(OwnBinary, IsTheFileThatRuns) {
  struct stat own {
  }, running{};
  ASSERT_EQ(stat(OwnBinary().c_str(), &own), 0);
  ASSERT_EQ(stat("/proc/self/exe", &running), 0);
  EXPECT_EQ(own.st_ino, running.st_ino);
}

}  // namespace
}  // namespace floe::server
