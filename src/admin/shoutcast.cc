// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "admin/shoutcast.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "admin/answer.h"
#include "admin/listeners.h"
#include "admin/played.h"
#include "admin/stats.h"
#include "http/cross_site.h"
#include "http/escape.h"
#include "http/status.h"
#include "mount/mount.h"
#include "session/authorize.h"
#include "session/paths.h"
#include "session/titles.h"

namespace floe::admin {

using session::Exchange;

namespace {

constexpr size_t kCallbackBytesMax = 64;
constexpr absl::string_view kHtml = "text/html; charset=utf-8";
constexpr absl::string_view kXmlBegin =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\" ?>";

// The streams by number, sid 1 first.
std::vector<mount::MountRef> Streams(const Exchange& exchange) {
  std::vector<mount::MountRef> streams;
  for (mount::MountRef& mount : LiveMounts(*exchange.services.registry)) {
    if (!mount->is_hidden()) streams.push_back(std::move(mount));
  }
  const std::string& first = exchange.config->server.shoutcast_mount;
  std::stable_partition(streams.begin(), streams.end(),
                        [&](const mount::MountRef& mount) { return mount->name() == first; });
  return streams;
}

uint32_t SidOf(const Exchange& exchange) {
  uint32_t sid = 0;
  return absl::SimpleAtoi(exchange.fields.GetOr("sid", "1"), &sid) ? sid : 0;
}

// Empty: there is no such stream, now.
mount::MountRef StreamOf(const Exchange& exchange) {
  std::vector<mount::MountRef> streams = Streams(exchange);
  const uint32_t sid = SidOf(exchange);
  if (sid == 0 || sid > streams.size()) return mount::MountRef();
  return std::move(streams[sid - 1]);
}

struct Counts {
  uint64_t listeners = 0, peak = 0, most = 0;
};

Counts CountsOf(const Exchange& exchange, const mount::MountRef& mount) {
  Counts counts{.most = exchange.config->limits.listeners};
  if (!mount) return counts;
  counts.listeners = mount->listeners.load();
  counts.peak = mount->listener_peak.load();
  if (mount->max_listeners() != 0) counts.most = mount->max_listeners();
  return counts;
}

uint64_t KbpsOf(const mount::Snapshot& snap) {
  const uint32_t measured = snap.framer.bitrate_bps() / 1000;
  return snap.source.bitrate_kbps != 0 ? snap.source.bitrate_kbps : measured;
}

// What is said of a stream, in DNAS' order; of none as well.
void PutStream(const Exchange& exchange, const mount::MountRef& mount, Node* node) {
  const mount::Snapshot snap = mount ? mount->Snap() : mount::Snapshot();
  const Counts counts = CountsOf(exchange, mount);
  node->Put("CURRENTLISTENERS", counts.listeners);
  node->Put("PEAKLISTENERS", counts.peak);
  node->Put("MAXLISTENERS", counts.most);
  node->Put("UNIQUELISTENERS", counts.listeners);  // addresses are not told apart
  node->Put("AVERAGETIME", 0);
  node->Put("SERVERGENRE", snap.source.genre);
  for (const char* name : {"SERVERGENRE2", "SERVERGENRE3", "SERVERGENRE4", "SERVERGENRE5"}) {
    node->Put(name, "");
  }
  node->Put("SERVERURL", snap.source.url);
  node->Put("SERVERTITLE", snap.source.name);
  node->Put("SONGTITLE", snap.title);
  node->Put("STREAMHITS", mount ? mount->listener_connections.load() : 0);
  node->Put("STREAMSTATUS", mount ? 1 : 0);
  node->Put("BACKUPSTATUS", 0);
  node->Put("STREAMLISTED", 0);
  node->Put("STREAMLISTEDERROR", 200);
  node->Put("STREAMPATH", mount ? absl::string_view(mount->name()) : "");
  node->Put("STREAMUPTIME", mount ? SecondsSince(snap.source.connected) : 0);
  node->Put("BITRATE", mount ? KbpsOf(snap) : 0);
  node->Put("SAMPLERATE", snap.parameters.sample_rate_hz);
  node->Put("CONTENT", snap.source.content_type);
  node->Put("VERSION", http::ServerName());
}

// The same with names as its JSON has them.
Node Lowered(Node node) {
  absl::AsciiStrToLower(&node.name);
  for (Node& child : node.children) child = Lowered(std::move(child));
  return node;
}

// Of a script that may be named in ?callback=.
bool IsCallback(absl::string_view text) {
  const auto is_of_name = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '.';
  };
  return text.size() <= kCallbackBytesMax && std::all_of(text.begin(), text.end(), is_of_name);
}

// XML, or JSON without the root's name, where json=1 or `is_json` asks for it.
ring::Task<> Send(Exchange& exchange, Node document, bool is_json) {
  const absl::string_view callback = exchange.fields.GetOr("callback");
  if (!IsCallback(callback)) {
    co_await session::Refuse(exchange, http::Refusal(400, "callback is no name of a function"));
    co_return;
  }
  std::string body, type = "text/xml; charset=utf-8";
  if (!is_json && exchange.fields.GetOr("json") != "1") {
    body = absl::StrCat(kXmlBegin, ToXml(document));
  } else {
    type = "application/json; charset=utf-8";
    body = ToJson(Lowered(std::move(document)));
    if (!callback.empty()) {
      type = "application/javascript; charset=utf-8";
      body = absl::StrCat(callback, "(", body, ")");
    }
  }
  std::string reply =
      http::Reply(exchange.To(), 200, type, body,
                  {{"Cache-Control", "no-cache, no-store"}, {"X-Content-Type-Options", "nosniff"}});
  co_await session::Answer(exchange, std::move(reply), 200);
}

Node ServerDocument(const Exchange& exchange) {
  const std::vector<mount::MountRef> streams = Streams(exchange);
  uint64_t peak = 0;
  for (const mount::MountRef& mount : streams) peak += mount->listener_peak.load();
  Node root("SHOUTCASTSERVER");
  Node stats("STREAMSTATS");
  stats.Put("TOTALSTREAMS", streams.size());
  stats.Put("ACTIVESTREAMS", streams.size());
  stats.Put("CURRENTLISTENERS", exchange.services.Listeners());
  stats.Put("PEAKLISTENERS", peak);
  stats.Put("MAXLISTENERS", exchange.config->limits.listeners);
  stats.Put("UNIQUELISTENERS", exchange.services.Listeners());
  stats.Put("AVERAGETIME", 0);
  stats.Put("VERSION", http::ServerName());
  uint32_t sid = 0;
  for (const mount::MountRef& mount : streams) {
    Node& stream = stats.AddOneOfMany("STREAM");
    stream.SetAttribute("id", absl::StrCat(++sid));
    PutStream(exchange, mount, &stream);
  }
  root.children.push_back(std::move(stats));
  return root;
}

// JSON has no root there, and the streams' array has a name of its own.
Node WithoutRoot(Node document) {
  Node stats = std::move(document.children.front());
  for (Node& child : stats.children) {
    if (child.is_one_of_many) child.name = "STREAMS";
  }
  return stats;
}

// ---- admin.cgi ----

Node ListenerRow(const session::SeenListener& seen) {
  Node row("LISTENER");
  row.is_row = row.is_one_of_many = true;
  row.Put("HOSTNAME", seen.peer.Host());
  row.Put("USERAGENT", seen.agent);
  row.Put("CONNECTTIME", SecondsSince(absl::FromUnixSeconds(seen.connected_s)));
  row.Put("UID", seen.id);
  row.Put("TYPE", "http");
  row.Put("REFERER", seen.referer);
  row.Put("XFF", "");
  row.Put("GRID", -1);
  row.Put("TRIGGERS", 0);
  return row;
}
Node LoweredRow(const session::SeenListener& seen) { return Lowered(ListenerRow(seen)); }

// Which parts of mode=viewxml are asked for: of 0, and of none, all.
bool WantsPage(const Exchange& exchange, absl::string_view page) {
  const absl::string_view wanted = exchange.fields.GetOr("page", "0");
  return wanted == "0" || wanted.empty() || wanted == page;
}

// Its listeners may be as many as there are.
ring::Task<> SendAdminView(Exchange& exchange, bool is_json) {
  mount::MountRef mount = StreamOf(exchange);
  Node root("SHOUTCASTSERVER");
  if (WantsPage(exchange, "1")) PutStream(exchange, mount, &root);
  if (mount && WantsPage(exchange, "4")) {
    std::string name = mount->name();
    const absl::StatusOr<std::vector<store::Song>> songs =
        co_await ReadPlayed(exchange, std::move(name));
    if (songs.ok()) PutPlayed(*songs, &root.Add("SONGHISTORY"));
  }
  if (!mount || !WantsPage(exchange, "3")) {
    co_await Send(exchange, std::move(root), is_json);
    co_return;
  }
  const std::vector<std::string> no_columns;
  ListForm form;
  if (is_json) {
    form.format = Format::kJson;
    form.row_of = &LoweredRow;
    form.has_root = false;
    root.children.push_back(Hole("LISTENERS", no_columns));
    root = Lowered(std::move(root));
  } else {
    form.row_of = &ListenerRow;
    root.Add("LISTENERS").children.push_back(Hole("LISTENER", no_columns));
  }
  form.content_type = ContentTypeOf(form.format);
  co_await SayListeners(exchange, std::move(root), std::move(mount), form);
}

// SHOUTcast's tools give the administrator's password in a field; from here on it is as if it had
// come with the request's head.
void TakeLoginOfField(Exchange& exchange) {
  const std::string* const password = exchange.fields.Get("pass");
  if (password == nullptr || !exchange.HeaderOr("Authorization").empty()) return;
  const absl::string_view user = exchange.fields.GetOr("user", exchange.config->auth.admin_user);
  const size_t line_end = exchange.head.find('\n');
  if (line_end == std::string::npos) return;
  std::string head = exchange.head;
  head.insert(line_end + 1,
              absl::StrCat("Authorization: Basic ",
                           absl::Base64Escape(absl::StrCat(user, ":", *password)), "\r\n"));
  absl::StatusOr<http::Request> request = http::ParseHead(head);
  if (request.ok()) exchange.request = *std::move(request);
}

ring::Task<> KickSource(Exchange& exchange) {
  const mount::MountRef mount = StreamOf(exchange);
  if (!mount) {
    co_await session::Refuse(exchange, http::Refusal(404, "Source does not exist"));
    co_return;
  }
  session::EndSources(exchange, mount.get());
  std::string reply = http::Reply(exchange.To(), 200, kHtml, "");
  co_await session::Answer(exchange, std::move(reply), 200);
}

ring::Task<> KickListenerOfField(Exchange& exchange) {
  uint64_t id = 0;
  const bool is_number =
      absl::SimpleAtoi(exchange.fields.GetOr("kickdst", exchange.fields.GetOr("id")), &id);
  absl::Status status = http::Refusal(400, "say the listener: kickdst=UID");
  if (is_number) {
    std::string of_any_mount;
    status = co_await session::KickListener(exchange.services, exchange.shard, id,
                                            std::move(of_any_mount));
  }
  if (!status.ok()) {
    co_await session::Refuse(exchange, std::move(status));
    co_return;
  }
  std::string reply = http::Reply(exchange.To(), 200, kHtml, "");
  co_await session::Answer(exchange, std::move(reply), 200);
}

}  // namespace

ring::Task<> SendSevenHtml(Exchange& exchange) {
  const mount::MountRef mount = StreamOf(exchange);
  const Counts counts = CountsOf(exchange, mount);
  const mount::Snapshot snap = mount ? mount->Snap() : mount::Snapshot();
  const std::string body =
      absl::StrCat("<html><body>", counts.listeners, ",", mount ? 1 : 0, ",", counts.peak, ",",
                   counts.most, ",", counts.listeners, ",", mount ? KbpsOf(snap) : 0, ",",
                   http::EscapeXml(snap.title), "</body></html>");
  std::string reply =
      http::Reply(exchange.To(), 200, kHtml, body, {{"Cache-Control", "no-cache, no-store"}});
  co_await session::Answer(exchange, std::move(reply), 200);
}

ring::Task<> SendShoutcastStats(Exchange& exchange) {
  Node root("SHOUTCASTSERVER");
  PutStream(exchange, StreamOf(exchange), &root);
  co_await Send(exchange, std::move(root), /*is_json=*/false);
}

ring::Task<> SendShoutcastServer(Exchange& exchange) {
  Node document = ServerDocument(exchange);
  if (exchange.fields.GetOr("json") == "1") document = WithoutRoot(std::move(document));
  co_await Send(exchange, std::move(document), /*is_json=*/false);
}

ring::Task<> SendPlayed(Exchange& exchange) {
  const mount::MountRef mount = StreamOf(exchange);
  std::string name = mount ? mount->name() : "";
  absl::StatusOr<std::vector<store::Song>> songs = std::vector<store::Song>();
  if (mount) songs = co_await ReadPlayed(exchange, std::move(name));
  if (!songs.ok()) {
    co_await session::Refuse(exchange, songs.status());
    co_return;
  }
  const absl::string_view type = exchange.fields.GetOr("type");
  Node root("SHOUTCASTSERVER");
  Node& history = root.Add("SONGHISTORY");
  PutPlayed(*songs, &history);
  if (type == "xml") {
    co_await Send(exchange, std::move(root), /*is_json=*/false);
    co_return;
  }
  std::string body = Write(Format::kHtml, history, "Song History");
  absl::string_view content_type = kHtml;
  if (type == "json") {
    body = "[";
    for (const Node& song : history.children) {
      absl::StrAppend(&body, WriteRow(Format::kJson, Lowered(song), body.size() == 1));
    }
    body += "]";
    content_type = ContentTypeOf(Format::kJson);
  }
  std::string reply = http::Reply(exchange.To(), 200, content_type, body,
                                  {{"Cache-Control", "no-cache, no-store"}});
  co_await session::Answer(exchange, std::move(reply), 200);
}

ring::Task<> SendCurrentSong(Exchange& exchange) {
  const mount::MountRef mount = StreamOf(exchange);
  const std::string title = mount ? mount->Snap().title : "";
  std::string reply = http::Reply(exchange.To(), 200, "text/plain; charset=utf-8", title,
                                  {{"Cache-Control", "no-cache, no-store"}});
  co_await session::Answer(exchange, std::move(reply), 200);
}

ring::Task<> AnswerAdminCgi(Exchange& exchange) {
  const std::string mode(exchange.fields.GetOr("mode"));
  if (mode == "updinfo") {
    co_await session::UpdateTitleOfShoutcast(exchange);
    co_return;
  }
  const bool is_view = mode == "viewxml" || mode == "viewjson";
  const bool is_kick = mode == "kicksrc" || mode == "kickdst";
  absl::Status status;
  if (!is_view && !is_kick) {
    status = http::Refusal(400, "mode= is updinfo, viewxml, viewjson, kicksrc or kickdst");
  } else if (is_kick && http::IsCrossSite(exchange.request)) {
    status = http::Refusal(403, "a page of another site may not ask for this");
  } else {
    TakeLoginOfField(exchange);
    std::string mount;
    const session::Need need = is_kick ? session::Need::kOperate : session::Need::kRead;
    status = co_await session::Authorize(exchange, need, std::move(mount));
  }
  if (!status.ok()) {
    co_await session::Refuse(exchange, std::move(status));
  } else if (is_view) {
    co_await SendAdminView(exchange, mode == "viewjson");
  } else if (mode == "kicksrc") {
    co_await KickSource(exchange);
  } else {
    co_await KickListenerOfField(exchange);
  }
}

}  // namespace floe::admin
