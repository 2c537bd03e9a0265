// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "hooks/lane.h"

#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::hooks {
namespace {

std::map<std::string, std::string> HeadersOf(const dial::HttpCall& call) {
  std::map<std::string, std::string> headers;
  for (const http::ExtraHeader& header : call.headers) headers[header.name] = header.value;
  return headers;
}

config::Config WithHook(const std::string& url) {
  config::Config config;
  config.mounts["/live"].hook_listener_remove = url;
  config.mounts["/live"].hook_timeout = 3s;
  return config;
}

TEST(Lane, AHookLeadsWhereTheConfigurationSays) {
  const std::string url = "http://a.example/told";
  const auto destination = DestinationOf(WithHook(url), LaneOfHook(url));
  ASSERT_TRUE(destination.has_value());
  EXPECT_EQ(destination->url.ToString(), "http://a.example/told");
  EXPECT_EQ(destination->timeout, 3s);
  EXPECT_FALSE(destination->is_webhook);
}

TEST(Lane, ALoginStandsInTheConfigurationAndNotInTheJournal) {
  config::Config config = WithHook("http://a.example/told");
  config.mounts["/live"].hook_user = "ann";
  config.mounts["/live"].hook_password = "pw";
  EXPECT_EQ(DestinationOf(config, LaneOfHook("http://a.example/told"))->authorization,
            "Basic YW5uOnB3");
}

TEST(Lane, ItLeadsNowhereOnceTheConfigurationSaysSoNoMore) {
  const config::Config config = WithHook("http://a.example/told");
  EXPECT_FALSE(DestinationOf(config, LaneOfHook("http://b.example/")).has_value());
  EXPECT_FALSE(DestinationOf(config, LaneOfHook("")).has_value());
  EXPECT_FALSE(DestinationOf(config, LaneOfWebhook("http://a.example/told")).has_value());
  EXPECT_FALSE(DestinationOf(config, "http://a.example/told").has_value());
}

TEST(Lane, ACallIsCountedAsWhatItTells) {
  metrics::Instruments instruments;
  Destination hook, webhook;
  webhook.is_webhook = true;
  const auto latency_of = [&instruments](const Destination& destination, const std::string& body) {
    store::JournalEntry entry;
    entry.body = body;
    return &LatencyOf(destination, entry, &instruments);
  };
  EXPECT_EQ(latency_of(hook, "action=listener_remove&client=1"), &instruments.hook_listener_remove);
  EXPECT_EQ(latency_of(hook, "action=mount_add&mount=%2Fa"), &instruments.hook_mount);
  EXPECT_EQ(latency_of(hook, "action=mount_remove&mount=%2Fa"), &instruments.hook_mount);
  EXPECT_EQ(latency_of(webhook, "{}"), &instruments.webhook);
}

TEST(Lane, WhereNobodyIsToldItIsKnown) {
  EXPECT_FALSE(TellsAnybody(config::Config()));
  EXPECT_TRUE(TellsAnybody(WithHook("http://a/")));
  config::Config config;
  config.webhooks["studio"] = {.url = "http://a.example/"};
  EXPECT_TRUE(TellsAnybody(config));
}

TEST(Lane, AWebhookIsFoundByItsName) {
  config::Config config;
  config.webhooks["studio"] = {.url = "http://a.example/", .secret = "key"};
  config.webhooks["idle"] = {};
  const auto destination = DestinationOf(config, LaneOfWebhook("studio"));
  ASSERT_TRUE(destination.has_value());
  EXPECT_TRUE(destination->is_webhook);
  EXPECT_EQ(destination->secret, "key");
  EXPECT_FALSE(DestinationOf(config, LaneOfWebhook("idle")).has_value());
}

TEST(Lane, AHookLogsInAsItIsToldToOrAsTheListenerDid) {
  Destination destination{.url = HttpUrl::Parse("http://a/").value()};
  const store::JournalEntry entry{.id = 7, .body = "a=b", .extra = "Basic own", .appended_s = 100};
  EXPECT_EQ(CallFor(destination, entry, 200).authorization, "Basic own");
  destination.authorization = "Basic told";
  const dial::HttpCall call = CallFor(destination, entry, 200);
  EXPECT_EQ(call.authorization, "Basic told");
  EXPECT_EQ(call.body, "a=b");
  EXPECT_EQ(HeadersOf(call)["X-Floe-Delivery"], "100-7");
}

TEST(Lane, AWebhookIsSignedWithTheTimeAtWhichItIsTold) {
  const Destination destination{
      .url = HttpUrl::Parse("http://a/").value(), .secret = "key", .is_webhook = true};
  const store::JournalEntry entry{.id = 7, .body = "{}", .extra = "title", .appended_s = 100};
  const dial::HttpCall call = CallFor(destination, entry, 200);
  auto headers = HeadersOf(call);
  EXPECT_EQ(call.authorization, "");
  EXPECT_EQ(headers["X-Floe-Event"], "title");
  EXPECT_EQ(headers["X-Floe-Timestamp"], "200");
  // printf '200.{}' | openssl dgst -sha256 -hmac key
  EXPECT_EQ(headers["X-Floe-Signature"],
            "sha256=e8dfcf354f0be80cf87f15c80cf6ad56911c4fc98555c929f567ed4effb14113");
}

TEST(Lane, WhatMayBeMendedIsToldAgain) {
  for (const int status : {200, 204}) EXPECT_EQ(ToldBy(status), Told::kTold);
  for (const int status : {301, 401, 403, 404, 408, 429, 500, 503}) {
    EXPECT_EQ(ToldBy(status), Told::kAgain) << status;
  }
  for (const int status : {400, 405, 410, 422}) EXPECT_EQ(ToldBy(status), Told::kRefused);
}

}  // namespace
}  // namespace floe::hooks
