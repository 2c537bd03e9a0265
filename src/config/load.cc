// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/load.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "config/assemble.h"
#include "config/bounds.h"
#include "config/contradictions.h"
#include "config/problems.h"
#include "config/secrets.h"
#include "config/settings.h"
#include "config/text_file.h"
#include "config/toml_text.h"

namespace floe::config {
namespace {

struct FileText {
  absl::string_view text;
  absl::string_view name;
  bool is_for_everyone = false;
};

bool HoldsPassword(const Settings& settings) {
  for (const Setting& setting : settings.values) {
    if (setting.value.place.source != Source::kFile) continue;
    for (const WrittenSecret& secret : SecretsIn(setting.key->field, setting.value)) {
      if (IsPlain(secret.text, secret.secrecy)) return true;
    }
  }
  return false;
}

absl::StatusOr<Config> LoadAll(const std::optional<FileText>& file, const Sources& sources,
                               std::vector<std::string>* warnings) {
  Problems problems;
  Settings settings;
  bool is_toml = true;
  if (file.has_value()) {
    const std::optional<Value> root = ReadToml(file->text, file->name, problems);
    is_toml = root.has_value();
    if (is_toml) AddFile(*root, settings, problems);
    if (file->is_for_everyone && warnings != nullptr && HoldsPassword(settings)) {
      warnings->push_back(absl::StrCat("\"", file->name,
                                       "\" holds a password and may be read by every user; chmod "
                                       "o-r would do"));
    }
  }
  AddEnvironment(sources.environment, settings);
  AddSets(sources.sets, settings, problems);
  // Which variables passwords name is only known of a file that could be read.
  if (is_toml) CheckEnvironment(sources.environment, settings, problems, warnings);

  Provenance provenance;
  const SecretReader secrets(sources.environment, warnings);
  Config config = Assemble(settings, secrets, problems, provenance);
  FindContradictions(config, provenance, problems, warnings);
  if (absl::Status status = problems.ToStatus(); !status.ok()) return status;
  return config;
}

// The lines of [server] alone, of a text that as a whole is not TOML; empty when it has none.
std::string ServerTableOf(absl::string_view text) {
  std::string table;
  bool is_in_table = false;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const absl::string_view start = absl::StripLeadingAsciiWhitespace(line);
    if (absl::StartsWith(start, "[")) is_in_table = absl::StartsWith(start, "[server]");
    if (is_in_table) absl::StrAppend(&table, line, "\n");
  }
  return table;
}

}  // namespace

absl::StatusOr<Config> Load(const Sources& sources, std::vector<std::string>* warnings) {
  if (!sources.path.has_value()) return LoadAll(std::nullopt, sources, warnings);
  const absl::StatusOr<TextFile> file = ReadTextFile(*sources.path, kConfigBytesMax + 1);
  if (!file.ok()) return file.status();
  absl::StatusOr<Config> config =
      LoadAll(FileText{file->text, *sources.path, file->is_for_everyone}, sources, warnings);
  if (config.ok()) config->file = *sources.path;
  return config;
}

absl::StatusOr<Config> LoadText(absl::string_view text, absl::string_view name,
                                const Sources& sources, std::vector<std::string>* warnings) {
  return LoadAll(FileText{text, name}, sources, warnings);
}

absl::StatusOr<Server> LoadServer(const Sources& sources) {
  Problems unheard;
  Settings settings;
  if (sources.path.has_value()) {
    const absl::StatusOr<TextFile> file = ReadTextFile(*sources.path, kConfigBytesMax + 1);
    if (!file.ok()) return file.status();
    std::optional<Value> root = ReadToml(file->text, *sources.path, unheard);
    if (!root.has_value()) root = ReadToml(ServerTableOf(file->text), *sources.path, unheard);
    if (root.has_value()) AddFile(*root, settings, unheard);
  }
  AddEnvironment(sources.environment, settings);
  AddSets(sources.sets, settings, unheard);
  Provenance provenance;
  const SecretReader secrets(sources.environment, nullptr);
  return Assemble(settings, secrets, unheard, provenance).server;
}

}  // namespace floe::config
