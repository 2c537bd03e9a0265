// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
//   document  = statement*
//   statement = key scalar | key "{" statement* "}" | key "[" scalar* "]"
//   key       = letter or "_", then letters, digits, "_", "-"; or a quoted text that is not empty
//   scalar    = a quoted text, or a word of visible ASCII without { } [ ] # "
//
// Blanks and ends of lines part words, and "#" begins a comment anywhere but in quotes.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/utf8.h"
#include "importer/bounds.h"
#include "importer/texts.h"

namespace floe::importer {
namespace {

constexpr absl::string_view kSigns = "{}[]#\"";
constexpr size_t kUnicodeDigits = 4;

bool IsWordByte(char c) { return c > ' ' && c < 0x7f && !absl::StrContains(kSigns, c); }

bool IsBareKey(absl::string_view key) {
  if (!absl::ascii_isalpha(uint8_t(key[0])) && key[0] != '_') return false;
  return std::all_of(key.begin(), key.end(), [](char c) {
    return absl::ascii_isalnum(uint8_t(c)) || c == '_' || c == '-';
  });
}

// A word that is a whole number by its shape must be one that 64 bits hold.
bool IsTooLarge(absl::string_view word) {
  absl::string_view digits = word;
  if (absl::StartsWith(digits, "-")) digits.remove_prefix(1);
  const bool is_number = !digits.empty() && std::all_of(digits.begin(), digits.end(), [](char c) {
    return absl::ascii_isdigit(uint8_t(c));
  });
  int64_t number = 0;
  return is_number && !absl::SimpleAtoi(word, &number);
}

void AppendUtf8(uint32_t code, std::string* out) {
  if (code < 0x80) {
    out->push_back(char(code));
  } else if (code < 0x800) {
    out->push_back(char(0xc0 | (code >> 6)));
    out->push_back(char(0x80 | (code & 0x3f)));
  } else {
    out->push_back(char(0xe0 | (code >> 12)));
    out->push_back(char(0x80 | ((code >> 6) & 0x3f)));
    out->push_back(char(0x80 | (code & 0x3f)));
  }
}

class Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) {}

  absl::StatusOr<Item> Run() {
    if (!IsUtf8(text_)) return absl::InvalidArgumentError("is not UTF-8");
    if (absl::StartsWith(text_, "\xef\xbb\xbf")) {
      return absl::InvalidArgumentError("line 1: begins with a byte order mark");
    }
    if (absl::StrContains(text_, '\0')) return absl::InvalidArgumentError("holds a NUL");
    Item root = {.kind = Item::Kind::kTable, .line = 1};
    ReadStatements(&root, 0);
    if (!why_.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("line ", line_, ": ", why_));
    }
    return root;
  }

 private:
  // Up to the end, or to the brace that closes what is at `depth`.
  void ReadStatements(Item* table, uint32_t depth) {
    while (why_.empty()) {
      SkipBlanks();
      if (IsAtEnd()) {
        if (depth > 0) Fail("a '{' is not closed");
        return;
      }
      if (Peek() == '}' && depth > 0) {
        ++at_;
        return;
      }
      ReadStatement(table, depth);
    }
  }

  void ReadStatement(Item* table, uint32_t depth) {
    if (++items_ > kItemsMax || depth == kDepthMax) {
      return Fail("it has too many values, or too many within each other");
    }
    Field field;
    field.value.line = line_;
    if (!ReadKey(&field.name)) return;
    SkipBlanks();
    if (IsAtEnd()) return Fail("a key has no value");
    if (Peek() == '{') {
      ++at_;
      field.value.kind = Item::Kind::kTable;
      ReadStatements(&field.value, depth + 1);
    } else if (Peek() == '[') {
      ++at_;
      field.value.kind = Item::Kind::kList;
      ReadList(&field.value);
    } else {
      ReadScalar(&field.value);
    }
    table->members.push_back(std::move(field));
  }

  bool ReadKey(std::string* key) {
    if (Peek() == '"') {
      ReadQuoted(key);
      if (why_.empty() && key->empty()) Fail("a key is empty");
      return why_.empty();
    }
    *key = std::string(Word());
    if (key->empty()) {
      Fail("what stands here begins no statement");
    } else if (!IsBareKey(*key)) {
      Fail("a key of letters, digits, '_' and '-' is expected; others stand in quotes");
    }
    return why_.empty();
  }

  void ReadList(Item* list) {
    while (why_.empty()) {
      SkipBlanks();
      if (IsAtEnd()) return Fail("a '[' is not closed");
      if (Peek() == ']') {
        ++at_;
        return;
      }
      if (Peek() == '{' || Peek() == '[') return Fail("a list holds no tables and no lists");
      if (++items_ > kItemsMax) return Fail("it has too many values");
      Item item = {.line = line_};
      ReadScalar(&item);
      list->items.push_back(std::move(item));
    }
  }

  void ReadScalar(Item* item) {
    item->kind = Item::Kind::kScalar;
    if (Peek() == '"') return ReadQuoted(&item->text);
    const absl::string_view word = Word();
    if (word.empty()) return Fail("a value is expected");
    if (IsTooLarge(word)) return Fail("a number is too large");
    item->text = std::string(word);
  }

  void ReadQuoted(std::string* text) {
    ++at_;
    while (!IsAtEnd() && Peek() != '\n') {
      const char c = text_[at_++];
      if (c == '"') return;
      if (c == '\\') {
        if (!ReadEscape(text)) return Fail("a text holds an escape that is not known");
      } else {
        text->push_back(c);
      }
    }
    Fail("a text is not closed on its line");
  }

  bool ReadEscape(std::string* text) {
    if (IsAtEnd()) return false;
    const char c = text_[at_++];
    if (c == 'u') {
      uint32_t code = 0;
      const absl::string_view digits = text_.substr(at_, kUnicodeDigits);
      if (digits.size() < kUnicodeDigits || !absl::SimpleHexAtoi(digits, &code)) return false;
      const bool is_surrogate = code >= 0xd800 && code < 0xe000;
      if (code == 0 || is_surrogate || !absl::ascii_isxdigit(uint8_t(digits[0]))) return false;
      at_ += kUnicodeDigits;
      AppendUtf8(code, text);
      return true;
    }
    const size_t known = absl::string_view("\"\\nrt").find(c);
    if (known == absl::string_view::npos) return false;
    text->push_back("\"\\\n\r\t"[known]);
    return true;
  }

  absl::string_view Word() {
    const size_t begin = at_;
    while (!IsAtEnd() && IsWordByte(Peek())) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  void SkipBlanks() {
    for (; !IsAtEnd(); ++at_) {
      if (Peek() == '#') {
        while (!IsAtEnd() && Peek() != '\n') ++at_;
        if (IsAtEnd()) return;
      }
      if (!absl::ascii_isspace(uint8_t(Peek()))) return;
      if (Peek() == '\n') ++line_;
    }
  }

  bool IsAtEnd() const { return at_ == text_.size(); }
  char Peek() const { return text_[at_]; }
  void Fail(absl::string_view why) {
    if (why_.empty()) why_ = why;
  }

  absl::string_view text_;
  size_t at_ = 0;
  uint32_t line_ = 1;
  uint32_t items_ = 0;
  absl::string_view why_;
};

}  // namespace

absl::StatusOr<Item> ReadVibe(absl::string_view text) { return Parser(text).Run(); }

}  // namespace floe::importer
