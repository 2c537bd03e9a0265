// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/tokens.h"

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

class TokensTest : public testing::Test {
 protected:
  TokensTest() {
    std::string pattern = testing::TempDir() + "/floe-tokens-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    file_ = folder_ + "/tokens.json";
    EXPECT_TRUE(tokens_.Load(file_).ok());
  }
  ~TokensTest() override { std::filesystem::remove_all(folder_); }

  TokenRecord Named(const std::string& name, Role role = Role::kRead) const {
    TokenRecord record;
    record.name = name;
    record.grant.role = role;
    record.created = now_;
    return record;
  }
  std::string Text() const {
    std::ifstream in(file_);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
  void Overwrite(const std::string& text) { std::ofstream(file_) << text; }

  std::string folder_, file_;
  Tokens tokens_;
  const absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
};

TEST_F(TokensTest, OneThatWasMadeIsGood) {
  TokenRecord record = Named("deck", Role::kSource);
  record.grant.mounts = {"/live"};
  const std::string token = tokens_.Add(record).value();
  EXPECT_TRUE(absl::StartsWith(token, kTokenPrefix));
  EXPECT_GE(token.size(), 64u);

  const std::optional<TokenRecord> found = tokens_.Find(token, now_);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->name, "deck");
  EXPECT_EQ(found->grant, record.grant);
  EXPECT_FALSE(tokens_.Find(token + "0", now_).has_value());
  EXPECT_FALSE(tokens_.Find(token.substr(0, token.size() - 1), now_).has_value());
  EXPECT_FALSE(tokens_.Find("", now_).has_value());
}

TEST_F(TokensTest, TheFileHasTheirHashesForTheOwnerAlone) {
  const std::string token = tokens_.Add(Named("deck")).value();
  EXPECT_FALSE(absl::StrContains(Text(), token));
  EXPECT_FALSE(absl::StrContains(Text(), token.substr(5)));
  struct stat is {};
  ASSERT_EQ(stat(file_.c_str(), &is), 0);
  EXPECT_EQ(is.st_mode & 0777, 0600u);
}

TEST_F(TokensTest, AHashIsNoToken) {
  const std::string token = tokens_.Add(Named("deck")).value();
  const std::string hash = tokens_.List().front().hash;
  EXPECT_FALSE(tokens_.Find(hash, now_).has_value());
  EXPECT_FALSE(tokens_.Find(absl::StrCat(kTokenPrefix, hash), now_).has_value());
}

TEST_F(TokensTest, TheNextProcessHasThemAll) {
  TokenRecord record = Named("deck", Role::kOperate);
  record.grant.mounts = {"/a", "/b"};
  record.expires = now_ + absl::Hours(1);
  const std::string token = tokens_.Add(record).value();
  const std::string other = tokens_.Add(Named("panel")).value();
  EXPECT_TRUE(tokens_.Find(token, now_).has_value());
  ASSERT_TRUE(tokens_.SaveUses().ok());

  Tokens next;
  ASSERT_TRUE(next.Load(file_).ok());
  const std::vector<TokenRecord> list = next.List();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].name, "deck");
  EXPECT_EQ(list[0].grant, record.grant);
  EXPECT_EQ(list[0].created, now_);
  EXPECT_EQ(list[0].last_used, now_);
  EXPECT_EQ(list[0].expires, record.expires);
  EXPECT_FALSE(list[1].last_used.has_value());
  EXPECT_TRUE(next.Find(token, now_).has_value());
  EXPECT_TRUE(next.Find(other, now_).has_value());
}

TEST_F(TokensTest, OneThatHasExpiredIsGoodNoMore) {
  TokenRecord record = Named("guest");
  record.expires = now_ + absl::Hours(1);
  const std::string token = tokens_.Add(record).value();
  EXPECT_TRUE(tokens_.Find(token, now_ + absl::Minutes(59)).has_value());
  EXPECT_FALSE(tokens_.Find(token, now_ + absl::Hours(1)).has_value());
}

TEST_F(TokensTest, OneThatWasRemovedIsGoodNoMore) {
  const std::string token = tokens_.Add(Named("deck")).value();
  ASSERT_TRUE(tokens_.Remove("deck").ok());
  EXPECT_FALSE(tokens_.Find(token, now_).has_value());
  EXPECT_FALSE(absl::StrContains(Text(), "deck"));
  EXPECT_TRUE(absl::IsNotFound(tokens_.Remove("deck")));
}

TEST_F(TokensTest, NamesAreTheirOwnAndPlain) {
  EXPECT_TRUE(tokens_.Add(Named("deck")).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(tokens_.Add(Named("deck")).status()));
  for (const char* name : {"", "a b", "a/b", "\n", "caf\xc3\xa9"}) {
    EXPECT_FALSE(tokens_.Add(Named(name)).ok()) << name;
  }
  EXPECT_FALSE(tokens_.Add(Named(std::string(kTokenNameBytesMax + 1, 'a'))).ok());
  TokenRecord record = Named("lost");
  record.grant.mounts = {"live"};
  EXPECT_FALSE(tokens_.Add(record).ok()) << "a mount begins with '/'";
}

TEST_F(TokensTest, AFileThatIsNoneOfOursIsNotOverwritten) {
  for (const char* text :
       {"", "{}", "[]", R"({"tokens": {}})", R"({"tokens": [{"name": "deck"}]})",
        R"({"tokens": [{"name": "deck", "sha256": "00", "role": "read", "mounts": []}]})",
        R"({"tokens": [7]})"}) {
    Overwrite(text);
    Tokens next;
    EXPECT_FALSE(next.Load(file_).ok()) << text;
    EXPECT_EQ(Text(), text);
  }
}

TEST_F(TokensTest, WhatCannotBeWrittenIsNotThere) {
  std::filesystem::remove_all(folder_);
  std::ofstream(folder_) << "no folder";
  EXPECT_TRUE(absl::IsInternal(tokens_.Add(Named("deck")).status()));
  EXPECT_TRUE(tokens_.List().empty());
}

}  // namespace
}  // namespace floe::access
