// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "admin/listeners.h"

#include <atomic>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "admin/answer.h"
#include "admin/stats.h"
#include "http/status.h"
#include "mount/mount.h"
#include "session/listener_mover.h"
#include "session/listener_reader.h"
#include "session/long_reply.h"
#include "shard/worker_pool.h"

namespace floe::admin {

using session::Exchange;

namespace {

// How many lists are being answered, of the whole process.
std::atomic<uint32_t> listings_under_way{0};

// A place among kListingsMax.
class Listing {
 public:
  Listing() : has_place_(listings_under_way.fetch_add(1) < kListingsMax) {}
  ~Listing() { listings_under_way.fetch_sub(1); }
  Listing(const Listing&) = delete;
  Listing& operator=(const Listing&) = delete;

  bool has_place() const { return has_place_; }

 private:
  const bool has_place_;
};

std::vector<std::string> ColumnsOf(Mode mode) {
  if (mode == Mode::kLegacy) return {"IP", "UserAgent", "Connected", "ID"};
  return {"id", "ip", "useragent", "referer", "connected", "username", "tls", "protocol"};
}

std::string AgentOf(const session::SeenListener& seen) {
  return seen.agent.empty() ? "Unknown" : seen.agent;
}

Node LegacyRow(const session::SeenListener& seen) {
  Node row("listener");
  row.is_row = row.is_one_of_many = true;
  row.SetAttribute("id", absl::StrCat(seen.id));
  row.Put("IP", seen.peer.Host());
  row.Put("UserAgent", AgentOf(seen));
  row.Put("Connected", SecondsSince(absl::FromUnixSeconds(seen.connected_s)));
  row.Put("ID", seen.id);
  return row;
}

Node NormalRow(const session::SeenListener& seen) {
  Node row("listener");
  row.is_row = row.is_one_of_many = true;
  row.Put("id", seen.id);
  row.Put("ip", seen.peer.Host());
  row.Put("useragent", AgentOf(seen));
  row.Put("referer", seen.referer);
  row.Put("connected", SecondsSince(absl::FromUnixSeconds(seen.connected_s)));
  row.Put("username", seen.user);
  row.Put("tls", "false");
  row.Put("protocol", "HTTP");
  return row;
}

ListForm FormOf(const Exchange& exchange) {
  const Format format = FormatOf(exchange);
  return {.format = format,
          .row_of = ModeOf(exchange) == Mode::kLegacy ? &LegacyRow : &NormalRow,
          .content_type = ContentTypeOf(format)};
}

// Writes rows, which takes longer than a shard's turn should.
class RowsJob : public shard::Job {
 public:
  explicit RowsJob(const ListForm& form) : form_(form) {}

  void Run() override {
    for (const session::SeenListener& listener : seen) {
      absl::StrAppend(&text, WriteRow(form_.format, form_.row_of(listener), rows_++ == 0));
    }
    seen.clear();
  }

  std::vector<session::SeenListener> seen;
  std::string text;

 private:
  const ListForm form_;
  uint64_t rows_ = 0;
};

// The rows, and what is behind them; ends early where the other side or this one does.
ring::Task<> SayRows(Exchange& exchange, const ListForm& form, std::string mount, std::string text,
                     std::string behind, uint64_t* said_bytes) {
  session::ListenerFilter filter;
  filter.mount = std::move(mount);
  session::ListenerPlace place;
  RowsJob rows(form);
  const session::Services& services = exchange.services;
  while (!place.IsEnd(services)) {
    const absl::Status read = co_await session::ReadListeners(services, exchange.shard, filter,
                                                              kRowsPerSay, &place, &rows.seen);
    if (!read.ok()) co_return;
    rows.text = std::move(text);
    co_await shard::WorkerPool::Run(*services.workers, exchange.shard, rows);
    text = std::move(rows.text);
    if (place.IsEnd(services)) absl::StrAppend(&text, behind);
    const absl::Status said = co_await session::Say(exchange, text);
    if (!said.ok()) co_return;
    *said_bytes += text.size();
    text.clear();
  }
}

// The number of ?id=, as Icecast reads it: what is none is 0.
uint64_t IdOf(const Exchange& exchange) {
  uint64_t id = 0;
  return absl::SimpleAtoi(exchange.fields.GetOr("id"), &id) ? id : 0;
}

}  // namespace

ring::Task<> SayListeners(Exchange& exchange, Node document, mount::MountRef mount, ListForm form) {
  const Listing listing;
  if (!listing.has_place()) {
    co_await session::Refuse(exchange, http::Refusal(503, "there are too many lists under way"));
    co_return;
  }
  Halves halves = form.has_root
                      ? Split(form.format, document, absl::StrCat("Listeners of ", mount->name()))
                      : SplitAtHole(ToJson(document));
  std::string text = session::LongReplyHead(exchange, form.content_type);
  exchange.is_answered = true;
  exchange.Enter(session::Parking::Stage::kAnswering);
  uint64_t said_bytes = 0;
  if (exchange.request.method == http::Method::kHead) {
    const absl::Status said = co_await session::Say(exchange, text);
    if (said.ok()) said_bytes = text.size();
  } else {
    session::WidenSending(exchange);
    absl::StrAppend(&text, halves.before);
    std::string name = mount->name();
    co_await SayRows(exchange, form, std::move(name), std::move(text), std::move(halves.behind),
                     &said_bytes);
  }
  session::LogRequest(exchange, 200, said_bytes);
}

ring::Task<> SendListeners(Exchange& exchange) {
  absl::StatusOr<mount::MountRef> mount = MountOf(exchange);
  if (!mount.ok()) {
    co_await session::Refuse(exchange, mount.status());
    co_return;
  }
  const Mode mode = ModeOf(exchange);
  Node root("icestats");
  Node& source = root.AddOneOfMany("source");
  source.SetAttribute("mount", (*mount)->name());
  source.Put(mode == Mode::kLegacy ? "Listeners" : "listeners", (*mount)->listeners.load());
  source.children.push_back(Hole("listener", ColumnsOf(mode)));
  const ListForm form = FormOf(exchange);
  co_await SayListeners(exchange, std::move(root), *std::move(mount), form);
}

ring::Task<> SendWithListeners(Exchange& exchange, Node document) {
  absl::StatusOr<mount::MountRef> mount = MountOf(exchange);
  if (!mount.ok()) {
    co_await session::Refuse(exchange, mount.status());
    co_return;
  }
  document.children.back().children.push_back(Hole("listener", ColumnsOf(ModeOf(exchange))));
  const ListForm form = FormOf(exchange);
  co_await SayListeners(exchange, std::move(document), *std::move(mount), form);
}

ring::Task<> MoveListenersTo(Exchange& exchange, mount::MountRef from, mount::MountRef to) {
  const bool can_go_on = session::CanMove(*from, *to);
  std::optional<uint64_t> id;
  if (exchange.fields.Get("id") != nullptr) id = IdOf(exchange);
  bool is_done = can_go_on;
  if (can_go_on) {
    const absl::StatusOr<uint32_t> moved = co_await session::MoveListeners(
        exchange.services, exchange.shard, from.Share(), to.Share(), id);
    if (!moved.ok()) {
      co_await session::Refuse(exchange, moved.status());
      co_return;
    }
    is_done = !id.has_value() || *moved > 0;
  }
  std::string message = absl::StrCat("Clients moved from ", from->name(), " to ", to->name());
  if (id.has_value()) {
    message = is_done
                  ? absl::StrCat("Client ", *id, " moved from ", from->name(), " to ", to->name())
                  : absl::StrCat("Client ", *id, " not found");
  }
  if (!can_go_on) {
    message = absl::StrCat("Who hears ", from->name(), " cannot go on with ", to->name());
  }
  co_await AnswerDone(exchange, std::move(message), is_done);
}

ring::Task<> KillListener(Exchange& exchange) {
  absl::Status status = CheckMode(exchange);
  absl::StatusOr<mount::MountRef> mount = MountOf(exchange);
  if (status.ok()) status = mount.status();
  if (status.ok() && exchange.fields.Get("id") == nullptr) {
    status = http::Refusal(400, "Missing parameter");
  }
  if (!status.ok()) {
    co_await session::Refuse(exchange, std::move(status));
    co_return;
  }
  std::string name = (*mount)->name();
  const absl::Status kicked = co_await session::KickListener(exchange.services, exchange.shard,
                                                             IdOf(exchange), std::move(name));
  if (!kicked.ok() && !absl::IsNotFound(kicked)) {
    co_await session::Refuse(exchange, kicked);
    co_return;
  }
  std::string message =
      absl::StrCat("Client ", IdOf(exchange), kicked.ok() ? " removed" : " not found");
  co_await AnswerDone(exchange, std::move(message), kicked.ok());
}

}  // namespace floe::admin
