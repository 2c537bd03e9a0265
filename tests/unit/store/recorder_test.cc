// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "store/recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "store/history.h"
#include "unit/store/file_in_folder.h"

namespace floe::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Longer than anything here is old: a recorder that starts late prunes what was said before it did.
constexpr Retention kLong{.songs = milliseconds(86'400'000), .sessions = milliseconds(86'400'000)};

// A process with what it keeps of the past; another one may have the same file.
class Keeper {
 public:
  explicit Keeper(const std::string& path) : database_(Database::Open(path, dropped_).value()) {
    events.Begin(7);
  }
  void Start(const Retention& retention = kLong) { recorder.Start(retention); }
  void Title(const std::string& title) {
    events::Event event;
    event.kind = events::Kind::kTitle;
    event.mount = "/live";
    event.title = title;
    events.Add(std::move(event));
  }
  void Leave(int64_t lasted_ms, absl::Duration ago = absl::ZeroDuration()) {
    Session session;
    session.mount = "/live";
    session.ended_ms = absl::ToUnixMillis(absl::Now() - ago);
    session.lasted_ms = lasted_ms;
    sessions.Add(std::move(session));
  }

  events::EventLog events;

 private:
  metrics::Counter dropped_;

 public:
  SessionQueue sessions{dropped_};

 private:
  const std::unique_ptr<Database> database_;

 public:
  Recorder recorder{events, sessions, *database_};
};

class RecorderTest : public testing::Test {
 protected:
  std::vector<std::string> Songs() {
    std::vector<std::string> titles;
    const std::vector<Song> songs = history_.Songs({}).value();
    for (const Song& song : songs) titles.push_back(song.title);
    return titles;
  }
  int64_t ListenedMs() {
    int64_t sum = 0;
    const std::vector<ListenedRow> rows = history_.Listened({}).value();
    for (const ListenedRow& row : rows) sum += row.listened.listened_ms;
    return sum;
  }

  const FileInFolder file_;
  const History history_{file_.path()};
};

TEST_F(RecorderTest, WhatHappenedBeforeAStopIsOnTheDiskAfterIt) {
  Keeper keeper(file_.path());
  keeper.Start();
  keeper.Title("one");
  for (int i = 0; i < 20'000; ++i) keeper.Leave(1'000);
  keeper.Title("two");
  keeper.recorder.Stop();
  EXPECT_THAT(Songs(), ElementsAre("two", "one"));
  EXPECT_EQ(ListenedMs(), 20'000'000);
  EXPECT_EQ(keeper.events.recorded(), 2u);
}

TEST_F(RecorderTest, TheNextProcessBeginsWhereTheOneBeforeWasAndNothingIsThereTwice) {
  Keeper before(file_.path());
  before.Start();
  before.Title("one");
  before.Leave(1'000);
  before.events.Seal(true);
  Keeper next(file_.path());
  next.events.Restore(before.events.state());  // before or after it is recorded: either is well
  next.Start();
  next.Title("two");
  next.Leave(2'000);
  before.recorder.Stop();
  next.recorder.Stop();
  EXPECT_THAT(Songs(), ElementsAre("two", "one"));
  EXPECT_EQ(ListenedMs(), 3'000);
}

TEST_F(RecorderTest, WhatIsTooOldIsForgottenAtTheStartButItsHoursAreNot) {
  {
    Keeper keeper(file_.path());
    keeper.Start();
    keeper.Title("one");
    keeper.Leave(1'000, absl::Hours(1));
    keeper.Leave(2'000);
    keeper.recorder.Stop();
  }
  EXPECT_EQ(history_.Sessions({})->size(), 2u);
  Keeper keeper(file_.path());
  keeper.Start({.songs = milliseconds(0), .sessions = milliseconds(1'800'000)});
  while (!Songs().empty() || history_.Sessions({})->size() != 1) std::this_thread::yield();
  keeper.recorder.Stop();
  EXPECT_EQ(ListenedMs(), 3'000);
}

TEST_F(RecorderTest, WhatIsNotToBeKeptIsNotWrittenAndHoursAre) {
  Keeper keeper(file_.path());
  keeper.Start({});
  keeper.Title("one");
  keeper.Leave(1'000);
  keeper.recorder.Stop();
  EXPECT_THAT(Songs(), IsEmpty());
  EXPECT_THAT(*history_.Sessions({}), IsEmpty());
  EXPECT_EQ(ListenedMs(), 1'000);
  EXPECT_EQ(keeper.events.recorded(), 1u);
}

TEST_F(RecorderTest, ADatabaseThatHasStoppedHoldsUpNoStop) {
  Keeper keeper(file_.path());
  keeper.Start();
  keeper.recorder.Stop();
  keeper.Leave(1'000);
  keeper.recorder.Stop();
  EXPECT_EQ(ListenedMs(), 0);
}

}  // namespace
}  // namespace floe::store
