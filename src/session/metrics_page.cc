// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/metrics_page.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/cidr.h"
#include "http/reply.h"
#include "metrics/text_writer.h"
#include "session/authorize.h"
#include "session/metrics_text.h"
#include "shard/worker_pool.h"

namespace floe::session {
namespace {

// The text reads /proc, and takes each mount's lock in turn.
class MetricsJob : public shard::Job {
 public:
  explicit MetricsJob(const Services& services) : services_(services) {}
  void Run() override { text_ = MetricsText(services_); }
  const std::string& text() const { return text_; }

 private:
  const Services& services_;
  std::string text_;
};

bool IsOpenTo(const Exchange& exchange) {
  const std::vector<Cidr>& from = exchange.config->access.metrics_from;
  return std::any_of(from.begin(), from.end(),
                     [&exchange](const Cidr& cidr) { return cidr.Contains(exchange.peer); });
}

}  // namespace

ring::Task<> SendMetrics(Exchange& exchange) {
  if (!IsOpenTo(exchange)) {
    absl::Status may = co_await Authorize(exchange, Need::kRead, "");
    if (!may.ok()) {
      co_await Refuse(exchange, std::move(may));
      co_return;
    }
  }
  MetricsJob job(exchange.services);
  co_await shard::WorkerPool::Run(*exchange.services.workers, exchange.shard, job);
  std::string reply = http::Reply(exchange.To(), 200, metrics::kTextType, job.text());
  co_await Answer(exchange, std::move(reply), 200);
}

}  // namespace floe::session
