// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "admin/endpoints.h"

#include <array>

#include "admin/calls.h"
#include "admin/listeners.h"
#include "admin/shoutcast.h"
#include "admin/stats_feed.h"
#include "session/event_stream.h"
#include "session/paths.h"

namespace floe::admin {
namespace {

using session::About;
using session::Endpoint;
using session::kGet;
using session::kPost;
using session::kStats;
using session::Need;

constexpr session::Methods kBoth = kGet | kPost;

// A call in its three forms: XML, JSON and a page. Tools ask for what changes something by GET.
constexpr std::array<Endpoint, 3> Reads(std::array<absl::string_view, 3> paths, Need need,
                                        About about, ring::Task<> (*answer)(session::Exchange&)) {
  return {Endpoint{paths[0], kBoth, need, about, false, answer},
          Endpoint{paths[1], kBoth, need, about, false, answer},
          Endpoint{paths[2], kBoth, need, about, false, answer}};
}
constexpr std::array<Endpoint, 3> Changes(std::array<absl::string_view, 3> paths, Need need,
                                          About about, ring::Task<> (*answer)(session::Exchange&)) {
  return {Endpoint{paths[0], kBoth, need, about, true, answer},
          Endpoint{paths[1], kBoth, need, about, true, answer},
          Endpoint{paths[2], kBoth, need, about, true, answer}};
}
#define FLOE_FORMS(name) \
  { "/admin/" name, "/admin/" name ".json", "/admin/" name ".xsl" }

constexpr std::array kCalls = {
    Reads(FLOE_FORMS("stats"), Need::kRead, About::kMount, &SendStats),
    Reads(FLOE_FORMS("publicstats"), Need::kNothing, About::kServer, &SendPublicStats),
    Reads(FLOE_FORMS("version"), Need::kRead, About::kServer, &SendVersion),
    Reads(FLOE_FORMS("dashboard"), Need::kRead, About::kServer, &SendStats),
    Reads(FLOE_FORMS("listensocketlist"), Need::kRead, About::kServer, &SendListenSockets),
    Reads(FLOE_FORMS("showlog"), Need::kRead, About::kServer, &SendLog),
    Reads(FLOE_FORMS("listmounts"), Need::kRead, About::kServer, &SendMounts),
    Reads(FLOE_FORMS("streamlist"), Need::kRelay, About::kServer, &SendMountsOrStreamList),
    Reads(FLOE_FORMS("listclients"), Need::kRead, About::kMount, &SendListeners),
    Reads(FLOE_FORMS("updatemetadata"), Need::kTell, About::kMount, &SendMetadataForm),
    Changes(FLOE_FORMS("metadata"), Need::kTell, About::kMount, &UpdateMetadata),
    Changes(FLOE_FORMS("fallbacks"), Need::kOperate, About::kMount, &SetFallback),
    Changes(FLOE_FORMS("moveclients"), Need::kOperate, About::kMount, &MoveListeners),
    Changes(FLOE_FORMS("killclient"), Need::kOperate, About::kMount, &KillListener),
    Changes(FLOE_FORMS("killsource"), Need::kOperate, About::kMount, &KillSource),
    Changes(FLOE_FORMS("dumpfilecontrol"), Need::kOperate, About::kMount, &ControlDump),
    Changes(FLOE_FORMS("marklog"), Need::kOperate, About::kServer, &MarkLog),
    Changes(FLOE_FORMS("manageauth"), Need::kConfigure, About::kMount, &ManageAuth),
    Changes(FLOE_FORMS("reloadconfig"), Need::kConfigure, About::kServer, &ReloadConfig),
};
#undef FLOE_FORMS

constexpr std::array kOthers = {
    Endpoint{"/admin/", kBoth, Need::kNothing, About::kServer, false, &RefuseUnknown},
    Endpoint{"/admin/stats.xml", kBoth, Need::kRead, About::kMount, false, &SendStats},
    Endpoint{"/admin/eventfeed", kGet, Need::kRead, About::kMount, false, &session::SendEvents},
    Endpoint{"/admin/buildm3u", kBoth, Need::kRead, About::kMount, false, &SendPlaylistWithLogin},
    Endpoint{session::kStatsMethodPath, kStats, Need::kRead, About::kServer, false, &FollowStats},
    Endpoint{"/status.xsl", kGet, Need::kNothing, About::kServer, false, &SendStatusPage},
    Endpoint{"/server_version.xsl", kGet, Need::kNothing, About::kServer, false, &SendVersion},
    Endpoint{"/7.html", kGet, Need::kNothing, About::kServer, false, &SendSevenHtml},
    Endpoint{"/stats", kGet, Need::kNothing, About::kServer, false, &SendShoutcastStats},
    Endpoint{"/statistics", kGet, Need::kNothing, About::kServer, false, &SendShoutcastServer},
    Endpoint{"/played", kGet, Need::kNothing, About::kServer, false, &SendPlayed},
    Endpoint{"/currentsong", kGet, Need::kNothing, About::kServer, false, &SendCurrentSong},
    // Its login may be a field; see there.
    Endpoint{"/admin.cgi", kGet, Need::kNothing, About::kServer, false, &AnswerAdminCgi},
};

constexpr auto AllOf() {
  std::array<Endpoint, kCalls.size() * 3 + kOthers.size()> all{};
  size_t count = 0;
  for (const auto& call : kCalls) {
    for (const Endpoint& form : call) all[count++] = form;
  }
  for (const Endpoint& other : kOthers) all[count++] = other;
  return all;
}
constexpr auto kEndpoints = AllOf();

}  // namespace

std::span<const session::Endpoint> Endpoints() { return kEndpoints; }

}  // namespace floe::admin
