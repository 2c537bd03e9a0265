// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "api/history.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "api/operation.h"
#include "api/shapes.h"
#include "http/status.h"
#include "nlohmann/json.hpp"
#include "store/history.h"

namespace floe::api {
namespace {

using session::Exchange;

// The disk is waited for on a worker.
template <typename Rows, typename Query>
class ReadJob final : public shard::Job {
 public:
  using Read = absl::StatusOr<Rows> (store::History::*)(const Query&) const;
  ReadJob(const store::History& history, Read read, const Query& query)
      : history_(history), read_(read), query_(query) {}

  void Run() override { rows_ = (history_.*read_)(query_); }
  const absl::StatusOr<Rows>& rows() const { return rows_; }

 private:
  const store::History& history_;
  const Read read_;
  const Query query_;
  absl::StatusOr<Rows> rows_;
};

template <typename Rows, typename Query>
ring::Task<absl::StatusOr<Rows>> Read(Exchange& exchange,
                                      absl::StatusOr<Rows> (store::History::*read)(const Query&)
                                          const,
                                      Query query) {
  const store::History* history = exchange.services.history;
  if (history == nullptr) co_return http::Refusal(404, "nothing is kept of the past here");
  ReadJob<Rows, Query> job(*history, read, query);
  co_await shard::WorkerPool::Run(*exchange.services.workers, exchange.shard, job);
  co_return job.rows();
}

std::string TimeOfMs(int64_t ms) { return TimeText(absl::FromUnixMillis(ms)); }

Json ItemOf(const store::Song& song) {
  Json json;
  json["mount"] = song.mount;
  json["begun"] = TimeOfMs(song.begun_ms);
  json["title"] = song.title;
  json["url"] = song.url;
  json["listeners"] = song.listeners;
  return json;
}

Json ItemOf(const store::KeptSession& kept) {
  const store::Session& session = kept.session;
  Json json;
  json["mount"] = session.mount;
  json["ended"] = TimeOfMs(session.ended_ms);
  json["seconds"] = double(session.lasted_ms) / 1000;
  json["sent_bytes"] = session.bytes;
  json["address"] = session.address;
  json["agent"] = session.agent;
  json["user"] = session.user;
  json["cause"] = session.cause;
  return json;
}

Json ItemOf(const store::ListenedRow& row) {
  Json json;
  json["mount"] = row.mount;
  json["begin"] = TimeText(absl::FromUnixSeconds(row.begin_s));
  json["hours"] = double(row.listened.listened_ms) / 3'600'000;
  json["sessions"] = row.listened.sessions;
  json["sent_bytes"] = row.listened.bytes;
  return json;
}

template <typename Row>
Json ItemsOf(const std::vector<Row>& rows) {
  Json items = Json::array();
  for (const Row& row : rows) items.push_back(ItemOf(row));
  return items;
}

// A full page may have others behind it.
template <typename Row>
std::optional<std::string> NextOf(const std::vector<Row>& rows, int limit) {
  if (rows.empty() || rows.size() < size_t(limit)) return std::nullopt;
  return absl::StrCat(rows.back().id);
}

absl::StatusOr<int64_t> ReadTime(const http::Query& fields, absl::string_view name) {
  const std::string* text = fields.Get(name);
  if (text == nullptr) return 0;
  absl::Time time;
  std::string error;
  const bool is_one = absl::ParseTime(absl::RFC3339_full, *text, &time, &error) &&
                      time >= absl::UnixEpoch() && time < absl::FromUnixSeconds(int64_t{1} << 36);
  if (!is_one) {
    return http::Refusal(400, absl::StrCat(name, " is to be a time such as 2026-11-01T00:00:00Z"));
  }
  return absl::ToUnixSeconds(time);
}

// A page of songs or sessions.
template <typename Rows, typename Query>
ring::Task<> SendPast(Exchange& exchange,
                      absl::StatusOr<Rows> (store::History::*read)(const Query&) const) {
  const absl::StatusOr<PastWish> wish = ReadPastWish(exchange.fields);
  if (!wish.ok()) {
    co_await session::Refuse(exchange, wish.status());
    co_return;
  }
  Query query;
  query.mount = wish->mount;
  query.before_id = wish->before_id;
  query.limit = wish->limit;
  const absl::StatusOr<Rows> rows = co_await Read<Rows, Query>(exchange, read, std::move(query));
  if (!rows.ok()) {
    co_await session::Refuse(exchange, rows.status());
    co_return;
  }
  std::string text = TextOf(ListOf(ItemsOf(*rows), NextOf(*rows, wish->limit)));
  co_await Send(exchange, 200, std::move(text));
}

}  // namespace

absl::StatusOr<PastWish> ReadPastWish(const http::Query& fields) {
  PastWish wish;
  wish.mount = std::string(fields.GetOr("mount"));
  if (const std::string* limit = fields.Get("limit"); limit != nullptr) {
    const bool is_one =
        absl::SimpleAtoi(*limit, &wish.limit) && wish.limit >= 1 && wish.limit <= kPastPerPageMax;
    if (!is_one) {
      return http::Refusal(400, absl::StrCat("limit is to be from 1 to ", kPastPerPageMax));
    }
  }
  if (const std::string* cursor = fields.Get("cursor"); cursor != nullptr) {
    if (!absl::SimpleAtoi(*cursor, &wish.before_id) || wish.before_id < 1) {
      return http::Refusal(400, "this cursor is none that was given here");
    }
  }
  return wish;
}

absl::StatusOr<store::ListenedQuery> ReadListenedWish(const http::Query& fields) {
  store::ListenedQuery query;
  query.mount = std::string(fields.GetOr("mount"));
  const absl::StatusOr<int64_t> from_s = ReadTime(fields, "from");
  if (!from_s.ok()) return from_s.status();
  const absl::StatusOr<int64_t> to_s = ReadTime(fields, "to");
  if (!to_s.ok()) return to_s.status();
  query.from_s = *from_s;
  query.to_s = *to_s;
  const absl::string_view step = fields.GetOr("step", "hour");
  if (step == "day") {
    query.step = store::ListenedQuery::Step::kDay;
  } else if (step == "all") {
    query.step = store::ListenedQuery::Step::kAll;
  } else if (step != "hour") {
    return http::Refusal(400, "step is to be hour, day or all");
  }
  return query;
}

ring::Task<> SendSongs(Exchange& exchange, std::string) {
  co_await SendPast(exchange, &store::History::Songs);
}

ring::Task<> SendSessions(Exchange& exchange, std::string) {
  co_await SendPast(exchange, &store::History::Sessions);
}

ring::Task<> SendListened(Exchange& exchange, std::string) {
  const absl::StatusOr<store::ListenedQuery> query = ReadListenedWish(exchange.fields);
  if (!query.ok()) {
    co_await session::Refuse(exchange, query.status());
    co_return;
  }
  const absl::StatusOr<std::vector<store::ListenedRow>> rows =
      co_await Read(exchange, &store::History::Listened, *query);
  if (!rows.ok()) {
    co_await session::Refuse(exchange, rows.status());
    co_return;
  }
  std::string text = TextOf(ListOf(ItemsOf(*rows)));
  co_await Send(exchange, 200, std::move(text));
}

}  // namespace floe::api
