// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/listener_hook.h"

#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "hooks/auth_form.h"
#include "hooks/hooks.h"
#include "hooks/lane.h"
#include "hooks/url_asker.h"
#include "http/range.h"
#include "http/status.h"
#include "http/upstream_request.h"
#include "mount/mount.h"
#include "mount/registry.h"

namespace floe::session {
namespace {

using hooks::AuthAnswer;
using Verdict = AuthAnswer::Verdict;

constexpr absl::string_view kNoAnswer = "who may come in cannot be found out at the moment";

hooks::Server ServerOf(const Exchange& exchange) {
  return {.name = exchange.config->server.hostname, .port = exchange.services.port};
}

hooks::Asker AskerOf(const Exchange& exchange, const std::string& mount,
                     const http::Credentials& credentials, const config::Mount& settings) {
  const std::string& query = exchange.request.query;
  return {.mount = query.empty() ? mount : absl::StrCat(mount, "?", query),
          .user = credentials.user,
          .password = credentials.password,
          .ip = exchange.peer.Host(),
          .agent = std::string(exchange.HeaderOr("User-Agent")),
          .referer = std::string(exchange.HeaderOr("Referer")),
          .passed_on = hooks::PassedOn(exchange.request.headers, settings.hook_headers,
                                       settings.hook_header_prefix)};
}

// How Floe logs in at the web server: as it is told to, or as who asks does.
std::string LoginFor(const config::Mount& settings, const http::Credentials& credentials) {
  if (!settings.hook_password.empty()) {
    return http::BasicAuthorization(settings.hook_user, settings.hook_password);
  }
  if (credentials.user.empty() && credentials.password.empty()) return "";
  return http::BasicAuthorization(credentials.user, credentials.password);
}

absl::StatusOr<hooks::Question> QuestionFor(const config::Mount& settings, absl::string_view url,
                                            const hooks::Asker& asker,
                                            const http::Credentials& credentials,
                                            metrics::Latency* latency) {
  absl::StatusOr<HttpUrl> parsed = HttpUrl::Parse(url);
  if (!parsed.ok()) return parsed.status();
  hooks::Question question;
  question.latency = latency;
  question.authorization = LoginFor(settings, credentials);
  question.url = *std::move(parsed);
  question.headers = {.allows = settings.hook_auth_header,
                      .time_limit = settings.hook_timelimit_header};
  question.timeout = settings.hook_timeout;
  question.keep = settings.hook_cache;
  question.key = hooks::AnswerCache::KeyOf(url, asker.mount, asker.user, asker.password, asker.ip,
                                           asker.agent, asker.passed_on);
  return question;
}

// The answer, though another process may go on with the exchange while it is awaited. Error: it
// does, or all stops.
ring::Task<absl::StatusOr<AuthAnswer>> Ask(Exchange& exchange, const hooks::Question& question) {
  Parking& parking = exchange.parking;
  hooks::UrlAsker& asker = exchange.services.hooks->asker();
  for (;;) {
    parking.BeginDeciding(&question);
    absl::StatusOr<AuthAnswer> answer =
        co_await hooks::UrlAsker::Ask(asker, exchange.shard, question, &question);
    parking.EndDeciding(&question);
    if (answer.ok() || exchange.shard.io().stopping()) co_return std::move(answer);
    if (!parking.calls_arrivals()) continue;
    const absl::StatusOr<Parking::Verdict> verdict =
        co_await parking.Park(exchange.shard.io(), &exchange);
    exchange.is_handed_over = verdict.ok() && *verdict == Parking::Verdict::kHandedOver;
    if (exchange.is_handed_over) co_return answer.status();
  }
}

// Why somebody is turned away; OK: it is not.
absl::Status RefusalOf(const AuthAnswer& answer, const config::Mount& settings) {
  if (answer.verdict == Verdict::kFails) {
    const bool may_pass = settings.hook_on_error == config::OnHookError::kAllow;
    return may_pass ? absl::OkStatus() : http::Refusal(503, kNoAnswer);
  }
  if (answer.verdict != Verdict::kDenies) return absl::OkStatus();
  const absl::string_view text =
      answer.http_status == 401 ? "you need to log in for this" : "you may not come in here";
  return http::Refusal(answer.http_status, answer.message.empty() ? text : answer.message);
}

ring::Task<> Redirect(Exchange& exchange, const AuthAnswer& answer) {
  const std::vector<http::ExtraHeader> extra = {{"Location", answer.location},
                                                {"Cache-Control", "no-store"}};
  std::string reply =
      http::Reply(exchange.To(), answer.http_status, "text/plain", answer.message, extra);
  co_await Answer(exchange, std::move(reply), answer.http_status);
}

uint32_t ListenersOf(const Exchange& exchange, const std::string& mount) {
  const mount::MountRef found = exchange.services.registry->Find(mount);
  return found ? found->listeners.load() : 0;
}

}  // namespace

ListenerPass::~ListenerPass() {
  if (!to_tell.lane.empty()) {
    services_.hooks->TellLeft(std::move(to_tell), milliseconds(0), /*sent_bytes=*/0);
  }
}

void ListenerPass::Seated(uint32_t shard) {
  if (to_tell.lane.empty()) return;
  services_.hooks->ListenersOf(shard).Put(number, std::move(to_tell));
  to_tell.lane.clear();
}

ring::Task<absl::Status> AskToListen(Exchange& exchange, std::string mount, ListenerPass& pass) {
  const config::Mount& settings = exchange.config->MountSettings(mount);
  const bool asks = !settings.hook_listener_add.empty();
  const bool tells = !settings.hook_listener_remove.empty();
  // Who only looks what there is becomes no listener.
  const bool is_listener = exchange.request.method != http::Method::kHead &&
                           http::AnswerToRange(exchange.request) == http::RangeAnswer::kWhole;
  if (!is_listener || (!asks && !tells)) co_return absl::OkStatus();
  const http::Credentials credentials =
      http::ParseBasic(exchange.HeaderOr("Authorization")).value_or(http::Credentials());
  hooks::Asker asker = AskerOf(exchange, mount, credentials, settings);
  asker.number = pass.number = exchange.shard.TakeListenerNumber();
  if (!credentials.user.empty()) exchange.user = credentials.user;
  AuthAnswer answer;
  answer.verdict = Verdict::kAllows;
  if (asks) {
    absl::StatusOr<hooks::Question> question =
        QuestionFor(settings, settings.hook_listener_add, asker, credentials,
                    &exchange.services.instruments->hook_listener_add);
    absl::StatusOr<AuthAnswer> answered = AuthAnswer();
    if (question.ok()) {
      question->form =
          hooks::ListenerAddForm(ServerOf(exchange), asker, ListenersOf(exchange, mount));
      answered = co_await Ask(exchange, *question);
    }
    if (!answered.ok()) co_return answered.status();
    answer = *std::move(answered);
  }
  if (absl::Status refusal = RefusalOf(answer, settings); !refusal.ok()) {
    co_await Refuse(exchange, std::move(refusal));
    co_return absl::CancelledError("it was answered");
  }
  if (answer.verdict == Verdict::kRedirects) {
    co_await Redirect(exchange, answer);
    co_return absl::CancelledError("it was answered");
  }
  if (!answer.user.empty()) exchange.user = answer.user;
  pass.time_limit = std::chrono::seconds(answer.time_limit_s);
  pass.mount = std::move(answer.mount);
  if (tells) {
    const bool has_login = !settings.hook_password.empty();
    pass.to_tell = {
        .lane = hooks::LaneOfHook(settings.hook_listener_remove),
        .authorization = has_login ? "" : std::string(exchange.HeaderOr("Authorization")),
        .begin = hooks::ListenerRemoveBegin(ServerOf(exchange), asker),
        .joined_s = absl::ToUnixSeconds(absl::Now())};
  }
  co_return absl::OkStatus();
}

ring::Task<SourceAnswer> AskToFeed(Exchange& exchange, http::Credentials credentials,
                                   std::string mount, bool is_admin) {
  const config::Mount& settings = exchange.config->MountSettings(mount);
  hooks::Asker asker = AskerOf(exchange, mount, credentials, settings);
  if (is_admin || exchange.is_shoutcast) asker.mount = mount;  // the query is the call's own
  absl::StatusOr<hooks::Question> question =
      QuestionFor(settings, settings.hook_stream_auth, asker, credentials,
                  &exchange.services.instruments->hook_stream_auth);
  absl::StatusOr<AuthAnswer> answer = AuthAnswer();
  if (question.ok()) {
    question->keep = milliseconds(0);  // an encoder comes seldom, and its right may just have ended
    question->form = hooks::StreamAuthForm(ServerOf(exchange), asker, is_admin);
    answer = co_await Ask(exchange, *question);
  }
  SourceAnswer said;
  said.refusal = answer.ok() ? RefusalOf(*answer, settings) : answer.status();
  if (!answer.ok() || answer->verdict == Verdict::kFails) co_return said;
  if (answer->verdict == Verdict::kRedirects) {
    said.refusal = http::Refusal(403, "you may not come in here");
  }
  said.kind = said.refusal.ok() ? SourceAnswer::Kind::kAllowed : SourceAnswer::Kind::kDenied;
  if (said.refusal.ok()) exchange.user = answer->user.empty() ? credentials.user : answer->user;
  co_return said;
}

}  // namespace floe::session
