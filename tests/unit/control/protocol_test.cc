// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "control/protocol.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace floe::control {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

std::string WhyNot(absl::string_view line) {
  return std::string(ParseRequest(line).status().message());
}

Request Said(const Request& request) {
  std::string line = RequestLine(request);
  EXPECT_THAT(line, EndsWith("\n"));
  line.pop_back();
  EXPECT_EQ(line.find('\n'), std::string::npos);
  return ParseRequest(line).value();
}

TEST(Protocol, WhatIsAskedIsWhatIsHeard) {
  Request request;
  EXPECT_EQ(Said(request), request);
  request.wants_listeners = true;
  request.mount = "/j\"ä\\zz";
  EXPECT_EQ(Said(request), request);
  request = {};
  request.command = Request::Command::kKick;
  request.ids = {1, 18'446'744'073'709'551'615u};
  EXPECT_EQ(Said(request), request);
  request.ids.clear();
  request.source = "/live";
  EXPECT_EQ(Said(request), request);
  request = {};
  request.command = Request::Command::kUpgrade;
  request.binary = "/usr/bin/floe";
  EXPECT_EQ(Said(request), request);
  for (const auto command : {Request::Command::kReload, Request::Command::kTakeOver}) {
    request = {};
    request.command = command;
    EXPECT_EQ(Said(request), request);
  }
}

TEST(Protocol, GarbageIsNoRequest) {
  for (const absl::string_view line :
       {"", "status", "[]", "1", "null", "{", "{\"command\":\"status\"} x", "\xff\xfe", "{}",
        "{\"command\":\"\"}", "{\"command\":\"dance\"}", "{\"command\":7}",
        "{\"command\":\"status\\u0000\"}"}) {
    EXPECT_FALSE(ParseRequest(line).ok()) << line;
  }
  EXPECT_FALSE(ParseRequest(std::string(60'000, '[')).ok());
  EXPECT_FALSE(ParseRequest(absl::StrCat(R"({"command":"status","mount":)",
                                         std::string(30'000, '['), std::string(30'000, ']'), "}"))
                   .ok());
}

TEST(Protocol, ARequestThatCouldNotBeDoneAsItStandsIsExplained) {
  EXPECT_THAT(WhyNot(R"({"command":"status","all":true})"), HasSubstr("not known"));
  EXPECT_THAT(WhyNot(R"({"command":"reload","mount":"/live"})"), HasSubstr("not known"));
  EXPECT_THAT(WhyNot(R"({"command":"status","listeners":1})"), HasSubstr("true or false"));
  EXPECT_THAT(WhyNot(R"({"command":"kick","mount":7})"), HasSubstr("\"mount\""));
  EXPECT_THAT(WhyNot(R"({"command":"kick","ids":["1"]})"), HasSubstr("numbers"));
  EXPECT_THAT(WhyNot(R"({"command":"kick","ids":[-1]})"), HasSubstr("numbers"));
  EXPECT_THAT(WhyNot(R"({"command":"upgrade","binary":"/bin/\u0000"})"), HasSubstr("path"));
}

TEST(Protocol, AKickSaysWhoAndInOneWay) {
  for (const absl::string_view line :
       {R"({"command":"kick"})", R"({"command":"kick","ids":[]})",
        R"({"command":"kick","mount":""})", R"({"command":"kick","ids":[1],"mount":"/live"})"}) {
    EXPECT_THAT(WhyNot(line), HasSubstr("who is to be kicked")) << line;
  }
}

TEST(Protocol, ARequestNamesSoManyListenersAtMost) {
  Request request;
  request.command = Request::Command::kKick;
  request.ids.assign(kKickedMax, 18'446'744'073'709'551'615u);
  EXPECT_LT(RequestLine(request).size(), kRequestBytesMax);
  EXPECT_EQ(Said(request).ids.size(), kKickedMax);
  request.ids.push_back(1);
  EXPECT_THAT(WhyNot(RequestLine(request)), HasSubstr("longer than"));
}

TEST(Protocol, AnswersAreLinesWhateverTheySay) {
  Json result;
  result["agent"] = "two\nlines, and no UTF-8: \xff";
  for (const std::string& line :
       {OkLine(result), ErrorLine("two\nlines \xff"), ProgressLine("two\nlines \xff")}) {
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_TRUE(Json::accept(line)) << line;
  }
  EXPECT_EQ(OkLine(Json()), "{\"ok\":true,\"result\":null}\n");
  EXPECT_EQ(ErrorLine("no"), "{\"ok\":false,\"error\":\"no\"}\n");
  EXPECT_EQ(ProgressLine("half"), "{\"progress\":\"half\"}\n");
}

}  // namespace
}  // namespace floe::control
