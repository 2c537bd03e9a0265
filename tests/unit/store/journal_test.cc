// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "store/journal.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "unit/store/file_in_folder.h"

namespace floe::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A process with its file open.
struct Process {
  explicit Process(const FileInFolder& file, int64_t self)
      : database(Database::Open(file.path(), refused).value()),
        journal(Journal::Open(*database, self, dropped).value()) {}

  std::vector<std::string> Bodies(const std::string& lane, size_t count_max = 100) {
    std::vector<std::string> bodies;
    const std::vector<JournalEntry> taken = journal->Take(lane, count_max).value();
    for (const JournalEntry& entry : taken) bodies.push_back(entry.body);
    return bodies;
  }
  void TellFirst(const std::string& lane) {
    journal->Done(lane, journal->Take(lane, 1).value().front().id);
  }

  metrics::Counter refused, dropped;
  const std::unique_ptr<Database> database;
  const std::unique_ptr<Journal> journal;
};

TEST(Journal, EntriesOfALaneAreTakenInTheirOrder) {
  const FileInFolder file;
  Process process(file, 1);
  for (const char* body : {"a", "b", "c"}) EXPECT_TRUE(process.journal->Append("x", body, "key"));
  EXPECT_TRUE(process.journal->Append("y", "d", ""));
  EXPECT_THAT(process.journal->Lanes(), testing::UnorderedElementsAre("x", "y"));
  EXPECT_THAT(process.Bodies("x", 2), ElementsAre("a", "b"));
  process.TellFirst("x");
  EXPECT_THAT(process.Bodies("x"), ElementsAre("b", "c"));
  EXPECT_EQ(process.journal->Take("x", 1)->front().extra, "key");
  EXPECT_THAT(process.Bodies("y"), ElementsAre("d"));
  EXPECT_EQ(process.journal->appended(), 4u);
  EXPECT_EQ(process.journal->waiting(), 3);
}

TEST(Journal, WhatWasNotToldIsThereAfterTheNextStart) {
  const FileInFolder file;
  {
    Process before(file, 1);
    for (const char* body : {"a", "b"}) EXPECT_TRUE(before.journal->Append("x", body, ""));
    before.TellFirst("x");
    before.journal->GiveBack("x");
  }
  Process after(file, 2);
  EXPECT_EQ(after.journal->waiting(), 1);
  EXPECT_THAT(after.Bodies("x"), ElementsAre("b"));
}

TEST(Journal, WhatOneProcessHasTakenNoOtherTells) {
  const FileInFolder file;
  Process before(file, 1);
  EXPECT_TRUE(before.journal->Append("x", "a", ""));
  EXPECT_TRUE(before.journal->Append("x", "b", ""));
  EXPECT_THAT(before.Bodies("x", 1), ElementsAre("a"));
  Process after(file, 2);
  EXPECT_THAT(after.Bodies("x"), IsEmpty()) << "not even the second: their order holds";
  EXPECT_THAT(before.Bodies("x", 1), ElementsAre("a")) << "who has it may take it again";
  before.journal->GiveBack("x");
  EXPECT_EQ(before.journal->Count(), absl::OkStatus());  // after what was posted before
  EXPECT_THAT(after.Bodies("x"), ElementsAre("a", "b"));
}

TEST(Journal, WhatAnotherProcessHasAppendedIsKnownAfterACount) {
  const FileInFolder file;
  Process before(file, 1), after(file, 2);
  EXPECT_TRUE(before.journal->Append("x", "a", ""));
  EXPECT_EQ(before.journal->Count(), absl::OkStatus());
  EXPECT_THAT(after.journal->Lanes(), IsEmpty());
  EXPECT_EQ(after.journal->Count(), absl::OkStatus());
  EXPECT_THAT(after.journal->Lanes(), ElementsAre("x"));
  EXPECT_EQ(after.journal->waiting(), 1);
}

TEST(Journal, WhatIsTooOldIsForgotten) {
  const FileInFolder file;
  Process process(file, 1);
  EXPECT_TRUE(process.journal->Append("x", "a", ""));
  EXPECT_EQ(*process.journal->DropOlderThan(std::chrono::seconds(60)), 0);
  EXPECT_EQ(*process.journal->DropOlderThan(std::chrono::seconds(-60)), 1);
  EXPECT_THAT(process.journal->Lanes(), IsEmpty());
  EXPECT_EQ(process.journal->waiting(), 0);
  EXPECT_EQ(process.dropped.value(), 1u);
}

TEST(Journal, WhatNobodyWillBeToldIsCounted) {
  const FileInFolder file;
  Process process(file, 1);
  EXPECT_TRUE(process.journal->Append("x", "a", ""));
  EXPECT_TRUE(process.journal->Append("x", "b", ""));
  process.TellFirst("x");
  EXPECT_EQ(process.dropped.value(), 0u);
  process.journal->Drop("x", process.journal->Take("x", 1).value().front().id);
  EXPECT_EQ(process.dropped.value(), 1u);
  EXPECT_THAT(process.Bodies("x"), IsEmpty());
  process.database->Stop();
  EXPECT_FALSE(process.journal->Append("x", "c", ""));
  EXPECT_EQ(process.dropped.value(), 2u);
  EXPECT_EQ(process.refused.value(), 1u);
}

}  // namespace
}  // namespace floe::store
