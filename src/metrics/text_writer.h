// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "metrics/histogram.h"

namespace floe::metrics {

// What the text is, for Content-Type.
inline constexpr absl::string_view kTextType = "text/plain; version=0.0.4; charset=utf-8";

enum class Type : uint8_t { kCounter, kGauge, kHistogram };

struct Label {
  absl::string_view name;
  absl::string_view value;  // anything
};

// The value as it stands between a label's quotes. UTF-8 throughout: a byte that belongs to no
// character becomes U+FFFD.
std::string EscapedLabel(absl::string_view value);

// TextWriter writes Prometheus's text format.
//
// A family is begun once, and then has its samples; one without any is not written. Counters are
// named _total; units are seconds, bytes and ratios.
//
// Threads   One.
// Failure   A name that Prometheus would refuse, or a family begun twice, is a bug.
class TextWriter {
 public:
  using Labels = std::span<const Label>;

  void Family(Type type, absl::string_view name, absl::string_view text);
  void Sample(Labels labels, std::integral auto value) {
    AppendSample("", labels, {}, Text(value));
  }
  void Sample(Labels labels, double value) { AppendSample("", labels, {}, Text(value)); }
  void Sample(std::initializer_list<Label> labels, auto value) { Sample(Labels(labels), value); }
  // So many of what it counts are one of the base unit: 1e9 of nanoseconds.
  void Sample(Labels labels, const Distribution& distribution, double per_unit);
  void Sample(std::initializer_list<Label> labels, const Distribution& distribution,
              double per_unit) {
    Sample(Labels(labels), distribution, per_unit);
  }

  // A family of one sample.
  void One(Type type, absl::string_view name, absl::string_view text, auto value) {
    Family(type, name, text);
    Sample(Labels(), value);
  }

  std::string Take() && { return std::move(text_); }

 private:
  static std::string Text(std::integral auto value) { return std::to_string(value); }
  static std::string Text(double value);
  void AppendSample(absl::string_view suffix, Labels labels, Labels more, absl::string_view value);

  std::string text_;
  std::string name_, head_;  // of the family; the head until there is a sample
  absl::flat_hash_set<std::string> families_;
};

}  // namespace floe::metrics
