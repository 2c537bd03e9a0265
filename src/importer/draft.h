// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace floe::importer {

// Origin is where something stands in the other server's configuration.
struct Origin {
  std::string where;  // "limits", "mount /live"; empty: the file as a whole
  std::string key;
  uint32_t line = 0;  // from 1; 0: not known
};

// Note is what a person has to know of one setting. Never holds a password.
struct Note {
  enum class Kind : uint8_t {
    kLeftOut,  // it is not in the result
    kChanged,  // it is there, and means something a little different
  };
  Kind kind;
  Origin origin;
  std::string why;  // what it was, why it is not carried over, what would do instead
};

// Draft is a floe.toml while it is made: settings, each with where it came from, and notes.
//
// Threads   One.
// Failure   None: what cannot be said in TOML becomes a note.
class Draft {
 public:
  struct Setting {
    std::string key;
    std::string value;  // as TOML has it
    Origin origin;
    bool is_secret = false;
    // Without it more people might come in than before, so that its place is closed to all when it
    // cannot be kept.
    bool is_guard = false;
  };
  struct Section {
    std::string head;  // "server", `mount."/live"`
    std::vector<Setting> settings;
  };

  // A later value takes the place of an earlier one. An empty text is no setting.
  void SetText(absl::string_view section, absl::string_view key, absl::string_view text,
               const Origin& origin);
  void SetNumber(absl::string_view section, absl::string_view key, uint64_t number,
                 const Origin& origin);
  void SetFlag(absl::string_view section, absl::string_view key, bool flag, const Origin& origin);
  void SetList(absl::string_view section, absl::string_view key,
               const std::vector<std::string>& texts, const Origin& origin);
  // What is TOML already.
  void SetValue(absl::string_view section, Setting setting);
  // The setting, which is there, keeps people out.
  void MarkGuard(absl::string_view section, absl::string_view key);
  // One more address to listen on.
  void Listen(absl::string_view address, const Origin& origin);
  // An empty table: a mount is said to be there.
  void Mention(absl::string_view section);

  bool Has(absl::string_view section, absl::string_view key) const;
  // As TOML has it; empty when it is not set.
  std::string ValueOf(absl::string_view section, absl::string_view key) const;

  void LeaveOut(const Origin& origin, absl::string_view why);
  void Change(const Origin& origin, absl::string_view why);
  // Nobody may come in at `section`, "access" or a mount's, since what decided that is lost.
  void Close(absl::string_view section, const Origin& origin);

  // The text, a setting a line.
  std::string ToToml() const;
  // Takes out what stands in those lines of ToToml(): settings, or tables by their heads. Why goes
  // into the notes. False when nothing stands there.
  bool Drop(const std::map<uint32_t, std::string>& why_by_line);

  bool has_secrets() const;
  const std::vector<Note>& notes() const { return notes_; }

 private:
  Section& At(absl::string_view head);
  const Section* FindSection(absl::string_view head) const;
  void Remove(const std::vector<bool>& is_dropped);
  std::vector<size_t> Ordered() const;  // places in sections_

  std::vector<Section> sections_;
  std::map<std::string, size_t> index_;  // by head, of all but [[listen]]
  std::vector<Note> notes_;
};

// The head of a mount's table, or of another that has a name: NamedTable("mount", "/live").
std::string NamedTable(absl::string_view table, absl::string_view name);
inline std::string MountTable(absl::string_view name) { return NamedTable("mount", name); }

}  // namespace floe::importer
