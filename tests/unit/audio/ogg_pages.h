// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Ogg pages and packets, written for tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "audio/crc.h"
#include "audio/ogg_page.h"

namespace floe::audio {

inline std::string Little(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> 8 * i);
  return text;
}

inline std::string Big(uint64_t value, int bytes) {
  std::string text;
  for (int i = bytes; i > 0; --i) text += static_cast<char>(value >> 8 * (i - 1));
  return text;
}

inline constexpr uint8_t kContinued = 1, kBos = 2, kEos = 4;

struct PageOf {
  uint32_t serial = 1;
  uint8_t flags = 0;
  int64_t granule = 0;
  bool is_last_packet_open = false;  // it goes on on the next page
};

// A page of these packets, with its checksum. REQUIRES: they fit.
inline std::string Page(const PageOf& of, const std::vector<std::string>& packets) {
  std::string lacing, body;
  for (size_t i = 0; i < packets.size(); ++i) {
    const bool is_open = of.is_last_packet_open && i + 1 == packets.size();
    lacing += std::string(packets[i].size() / 255, '\xff');
    if (!is_open) lacing += static_cast<char>(packets[i].size() % 255);
    body += packets[i];
  }
  std::string page("OggS\0", 5);
  page += static_cast<char>(of.flags);
  page += Little(static_cast<uint64_t>(of.granule), 8) + Little(of.serial, 4) + Little(0, 8);
  page += static_cast<char>(lacing.size());
  page += lacing + body;
  const std::string sum = Little(OggCrc32(0, AsBytes(page)), 4);
  page.replace(22, 4, sum);
  return page;
}

// A comment header's content, behind what marks it as one.
inline std::string Comments(const std::vector<std::string>& comments) {
  std::string text = Little(4, 4) + "test" + Little(comments.size(), 4);
  for (const std::string& comment : comments) text += Little(comment.size(), 4) + comment;
  return text;
}

inline std::string OpusHead(uint16_t pre_skip = 312) {
  return "OpusHead\x01\x02" + Little(pre_skip, 2) + Little(44100, 4) + std::string(3, '\0');
}
inline std::string OpusTags(const std::vector<std::string>& comments) {
  return "OpusTags" + Comments(comments);
}
// A packet of one CELT frame of 20 ms.
inline std::string OpusPacket(size_t bytes = 60, char fill = 'o') {
  return '\xfc' + std::string(bytes - 1, fill);
}
inline constexpr int64_t kOpusPacketUnits = 960;

inline std::string VorbisHead(uint32_t rate_hz = 44100) {
  return "\x01vorbis" + Little(0, 4) + '\x02' + Little(rate_hz, 4) + Little(0, 4) +
         Little(96000, 4) + Little(0, 4) + "\xb8\x01";
}

// The pages of a stream and their bytes. A page's spans are into `stream`.
inline std::vector<std::pair<OggPage, std::string>> PagesOf(absl::string_view stream) {
  std::vector<std::pair<OggPage, std::string>> pages;
  while (!stream.empty()) {
    const OggSight sight = LookForPage(AsBytes(stream), [](const OggPage&) { return true; });
    if (sight.kind != OggSight::Kind::kPage) break;
    pages.emplace_back(sight.page, std::string(stream.substr(0, sight.bytes)));
    stream.remove_prefix(sight.bytes);
  }
  return pages;
}

// A whole link of Opus: two header pages and `pages` of ten packets each.
inline std::vector<std::string> OpusLink(uint32_t serial, int pages,
                                         const std::vector<std::string>& comments = {},
                                         bool ends = true) {
  std::vector<std::string> link = {Page({serial, kBos}, {OpusHead(0)}),
                                   Page({serial}, {OpusTags(comments)})};
  for (int i = 1; i <= pages; ++i) {
    const uint8_t flags = ends && i == pages ? kEos : 0;
    link.push_back(Page({serial, flags, i * 10 * kOpusPacketUnits},
                        std::vector<std::string>(10, OpusPacket(60, static_cast<char>(i)))));
  }
  return link;
}

inline std::string JoinAll(const std::vector<std::string>& parts) {
  std::string joined;
  for (const std::string& part : parts) joined += part;
  return joined;
}

}  // namespace floe::audio
