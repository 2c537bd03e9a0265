// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/figures.h"

#include <vector>

#include "base/log.h"

namespace floe::handover {
namespace {

void Save(const std::vector<metrics::Figure>& figures, End* message) {
  for (const metrics::Figure& figure : figures) {
    Figure* saved = message->add_figures();
    saved->set_name(figure.name);
    saved->mutable_values()->Add(figure.values.begin(), figure.values.end());
  }
}

}  // namespace

void SaveFigures(const session::Services& services, End* message) {
  Save(services.instruments->Save(), message);
  metrics::Instruments own;  // what is added to it
  own.swaps.Add();
  own.log_lines_lost_before.Add(log::LostLines());
  for (const shard::Shard* shard : services.shards) {
    (void)own.sends_before.Add(shard->gauges().send_bytes.Read());
  }
  Save(own.Save(), message);
}

void LoadFigures(const End& message, metrics::Instruments& instruments) {
  std::vector<metrics::Figure> figures;
  for (const Figure& saved : message.figures()) {
    figures.push_back(
        {.name = saved.name(), .values = {saved.values().begin(), saved.values().end()}});
  }
  instruments.Add(figures);
}

}  // namespace floe::handover
