// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/passwords.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "gtest/gtest.h"

namespace floe::server {
namespace {

class PasswordsTest : public testing::Test {
 protected:
  PasswordsTest() {
    std::string pattern = testing::TempDir() + "/floe-passwords-XXXXXX";
    base_ = mkdtemp(pattern.data());
    state_dir_ = base_ + "/state";
  }
  ~PasswordsTest() override { std::filesystem::remove_all(base_); }

  mode_t ModeOf(const std::string& path) const {
    struct stat is {};
    EXPECT_EQ(stat(path.c_str(), &is), 0);
    return is.st_mode & 0777;
  }

  std::string base_, state_dir_;
};

TEST_F(PasswordsTest, AreMadeOnceAndKeptForTheOwnerOnly) {
  config::Auth first, second;
  const Passwords made = FillInPasswords(state_dir_, &first).value();
  EXPECT_TRUE(made.are_new);
  EXPECT_GE(first.source_password.size(), 16u);
  EXPECT_NE(first.source_password, first.admin_password);
  EXPECT_EQ(ModeOf(made.file), 0600u);
  EXPECT_EQ(ModeOf(state_dir_), 0700u);

  const Passwords kept = FillInPasswords(state_dir_, &second).value();
  EXPECT_FALSE(kept.are_new);
  EXPECT_EQ(second.source_password, first.source_password);
  EXPECT_EQ(second.admin_password, first.admin_password);
}

TEST_F(PasswordsTest, ThoseThatAreConfiguredStay) {
  config::Auth auth;
  auth.source_password = "configured";
  ASSERT_TRUE(FillInPasswords(state_dir_, &auth).ok());
  EXPECT_EQ(auth.source_password, "configured");
  EXPECT_FALSE(auth.admin_password.empty());
}

TEST_F(PasswordsTest, NothingIsWrittenWhenBothAreConfigured) {
  config::Auth auth;
  auth.source_password = auth.admin_password = "configured";
  ASSERT_TRUE(FillInPasswords(state_dir_, &auth).ok());
  EXPECT_FALSE(std::filesystem::exists(state_dir_));
}

TEST_F(PasswordsTest, ADirectoryThatCannotBeMadeIsAnErrorThatSaysWhatToDo) {
  config::Auth auth;
  const absl::Status status = FillInPasswords("/proc/floe", &auth).status();
  EXPECT_FALSE(status.ok());
  EXPECT_NE(std::string(status.message()).find("server.state_dir"), std::string::npos);
}

}  // namespace
}  // namespace floe::server
