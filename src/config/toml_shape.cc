// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/toml_shape.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace floe::config {
namespace {

constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";

bool IsAscii(char c) { return static_cast<uint8_t>(c) < 0x80; }

class Scanner {
 public:
  Scanner(absl::string_view text, uint32_t parts_max) : text_(text), parts_max_(parts_max) {}

  std::optional<Unfit> Run() {
    if (absl::StartsWith(text_, kByteOrderMark)) at_ = kByteOrderMark.size();
    while (at_ < text_.size() && why_.empty()) Step();
    if (why_.empty()) return std::nullopt;
    return Here();
  }

 private:
  // Moves past a character outside of strings, or past a whole string or comment.
  void Step() {
    const char c = text_[at_];
    if (c == '#') return SkipComment();
    if (c == '"' || c == '\'') return IsLong(c) ? SkipLongString(c) : SkipString(c);
    if (!IsAscii(c)) return Refuse("a character that is not ASCII stands outside of quotes");
    if (c == '.' && ++dots_ >= parts_max_) return Refuse("a key has too many parts");
    if (absl::StrContains("\n=,[]{}", c)) dots_ = 0;
    ++at_;
  }

  // Up to the end of the line, which counts as itself.
  void SkipComment() {
    const size_t end = text_.find('\n', at_);
    at_ = end == absl::string_view::npos ? text_.size() : end;
  }

  // What is not closed ends with the line: there the library stops.
  void SkipString(char quote) {
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') return;
      if (c == '\\' && quote == '"') {
        ++at_;
      } else if (c == quote) {
        ++at_;
        return;
      }
    }
  }

  void SkipLongString(char quote) {
    at_ += 3;
    while (at_ < text_.size() && why_.empty()) {
      if (text_[at_] == '\\' && quote == '"') {
        SkipEscape();
      } else if (text_[at_] != quote || !IsLong(quote)) {
        ++at_;
      } else {
        at_ += 3;
        // It may end in quotes of its own: """he said "so""""" has two.
        for (int own = 0; own < 2 && at_ < text_.size() && text_[at_] == quote; ++own) ++at_;
        return;
      }
    }
  }

  // A backslash and what it escapes: a character, or the blanks and ends of lines behind it.
  void SkipEscape() {
    ++at_;
    const size_t escaped = at_;
    while (at_ < text_.size() && absl::ascii_isspace(uint8_t(text_[at_]))) ++at_;
    if (at_ < text_.size() && !IsAscii(text_[at_])) {
      return Refuse("a character that is not ASCII follows a backslash");
    }
    if (at_ == escaped) ++at_;
  }

  // Whether three quotes stand here.
  bool IsLong(char quote) const {
    const absl::string_view rest = text_.substr(at_, 3);
    return rest.size() == 3 && rest[1] == quote && rest[2] == quote;
  }

  void Refuse(absl::string_view why) { why_ = why; }

  Unfit Here() const {
    Unfit unfit = {1, 1, why_};
    for (const char c : text_.substr(0, at_)) {
      const bool continues = (static_cast<uint8_t>(c) & 0xc0) == 0x80;
      if (c == '\n') {
        ++unfit.line;
        unfit.column = 1;
      } else if (!continues) {
        ++unfit.column;
      }
    }
    return unfit;
  }

  absl::string_view text_;
  uint32_t parts_max_;
  size_t at_ = 0;
  uint32_t dots_ = 0;  // in the key, if it is one
  absl::string_view why_;
};

}  // namespace

std::optional<Unfit> FindUnfit(absl::string_view text, uint32_t parts_max) {
  return Scanner(text, parts_max).Run();
}

}  // namespace floe::config
