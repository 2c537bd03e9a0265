// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// From text to a validated Config. Four sources, each stronger than the one before it:
//
//   defaults     config.h
//   file         TOML, as in conf/floe.toml
//   environment  FLOE_<TABLE>_<KEY>: FLOE_SERVER_HOSTNAME, FLOE_LIMITS_CLIENT_TIMEOUT,
//                FLOE_MOUNT_DEFAULTS_BURST; FLOE_LISTEN="0.0.0.0:8000,[::]:8000". Names are looked
//                up in the table of keys, so the underscores are not ambiguous.
//   --set        table.key=value: limits.arena=512MiB, mount."/live".burst=6s (the quotes may be
//                left out), listen=0.0.0.0:9000,[::]:9000
//
// A value in the environment or in --set is bare text: strings are not quoted, lists are separated
// by commas. A mount's own key is stronger than the same key of mount_defaults, whichever source
// either comes from. A list replaces the list of a weaker source.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "config/config.h"

namespace floe::config {

using Environment = std::vector<std::pair<std::string, std::string>>;  // name, value

struct Sources {
  std::optional<std::string> path;  // unset: no file. Set: it must be there
  Environment environment;
  std::vector<std::string> sets;  // "key=value", in the order given; the last one wins
};

// Name and value of each entry of an `environ`: a null-terminated list of "NAME=value".
Environment EnvironmentFrom(const char* const* entries);

// Reads and checks everything, then answers the whole configuration or everything that is wrong
// with it: one line per problem, ordered as the sources are and by line within the file, each with
// its place (file:line:column), key, value, what was expected and what was probably meant. No
// password ever stands in such a line.
//
// `warnings`, when given, takes sentences about what works but is hardly meant, such as a password
// file that everybody may read.
//
// Errors    InvalidArgument: something in the sources. NotFound, PermissionDenied and the like: the
//           file cannot be read.
// Threads   Any. Blocks: reads the file and the files that secrets name.
absl::StatusOr<Config> Load(const Sources& sources, std::vector<std::string>* warnings = nullptr);

// The same with the file's text at hand: `name` stands for it in messages, `sources.path` is not
// looked at.
absl::StatusOr<Config> LoadText(absl::string_view text, absl::string_view name,
                                const Sources& sources,
                                std::vector<std::string>* warnings = nullptr);

// [server] as far as it can be read, whatever mistakes there are in it and elsewhere, even where
// the text is not TOML: how a command finds the server that runs, which may be to hear what is
// wrong. Errors: the file cannot be read. Threads: any. Blocks.
absl::StatusOr<Server> LoadServer(const Sources& sources);

}  // namespace floe::config
