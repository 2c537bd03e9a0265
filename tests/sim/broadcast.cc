// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "sim/broadcast.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/check.h"

namespace floe::sim {
namespace {

std::span<const std::byte> BytesOf(const std::string& text) {
  return std::as_bytes(std::span(text));
}

}  // namespace

Broadcast::Broadcast(mount::Registry& registry, std::string name, const config::Mount& settings,
                     const BroadcastOptions& options, uint64_t seed)
    : registry_(registry), settings_(settings), options_(options), dice_(seed) {
  auto mount = registry.Configure(name, settings);
  FLOE_CHECK(mount.ok());
  mount_ = *std::move(mount);
}

void Broadcast::Connect(Instant now) { Connect(now, options_.content_type); }

void Broadcast::Connect(Instant now, absl::string_view content_type) {
  mount::SourceInfo info;
  info.content_type = std::string(content_type);
  auto writer = registry_.Claim(mount_->name(), info, settings_, {.takeover = true}, now);
  FLOE_CHECK(writer.ok());
  writer_ = *std::move(writer);
  if (!last_content_type_.empty() && last_content_type_ != content_type) ++epoch_;
  last_content_type_ = std::string(content_type);
  next_frame_ = now;
  silent_since_.reset();
  frames_since_sync_ = 0;
  link_is_due_ = options_.has_links;
}

void Broadcast::Leave(Instant now) {
  writer_->Leave(now);
  writer_.reset();
  silent_since_ = now;
}

void Broadcast::End() { writer_.reset(); }

void Broadcast::BeginLink() { link_is_due_ = options_.has_links; }

std::string Broadcast::MakeBytes(uint8_t mark, uint32_t number, size_t size) {
  std::string bytes(std::max(size, kFrameHeadBytes), '\0');
  bytes[0] = char(mark);
  bytes[1] = char(mount_->tape().id() & 0x7F);
  bytes[2] = char(epoch_ & 0x7F);
  for (size_t i = 0; i < 4; ++i) bytes[3 + i] = char((number >> (7 * i)) & 0x7F);
  uint64_t state = uint64_t{number} << 8 | mark;
  char* const end = bytes.data() + bytes.size();
  for (char* byte = bytes.data() + kFrameHeadBytes; byte < end; ++byte) {
    state = state * 6364136223846793005 + 1442695040888963407;
    *byte = char(state >> 57);
  }
  return bytes;
}

bool Broadcast::Publish(uint8_t mark, bool is_sync, microseconds played) {
  const auto number = uint32_t(index_of_.size());
  const std::string bytes =
      MakeBytes(mark, number, dice_.Between(options_.frame_bytes_min, options_.frame_bytes_max));
  if (dice_.Chance(0.02)) {  // a torn frame that nobody shall hear of
    writer_->Append(BytesOf(bytes).first(bytes.size() / 2));
    writer_->Discard();
  }
  const uint64_t before = mount_->tape().published();
  if (is_sync) writer_->SyncPoint(options_.has_links && mark == kFrameMark);
  const size_t cut = dice_.Between(0, bytes.size());
  writer_->Append(BytesOf(bytes).first(cut));
  writer_->Append(BytesOf(bytes).subspan(cut));
  writer_->Boundary(played);
  NoteTitles();

  if (mount_->tape().published() == before) {  // the arena is full
    index_of_.push_back(-1);
    ++lost_frames_;
    return false;
  }
  FLOE_CHECK(mount_->tape().published() == before + bytes.size());
  index_of_.push_back(int64_t(frames_.size()));
  frames_.push_back(
      {.bytes = bytes, .offset_bytes = before, .link = link_, .epoch = epoch_, .is_sync = is_sync});
  return true;
}

void Broadcast::Advance(Instant now) {
  while (writer_ != nullptr && next_frame_ <= now) {
    next_frame_ += options_.frame_time;
    if (link_is_due_) {
      ++link_;
      // Headers that were lost for want of arena are tried again: a stream without is no stream.
      if (!Publish(kHeaderMark, /*is_sync=*/true, microseconds(0))) {
        --link_;
        continue;
      }
      link_is_due_ = false;
      preambles_.push_back(MakeBytes(kPreambleMark, link_, dice_.Between(50, 9'000)));
      writer_->BeginLink(BytesOf(preambles_.back()));
      frames_since_sync_ = 0;
    }
    const bool is_sync = frames_since_sync_ == 0;
    frames_since_sync_ = (frames_since_sync_ + 1) % options_.frames_per_sync;
    Publish(kFrameMark, is_sync, options_.frame_time);
  }
}

void Broadcast::NoteTitles() {
  mount_->CopyTitles(titles_.empty() ? 0 : titles_.back().sequence, &titles_);
}

std::optional<size_t> Broadcast::IndexOf(uint32_t number) const {
  if (number >= index_of_.size() || index_of_[number] < 0) return std::nullopt;
  return size_t(index_of_[number]);
}

const mount::TitleMark* Broadcast::TitleAt(uint64_t offset_bytes) const {
  const mount::TitleMark* holding = nullptr;
  for (const mount::TitleMark& mark : titles_) {
    if (mark.offset_bytes <= offset_bytes) holding = &mark;
  }
  return holding;
}

}  // namespace floe::sim
