// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/report/live_line.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace floe::tools {

LiveLine::LiveLine() : is_on_(isatty(STDERR_FILENO) == 1) {}

void LiveLine::Show(absl::string_view text) {
  if (!is_on_) return;
  winsize size{};
  // A line that wraps could not be written over.
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1) {
    text = text.substr(0, size_t{size.ws_col} - 1);
  }
  absl::FPrintF(stderr, "\r%s\x1b[K", text);
  std::fflush(stderr);
}

void LiveLine::Clear() { Show(""); }

std::string Thousands(uint64_t number) {
  const std::string digits = absl::StrCat(number);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text.push_back(',');
    text.push_back(digits[i]);
  }
  return text;
}

std::string ReadableUs(uint64_t us) {
  const auto with_unit = [](double value, const char* unit) {
    const int decimals = value < 10 ? 2 : value < 100 ? 1 : 0;
    return absl::StrFormat("%.*f %s", decimals, value, unit);
  };
  if (us < 1000) return absl::StrCat(us, " us");
  if (us < 1'000'000) return with_unit(double(us) / 1e3, "ms");
  return with_unit(double(us) / 1e6, "s");
}

}  // namespace floe::tools
