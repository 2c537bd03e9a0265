// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "doctor/report.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "doctor/sysctls.h"

namespace floe::doctor {
namespace {

constexpr size_t kColumns = 80;  // of sentences; a line to copy is not broken
constexpr size_t kNameColumnsMax = 36;
constexpr char kIndent[] = "      ";

struct Section {
  Verdict verdict;
  const char* title;
  const char* colour;  // of the terminal: SGR
};
constexpr Section kSections[] = {
    {Verdict::kBad, "BAD: the server will not start, or loses or refuses listeners", "1;31"},
    {Verdict::kAdvice, "ADVICE: it works, and costs more than it must", "1;33"},
    {Verdict::kUnknown, "UNKNOWN: could not be read; in a container, ask on the host", "1;35"},
    {Verdict::kGood, "GOOD", "1;32"},
};
constexpr char kLineColour[] = "36";

class Text {
 public:
  Text(const Findings& findings, const TextOptions& options) : options_(options) {
    for (const Finding& finding : findings) {
      name_columns_ = std::max(name_columns_, std::min(finding.name.size(), kNameColumnsMax));
    }
  }

  void Title(const Section& section) {
    absl::StrAppend(&text_, "\n", Coloured(section.title, section.colour), "\n");
  }
  // All of it, for what is to be changed.
  void Explained(const Finding& finding) {
    NameAnd(finding, absl::StrCat(finding.is, ", should be ", finding.should_be));
    Sentence(finding.why);
    absl::StrAppend(&text_, kIndent, Coloured(finding.set, kLineColour), "\n");
  }
  void NameAnd(const Finding& finding, absl::string_view value) {
    const size_t have = std::min(finding.name.size(), name_columns_);
    absl::StrAppend(&text_, "  ", finding.name, std::string(name_columns_ - have, ' '), "  ", value,
                    "\n");
  }
  void Line(absl::string_view line) { absl::StrAppend(&text_, line, "\n"); }
  std::string Take() { return std::move(text_); }

 private:
  std::string Coloured(absl::string_view text, absl::string_view colour) const {
    if (!options_.has_colours) return std::string(text);
    return absl::StrCat("\x1b[", colour, "m", text, "\x1b[0m");
  }
  void Sentence(absl::string_view sentence) {
    std::string line = kIndent;
    bool is_begun = false;
    for (const absl::string_view word : absl::StrSplit(sentence, ' ')) {
      if (is_begun && line.size() + 1 + word.size() > kColumns) {
        Line(line);
        line = kIndent;
        is_begun = false;
      }
      absl::StrAppend(&line, is_begun ? " " : "", word);
      is_begun = true;
    }
    Line(line);
  }

  const TextOptions& options_;
  size_t name_columns_ = 0;
  std::string text_;
};

size_t CountOf(const Findings& findings, Verdict verdict) {
  return size_t(std::count_if(findings.begin(), findings.end(), [verdict](const Finding& finding) {
    return finding.verdict == verdict;
  }));
}

// Whether the file that ships would change something.
bool WantsFile(const Findings& findings) {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    const auto sysctls = Sysctls();
    return finding.verdict <= Verdict::kAdvice &&
           std::any_of(sysctls.begin(), sysctls.end(),
                       [&finding](const Sysctl& sysctl) { return finding.name == sysctl.name; });
  });
}

void Say(const Finding& finding, Text* text) {
  switch (finding.verdict) {
    case Verdict::kBad:
    case Verdict::kAdvice: return text->Explained(finding);
    case Verdict::kUnknown:
      return text->NameAnd(finding, absl::StrCat("should be ", finding.should_be));
    case Verdict::kGood: return text->NameAnd(finding, finding.is);
  }
}

}  // namespace

const char* NameOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kBad: return "bad";
    case Verdict::kAdvice: return "advice";
    case Verdict::kUnknown: return "unknown";
    case Verdict::kGood: return "good";
  }
  return "";
}

bool HasBad(const Findings& findings) { return CountOf(findings, Verdict::kBad) > 0; }

std::string TextReport(const Findings& findings, const TextOptions& options) {
  Text text(findings, options);
  std::vector<std::string> counts;
  for (const Section& section : kSections) {
    const size_t count = CountOf(findings, section.verdict);
    if (count > 0) counts.push_back(absl::StrCat(count, " ", NameOf(section.verdict)));
  }
  text.Line(absl::StrCat("floe doctor: ", absl::StrJoin(counts, ", ")));
  for (const Section& section : kSections) {
    bool is_first = true;
    for (const Finding& finding : findings) {
      if (finding.verdict != section.verdict) continue;
      if (is_first) text.Title(section);
      if (!is_first && section.verdict <= Verdict::kAdvice) text.Line("");
      is_first = false;
      Say(finding, &text);
    }
  }
  if (WantsFile(findings)) {
    text.Line("");
    text.Line("The sysctls that are the same for every host, at once and for good:");
    text.Line(absl::StrCat("  cp ", options.sysctl_file, " /etc/sysctl.d/ && sysctl --system"));
  }
  return text.Take();
}

std::string JsonReport(const Findings& findings) {
  using Json = nlohmann::ordered_json;
  Json report;
  report["verdict"] = NameOf(findings.empty() ? Verdict::kGood : findings.front().verdict);
  for (const Section& section : kSections) {
    report["counts"][NameOf(section.verdict)] = CountOf(findings, section.verdict);
  }
  report["findings"] = Json::array();
  for (const Finding& finding : findings) {
    report["findings"].push_back({{"name", finding.name},
                                  {"verdict", NameOf(finding.verdict)},
                                  {"is", finding.is},
                                  {"should_be", finding.should_be},
                                  {"why", finding.why},
                                  {"set", finding.set}});
  }
  // An interface may have any bytes for a name.
  return report.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace floe::doctor
