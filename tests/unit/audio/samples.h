// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The encoded samples of testdata/, and what is known of each.
#pragma once

#include <fstream>
#include <iterator>
#include <ostream>
#include <string>

#include "audio/framer.h"
#include "gtest/gtest.h"

namespace floe::audio {

struct Sample {
  const char* file;
  const char* content_type;
  double duration_s;  // as the encoder counts it
  double frame_s;     // by how much a framer may differ
  size_t tag_bytes;   // of tags around the audio, which are garbage
  bool is_passed_on;  // all else of the file reaches who listens from the beginning
  Parameters parameters;
  const char* title;  // nullptr: says none
};

inline constexpr size_t kTagOfFfmpegBytes = 51;

inline constexpr Sample kSamples[] = {
    // Of these each file holds a frame that only describes it, and the encoder's delay.
    {"constant.mp3",
     "audio/mpeg",
     3.056,
     0.027,
     kTagOfFfmpegBytes,
     true,
     {Codec::kMp3, 64000, 44100, 2},
     nullptr},
    {"variable.mp3",
     "audio/mpeg",
     3.056,
     0.027,
     kTagOfFfmpegBytes,
     true,
     {Codec::kMp3, 224000, 44100, 2},
     nullptr},
    {"mpeg2.mp3",
     "audio/mpeg",
     3.082,
     0.027,
     kTagOfFfmpegBytes,
     true,
     {Codec::kMp3, 32000, 22050, 1},
     nullptr},
    {"mpeg25.mp3",
     "audio/mpeg",
     3.240,
     0.072,
     kTagOfFfmpegBytes,
     true,
     {Codec::kMp3, 16000, 8000, 1},
     nullptr},
    {"free.mp3", "audio/mpeg", 3.072, 0.027, 0, true, {Codec::kMp3, 70000, 24000, 2}, nullptr},
    {"layer2.mp2", "audio/mpeg", 3.0, 0.024, 0, true, {Codec::kMp2, 64000, 48000, 1}, nullptr},
    {"plain.aac", "audio/aac", 3.041, 0.024, 0, true, {Codec::kAac, 0, 44100, 2}, nullptr},
    {"vorbis.ogg",
     "application/ogg",
     3.0,
     0.001,
     0,
     true,
     {Codec::kVorbis, 64000, 44100, 2},
     "Ice - Floe"},
    {"opus.ogg", "audio/ogg", 3.0, 0.020, 0, true, {Codec::kOpus, 0, 48000, 2}, "Ice - Floe"},
    {"flac.ogg", "audio/ogg", 3.0, 0.001, 0, true, {Codec::kFlac, 0, 8000, 1}, "Ice - Floe"},
    {"speex.ogg", "audio/ogg", 3.0, 0.020, 0, true, {Codec::kSpeex, 27800, 16000, 1}, "Ice - Floe"},
    {"theora.ogg", "video/ogg", 3.0, 0.1, 0, true, {Codec::kTheora, 24000, 16000, 1}, "Ice - Floe"},
    {"sound.webm", "audio/webm", 3.0, 0.020, 0, true, {Codec::kWebm, 0, 48000, 2}, "Ice - Floe"},
    {"pictures.webm", "video/webm", 3.0, 0.1, 0, true, {Codec::kWebm, 0, 48000, 1}, "Ice - Floe"},
    {"ffmpeg.flac", "audio/flac", 3.0, 0.001, 0, false, {Codec::kFlac, 0, 8000, 1}, "Ice - Floe"},
    {"reference.flac",
     "audio/x-flac",
     1.0,
     0.001,
     0,
     false,
     {Codec::kFlac, 0, 44100, 2},
     "Ice - Floe"},
};

inline void PrintTo(const Sample& sample, std::ostream* out) { *out << sample.file; }

inline std::string ReadSample(const std::string& file) {
  std::ifstream in(FLOE_AUDIO_TESTDATA "/" + file, std::ios::binary);
  EXPECT_TRUE(in.is_open()) << file;
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace floe::audio
