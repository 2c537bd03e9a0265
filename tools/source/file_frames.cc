// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/source/file_frames.h"

#include <fstream>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tools/signal/mpeg_header.h"

namespace floe::tools {
namespace {

class FileFrames final : public FrameWriter {
 public:
  explicit FileFrames(std::string bytes) : bytes_(std::move(bytes)) { Index(); }

  bool is_empty() const { return frames_.empty(); }

  void BeginLife(uint32_t, std::string*) override {}

  void Append(const Stamp& stamp, std::string* out) override {
    const Frame& frame = frames_[stamp.sequence % frames_.size()];
    absl::StrAppend(out, absl::string_view(bytes_).substr(frame.at, frame.bytes));
  }

  std::chrono::nanoseconds StartOf(uint64_t sequence) const override {
    const uint64_t rounds = sequence / frames_.size();
    return std::chrono::nanoseconds(rounds * round_ns_ +
                                    frames_[sequence % frames_.size()].starts_ns);
  }

  uint32_t sample_rate() const override { return sample_rate_; }

 private:
  struct Frame {
    size_t at;
    uint32_t bytes;
    uint64_t starts_ns;
  };

  // A header is believed when the next frame, or the end of the file, follows it directly.
  void Index() {
    const absl::string_view all = bytes_;
    for (size_t at = SkipId3(all); at + MpegHeader::kBytes <= all.size();) {
      const auto header = MpegHeader::Decode(all.substr(at));
      const size_t next = header.has_value() ? at + header->frame_bytes : 0;
      const bool is_frame =
          header.has_value() && next <= all.size() &&
          (next + MpegHeader::kBytes > all.size() ||
           MpegHeader::Decode(all.substr(next)).has_value() || all.substr(next, 3) == "TAG");
      if (!is_frame) {
        ++at;
        continue;
      }
      frames_.push_back({at, header->frame_bytes, round_ns_});
      round_ns_ += header->samples * uint64_t{1'000'000'000} / header->sample_rate;
      sample_rate_ = header->sample_rate;
      at = next;
    }
  }

  static size_t SkipId3(absl::string_view all) {
    if (all.size() < 10 || all.substr(0, 3) != "ID3") return 0;
    size_t bytes = 0;
    for (size_t i = 6; i < 10; ++i) bytes = bytes << 7 | (uint8_t(all[i]) & 0x7F);
    return bytes + 10;
  }

  const std::string bytes_;
  std::vector<Frame> frames_;
  uint64_t round_ns_ = 0;
  uint32_t sample_rate_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<FrameWriter>> ReadMp3File(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot open \"", path, "\""));
  if (size_t(file.tellg()) > kFileBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("\"", path, "\" is larger than 1 GiB"));
  }
  std::string bytes(size_t(file.tellg()), '\0');
  file.seekg(0);
  file.read(bytes.data(), std::streamsize(bytes.size()));
  if (!file) return absl::DataLossError(absl::StrCat("cannot read \"", path, "\""));
  auto frames = std::make_unique<FileFrames>(std::move(bytes));
  if (frames->is_empty()) {
    return absl::InvalidArgumentError(absl::StrCat("\"", path, "\" has no MP3 frames"));
  }
  return frames;
}

}  // namespace floe::tools
