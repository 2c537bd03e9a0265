// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/pester/pester.h"

#include <set>

#include "gtest/gtest.h"
#include "tools/pester/requests.h"
#include "unit/tools/scripted_server.h"

namespace floe::tools {
namespace {

constexpr uint64_t kAsked = 40;

PesterOptions OptionsFor(const ScriptedServer& server) {
  PesterOptions options;
  options.server = server.name();
  options.requests = kAsked;
  options.at_once = 4;
  options.paths = {"/live"};
  return options;
}

// Hears all of each request, and answers with this.
std::function<bool(Peer&, int)> Answering(const char* reply) {
  return [reply](Peer& peer, int number) {
    peer.AwaitEnd();
    peer.Send(reply);
    return number + 1 < int(kAsked);
  };
}

TEST(Pester, TheSameSeedAsksTheSame) {
  Requests once(7, {"/a", "/b"}, {"u:p"});
  Requests again(7, {"/a", "/b"}, {"u:p"});
  Requests other(8, {"/a", "/b"}, {"u:p"});
  std::set<std::string> asked;
  bool differs = false;
  for (int i = 0; i < 1'000; ++i) {
    const std::string request = once.Next();
    EXPECT_EQ(request, again.Next());
    differs |= request != other.Next();
    asked.insert(request);
  }
  EXPECT_TRUE(differs);
  EXPECT_GT(asked.size(), 900u);
}

TEST(Pester, RefusalsAreBorne) {
  const ScriptedServer server(Answering("HTTP/1.1 503 Service Unavailable\r\n\r\n"));
  Pester pester(OptionsFor(server));
  ASSERT_TRUE(pester.Run().ok());
  EXPECT_TRUE(pester.IsBorne());
  EXPECT_EQ(pester.result().asked, kAsked);
  EXPECT_EQ(pester.result().by_status.at(503), kAsked);
}

TEST(Pester, AnErrorOfTheServersOwnIsNot) {
  const ScriptedServer server(Answering("HTTP/1.0 500 Internal Server Error\r\n\r\n"));
  Pester pester(OptionsFor(server));
  ASSERT_TRUE(pester.Run().ok());
  EXPECT_FALSE(pester.IsBorne());
  EXPECT_FALSE(pester.result().bad.empty());
}

TEST(Pester, AServerThatVanishesIsNoticed) {
  PesterOptions options;
  options.server = "127.0.0.1:1";
  options.paths = {"/live"};
  Pester pester(options);
  EXPECT_TRUE(absl::IsUnavailable(pester.Run()));
}

}  // namespace
}  // namespace floe::tools
