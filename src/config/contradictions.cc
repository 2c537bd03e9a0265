// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/contradictions.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "config/fallback_chains.h"
#include "config/units.h"

namespace floe::config {
namespace {

// Term is one of the two keys that are compared.
struct Term {
  const Key* key;
  std::string mount;               // empty: of the configuration, or of mount_defaults
  const Provenance::Entry* entry;  // null: the default
  std::string value;               // empty of a password

  std::string ToString() const {
    return absl::StrCat(PathOf(*key, mount), value.empty() ? "" : " = ", value,
                        entry == nullptr ? " (the default)" : "");
  }
};

class Contradictions {
 public:
  Contradictions(const Config& config, const Provenance& provenance, Problems& problems,
                 std::vector<std::string>* warnings)
      : config_(config), provenance_(provenance), problems_(problems), warnings_(warnings) {}

  void Find() {
    const Fanout& fanout = config_.fanout;
    if (!fanout.interval.has_value() && fanout.interval_min > fanout.interval_max) {
      Clash(Of(Table::kFanout, "interval_min"), "is longer than",
            Of(Table::kFanout, "interval_max"));
    }
    FindOneFileTwice();
    FindInAccess();
    const Master& master = config_.master;
    if (!master.password.empty() && !master.token.empty()) {
      Clash(Of(Table::kMaster, "token"), "would be sent in place of",
            Of(Table::kMaster, "password"));
    }
    FindIdle();
    FindFallbackProblems(config_, provenance_, problems_);
    FindInMount("", config_.mount_defaults);
    for (const auto& [name, mount] : config_.mounts) {
      // What a mount only inherits was told of the defaults.
      const bool has_own = provenance_.Find(FindKey(Table::kMount, "burst"), name) != nullptr ||
                           provenance_.Find(FindKey(Table::kMount, "history"), name) != nullptr;
      if (has_own) FindInMount(name, mount);
    }
  }

 private:
  void FindInMount(const std::string& name, const Mount& mount) {
    if (mount.history < mount.burst) {
      Clash(Of(Table::kMount, "burst", name), "is longer than", Of(Table::kMount, "history", name));
    }
    const bool is_auto = !config_.fanout.interval.has_value();
    const milliseconds interval = config_.fanout.interval.value_or(config_.fanout.interval_max);
    const Term longest = Of(Table::kFanout, is_auto ? "interval_max" : "interval");
    if (interval >= mount.history) {
      Clash(longest, "lets listeners fall behind between two sends, for it is not shorter than",
            Of(Table::kMount, "history", name));
    } else if (interval > mount.burst) {
      Warn(absl::StrCat(longest.ToString(), " is longer than ",
                        Of(Table::kMount, "burst", name).ToString(),
                        ": players may run dry between two sends"));
    }
  }

  // Standard output takes lines of several kinds; a file is of one kind.
  void FindOneFileTwice() {
    constexpr std::array<absl::string_view, 4> kFiles = {"file", "access_file", "playlist_file",
                                                         "auth_file"};
    const Log& log = config_.log;
    const std::array<std::string, 4> paths = {log.file, log.access_file, log.playlist_file,
                                              log.auth_file};
    for (size_t i = 0; i < paths.size(); ++i) {
      for (size_t j = i + 1; j < paths.size(); ++j) {
        if (paths[i] != paths[j] || paths[i].empty() || paths[i] == "-") continue;
        Clash(Of(Table::kLog, kFiles[i]), "is the same file as", Of(Table::kLog, kFiles[j]));
      }
    }
  }

  void FindInAccess() {
    const Access& access = config_.access;
    if (access.lockout_min > access.lockout_max) {
      Clash(Of(Table::kAccess, "lockout_min"), "is longer than", Of(Table::kAccess, "lockout_max"));
    }
    const auto proxied =
        absl::c_find_if(config_.listen, [](const Listen& listen) { return listen.proxy_protocol; });
    if (proxied != config_.listen.end() && access.trusted_proxies.empty()) {
      Warn(absl::StrCat("listen ", Quoted(proxied->address),
                        " has proxy_protocol and access.trusted_proxies is empty: nobody may "
                        "connect there"));
    }
    for (const auto& [name, user] : config_.users) {
      if (name != config_.auth.admin_user && name != config_.auth.relay_user) continue;
      Warn(absl::StrCat("user.", Quoted(name),
                        " has the name of one of [auth]: each password "
                        "makes it the one whose password it is"));
    }
  }

  void Warn(std::string text) {
    if (warnings_ != nullptr) warnings_->push_back(std::move(text));
  }

  // Tables that ask for nothing.
  void FindIdle() {
    for (const auto& [name, relay] : config_.relays) {
      if (relay.upstreams.empty())
        WarnOfIdle(Table::kRelay, "upstream", name, "nothing is fetched");
    }
    for (const auto& [name, push] : config_.pushes) {
      if (push.to.empty()) WarnOfIdle(Table::kPush, "to", name, "it is sent nowhere");
    }
    for (const auto& [name, webhook] : config_.webhooks) {
      if (webhook.url.empty()) WarnOfIdle(Table::kWebhook, "url", name, "nobody is told");
    }
    for (const auto& [name, user] : config_.users) {
      if (!user.password.empty() || !user.token.empty()) continue;
      WarnOfIdle(Table::kUser, "password", name, "without a password or a token nobody logs in");
    }
  }

  void WarnOfIdle(Table table, absl::string_view key_name, const std::string& name,
                  absl::string_view what) {
    const Key* key = FindKey(table, key_name);
    const Provenance::Entry* entry = provenance_.Find(key, name);
    if (entry != nullptr && entry->is_wrong) return;
    Warn(absl::StrCat(PathOf(*key, name), " is empty: ", what));
  }

  // A key of a mount is told as the defaults' where the mount has none of its own.
  Term Of(Table table, absl::string_view name, const std::string& mount = "") {
    const Key* key = FindKey(table, name);
    const bool is_own = mount.empty() || provenance_.Find(key, mount) != nullptr;
    Term term = {key, is_own ? mount : "", nullptr, ""};
    Mount& scope = term.mount.empty() ? config_.mount_defaults : config_.mounts.at(mount);
    term.entry = provenance_.Find(key, term.mount);
    const bool is_secret = std::holds_alternative<Password>(key->field);
    if (!is_secret) term.value = Print(key->field, {&config_, &scope});
    return term;
  }

  void Clash(const Term& one, absl::string_view relation, const Term& other) {
    const auto is_wrong = [](const Term& term) { return term.entry && term.entry->is_wrong; };
    if (is_wrong(one) || is_wrong(other)) return;
    Place place;
    for (const Term* term : {&one, &other}) {
      if (term->entry == nullptr) continue;
      if (place.Order() < term->entry->place.Order()) place = term->entry->place;
    }
    problems_.Add(place, absl::StrCat(one.ToString(), " ", relation, " ", other.ToString()));
  }

  Config config_;  // a copy: keys are places to write to, and so ask for one that may be
  const Provenance& provenance_;
  Problems& problems_;
  std::vector<std::string>* warnings_;
};

}  // namespace

void FindContradictions(const Config& config, const Provenance& provenance, Problems& problems,
                        std::vector<std::string>* warnings) {
  Contradictions(config, provenance, problems, warnings).Find();
}

}  // namespace floe::config
