// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/password.h"

#include <string>

#include "gtest/gtest.h"

namespace floe::access {
namespace {

constexpr char kPassword[] = "secret word";

struct Known {
  const char* password;
  const char* hash;
};

// Made by libcrypt's own tests, by crypt(3) of another machine, and by argon2(1).
constexpr Known kKnown[] = {
    {"U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
    {kPassword, "$2b$04$CCCCCCCCCCCCCCCCCCCCC.hdM5Ct0fMssy8Tp8OnK8IzdHu6NpbpK"},
    {kPassword, "$y$j75$saltsaltsalt$ZWYnbsuGFV4QR42Yajwr9OMAMvWlxDpeoBUNpdlWXnC"},
    {kPassword,
     "$6$rounds=1000$saltsalt$UAvNWimCHicMjCrJkB.ShbcMDmn7Ins43QLvcd077tn."
     "ukMYvoFZzAItyyd5BjDXLyfVnm0RvZbWpuhfVrhT9."},
    {"password",
     "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
};

TEST(Password, MatchesWhatOthersHashed) {
  for (const Known& known : kKnown) {
    EXPECT_TRUE(IsSlow(known.hash)) << known.hash;
    EXPECT_TRUE(Matches(known.password, known.hash)) << known.hash;
    EXPECT_FALSE(Matches(std::string(known.password) + "x", known.hash)) << known.hash;
    EXPECT_FALSE(Matches("", known.hash)) << known.hash;
    EXPECT_FALSE(Matches(known.hash, known.hash)) << "a hash is not its password";
  }
}

TEST(Password, APlainOneIsComparedAsItIs) {
  EXPECT_FALSE(IsSlow(kPassword));
  EXPECT_TRUE(Matches(kPassword, kPassword));
  EXPECT_FALSE(Matches("secret wor", kPassword));
  EXPECT_FALSE(Matches("Secret word", kPassword));
}

TEST(Password, NobodyHasAnEmptyOne) {
  EXPECT_FALSE(Matches("", ""));
  EXPECT_FALSE(Matches("x", ""));
}

TEST(Password, ANulEndsNothing) {
  EXPECT_FALSE(Matches(std::string("secret word\0x", 13), kKnown[1].hash));
  EXPECT_FALSE(Matches(std::string("secret word\0x", 13), kPassword));
}

TEST(Password, ABrokenHashMatchesNothing) {
  for (const char* broken :
       {"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ", "$argon2id$", "$argon2id$v=19$$$",
        "$2b$04$CCCCCCCCCCCCC", "$nothing$that$is$known"}) {
    EXPECT_FALSE(Matches(kPassword, broken)) << broken;
  }
}

TEST(Password, EachMethodMakesHashesThatMatch) {
  for (const char* name : {"argon2id", "bcrypt", "yescrypt"}) {
    const std::optional<HashMethod> method = HashMethodNamed(name);
    ASSERT_TRUE(method.has_value()) << name;
    const std::string hash = MakeHash(kPassword, *method).value();
    EXPECT_TRUE(IsSlow(hash)) << hash;
    EXPECT_TRUE(Matches(kPassword, hash)) << hash;
    EXPECT_FALSE(Matches("another word", hash)) << hash;
  }
  EXPECT_FALSE(HashMethodNamed("md5").has_value());
}

TEST(Password, TheSameTwiceMakesTwoHashes) {
  EXPECT_NE(MakeHash(kPassword, HashMethod::kArgon2id).value(),
            MakeHash(kPassword, HashMethod::kArgon2id).value());
}

TEST(Password, WhatAMethodWouldCutIsRefused) {
  const std::string longest(kBcryptPasswordBytesMax, 'p');
  EXPECT_TRUE(MakeHash(longest, HashMethod::kBcrypt).ok());
  EXPECT_FALSE(MakeHash(longest + "p", HashMethod::kBcrypt).ok());
  EXPECT_TRUE(MakeHash(longest + "p", HashMethod::kArgon2id).ok());
  EXPECT_FALSE(MakeHash("", HashMethod::kArgon2id).ok());
  EXPECT_FALSE(MakeHash(std::string("a\0b", 3), HashMethod::kYescrypt).ok());
}

}  // namespace
}  // namespace floe::access
