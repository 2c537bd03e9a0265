// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tape/arena.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace floe::tape {
namespace {

constexpr uint32_t kBitsPerWord = 64;
constexpr uint64_t kArenaBytesMax = uint64_t{1} << 44;  // 2^28 pages: far from kNoSlot

constexpr uint64_t WholePages(uint64_t size_bytes) {
  return (size_bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
}
constexpr uint32_t WordsFor(uint32_t pages) { return (pages + kBitsPerWord - 1) / kBitsPerWord; }

}  // namespace

absl::StatusOr<std::unique_ptr<Arena>> Arena::Create(uint64_t size_bytes) {
  if (size_bytes == 0 || size_bytes > kArenaBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("arena of ", size_bytes, " bytes; 1 to ", kArenaBytesMax, " are possible"));
  }
  const uint64_t whole = WholePages(size_bytes);
  const int memfd = memfd_create("floe-arena", MFD_CLOEXEC);
  if (memfd < 0) return absl::ErrnoToStatus(errno, "memfd_create for the arena");
  if (ftruncate(memfd, static_cast<off_t>(whole)) != 0) {
    const int error = errno;
    close(memfd);
    return absl::ErrnoToStatus(error, absl::StrCat("sizing the arena to ", whole, " bytes"));
  }
  return MapWhole(memfd, whole, whole);
}

absl::StatusOr<std::unique_ptr<Arena>> Arena::Map(int memfd, uint64_t size_bytes) {
  const uint64_t wanted = WholePages(size_bytes);
  struct stat found {};
  const bool is_read = fstat(memfd, &found) == 0;
  const auto present = is_read ? uint64_t(found.st_size) : 0;
  if (present == 0 || present % kPageBytes != 0 || present > kArenaBytesMax ||
      wanted > kArenaBytesMax) {
    close(memfd);
    return absl::InvalidArgumentError(
        absl::StrCat("an arena of ", present, " bytes cannot be taken over"));
  }
  if (wanted > present && ftruncate(memfd, static_cast<off_t>(wanted)) != 0) {
    const int error = errno;
    close(memfd);
    return absl::ErrnoToStatus(error, absl::StrCat("growing the arena to ", wanted, " bytes"));
  }
  return MapWhole(memfd, std::max(present, wanted), wanted);
}

absl::StatusOr<std::unique_ptr<Arena>> Arena::MapWhole(int memfd, uint64_t size_bytes,
                                                       uint64_t claimable_bytes) {
  void* base = mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0);
  if (base == MAP_FAILED) {
    const int error = errno;
    close(memfd);
    return absl::ErrnoToStatus(error, absl::StrCat("mapping an arena of ", size_bytes, " bytes"));
  }
  const auto claimable = static_cast<uint32_t>(claimable_bytes / kPageBytes);
  return absl::WrapUnique(new Arena(memfd, static_cast<std::byte*>(base), size_bytes, claimable));
}

Arena::Arena(int memfd, std::byte* base, uint64_t size_bytes, uint32_t claimable_pages)
    : memfd_(memfd),
      base_(base),
      size_bytes_(size_bytes),
      pages_(static_cast<uint32_t>(size_bytes / kPageBytes)),
      claimable_pages_(claimable_pages),
      headers_(std::make_unique<PageHeader[]>(pages_)),
      free_(std::make_unique<std::atomic<uint64_t>[]>(WordsFor(pages_))) {
  for (uint32_t page = 0; page < claimable_pages_; ++page) {
    free_[page / kBitsPerWord].fetch_or(uint64_t{1} << page % kBitsPerWord,
                                        std::memory_order_relaxed);
  }
}

Arena::~Arena() {
  munmap(base_, size_bytes_);
  close(memfd_);
}

PageSlot Arena::TakeFromWord(uint32_t word, uint64_t mask) {
  uint64_t candidates = free_[word].load(std::memory_order_relaxed) & mask;
  while (candidates != 0) {
    const uint64_t bit = candidates & -candidates;
    // Acquire: what the last holder read of the page happens before what we write into it.
    const uint64_t before = free_[word].fetch_and(~bit, std::memory_order_acquire);
    if ((before & bit) != 0) {
      return PageSlot(word * kBitsPerWord + static_cast<uint32_t>(std::countr_zero(bit)));
    }
    candidates = before & mask & ~bit;  // somebody was faster; `before` is the newer truth
  }
  return kNoSlot<PageSlot>;
}

PageSlot Arena::Claim(PageSlot near, uint64_t key) {
  const uint32_t words = WordsFor(pages_);
  const uint32_t start = (Index(near) + 1) % pages_;  // kNoSlot + 1 is 0
  const uint32_t start_word = start / kBitsPerWord;
  const uint64_t from_start = ~uint64_t{0} << start % kBitsPerWord;

  // Once round, and the pages before `start` in its own word at the end.
  PageSlot page = TakeFromWord(start_word, from_start);
  for (uint32_t i = 1; i < words && page == kNoSlot<PageSlot>; ++i) {
    page = TakeFromWord((start_word + i) % words, ~uint64_t{0});
  }
  if (page == kNoSlot<PageSlot>) page = TakeFromWord(start_word, ~from_start);
  if (page == kNoSlot<PageSlot>) return page;

  in_use_.fetch_add(1, std::memory_order_relaxed);
  PageHeader& header = headers_[Index(page)];
  header.key.store(key, std::memory_order_release);
  header.references.store(1, std::memory_order_release);
  return page;
}

bool Arena::TakeBack(PageSlot page, uint64_t key) {
  if (Index(page) >= pages_) return false;
  const uint64_t bit = uint64_t{1} << Index(page) % kBitsPerWord;
  std::atomic<uint64_t>& word = free_[Index(page) / kBitsPerWord];
  const bool is_claimable = Index(page) < claimable_pages_;
  if (is_claimable && (word.fetch_and(~bit, std::memory_order_acquire) & bit) == 0) return false;
  PageHeader& header = headers_[Index(page)];
  if (header.references.load(std::memory_order_relaxed) != 0) return false;
  in_use_.fetch_add(1, std::memory_order_relaxed);
  header.key.store(key, std::memory_order_release);
  header.references.store(1, std::memory_order_release);
  return true;
}

bool Arena::TryRef(PageSlot page, uint64_t key) {
  PageHeader& header = headers_[Index(page)];
  // Every load acquires, those of a refusal as well: who is told that the page is gone sees
  // what its owner did before it let go (a tape's oldest(), for one).
  uint32_t count = header.references.load(std::memory_order_acquire);
  do {
    if (count == 0) return false;
  } while (!header.references.compare_exchange_weak(count, count + 1, std::memory_order_acquire,
                                                    std::memory_order_acquire));
  if (header.key.load(std::memory_order_acquire) == key) return true;
  Unref(page);
  return false;
}

void Arena::Unref(PageSlot page) {
  const uint32_t before = headers_[Index(page)].references.fetch_sub(1, std::memory_order_acq_rel);
  FLOE_CHECK(before > 0);
  if (before != 1) return;
  in_use_.fetch_sub(1, std::memory_order_relaxed);
  if (Index(page) >= claimable_pages_) {
    // The last time it was used; punching it out of the memfd frees the memory (madvise(2)).
    if (!is_disowned_.load(std::memory_order_relaxed)) {
      madvise(data(page), kPageBytes, MADV_REMOVE);
    }
    return;
  }
  free_[Index(page) / kBitsPerWord].fetch_or(uint64_t{1} << Index(page) % kBitsPerWord,
                                             std::memory_order_release);
}

bool Arena::TryRekey(PageSlot page, uint64_t key) {
  PageHeader& header = headers_[Index(page)];
  uint32_t only = 1;
  // At 0 no reader can join in, and the free bit stays clear: the page is nobody's but ours.
  if (!header.references.compare_exchange_strong(only, 0, std::memory_order_acq_rel,
                                                 std::memory_order_relaxed)) {
    return false;
  }
  header.key.store(key, std::memory_order_release);
  header.references.store(1, std::memory_order_release);
  return true;
}

}  // namespace floe::tape
