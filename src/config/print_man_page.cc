// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Prints floe.toml(5); a step of the build.
#include <cstdio>

#include "config/man_page.h"

int main() { return std::fputs(floe::config::ManPage().c_str(), stdout) < 0 ? 1 : 0; }
