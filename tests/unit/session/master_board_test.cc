// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/master_board.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::session {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

TEST(MasterBoard, WithoutAListThereIsNoneToFetch) {
  MasterBoard board;
  uint64_t version = 0;
  EXPECT_EQ(board.NewerThan(&version), std::nullopt);
  EXPECT_EQ(version, 0u);
}

TEST(MasterBoard, AListIsNewsOnceAndTheSameListIsNone) {
  MasterBoard board;
  uint64_t version = 0;
  board.Publish({"/a", "/b"});
  EXPECT_THAT(board.NewerThan(&version), Optional(ElementsAre("/a", "/b")));
  EXPECT_EQ(board.NewerThan(&version), std::nullopt);
  board.Publish({"/a", "/b"});
  EXPECT_EQ(board.NewerThan(&version), std::nullopt);
  board.Publish({"/b"});
  EXPECT_THAT(board.NewerThan(&version), Optional(ElementsAre("/b")));
}

TEST(MasterBoard, AnEmptyListIsAListAsWell) {
  MasterBoard board;
  uint64_t version = 0;
  board.Publish({});
  EXPECT_THAT(board.NewerThan(&version), Optional(IsEmpty()));
}

TEST(MasterBoard, ShowsNoMasterWhereThereIsNone) {
  MasterBoard board;
  EXPECT_EQ(board.Status(), std::nullopt);
  MasterStatus status;
  status.url = "http://origin:8000";
  status.phase = MasterStatus::Phase::kDown;
  board.Show(status);
  EXPECT_THAT(board.Status(), Optional(status));
  EXPECT_EQ(NameOf(board.Status()->phase), "down");
  board.Show({});
  EXPECT_EQ(board.Status(), std::nullopt);
}

}  // namespace
}  // namespace floe::session
