// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// To whom entries of the journal go, and what is said to them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "config/config.h"
#include "dial/http_call.h"
#include "metrics/instruments.h"
#include "store/journal.h"

namespace floe::hooks {

// How long a page may take that is told of events.
inline constexpr milliseconds kWebhookTimeout{10'000};

// A lane's name in the journal: that of a hook's URL, or of a [webhook."name"].
std::string LaneOfHook(absl::string_view url);
std::string LaneOfWebhook(absl::string_view name);

// Whether it has anybody told of anything.
bool TellsAnybody(const config::Config& config);

// Where a lane leads by the configuration that holds, which alone says where anything goes: an
// entry of the journal cannot send Floe elsewhere.
struct Destination {
  HttpUrl url;
  std::string authorization;  // as it is configured; empty: the entry's own, if it has one
  std::string secret;         // with which it is signed; empty: it is not
  bool is_webhook = false;
  milliseconds timeout{5'000};
};
// Nothing: the configuration does not name it any more.
std::optional<Destination> DestinationOf(const config::Config& config, absl::string_view lane);

// The request that tells an entry. Of a webhook's, `extra` is the event's name, and the signature
// is of "TIMESTAMP.BODY"; of a hook's it is an Authorization header.
dial::HttpCall CallFor(const Destination& destination, const store::JournalEntry& entry,
                       int64_t now_s);

// Of which calls that one is.
metrics::Latency& LatencyOf(const Destination& destination, const store::JournalEntry& entry,
                            metrics::Instruments* instruments);

// What becomes of an entry by the answer's status: told; or to be told again, as a server that is
// out of order, or put up wrongly, may be mended; or refused for good.
enum class Told : uint8_t { kTold, kAgain, kRefused };
Told ToldBy(int http_status);

}  // namespace floe::hooks
