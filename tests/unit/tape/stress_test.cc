// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Two tapes share an arena that is too small for them and their readers, so that pages change
// hands all the time: by rings that wrap, by trimming, by torn frames that are taken back, and
// by readers that let go last. Every reader compares every byte with what its tape was given.
// The bytes are read and written plainly, so that TSan sees each read that nothing orders.
#include <array>
#include <atomic>
#include <deque>
#include <latch>
#include <random>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tape/tape.h"
#include "unit/tape/pattern.h"

namespace floe::tape {
namespace {

constexpr uint32_t kArenaPages = 24;
constexpr uint32_t kRingPages = 8;
constexpr int kFrames = 10'000;
constexpr int kReaders = 3;
constexpr int kReadsMin = 2'000;     // of each reader, writers done or not
constexpr size_t kHeldSpansMax = 4;  // that a reader keeps while it goes on reading
constexpr uint64_t kSpanBytesMax = 2 * kPageBytes;

// A run of audio that is kept readable: what a gather send is to the server.
struct Span {
  const Tape* tape;
  uint64_t from, to;
  std::vector<PageRef> pages;

  // Compares all of it, neighbours in the arena as the one piece that they are.
  bool IsWhole() const {
    const uint64_t first = from / kPageBytes;
    for (uint64_t at = from; at < to;) {
      const uint64_t n = at / kPageBytes - first;
      uint64_t last = n;
      while (last + 1 < pages.size() &&
             Index(pages[last + 1].slot()) == Index(pages[last].slot()) + 1) {
        ++last;
      }
      const uint64_t end = std::min(to, (first + last + 1) * kPageBytes);
      const std::byte* bytes = pages[n].data() + at % kPageBytes;
      if (!IsPattern(tape->id(), at, {bytes, end - at})) return false;
      at = end;
    }
    return true;
  }
};

class Reader {
 public:
  Reader(const Tape& a, const Tape& b, uint32_t seed) : tapes_{&a, &b}, random_(seed) {}

  void ReadUntil(const std::atomic<int>& writers_left) {
    for (int reads = 0; reads < kReadsMin || writers_left.load() > 0; ++reads) {
      // Who holds something looks at it again before it lets go.
      if (held_.size() == kHeldSpansMax || (Odds(4) && !held_.empty())) LetGo();
      ReadSomething();
      ReadLate();
    }
    while (!held_.empty()) LetGo();
  }
  uint64_t spans_read() const { return spans_read_; }
  uint64_t late_reads() const { return late_reads_; }
  uint64_t lapped() const { return lapped_; }

 private:
  bool Odds(uint32_t one_in) { return random_() % one_in == 0; }

  void LetGo() {
    ASSERT_TRUE(held_.front().IsWhole()) << "a page changed while it was held";
    held_.pop_front();
  }

  void ReadSomething() {
    const int which = random_() % 2;
    const Tape& tape = *tapes_[which];
    // Now and then from where it was long ago, as a slow listener would.
    uint64_t oldest = was_oldest_[which];
    const uint64_t published = tape.published();
    if (!Odds(3)) oldest = tape.oldest();
    if (Odds(8)) was_oldest_[which] = tape.oldest();
    if (oldest >= published) return;
    const uint64_t from = Odds(2) ? oldest : oldest + random_() % (published - oldest);
    const uint64_t to = std::min(published, from + 1 + random_() % kSpanBytesMax);

    Span span{.tape = &tape, .from = from, .to = to, .pages = {}};
    for (uint64_t n = from / kPageBytes; n * kPageBytes < to; ++n) {
      span.pages.push_back(tape.Page(n));
      if (span.pages.back()) continue;
      ++lapped_;
      ASSERT_GT(tape.oldest(), n * kPageBytes) << "a published page is gone, and nobody says so";
      return;
    }
    Remember(span);
    ASSERT_TRUE(span.IsWhole()) << "tape " << tape.id() << " [" << from << ", " << to << ")";
    ++spans_read_;
    if (Odds(2)) held_.push_back(std::move(span));
  }

  // Where a page was, and up to where it was published then.
  struct Memory {
    const Tape* tape;
    uint64_t page_number;
    uint64_t published;
    PageSlot slot;
  };

  void Remember(const Span& span) {
    Memory& memory = memories_[random_() % memories_.size()];
    memory = {.tape = span.tape,
              .page_number = span.from / kPageBytes,
              .published = span.to,
              .slot = span.pages.front().slot()};
  }

  // A reader that was held up between looking where a page is and taking a reference to it: by
  // now the page may be free, another page of its tape, or one of another tape.
  void ReadLate() {
    const Memory& memory = memories_[random_() % memories_.size()];
    if (memory.tape == nullptr) return;
    Arena& arena = memory.tape->arena();
    if (!arena.TryRef(memory.slot, PageKey(memory.tape->id(), memory.page_number))) return;
    const PageRef page(arena, memory.slot);
    const uint64_t from = memory.page_number * kPageBytes;
    const size_t size = std::min<uint64_t>(memory.published - from, kPageBytes);
    ASSERT_TRUE(IsPattern(memory.tape->id(), from, {page.data(), size}));
    ++late_reads_;
  }

  const Tape* tapes_[2];
  std::array<Memory, 8> memories_{};
  uint64_t was_oldest_[2] = {0, 0};
  std::mt19937 random_;
  std::deque<Span> held_;
  uint64_t spans_read_ = 0;
  uint64_t late_reads_ = 0;
  uint64_t lapped_ = 0;
};

// Plays frames of any size, some of them torn. `keep_bytes` 0: only the ring's size bounds it.
void Write(Tape& tape, uint64_t keep_bytes, uint32_t seed) {
  std::mt19937 random(seed);
  const std::vector<std::byte> garbage(kPageBytes + 999, std::byte{0xA5});
  for (int i = 0; i < kFrames; ++i) {
    if (keep_bytes != 0) tape.Trim(keep_bytes);
    if (random() % 10 == 0 && tape.Append({garbage.data(), random() % garbage.size()})) {
      tape.Discard();
    }
    const size_t size = random() % 50 == 0 ? kPageBytes + random() % kPageBytes : random() % 8000;
    if (!AppendPattern(tape, size)) {
      tape.Discard();
      tape.Trim(kPageBytes);  // what a full arena asks of its longest mount
      std::this_thread::yield();
      continue;
    }
    tape.Publish();
  }
}

TEST(TapeStress, NoReaderEverSeesATornOrRecycledByte) {
  const auto arena = ArenaOfPages(kArenaPages);
  Tape ring_only(*arena, 5, kRingPages);
  Tape trimmed(*arena, 6, 4 * kRingPages);
  std::atomic<int> writers_left{2};
  std::latch start(2 + kReaders);

  std::deque<Reader> readers;  // they do not move
  for (int i = 0; i < kReaders; ++i) readers.emplace_back(ring_only, trimmed, /*seed=*/100 + i);
  std::vector<std::thread> threads;
  for (Reader& reader : readers) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      reader.ReadUntil(writers_left);
    });
  }
  threads.emplace_back([&] {
    start.arrive_and_wait();
    Write(ring_only, /*keep_bytes=*/0, /*seed=*/1);
    --writers_left;
  });
  threads.emplace_back([&] {
    start.arrive_and_wait();
    Write(trimmed, /*keep_bytes=*/5 * kPageBytes, /*seed=*/2);
    --writers_left;
  });
  for (std::thread& thread : threads) thread.join();

  uint64_t spans_read = 0;
  uint64_t late_reads = 0;
  uint64_t lapped = 0;
  for (const Reader& reader : readers) {
    late_reads += reader.late_reads();
    spans_read += reader.spans_read();
    lapped += reader.lapped();
  }
  RecordProperty("spans_read", std::to_string(spans_read));
  RecordProperty("late_reads", std::to_string(late_reads));
  RecordProperty("lapped", std::to_string(lapped));
  RecordProperty("bytes_played", std::to_string(ring_only.published() + trimmed.published()));
  EXPECT_GT(spans_read, uint64_t{kReaders});
  EXPECT_TRUE(IsReadable(ring_only, ring_only.oldest(), ring_only.published()));
  EXPECT_TRUE(IsReadable(trimmed, trimmed.oldest(), trimmed.published()));
  EXPECT_LE(arena->pages_in_use(), kArenaPages);
  ring_only.Trim(0);
  trimmed.Trim(0);
  EXPECT_LE(arena->pages_in_use(), 2u) << "every reference was given back";
}

// The narrowest place of all: one page that is rekeyed as often as can be, and readers that want
// it for the key it has just now, had a moment ago or will have next.
TEST(TapeStress, APageThatIsRekeyedAtFullSpeedNeverShowsTheBytesOfAnotherKey) {
  constexpr uint64_t kKeys = 40'000;
  constexpr size_t kBytes = 64;
  const auto arena = ArenaOfPages(2);
  const PageSlot page = arena->Claim(kNoSlot<PageSlot>, 0);
  FillPattern(0, 0, {arena->data(page), kBytes});
  std::atomic<uint64_t> key{0};  // as published() is: stored once the bytes are there
  std::latch start(1 + kReaders);
  std::atomic<uint64_t> reads{0};

  std::vector<std::thread> readers;
  for (int id = 0; id < kReaders; ++id) {
    readers.emplace_back([&] {
      start.arrive_and_wait();
      for (uint64_t i = 0; key.load(std::memory_order_relaxed) < kKeys; ++i) {
        const uint64_t wanted = key.load(std::memory_order_acquire);
        if (i % 64 == 63) std::this_thread::yield();  // and so come late
        if (!arena->TryRef(page, wanted)) continue;
        ASSERT_TRUE(IsPattern(0, wanted * kBytes, {arena->data(page), kBytes}));
        reads.fetch_add(1, std::memory_order_relaxed);
        arena->Unref(page);
      }
    });
  }
  start.arrive_and_wait();
  for (uint64_t next = 1; next <= kKeys; ++next) {
    while (!arena->TryRekey(page, next)) std::this_thread::yield();
    FillPattern(0, next * kBytes, {arena->data(page), kBytes});
    key.store(next, std::memory_order_release);
    if (next % 512 == 0) std::this_thread::yield();
  }
  for (std::thread& reader : readers) reader.join();
  RecordProperty("reads", std::to_string(reads.load()));
  arena->Unref(page);
  EXPECT_EQ(arena->pages_in_use(), 0u);
}

}  // namespace
}  // namespace floe::tape
