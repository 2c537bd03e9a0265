// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "listener/framing.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/check.h"
#include "base/limits.h"

namespace floe::listener {
namespace {

// The block that says: the title is still the one you know.
constexpr std::byte kEmptyBlock[1] = {std::byte{0}};

// A run is what a listener is sent before something of another kind follows.
struct Run {
  enum class Kind : uint8_t { kIntro, kPreamble, kBlock, kAudio } kind;
  uint32_t title;                   // of a block that says one; 0
  uint64_t audio_bytes;             // of audio, however much of it is published
  std::span<const std::byte> rest;  // of an intro, a preamble or a block: what is left of it
};

bool IsWithinBlock(const Listener& listener) { return listener.block_sent_bytes > 0; }

bool IsWithinIntro(const Listener& listener) { return listener.intro_left_bytes > 0; }

// Blocks are counted within intros as within audio.
bool IsBlockNext(const Listener& listener) {
  return (listener.flags & kIsIcy) != 0 && listener.metadata_due_bytes == 0;
}

// A block carries the newest title that holds where it stands, unless the listener knows it.
uint32_t TitleOfBlock(const Listener& listener, const View& view) {
  if (IsWithinBlock(listener)) return listener.block_title;
  const HeldTitles::Title* title = view.titles().At(listener.position_bytes);
  if (title == nullptr || title->sequence == listener.title_sent) return 0;
  return title->sequence;
}

Run NextRun(const Listener& listener, const View& view) {
  if (IsWithinIntro(listener) && !IsBlockNext(listener)) {
    std::span<const std::byte> intro =
        view.preambles().BytesOf(listener.intro).last(listener.intro_left_bytes);
    if ((listener.flags & kIsIcy) != 0) {
      intro = intro.first(std::min<size_t>(intro.size(), listener.metadata_due_bytes));
    }
    return {Run::Kind::kIntro, 0, 0, intro};
  }
  if ((listener.flags & kInPreamble) != 0 && !IsWithinIntro(listener)) {
    const std::span<const std::byte> preamble = view.preambles().BytesOf(listener.link);
    return {Run::Kind::kPreamble, 0, 0, preamble.subspan(listener.preamble_sent_bytes)};
  }
  if ((listener.flags & kIsIcy) == 0) return {Run::Kind::kAudio, 0, UINT64_MAX, {}};
  if (listener.metadata_due_bytes > 0) {
    return {Run::Kind::kAudio, 0, listener.metadata_due_bytes, {}};
  }
  const uint32_t title = TitleOfBlock(listener, view);
  const std::span<const std::byte> block =
      title == 0 ? std::span<const std::byte>(kEmptyBlock) : view.titles().BlockOf(title);
  return {Run::Kind::kBlock, title, 0, block.subspan(listener.block_sent_bytes)};
}

// Moves the listener `bytes` further within the run.
void Pass(Listener& listener, const Run& run, uint32_t bytes) {
  switch (run.kind) {
    case Run::Kind::kIntro:
      listener.intro_left_bytes -= bytes;
      if ((listener.flags & kIsIcy) != 0) listener.metadata_due_bytes -= bytes;
      // What is held of a link comes behind it.
      if (!IsWithinIntro(listener) && (listener.flags & kHoldsPreamble) == 0) {
        listener.flags &= uint8_t(~kInPreamble);
      }
      return;
    case Run::Kind::kPreamble:
      listener.preamble_sent_bytes += bytes;
      if (bytes == run.rest.size()) listener.flags &= uint8_t(~kInPreamble);
      return;
    case Run::Kind::kBlock:
      listener.block_sent_bytes += bytes;
      if (bytes < run.rest.size()) return;
      listener.block_sent_bytes = 0;
      listener.metadata_due_bytes = listener.metaint_bytes;
      if (run.title != 0) listener.title_sent = run.title;
      return;
    case Run::Kind::kAudio:
      listener.position_bytes += bytes;
      if ((listener.flags & kIsIcy) != 0) listener.metadata_due_bytes -= bytes;
      return;
  }
}

// Planner collects the pieces of one send.
class Planner {
 public:
  Planner(View& view, uint32_t bytes_max, std::vector<iovec>* pieces)
      : view_(view),
        bytes_max_(bytes_max),
        bytes_left_(bytes_max),
        pieces_(*pieces),
        first_piece_(pieces->size()) {}

  // Adds as much of published audio in [position, position + bytes) as fits. Answers how much.
  uint32_t AddAudio(uint64_t position, uint64_t bytes) {
    if (position >= view_.published() || position < view_.oldest()) return 0;
    bytes = std::min({bytes, view_.published() - position, uint64_t{bytes_left_}});
    uint32_t added = 0;
    while (added < bytes) {
      const std::byte* page = view_.pages().Find(PageNumber(position + added));
      if (page == nullptr) break;
      const uint32_t within = uint32_t((position + added) % kPageBytes);
      const uint32_t want = std::min(uint32_t(bytes) - added, kPageBytes - within);
      if (!AddPiece(page + within, want)) break;
      added += want;
    }
    if (added > 0) NotePages(position, added);
    return added;
  }

  // Adds as much of `bytes` as fits. Answers how much.
  uint32_t AddBytes(std::span<const std::byte> bytes) {
    const uint32_t want = uint32_t(std::min<size_t>(bytes.size(), bytes_left_));
    return want > 0 && AddPiece(bytes.data(), want) ? want : 0;
  }

  bool is_full() const { return bytes_left_ == 0; }
  bool is_empty() const { return pieces_.size() == first_piece_; }
  uint32_t bytes() const { return bytes_max_ - bytes_left_; }
  uint32_t first_page() const { return first_page_; }
  uint32_t page_count() const { return page_count_; }
  uint32_t piece_count() const { return uint32_t(pieces_.size() - first_piece_); }

 private:
  // Bytes that follow the last piece in memory make it longer: neighbouring pages are one span.
  bool AddPiece(const std::byte* data, uint32_t bytes) {
    if (!is_empty()) {
      iovec& last = pieces_.back();
      if (static_cast<const std::byte*>(last.iov_base) + last.iov_len == data) {
        last.iov_len += bytes;
        bytes_left_ -= bytes;
        return true;
      }
    }
    if (piece_count() == kSendPiecesMax) return false;
    pieces_.push_back({const_cast<std::byte*>(data), bytes});
    bytes_left_ -= bytes;
    return true;
  }

  void NotePages(uint64_t position, uint32_t bytes) {
    if (page_count_ == 0) first_page_ = PageNumber(position);
    page_count_ = PageNumber(position + bytes - 1) - first_page_ + 1;
  }

  View& view_;
  const uint32_t bytes_max_;
  uint32_t bytes_left_;
  std::vector<iovec>& pieces_;
  const size_t first_piece_;
  uint32_t first_page_ = 0;
  uint32_t page_count_ = 0;
};

bool IsLapped(const Listener& listener, View& view) {
  return listener.position_bytes < view.published() &&
         (listener.position_bytes < view.oldest() ||
          view.pages().Find(PageNumber(listener.position_bytes)) == nullptr);
}

void ReleaseTitle(Listener& listener, View& view) {
  if (listener.block_title == 0) return;
  view.titles().Release(listener.block_title);
  listener.block_title = 0;
}

void ReleasePreamble(Listener& listener, View& view) {
  if ((listener.flags & kHoldsPreamble) == 0) return;
  view.preambles().Release(listener.link);
  listener.flags &= uint8_t(~kHoldsPreamble);
}

void ReleaseIntro(Listener& listener, View& view) {
  if (listener.intro == kNoIntro) return;
  view.preambles().Release(listener.intro);
  listener.intro = kNoIntro;
  listener.intro_left_bytes = 0;
}

// Walks runs until one does not fit or is not there yet. Answers the title whose block is among
// them: one at most, since that is what a record can hold.
uint32_t PlanRuns(const Listener& listener, View& view, Planner& planner) {
  Listener cursor = listener;
  while (!planner.is_full()) {
    // A block waits for audio behind it: what is said there is then settled for good. And it
    // belongs to the audio that follows, so a listener that has to skip skips before it.
    const bool is_before_audio = (cursor.flags & kInPreamble) != 0 && !IsBlockNext(cursor);
    const bool may_finish = is_before_audio || IsWithinBlock(cursor);
    if (!may_finish && cursor.position_bytes >= view.published()) break;
    if (!may_finish && IsLapped(cursor, view)) break;

    const Run run = NextRun(cursor, view);
    if (run.title != 0 && cursor.block_title != 0 && run.title != cursor.block_title) break;
    const bool is_audio = run.kind == Run::Kind::kAudio;
    const uint32_t added = is_audio ? planner.AddAudio(cursor.position_bytes, run.audio_bytes)
                                    : planner.AddBytes(run.rest);
    if (added == 0) break;
    if (run.title != 0) cursor.block_title = run.title;
    Pass(cursor, run, added);
  }
  return cursor.block_title;
}

}  // namespace

SendPlan PlanSend(Listener& listener, View& view, uint32_t bytes_max, std::vector<iovec>* pieces) {
  FLOE_CHECK(listener.pinned_pages == 0);
  Planner planner(view, bytes_max, pieces);
  uint32_t title = 0;
  if ((listener.flags & (kIsIcy | kInPreamble)) == 0) {
    planner.AddAudio(listener.position_bytes, UINT64_MAX);
  } else {
    title = PlanRuns(listener, view, planner);
  }
  if (planner.is_empty()) return {.is_lapped = IsLapped(listener, view)};

  listener.pinned_page = planner.first_page();
  listener.pinned_pages = uint16_t(planner.page_count());
  view.pages().Pin(listener.pinned_page, listener.pinned_pages);
  if (title != 0 && listener.block_title == 0) {
    listener.block_title = title;
    view.titles().Hold(title);
  }
  return {.bytes = planner.bytes(), .piece_count = planner.piece_count()};
}

void TakeSent(Listener& listener, const View& view, uint32_t sent_bytes) {
  listener.sent_bytes += sent_bytes;
  while (sent_bytes > 0) {
    const Run run = NextRun(listener, view);
    const uint64_t whole = run.kind == Run::Kind::kAudio ? run.audio_bytes : run.rest.size();
    const uint32_t passed = uint32_t(std::min<uint64_t>(sent_bytes, whole));
    Pass(listener, run, passed);
    sent_bytes -= passed;
  }
}

void ReleaseSend(Listener& listener, View& view) {
  view.pages().Unpin(listener.pinned_page, listener.pinned_pages);
  listener.pinned_pages = 0;
  if (!IsWithinBlock(listener)) ReleaseTitle(listener, view);
  if ((listener.flags & kInPreamble) == 0) ReleasePreamble(listener, view);
  if (!IsWithinIntro(listener)) ReleaseIntro(listener, view);
}

void ReleaseHeld(Listener& listener, View& view) {
  ReleaseTitle(listener, view);
  ReleasePreamble(listener, view);
  ReleaseIntro(listener, view);
  listener.flags &= uint8_t(~kInPreamble);  // wherever it goes on, that is not what it hears
}

}  // namespace floe::listener
