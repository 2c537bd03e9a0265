// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "metrics/instruments.h"

#include <algorithm>
#include <utility>

namespace floe::metrics {
namespace {

std::vector<uint64_t> ValuesOf(const Counter& counter) { return {counter.value()}; }

std::vector<uint64_t> ValuesOf(const Histogram& histogram) {
  Distribution read = histogram.Read();
  std::vector<uint64_t> values = std::move(read.bounds);
  values.insert(values.end(), read.counts.begin(), read.counts.end());
  values.push_back(read.sum);
  return values;
}

std::vector<uint64_t> ValuesOf(const std::array<Counter, kLeaveCausesMax>& counters) {
  std::vector<uint64_t> values;
  for (const Counter& counter : counters) values.push_back(counter.value());
  return values;
}

void Take(const std::vector<uint64_t>& values, std::array<Counter, kLeaveCausesMax>* counters) {
  for (size_t i = 0; i < std::min(values.size(), counters->size()); ++i) {
    (*counters)[i].Add(values[i]);
  }
}

void Take(const std::vector<uint64_t>& values, Counter* counter) {
  if (values.size() == 1) counter->Add(values[0]);
}

// Other bounds than these are another version's: then counting begins anew.
void Take(const std::vector<uint64_t>& values, Histogram* histogram) {
  const size_t bounds = histogram->bounds().size();
  if (values.size() != 2 * bounds + 2) return;
  const auto counts = values.begin() + ptrdiff_t(bounds);
  (void)histogram->Add({.bounds = {values.begin(), counts},
                        .counts = {counts, values.end() - 1},
                        .sum = values.back()});
}

}  // namespace

Instruments::Instruments() : sends_before(SendSizeBounds()) {}

std::vector<Figure> Instruments::Save() const {
  std::vector<Figure> figures;
  ForEach(*this, [&figures](const char* name, const auto& instrument) {
    figures.push_back({.name = name, .values = ValuesOf(instrument)});
  });
  return figures;
}

void Instruments::Add(const std::vector<Figure>& figures) {
  ForEach(*this, [&figures](const char* name, auto& instrument) {
    for (const Figure& figure : figures) {
      if (figure.name == name) Take(figure.values, &instrument);
    }
  });
}

}  // namespace floe::metrics
