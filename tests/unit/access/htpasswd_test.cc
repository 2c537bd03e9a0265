// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/htpasswd.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace floe::access {
namespace {

constexpr char kPassword[] = "secret word";

TEST(MatchesHtpasswd, KnowsWhatIsInSuchFiles) {
  for (const char* hash : {"$apr1$abcdefgh$sAT51V/DnRGRtxDJCf7lm/",
                           "{SHA}PDUC6jG3V40qqE4XqHRFLkyoMVM=", "74a11ef33c5252edfa87c4eb8b566c2a",
                           "74A11EF33C5252EDFA87C4EB8B566C2A",
                           "$2b$04$CCCCCCCCCCCCCCCCCCCCC.hdM5Ct0fMssy8Tp8OnK8IzdHu6NpbpK",
                           "$2y$04$CCCCCCCCCCCCCCCCCCCCC.hdM5Ct0fMssy8Tp8OnK8IzdHu6NpbpK",
                           "$y$j75$saltsaltsalt$ZWYnbsuGFV4QR42Yajwr9OMAMvWlxDpeoBUNpdlWXnC"}) {
    EXPECT_TRUE(MatchesHtpasswd(kPassword, hash)) << hash;
    EXPECT_FALSE(MatchesHtpasswd("secret worm", hash)) << hash;
    EXPECT_FALSE(MatchesHtpasswd("", hash)) << hash;
  }
  EXPECT_TRUE(MatchesHtpasswd("secretwo", "abSWlUO0Dn49.")) << "the DES of old";
  EXPECT_FALSE(MatchesHtpasswd("secretw", "abSWlUO0Dn49."));
}

TEST(MatchesHtpasswd, APasswordAsItIsIsNoHash) {
  EXPECT_FALSE(MatchesHtpasswd(kPassword, kPassword));
  EXPECT_FALSE(MatchesHtpasswd("", ""));
  EXPECT_FALSE(MatchesHtpasswd("*", "*"));
  EXPECT_FALSE(MatchesHtpasswd("$plain", "$plain"));
  EXPECT_FALSE(MatchesHtpasswd("", "$apr1$"));
}

class HtpasswdFilesTest : public testing::Test {
 protected:
  HtpasswdFilesTest() {
    std::string pattern = testing::TempDir() + "/floe-htpasswd-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    path_ = folder_ + "/listeners";
  }
  ~HtpasswdFilesTest() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& text) { std::ofstream(path_) << text; }
  std::string Text() const {
    std::ifstream in(path_);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
  std::string HashOf(const std::string& user) const {
    return files_.Find(path_, user).value_or("nobody");
  }

  std::string folder_, path_;
  HtpasswdFiles files_;
};

TEST_F(HtpasswdFilesTest, AreReadAsApacheReadsThem) {
  Write("# listeners\n\nann:{SHA}one\r\nbob:two:Bob, of 2b\nann:three\nno colon\n:nobody\n");
  EXPECT_TRUE(files_.Refresh({path_}).empty());
  EXPECT_EQ(HashOf("ann"), "{SHA}one") << "the first line counts";
  EXPECT_EQ(HashOf("bob"), "two");
  EXPECT_EQ(HashOf("cid"), "nobody");
  EXPECT_EQ(HashOf(""), "nobody");
  EXPECT_EQ(HashOf("# listeners"), "nobody");
}

TEST_F(HtpasswdFilesTest, AreReadAgainWhenTheyChange) {
  Write("ann:one\n");
  EXPECT_TRUE(files_.Refresh({path_}).empty());
  Write("ann:one\nbob:two\n");
  EXPECT_TRUE(files_.Refresh({path_}).empty());
  EXPECT_EQ(HashOf("bob"), "two");
  EXPECT_TRUE(files_.Refresh({}).empty());
  EXPECT_EQ(HashOf("ann"), "nobody") << "of no mount any more";
}

TEST_F(HtpasswdFilesTest, OneThatIsGoneLetsNobodyInAndIsToldOfOnce) {
  Write("ann:one\n");
  EXPECT_TRUE(files_.Refresh({path_}).empty());
  std::filesystem::remove(path_);
  EXPECT_EQ(files_.Refresh({path_}).size(), 1u);
  EXPECT_EQ(HashOf("ann"), "nobody");
  EXPECT_TRUE(files_.Refresh({path_}).empty());
  Write("ann:one\n");
  EXPECT_TRUE(files_.Refresh({path_}).empty());
  EXPECT_EQ(HashOf("ann"), "one");
}

TEST_F(HtpasswdFilesTest, UsersComeAndGoAndTheRestStays) {
  Write("# listeners\nann:one\nbob:two\n");
  chmod(path_.c_str(), 0640);
  ASSERT_TRUE(files_.Add(path_, "cid", kPassword).ok());
  EXPECT_TRUE(MatchesHtpasswd(kPassword, HashOf("cid")));
  EXPECT_TRUE(absl::IsAlreadyExists(files_.Add(path_, "cid", "other")));
  ASSERT_TRUE(files_.Put(path_, "cid", "other word").ok());
  EXPECT_TRUE(MatchesHtpasswd("other word", HashOf("cid")));
  ASSERT_TRUE(files_.Remove(path_, "ann").ok());
  EXPECT_TRUE(absl::IsNotFound(files_.Remove(path_, "ann")));
  EXPECT_EQ(files_.List(path_).value(), (std::vector<std::string>{"bob", "cid"}));
  EXPECT_TRUE(absl::StartsWith(Text(), "# listeners\nbob:two\ncid:")) << Text();
  struct stat is {};
  ASSERT_EQ(stat(path_.c_str(), &is), 0);
  EXPECT_EQ(is.st_mode & 0777, 0640u);
}

TEST_F(HtpasswdFilesTest, TheFirstUserMakesTheFile) {
  ASSERT_TRUE(files_.Add(path_, "ann", kPassword).ok());
  EXPECT_TRUE(absl::StartsWith(Text(), "ann:$2")) << Text();
  EXPECT_FALSE(absl::StrContains(Text(), kPassword));
}

TEST_F(HtpasswdFilesTest, ANameCannotMakeALineOfItsOwn) {
  for (const char* user : {"", "a:b", "a\nroot", "#a", "a\r"}) {
    EXPECT_FALSE(files_.Add(path_, user, kPassword).ok()) << user;
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace floe::access
