// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/chunked.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace floe::http {
namespace {

using Kind = ChunkedReader::Kind;

// What a body came to: its payload, how it ended, and what was left behind it.
struct Read {
  std::string payload;
  Kind end = Kind::kNeedMore;
  std::string error;
  std::string rest;

  bool operator==(const Read&) const = default;
};

Read ReadInPieces(absl::string_view body, size_t piece_bytes) {
  ChunkedReader reader;
  Read read;
  while (!body.empty() && read.end == Kind::kNeedMore) {
    // The state is all there is: what is handed over goes on where it was.
    reader = ChunkedReader::Restore(reader.state()).value();
    const absl::string_view now = body.substr(0, piece_bytes);
    std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(now.data()), now.size());
    ChunkedReader::Piece piece;
    while ((piece = reader.Feed(&bytes)).kind == Kind::kPayload) {
      EXPECT_FALSE(piece.payload.empty());
      read.payload.append(reinterpret_cast<const char*>(piece.payload.data()),
                          piece.payload.size());
    }
    read.end = piece.kind;
    body.remove_prefix(now.size() - bytes.size());
  }
  read.error = std::string(reader.error());
  if (read.end == Kind::kEnd) read.rest = std::string(body);
  EXPECT_EQ(reader.ended(), read.end == Kind::kEnd);
  return read;
}

// Read whole; every other way of cutting must come to the same.
Read ReadAll(absl::string_view body) {
  const Read whole = ReadInPieces(body, std::max<size_t>(body.size(), 1));
  for (const size_t bytes : {1, 2, 3, 7}) EXPECT_EQ(ReadInPieces(body, bytes), whole) << bytes;
  return whole;
}

TEST(Chunked, TheFramingIsTakenOff) {
  const Read read = ReadAll("4\r\nWiki\r\n5\r\npedia\r\nE\r\n in\r\n\r\nchunks.\r\n0\r\n\r\n");
  EXPECT_EQ(read.end, Kind::kEnd);
  EXPECT_EQ(read.payload, "Wikipedia in\r\n\r\nchunks.");
  EXPECT_EQ(read.error, "");
}

TEST(Chunked, WhatLiesBehindTheBodyIsLeft) {
  EXPECT_EQ(ReadAll("1\r\na\r\n0\r\n\r\nGET / HTTP/1.1").rest, "GET / HTTP/1.1");
}

TEST(Chunked, AnUnfinishedBodyNeedsMore) {
  for (const absl::string_view body : {"", "5", "5\r", "5\r\nped", "5\r\npedia", "5\r\npedia\r",
                                       "5\r\npedia\r\n", "0\r\n", "0\r\n\r", "0\r\nX: y\r\n"}) {
    EXPECT_EQ(ReadAll(body).end, Kind::kNeedMore) << body;
  }
}

TEST(Chunked, SizesMayHaveEitherCaseAndLeadingZeros) {
  EXPECT_EQ(ReadAll("000a\r\n0123456789\r\n0A\r\n0123456789\r\n00\r\n\r\n").payload.size(), 20u);
}

TEST(Chunked, ExtensionsAndTrailersAreReadOver) {
  const Read read = ReadAll(
      "3;name=\"va;lue\"\r\nabc\r\n2 \t;x\r\nde\r\n0;last\r\nExpires: never\r\nX:\r\n\r\n.");
  EXPECT_EQ(read.payload, "abcde");
  EXPECT_EQ(read.end, Kind::kEnd);
  EXPECT_EQ(read.rest, ".");
}

TEST(Chunked, LinesMayEndInANewlineAlone) {
  const Read read = ReadAll("3\nabc\n0\n\nrest");
  EXPECT_EQ(read.payload, "abc");
  EXPECT_EQ(read.rest, "rest");
}

TEST(Chunked, AbsurdSizesAreRefusedAndDoNotWrapAround) {
  for (const absl::string_view size : {"10000000000000000",  // 2^64, which is 0 in 64 bits
                                       "10000000000000003",  // and 3
                                       "FFFFFFFFFFFFFFFF", "8000000000000000",
                                       "10000000001",  // one more than the bound
                                       "100000000000000000000000000000000"}) {
    const Read read = ReadAll(absl::StrCat(size, "\r\nabc\r\n0\r\n\r\n"));
    EXPECT_EQ(read.end, Kind::kBroken) << size;
    EXPECT_EQ(read.payload, "");
    EXPECT_EQ(read.error, "a chunk is larger than any encoder sends");
  }
  EXPECT_EQ(ReadAll("10000000000\r\nabc").payload, "abc") << "the bound itself is legal";
}

TEST(Chunked, BadSizesAreRefused) {
  for (const absl::string_view body :
       {"\r\n", "\n", ";x\r\n", " 5\r\n", "-1\r\n", "+5\r\n", "0x5\r\n", "5g\r\n", "G\r\n", "\xff",
        "5\r5\r\n", "5\r\r\n"}) {
    const Read read = ReadAll(body);
    EXPECT_EQ(read.end, Kind::kBroken) << body;
    EXPECT_NE(read.error, "");
  }
}

TEST(Chunked, AChunkMustEndWhereItSaid) {
  EXPECT_EQ(ReadAll("3\r\nabcd\r\n").end, Kind::kBroken);
  EXPECT_EQ(ReadAll("3\r\nabc\r4").end, Kind::kBroken);
  EXPECT_EQ(ReadAll("3\r\nabcd\r\n").payload, "abc") << "what came before is kept";
}

TEST(Chunked, LinesAndTrailersAreBounded) {
  EXPECT_EQ(ReadAll(absl::StrCat("5;", std::string(10'000, 'x'))).end, Kind::kBroken);
  EXPECT_EQ(ReadAll(std::string(10'000, '0')).end, Kind::kBroken);
  std::string trailers = "0\r\n";
  for (int i = 0; i < 1000; ++i) trailers += "X: y\r\n";
  EXPECT_EQ(ReadAll(trailers).end, Kind::kBroken);
  EXPECT_EQ(ReadAll("0\r\n\rX").end, Kind::kBroken);
}

TEST(Chunked, ABrokenReaderStaysBroken) {
  ChunkedReader reader;
  const std::string text = "zz3\r\nabc\r\n0\r\n\r\n";
  std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(text.data()), text.size());
  EXPECT_EQ(reader.Feed(&bytes).kind, Kind::kBroken);
  EXPECT_EQ(reader.Feed(&bytes).kind, Kind::kBroken);
}

TEST(Chunked, ABrokenReaderIsBrokenElsewhereToo) {
  ChunkedReader reader;
  const std::string text = "10000000000000000";
  std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(text.data()), text.size());
  EXPECT_EQ(reader.Feed(&bytes).kind, Kind::kBroken);
  const auto elsewhere = ChunkedReader::Restore(reader.state());
  ASSERT_TRUE(elsewhere.ok()) << elsewhere.status();
  EXPECT_EQ(elsewhere->error(), reader.error());
}

TEST(Chunked, AStateThatCannotBeIsRefused) {
  using State = ChunkedReader::State;
  using Step = ChunkedReader::Step;
  using Error = ChunkedReader::Error;
  const State impossible[] = {
      {.step = Step(11)},
      {.step = Step::kBroken, .error = Error(6)},
      {.step = Step::kBroken},
      {.error = Error::kBadSize},
      {.line_bytes = kTrailerBytesMax + 1},
      {.left_bytes = kChunkBytesMax + 1},
      {.step = Step::kData},
      {.step = Step::kDataEnd, .left_bytes = 1},
  };
  for (const State& state : impossible) {
    EXPECT_EQ(ChunkedReader::Restore(state).status().code(), absl::StatusCode::kInvalidArgument)
        << static_cast<int>(state.step);
  }
}

}  // namespace
}  // namespace floe::http
