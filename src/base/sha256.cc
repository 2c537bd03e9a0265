// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/sha256.h"

#include <bit>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace floe {
namespace {

constexpr size_t kBlockBytes = 64;
constexpr size_t kLengthBytes = 8;  // of the message, in bits, at the end of its last block

using Words = std::array<uint32_t, 8>;

// The first 32 bits of what follows the point in the square roots of the first 8 primes, and in the
// cube roots of the first 64.
constexpr Words kBegin = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                          0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
constexpr std::array<uint32_t, 64> kRounds = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

uint32_t ReadWord(absl::string_view bytes) {
  uint32_t word = 0;
  for (size_t i = 0; i < 4; ++i) word = word << 8 | static_cast<uint8_t>(bytes[i]);
  return word;
}

void TakeBlock(absl::string_view block, Words* state) {
  std::array<uint32_t, 64> w;
  for (size_t i = 0; i < 16; ++i) w[i] = ReadWord(block.substr(4 * i, 4));
  for (size_t i = 16; i < 64; ++i) {
    const uint32_t near = w[i - 15], far = w[i - 2];
    w[i] = w[i - 16] + (std::rotr(near, 7) ^ std::rotr(near, 18) ^ near >> 3) + w[i - 7] +
           (std::rotr(far, 17) ^ std::rotr(far, 19) ^ far >> 10);
  }
  auto [a, b, c, d, e, f, g, h] = *state;
  for (size_t i = 0; i < 64; ++i) {
    const uint32_t first = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                           ((e & f) ^ (~e & g)) + kRounds[i] + w[i];
    const uint32_t second =
        (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + first;
    d = c;
    c = b;
    b = a;
    a = first + second;
  }
  const Words after = {a, b, c, d, e, f, g, h};
  for (size_t i = 0; i < after.size(); ++i) (*state)[i] += after[i];
}

// What stands behind a message's last whole block: its rest, a bit, zeros, its length.
std::string LastBlocks(absl::string_view rest, uint64_t message_bytes) {
  std::string last = absl::StrCat(rest, "\x80");
  while ((last.size() + kLengthBytes) % kBlockBytes != 0) last += '\0';
  const uint64_t bits = message_bytes * 8;
  for (int shift = 56; shift >= 0; shift -= 8) last += char(bits >> shift & 0xff);
  return last;
}

absl::string_view AsText(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

Sha256Digest Sha256(absl::string_view message) {
  Words state = kBegin;
  const uint64_t message_bytes = message.size();
  for (; message.size() >= kBlockBytes; message.remove_prefix(kBlockBytes)) {
    TakeBlock(message.substr(0, kBlockBytes), &state);
  }
  const std::string last = LastBlocks(message, message_bytes);
  for (size_t at = 0; at < last.size(); at += kBlockBytes) {
    TakeBlock(absl::string_view(last).substr(at, kBlockBytes), &state);
  }
  Sha256Digest digest;
  for (size_t i = 0; i < digest.size(); ++i) digest[i] = uint8_t(state[i / 4] >> (24 - i % 4 * 8));
  return digest;
}

Sha256Digest HmacSha256(absl::string_view key, absl::string_view message) {
  std::string padded =
      key.size() > kBlockBytes ? std::string(AsText(Sha256(key))) : std::string(key);
  padded.resize(kBlockBytes, '\0');
  std::string inner = padded, outer = padded;
  for (char& c : inner) c = char(c ^ 0x36);
  for (char& c : outer) c = char(c ^ 0x5c);
  const Sha256Digest digest = Sha256(absl::StrCat(inner, message));
  return Sha256(absl::StrCat(outer, AsText(digest)));
}

std::string Hex(const Sha256Digest& digest) { return absl::BytesToHexString(AsText(digest)); }

}  // namespace floe
