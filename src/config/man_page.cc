// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/man_page.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "config/config.h"
#include "config/keys.h"

namespace floe::config {
namespace {

constexpr absl::string_view kHead = R"(.\" Made of the table of keys, src/config/keys.cc.
.Dd November 20, 2026
.Dt FLOE.TOML 5
.Os Floe
.Sh NAME
.Nm floe.toml
.Nd configuration of the live-audio edge server floe
.Sh DESCRIPTION
.Xr floe 1
reads
.Pa /etc/floe/floe.toml ,
or the file that
.Fl Fl config
names.
It is TOML; an empty file is valid, and every key has a default, which is shown with it.
.Pp
Times carry a unit (\(dq20ms\(dq, \(dq4s\(dq, \(dq2m\(dq, \(dq1h\(dq, \(dq30d\(dq), and so do
sizes
(\(dq500kB\(dq, \(dq64KiB\(dq, \(dq1GiB\(dq).
A password may be written as it is, as a hash that
.Xr crypt 5
or argon2 knows, as \(dqenv:NAME\(dq (the environment variable), or as
\(dqfile:/path\(dq (the first line of that file).
.Pp
Every key but those of a single mount, user or webhook may also be set by an environment variable,
and, stronger than that, every key on the command line with
.Fl Fl set .
.Ql floe check
says what is wrong with a configuration,
.Ql floe check --print
what is in force.
)";

constexpr absl::string_view kTail = R"(.Sh FILES
.Bl -tag -width Ds
.It Pa /etc/floe/floe.toml
The configuration, unless
.Fl Fl config
names another.
.El
.Sh EXAMPLES
A station with an address of its own, and a mount that bursts more than the others:
.Bd -literal -offset indent
[server]
hostname = \(dqradio.example\(dq

[[listen]]
address = \(dq192.0.2.1:8000\(dq

[mount.\(dq/live\(dq]
burst = \(dq6s\(dq
.Ed
.Sh SEE ALSO
.Xr floe 1
)";

// What holds when nothing is said, as TOML.
struct DefaultOf {
  const Key& key;
  const Scope& scope;

  std::string operator()(const Password&) const { return Quoted(""); }
  std::string operator()(const Addresses& field) const {
    return Quoted(field.at(scope).front().address);
  }
  template <typename Other>
  std::string operator()(const Other&) const {
    return Print(key.field, scope);
  }
};

std::string HeadingOf(const TableName& table) {
  if (table.table == Table::kListen) return absl::StrCat("[[", table.name, "]]");
  const std::string plain = absl::StrCat("[", table.name, "]");
  if (table.of_name.empty()) return plain;
  const std::string of_name = absl::StrCat("[", table.of_name, ".", Quoted(table.SomeName()), "]");
  return table.is_of_names_only() ? of_name : absl::StrCat(plain, ", ", of_name);
}

void AppendKey(std::string* page, const Key& key, const Scope& scope) {
  absl::StrAppend(page, ".It Ic ", key.name,
                  " No = ", RoffEscape(std::visit(DefaultOf{key, scope}, key.field)), "\n");
  absl::StrAppend(page, RoffEscape(key.doc), ".\nIt takes ", RoffEscape(Expected(key.field)),
                  ".\n");
  const std::string variable = VariableOf(key);
  if (!variable.empty()) absl::StrAppend(page, "Variable:\n.Ev ", variable, " .\n");
}

}  // namespace

std::string RoffEscape(absl::string_view text) {
  // What is nothing on the page keeps a dot at the start of a line from being a request.
  return absl::StrCat(
      "\\&",
      absl::StrReplaceAll(
          text, {{"\\", "\\e"}, {"\"", "\\(dq"}, {"'", "\\(aq"}, {"`", "\\(ga"}, {"-", "\\-"}}));
}

std::string ManPage() {
  Config config;
  Relay relay;
  Push push;
  User user;
  Webhook webhook;
  const Scope scope{&config, &config.mount_defaults, &relay, &push, &user, &webhook};
  std::string page(kHead);
  for (const TableName& table : Tables()) {
    absl::StrAppend(&page, ".Sh ", RoffEscape(HeadingOf(table)), "\n", RoffEscape(table.doc),
                    ".\n.Bl -tag -width Ds\n");
    for (const Key& key : Keys()) {
      if (key.table == table.table) AppendKey(&page, key, scope);
    }
    absl::StrAppend(&page, ".El\n");
  }
  absl::StrAppend(&page, kTail);
  return page;
}

}  // namespace floe::config
