// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/form.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "http/status.h"

namespace floe::session {
namespace {

constexpr absl::string_view kFormType = "application/x-www-form-urlencoded";

}  // namespace

ring::Task<absl::Status> HearFields(Exchange& exchange) {
  exchange.fields = exchange.request.ParseQuery();
  const absl::StatusOr<http::BodyFraming> body = http::FramingOf(exchange.request);
  if (!body.ok()) co_return body.status();
  using Kind = http::BodyFraming::Kind;
  if (body->kind == Kind::kNone) co_return absl::OkStatus();  // there is none (RFC 9112, 6.3)
  if (body->kind != Kind::kLength) co_return http::Refusal(411, "say the form's Content-Length");
  if (body->length_bytes > kBodyBytesMax) co_return http::Refusal(413, "the form is too long");
  if (http::ExpectsContinue(exchange.request) && exchange.received.empty()) {
    absl::Status told = co_await Say(exchange, http::kContinue);
    if (!told.ok()) co_return told;
  }
  while (exchange.received.size() < body->length_bytes) {
    absl::Status heard = co_await Hear(exchange, exchange.by);
    if (!heard.ok()) co_return heard;
  }
  exchange.body = exchange.received.substr(0, body->length_bytes);
  if (!absl::StartsWithIgnoreCase(exchange.HeaderOr("Content-Type"), kFormType)) {
    co_return absl::OkStatus();
  }
  const bool has_query = !exchange.request.query.empty();
  exchange.fields =
      http::DecodeForm(absl::StrCat(exchange.request.query, has_query ? "&" : "", exchange.body));
  co_return absl::OkStatus();
}

}  // namespace floe::session
