// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "metrics/instruments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace floe::metrics {
namespace {

TEST(Instruments, GoOnCountingInTheNextProcess) {
  Instruments before, after;
  before.logins_granted.Add(3);
  before.password_check.Observe(milliseconds(2));
  before.leaves[3].Add(2);
  before.sends_before.Observe(16'000);
  after.logins_granted.Add();
  after.Add(before.Save());
  EXPECT_EQ(after.logins_granted.value(), 4u);
  EXPECT_EQ(after.password_check.histogram().Read(), before.password_check.histogram().Read());
  EXPECT_EQ(after.leaves[3].value(), 2u);
  EXPECT_EQ(after.sends_before.Read().sum, 16'000u);
}

TEST(Instruments, WhatAnotherVersionCountsIsPassedOver) {
  Instruments instruments;
  instruments.Add({{.name = "no such thing", .values = {1}},
                   {.name = "swaps", .values = {}},
                   {.name = "reloads_done", .values = {1, 2}},
                   {.name = "password_check", .values = {7}},
                   {.name = "webhook", .values = std::vector<uint64_t>(28, 1)}});
  EXPECT_EQ(instruments.Save(), Instruments().Save());
}

TEST(Instruments, EachHasANameOfItsOwn) {
  std::set<std::string> names;
  const std::vector<Figure> figures = Instruments().Save();
  for (const Figure& figure : figures) names.insert(figure.name);
  EXPECT_EQ(names.size(), figures.size());
}

}  // namespace
}  // namespace floe::metrics
