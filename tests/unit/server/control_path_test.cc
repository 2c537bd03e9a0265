// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/control_path.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/passwords.h"

namespace floe::server {
namespace {

using testing::ElementsAre;

TEST(ControlPath, WhatIsConfiguredIsTheOnlyPlace) {
  config::Server server;
  server.control_socket = "/somewhere/floe.sock";
  EXPECT_THAT(ControlPathsOf(server), ElementsAre("/somewhere/floe.sock"));
  control::ControlSocket socket;
  EXPECT_FALSE(OpenControlSocket(server, &socket).ok());
}

TEST(ControlPath, TheDefaultHasAnotherForWhoMayNotWriteThere) {
  config::Server server;
  EXPECT_THAT(ControlPathsOf(server),
              ElementsAre("/run/floe/control.sock", DefaultStateDir() + "/control.sock"));
  server.state_dir = "/somewhere";
  EXPECT_THAT(ControlPathsOf(server),
              ElementsAre("/run/floe/control.sock", "/somewhere/control.sock"));
}

}  // namespace
}  // namespace floe::server
