// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/old_digests.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace floe::access {
namespace {

constexpr size_t kBlockBytes = 64;
constexpr size_t kLengthBytes = 8;
constexpr size_t kMd5Bytes = 16;

enum class Order { kLittle, kBig };

// The place of the i-th byte of a number of `count`, in bits from its low end.
int ShiftOf(size_t i, size_t count, Order order) {
  return int(order == Order::kLittle ? i : count - 1 - i) * 8;
}

uint32_t WordAt(absl::string_view bytes, Order order) {
  uint32_t word = 0;
  for (size_t i = 0; i < 4; ++i) word |= uint32_t{uint8_t(bytes[i])} << ShiftOf(i, 4, order);
  return word;
}

// The message with what both put behind it: a bit, zeros, its length.
std::string Padded(absl::string_view message, Order order) {
  std::string padded = absl::StrCat(message, "\x80");
  while ((padded.size() + kLengthBytes) % kBlockBytes != 0) padded += '\0';
  const uint64_t bits = uint64_t{message.size()} * 8;
  for (size_t i = 0; i < kLengthBytes; ++i) padded += char(bits >> ShiftOf(i, 8, order) & 0xff);
  return padded;
}

template <size_t N>
std::string BytesOf(const std::array<uint32_t, N>& words, Order order) {
  std::string bytes;
  for (const uint32_t word : words) {
    for (size_t i = 0; i < 4; ++i) bytes += char(word >> ShiftOf(i, 4, order) & 0xff);
  }
  return bytes;
}

// As RFC 1321 makes them: of the sine of each whole number.
std::array<uint32_t, 64> SineTable() {
  std::array<uint32_t, 64> table;
  for (size_t i = 0; i < table.size(); ++i) {
    table[i] = uint32_t(int64_t(std::fabs(std::sin(double(i + 1))) * 4294967296.0));
  }
  return table;
}

void TakeMd5Block(absl::string_view block, std::array<uint32_t, 4>* state) {
  static const std::array<uint32_t, 64> kSines = SineTable();
  static constexpr int kTurns[4][4] = {
      {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  auto [a, b, c, d] = *state;
  for (size_t i = 0; i < 64; ++i) {
    uint32_t mixed = 0;
    size_t word = 0;
    switch (i / 16) {
      case 0: mixed = (b & c) | (~b & d), word = i; break;
      case 1: mixed = (d & b) | (~d & c), word = (5 * i + 1) % 16; break;
      case 2: mixed = b ^ c ^ d, word = (3 * i + 5) % 16; break;
      default: mixed = c ^ (b | ~d), word = 7 * i % 16; break;
    }
    const uint32_t sum = a + mixed + kSines[i] + WordAt(block.substr(4 * word), Order::kLittle);
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, kTurns[i / 16][i % 4]);
  }
  (*state)[0] += a;
  (*state)[1] += b;
  (*state)[2] += c;
  (*state)[3] += d;
}

void TakeSha1Block(absl::string_view block, std::array<uint32_t, 5>* state) {
  std::array<uint32_t, 80> w;
  for (size_t i = 0; i < 16; ++i) w[i] = WordAt(block.substr(4 * i), Order::kBig);
  for (size_t i = 16; i < 80; ++i) w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  auto [a, b, c, d, e] = *state;
  for (size_t i = 0; i < 80; ++i) {
    uint32_t mixed = b ^ c ^ d;
    uint32_t constant = 0xca62c1d6;
    if (i < 20) mixed = (b & c) | (~b & d), constant = 0x5a827999;
    if (i >= 20 && i < 40) constant = 0x6ed9eba1;
    if (i >= 40 && i < 60) mixed = (b & c) | (b & d) | (c & d), constant = 0x8f1bbcdc;
    const uint32_t sum = std::rotl(a, 5) + mixed + e + constant + w[i];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = sum;
  }
  const std::array<uint32_t, 5> after = {a, b, c, d, e};
  for (size_t i = 0; i < after.size(); ++i) (*state)[i] += after[i];
}

// The last 16 bytes as letters, in Apache's order of them.
std::string Apr1Letters(absl::string_view digest) {
  static constexpr absl::string_view kLetters =
      "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  static constexpr size_t kOrder[5][3] = {
      {0, 6, 12}, {1, 7, 13}, {2, 8, 14}, {3, 9, 15}, {4, 10, 5}};
  std::string letters;
  const auto add = [&letters](uint32_t bits, int count) {
    for (int i = 0; i < count; ++i, bits >>= 6) letters += kLetters[bits & 0x3f];
  };
  for (const auto& at : kOrder) {
    add(uint32_t{uint8_t(digest[at[0]])} << 16 | uint32_t{uint8_t(digest[at[1]])} << 8 |
            uint8_t(digest[at[2]]),
        4);
  }
  add(uint8_t(digest[11]), 2);
  return letters;
}

}  // namespace

std::string Md5(absl::string_view message) {
  std::array<uint32_t, 4> state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  const std::string padded = Padded(message, Order::kLittle);
  for (size_t at = 0; at < padded.size(); at += kBlockBytes) {
    TakeMd5Block(absl::string_view(padded).substr(at, kBlockBytes), &state);
  }
  return BytesOf(state, Order::kLittle);
}

std::string Sha1(absl::string_view message) {
  std::array<uint32_t, 5> state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  const std::string padded = Padded(message, Order::kBig);
  for (size_t at = 0; at < padded.size(); at += kBlockBytes) {
    TakeSha1Block(absl::string_view(padded).substr(at, kBlockBytes), &state);
  }
  return BytesOf(state, Order::kBig);
}

std::string Apr1(absl::string_view password, absl::string_view salt) {
  const std::string inner = Md5(absl::StrCat(password, salt, password));
  std::string begin = absl::StrCat(password, "$apr1$", salt);
  for (size_t left = password.size(); left > 0; left -= std::min(left, kMd5Bytes)) {
    begin += inner.substr(0, std::min(left, kMd5Bytes));
  }
  for (size_t bits = password.size(); bits > 0; bits >>= 1) {
    begin += (bits & 1) != 0 ? '\0' : password.front();
  }
  std::string digest = Md5(begin);
  for (int round = 0; round < 1000; ++round) {
    const absl::string_view first = round % 2 != 0 ? password : absl::string_view(digest);
    const absl::string_view last = round % 2 != 0 ? absl::string_view(digest) : password;
    digest =
        Md5(absl::StrCat(first, round % 3 != 0 ? salt : "", round % 7 != 0 ? password : "", last));
  }
  return absl::StrCat("$apr1$", salt, "$", Apr1Letters(digest));
}

}  // namespace floe::access
