// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/source_headers.h"

#include "absl/strings/str_cat.h"
#include "base/utf8.h"
#include "gtest/gtest.h"
#include "http/request.h"

namespace floe::http {
namespace {

SourceHeaders Said(absl::string_view headers) {
  absl::StatusOr<Request> request =
      ParseHead(absl::StrCat("PUT /live HTTP/1.1\r\n", headers, "\r\n"));
  EXPECT_TRUE(request.ok()) << request.status();
  return ParseSourceHeaders(request->headers);
}

TEST(SourceHeaders, AreReadAsLibshoutSendsThem) {
  const SourceHeaders source = Said(
      "Content-Type: audio/mpeg\r\n"
      "User-Agent: libshout/2.4.6\r\n"
      "ice-name: Jazz FM\r\n"
      "ice-description: Late night\r\n"
      "ice-genre: jazz\r\n"
      "ice-url: https://jazz.example\r\n"
      "ice-public: 1\r\n"
      "ice-bitrate: 128\r\n"
      "ice-audio-info: ice-samplerate=44100;ice-bitrate=128;ice-channels=2\r\n"
      "Content-Language: en\r\n");
  EXPECT_EQ(source.content_type, "audio/mpeg");
  EXPECT_EQ(source.user_agent, "libshout/2.4.6");
  EXPECT_EQ(source.name, "Jazz FM");
  EXPECT_EQ(source.description, "Late night");
  EXPECT_EQ(source.genre, "jazz");
  EXPECT_EQ(source.url, "https://jazz.example");
  EXPECT_TRUE(source.is_public);
  EXPECT_EQ(source.bitrate_kbps, 128u);
  EXPECT_EQ(source.audio_info, "ice-samplerate=44100;ice-bitrate=128;ice-channels=2");
  EXPECT_EQ(source.samplerate_hz, 44100u);
  EXPECT_EQ(source.channels, 2u);
  EXPECT_EQ(source.content_language, "en");
  EXPECT_EQ(source.metaint_bytes, 0u);
}

TEST(SourceHeaders, IceIsStrongerThanIcyAndIcyThanAudiocast) {
  const absl::string_view all =
      "x-audiocast-name: three\r\nicy-name: two\r\nice-name: one\r\n"
      "x-audiocast-bitrate: 3\r\nicy-br: 2\r\nice-bitrate: 1\r\n";
  EXPECT_EQ(Said(all).name, "one");
  EXPECT_EQ(Said(all).bitrate_kbps, 1u);
  EXPECT_EQ(Said("x-audiocast-name: three\r\nicy-name:two\r\n").name, "two");
  EXPECT_EQ(Said("x-audiocast-name: three\r\n").name, "three");
  EXPECT_EQ(Said("icy-br: 2\r\nx-audiocast-bitrate: 3\r\n").bitrate_kbps, 2u);
}

TEST(SourceHeaders, PublicHasAnOrderOfItsOwn) {
  EXPECT_FALSE(Said("ice-public: 0\r\nicy-pub: 1\r\n").is_public);
  EXPECT_TRUE(Said("icy-pub:1\r\nx-audiocast-public: 0\r\n").is_public);
  EXPECT_TRUE(Said("x-audiocast-public: 1\r\nicy-public: 0\r\n").is_public);
  EXPECT_TRUE(Said("icy-public: 1\r\n").is_public);
  EXPECT_TRUE(Said("ice-public: true\r\n").is_public);
  EXPECT_FALSE(Said("").is_public);
}

TEST(SourceHeaders, AnEmptyValueSaysNothing) {
  EXPECT_EQ(Said("ice-name:\r\nicy-name:Jazz\r\n").name, "Jazz");
  EXPECT_EQ(Said("ice-name:  \r\n").name, "");
}

TEST(SourceHeaders, BitratesAreReadInAllTheirForms) {
  EXPECT_EQ(Said("ice-bitrate: 128 kbps\r\n").bitrate_kbps, 128u);
  EXPECT_EQ(Said("icy-br: 128, 128\r\n").bitrate_kbps, 128u);
  EXPECT_EQ(Said("ice-bitrate: Quality 5\r\n").bitrate_kbps, 0u);
  EXPECT_EQ(Said("ice-audio-info: bitrate=96\r\n").bitrate_kbps, 96u);
  EXPECT_EQ(Said("ice-audio-info: ice-bitrate=128000\r\n").bitrate_kbps, 128u) << "bit/s";
  EXPECT_EQ(Said("ice-bitrate: 99999999999999999999\r\n").bitrate_kbps, 0u);
  EXPECT_EQ(Said("ice-bitrate: -5\r\n").bitrate_kbps, 0u);
}

TEST(SourceHeaders, AudioInfoIsSplitAndDecoded) {
  const std::vector<AudioInfoField> fields =
      ParseAudioInfo("samplerate=48000; quality=5%2C0 ;;novalue;=nokey;channels=1");
  ASSERT_EQ(fields.size(), 3u);
  EXPECT_EQ(fields[0].key, "samplerate");
  EXPECT_EQ(fields[1].value, "5,0");
  EXPECT_EQ(fields[2].key, "channels");
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "a=b;";
  EXPECT_EQ(ParseAudioInfo(many).size(), kAudioInfoFieldsMax);
}

TEST(SourceHeaders, ASourceMayInterleaveTitles) {
  EXPECT_EQ(Said("icy-metaint: 8192\r\n").metaint_bytes, 8192u);
  EXPECT_EQ(Said("icy-metaint: 0\r\n").metaint_bytes, 0u);
  EXPECT_EQ(Said("icy-metaint: 4000000000\r\n").metaint_bytes, 0u);
}

TEST(SourceHeaders, TextIsShowableWhateverWasSent) {
  const SourceHeaders source = Said("ice-name: Caf\xe9\r\nice-genre: a\tb\r\n");
  EXPECT_EQ(source.name, "Caf\xc3\xa9");
  EXPECT_EQ(source.genre, "a b");
  EXPECT_TRUE(IsUtf8(Said("ice-audio-info: a=%ff%fe;b=\xff\r\n").audio_info_fields[0].value));
}

}  // namespace
}  // namespace floe::http
