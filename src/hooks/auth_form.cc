// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "hooks/auth_form.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "http/escape.h"

namespace floe::hooks {
namespace {

void Add(std::string* form, absl::string_view name, absl::string_view value) {
  absl::StrAppend(form, form->empty() ? "" : "&", name, "=", http::UrlEncode(value));
}

// Icecast says "-" where there is none.
absl::string_view AgentOf(const Asker& asker) {
  return asker.agent.empty() ? absl::string_view("-") : absl::string_view(asker.agent);
}

std::string Begin(absl::string_view action, const Server& server) {
  std::string form;
  Add(&form, "action", action);
  Add(&form, "server", server.name);
  Add(&form, "port", absl::StrCat(server.port));
  return form;
}

void AddAsker(std::string* form, const Asker& asker) {
  Add(form, "client", absl::StrCat(asker.number));
  Add(form, "mount", asker.mount);
  Add(form, "user", asker.user);
  Add(form, "pass", asker.password);
  Add(form, "ip", asker.ip);
  Add(form, "agent", AgentOf(asker));
}

}  // namespace

std::string PassedOn(const http::HeaderList& headers, const std::vector<std::string>& names,
                     absl::string_view prefix) {
  std::string fields;
  for (const std::string& name : names) {
    const std::optional<absl::string_view> value = headers.Find(name);
    if (!value.has_value()) continue;
    absl::StrAppend(&fields, "&",
                    http::UrlEncode(absl::StrCat(prefix, absl::AsciiStrToLower(name))), "=",
                    http::UrlEncode(*value));
  }
  return fields;
}

std::string ListenerAddForm(const Server& server, const Asker& asker, uint32_t listeners) {
  std::string form = Begin("listener_add", server);
  AddAsker(&form, asker);
  Add(&form, "referer", asker.referer);
  Add(&form, "listeners", absl::StrCat(listeners));
  return absl::StrCat(form, asker.passed_on);
}

std::string ListenerRemoveBegin(const Server& server, const Asker& asker) {
  std::string form = Begin("listener_remove", server);
  AddAsker(&form, asker);
  return absl::StrCat(form, asker.passed_on);
}

std::string ListenerRemoveForm(absl::string_view begin, milliseconds listened,
                               uint64_t sent_bytes) {
  const int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(listened).count();
  return absl::StrCat(begin, "&duration=", seconds, "&sent=", sent_bytes);
}

std::string StreamAuthForm(const Server& server, const Asker& asker, bool is_admin) {
  std::string form;
  Add(&form, "action", "stream_auth");
  Add(&form, "mount", asker.mount);
  Add(&form, "ip", asker.ip);
  Add(&form, "server", server.name);
  Add(&form, "port", absl::StrCat(server.port));
  Add(&form, "user", asker.user);
  Add(&form, "pass", asker.password);
  Add(&form, "agent", AgentOf(asker));
  if (is_admin) Add(&form, "admin", "1");
  return absl::StrCat(form, asker.passed_on);
}

std::string MountForm(const Server& server, absl::string_view action, absl::string_view mount,
                      absl::string_view ip, absl::string_view agent) {
  std::string form;
  Add(&form, "action", action);
  Add(&form, "mount", mount);
  Add(&form, "server", server.name);
  Add(&form, "port", absl::StrCat(server.port));
  if (!ip.empty()) Add(&form, "ip", ip);
  if (!agent.empty()) Add(&form, "agent", agent);
  return form;
}

}  // namespace floe::hooks
