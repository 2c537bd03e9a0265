// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the start of a connection: the verdict of the scan must not depend on how they were
// cut, and whatever it calls a head must come out of the parser as what the parser promises.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "http/auth.h"
#include "http/listener_head.h"
#include "http/playlist.h"
#include "http/range.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/shoutcast.h"
#include "http/source_headers.h"

namespace floe::http {
namespace {

using Scan = HeadScan (*)(absl::string_view, HeadScan);

// Scans it whole, and again in pieces of `step` bytes.
HeadScan ScanBothWays(Scan scan, absl::string_view received, size_t step) {
  const HeadScan whole = scan(received, HeadScan{});
  HeadScan piecewise;
  for (size_t i = step; i < received.size() && piecewise.kind == HeadScan::Kind::kNeedMore;
       i += step) {
    piecewise = scan(received.substr(0, i), piecewise);
  }
  piecewise = scan(received, piecewise);
  FLOE_CHECK(piecewise == whole);
  FLOE_CHECK(whole.size_bytes <= received.size());
  FLOE_CHECK(whole.size_bytes <= kRequestHeadBytesMax);
  return whole;
}

// A reply has one end, wherever its parts came from.
void CheckOneHead(absl::string_view reply, size_t body_bytes) {
  const size_t end = reply.find("\r\n\r\n");
  FLOE_CHECK(end != absl::string_view::npos && end + 4 + body_bytes == reply.size());
  for (size_t i = 0; i < end; ++i) {
    FLOE_CHECK(reply[i] != '\0');
    FLOE_CHECK(reply[i] != '\n' || (i > 0 && reply[i - 1] == '\r'));
  }
}

void AnswerAsAMountWould(const Request& request) {
  const SourceHeaders source = ParseSourceHeaders(request.headers);
  for (const std::string* text : {&source.name, &source.description, &source.genre, &source.url,
                                  &source.audio_info, &source.content_type}) {
    FLOE_CHECK(IsUtf8(*text));
  }
  const ListenerHead head{.content_type = source.content_type,
                          .name = source.name,
                          .description = source.description,
                          .genre = source.genre,
                          .url = source.url,
                          .audio_info = source.audio_info,
                          .bitrate_kbps = source.bitrate_kbps,
                          .metaint_bytes = source.metaint_bytes,
                          .cors = "",
                          .range = AnswerToRange(request)};
  CheckOneHead(head.ToString(request, absl::UnixEpoch()), 0);
  ReplyTo to(request, absl::UnixEpoch());
  const std::string moved =
      Reply(to, 302, "text/plain", "",
            {{"Location", std::string(request.Header("Referer").value_or(""))}});
  CheckOneHead(moved, 0);
  FLOE_CHECK(!BaseUrl(request, "radio.example", 8000).empty());
}

void CheckRequest(const Request& request) {
  FLOE_CHECK(request.path == "*" || ValidatePath(request.path).ok());
  FLOE_CHECK(request.headers.size() <= kRequestHeadersMax);
  for (size_t i = 0; i < request.headers.size(); ++i) {
    const HeaderView header = request.headers[i];
    FLOE_CHECK(!header.name.empty());
    FLOE_CHECK(request.Header(header.name).has_value());
    FLOE_CHECK(header.value.find_first_of("\r\n") == absl::string_view::npos);
    (void)ParseBasic(header.value);
    (void)ParseBearer(header.value);
  }
  FLOE_CHECK(request.ParseQuery().fields().size() <= kQueryFieldsMax);
  const absl::StatusOr<BodyFraming> framing = FramingOf(request);
  FLOE_CHECK(framing.ok() || HttpStatusOf(framing.status()) == 400 ||
             HttpStatusOf(framing.status()) == 501);
  (void)WantsIcy(request);
  (void)ExpectsContinue(request);
  (void)WantsKeepAlive(request);
  AnswerAsAMountWould(request);
}

void TryAll(absl::string_view received) {
  const size_t step = received.empty() ? 1 : 1 + static_cast<uint8_t>(received.back()) % 7;
  const HeadScan scan = ScanBothWays(ScanHead, received, step);
  if (scan.kind == HeadScan::Kind::kHead) {
    const absl::StatusOr<Request> request = ParseHead(received.substr(0, scan.size_bytes));
    if (request.ok()) {
      CheckRequest(*request);
    } else {
      const int refused_with = HttpStatusOf(request.status());
      FLOE_CHECK(refused_with == 400 || refused_with == 414 || refused_with == 431 ||
                 refused_with == 505);
      CheckOneHead(ErrorReply(ReplyTo(absl::UnixEpoch()), request.status()),
                   request.status().message().size() + 1);
    }
  } else if (scan.kind == HeadScan::Kind::kPasswordLine) {
    const absl::StatusOr<PasswordLine> line =
        ParsePasswordLine(received.substr(0, scan.size_bytes));
    if (line.ok() && !line->mount.empty()) FLOE_CHECK(ValidatePath(line->mount).ok());
  }
  const HeadScan icy = ScanBothWays(ScanIcyHeaders, received, step);
  if (icy.kind == HeadScan::Kind::kHead) {
    const absl::StatusOr<HeaderList> headers = ParseIcyHeaders(received.substr(0, icy.size_bytes));
    if (headers.ok()) FLOE_CHECK(IsUtf8(ParseSourceHeaders(*headers).name));
  }
  (void)ParseHead(received);  // what no scan has seen must not hurt either
}

}  // namespace
}  // namespace floe::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  floe::http::TryAll(absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
