// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/notify.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::server {
namespace {

constexpr pid_t kOwnPid = 42;

NotifyTarget Target(absl::string_view usec, absl::string_view pid, bool takes_over = false) {
  const NotifyVariables variables{
      .socket = "/run/notify", .watchdog_usec = usec, .watchdog_pid = pid};
  return TargetOf(variables, kOwnPid, takes_over);
}

TEST(NotifyTarget, IsAPathOrAnAbstractNameAndNothingElse) {
  const auto of = [](const std::string& socket) {
    return TargetOf({.socket = socket}, kOwnPid, false).socket;
  };
  EXPECT_EQ(of("/run/systemd/notify"), "/run/systemd/notify");
  EXPECT_EQ(of("@notify"), "@notify");
  EXPECT_EQ(of(""), "");
  EXPECT_EQ(of("@"), "");
  EXPECT_EQ(of("vsock:2:1234"), "");
  EXPECT_EQ(of("relative/path"), "");
  EXPECT_EQ(of("/" + std::string(200, 'x')), "");
}

TEST(NotifyTarget, TheWatchdogIsFedByTheProcessItIsMeantFor) {
  EXPECT_EQ(Target("20000000", "42").watchdog, 20s);
  EXPECT_EQ(Target("20000000", "").watchdog, 20s);
  EXPECT_EQ(Target("20000000", "41").watchdog, 0s);
  EXPECT_EQ(Target("20000000", "none").watchdog, 0s);
}

TEST(NotifyTarget, WhoTakesOverFeedsTheWatchdogOfTheProcessBefore) {
  EXPECT_EQ(Target("20000000", "41", /*takes_over=*/true).watchdog, 20s);
}

TEST(NotifyTarget, AnIntervalThatIsNoneMeansNoWatchdog) {
  for (const char* usec : {"", "0", "-5", "soon"}) EXPECT_EQ(Target(usec, "42").watchdog, 0s);
}

TEST(NotifyTarget, AWatchdogWithNobodyToTellIsNotFed) {
  const NotifyVariables variables{.watchdog_usec = "20000000"};
  EXPECT_EQ(TargetOf(variables, kOwnPid, false).watchdog, 0s);
}

TEST(StatusLine, IsOneLine) { EXPECT_EQ(StatusLine("one\nREADY=1"), "one; READY=1"); }

// A service manager's end of the protocol.
class NotifyTest : public testing::Test {
 protected:
  NotifyTest() : NotifyTest(absl::StrCat("@floe-notify-test-", getpid())) {}
  explicit NotifyTest(const std::string& name) : name_(name) {
    fd_ = UniqueFd(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(name_.begin(), name_.end(), address.sun_path);
    if (name_[0] == '@') address.sun_path[0] = '\0';
    const auto length = socklen_t(offsetof(sockaddr_un, sun_path) + name_.size());
    EXPECT_EQ(bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
  }

  // What came since; empty: nothing.
  std::string Heard() {
    char text[512];
    const ssize_t length = recv(fd_.get(), text, sizeof(text), 0);
    return length < 0 ? "" : std::string(text, size_t(length));
  }

  NotifyTarget Watched(microseconds watchdog) const { return {name_, watchdog}; }

  const std::string name_;
  UniqueFd fd_;
  const Instant start_{1'000s};
};

class NotifyAtAPathTest : public NotifyTest {
 protected:
  NotifyAtAPathTest() : NotifyTest(absl::StrCat(MakeFolder(), "/notify")) {}
  ~NotifyAtAPathTest() override {
    unlink(name_.c_str());
    rmdir(name_.substr(0, name_.rfind('/')).c_str());
  }
  static std::string MakeFolder() {
    char folder[] = "/tmp/floe-notify-XXXXXX";
    return mkdtemp(folder);
  }
};

TEST_F(NotifyTest, SaysThatItIsReadyAndWhatItDoes) {
  Notify(Watched(0s)).Ready("listeners: 0");
  EXPECT_EQ(Heard(), "READY=1\nSTATUS=listeners: 0");
}

TEST_F(NotifyAtAPathTest, IsHeardThere) {
  Notify(Watched(0s)).Ready("listeners: 0");
  EXPECT_EQ(Heard(), "READY=1\nSTATUS=listeners: 0");
}

TEST_F(NotifyTest, AReloadIsToldWithItsTimeSoThatItAnswersTheSignalThatAskedForIt) {
  Notify notify(Watched(0s));
  notify.Reloading(Instant(nanoseconds(1'234'567'899)));
  EXPECT_EQ(Heard(), "RELOADING=1\nMONOTONIC_USEC=1234567");
  notify.Reloaded();
  EXPECT_EQ(Heard(), "READY=1");
}

TEST_F(NotifyTest, WhoTookOverSaysThatItIsTheMainProcessNow) {
  Notify(Watched(0s)).TookOver("listeners: 7");
  EXPECT_EQ(Heard(), absl::StrCat("MAINPID=", getpid(), "\nREADY=1\nSTATUS=listeners: 7"));
}

TEST_F(NotifyTest, TheEndOfWhoHandedOverIsNotTheEndOfTheService) {
  Notify notify(Watched(20s));
  notify.FallSilent();
  notify.Feed(start_, /*is_well=*/true);
  notify.Status(start_, "something");
  notify.Stopping();
  EXPECT_EQ(Heard(), "");
}

TEST_F(NotifyTest, AStopThatIsToComeIsWaitedFor) {
  Notify(Watched(0s)).Draining(30s);
  EXPECT_EQ(Heard(), "STOPPING=1\nSTATUS=draining\nEXTEND_TIMEOUT_USEC=40000000");
}

TEST_F(NotifyTest, AStopIsTold) {
  Notify(Watched(0s)).Stopping();
  EXPECT_EQ(Heard(), "STOPPING=1\nSTATUS=stopping");
}

TEST_F(NotifyTest, AStatusIsSaidWhenItIsNewAndNotTooOften) {
  Notify notify(Watched(0s));
  notify.Ready("a");
  Heard();
  notify.Status(start_, "a");
  EXPECT_EQ(Heard(), "");
  notify.Status(start_, "b");
  EXPECT_EQ(Heard(), "STATUS=b");
  notify.Status(start_ + 1s, "c");
  EXPECT_EQ(Heard(), "");
  notify.Status(start_ + Notify::kStatusInterval, "c");
  EXPECT_EQ(Heard(), "STATUS=c");
}

TEST_F(NotifyTest, AWatchdogHearsOfItAtHalfItsIntervalAsLongAsAllIsWell) {
  Notify notify(Watched(4s));
  const milliseconds turn = notify.FeedInterval(10s);
  EXPECT_EQ(turn, 2s);
  for (int i = 0; i < 10; ++i) {
    notify.Feed(start_ + i * turn, /*is_well=*/true);
    EXPECT_EQ(Heard(), "WATCHDOG=1");
  }
}

TEST_F(NotifyTest, AWatchdogHearsNothingWhileOneHangsAndAtOnceWhenItTurnsAgain) {
  Notify notify(Watched(4s));
  for (int i = 0; i < 10; ++i) notify.Feed(start_ + i * 1s, /*is_well=*/false);
  EXPECT_EQ(Heard(), "");
  notify.Feed(start_ + 10s, /*is_well=*/true);
  EXPECT_EQ(Heard(), "WATCHDOG=1");
}

TEST_F(NotifyTest, ALoopThatTurnsOftenFeedsTheWatchdogOnceInAWhile) {
  Notify notify(Watched(40s));
  for (int i = 0; i < 10; ++i) notify.Feed(start_ + i * 1s, /*is_well=*/true);
  EXPECT_EQ(Heard(), "WATCHDOG=1");
  EXPECT_EQ(Heard(), "");
}

TEST_F(NotifyTest, WithoutAWatchdogNothingIsFedAndNoTurnComesEarlier) {
  Notify notify(Watched(0s));
  notify.Feed(start_, /*is_well=*/true);
  EXPECT_EQ(Heard(), "");
  EXPECT_EQ(notify.FeedInterval(1s), 1s);
}

TEST(Notify, NobodyToTellAndNobodyWhoListensAreNoTrouble) {
  for (const char* socket : {"", "@floe-nobody-is-here", "/nowhere/notify"}) {
    Notify notify({socket, 20s});
    notify.Ready("listeners: 0");
    notify.Feed(Instant(1'000s), /*is_well=*/true);
    notify.Stopping();
  }
}

}  // namespace
}  // namespace floe::server
