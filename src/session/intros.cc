// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/intros.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "audio/track.h"
#include "base/log.h"
#include "files/programme.h"

namespace floe::session {
namespace {

constexpr seconds kTellPause{60};

// Keeps what a framer passes on.
class Collector final : public audio::Output {
 public:
  void Append(std::span<const std::byte> bytes) override {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void Discard() override {}
  void Boundary(microseconds) override {}
  void SyncPoint(bool) override {}
  void BeginLink(std::span<const std::byte>) override {}
  void Title(absl::string_view) override {}
  void Found(const audio::Parameters&) override {}

  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

// One pass, as listeners get it.
std::vector<std::byte> BytesOf(const audio::Track& track) {
  Collector collector;
  audio::TrackFeed feed;
  audio::TrackPlace place;
  // Not a number that the stream behind it begins with.
  place.first_serial = uint32_t(track.hash ^ uint64_t(absl::ToUnixMicros(absl::Now())));
  const std::unique_ptr<audio::Framer> framer = audio::MakeFramer(track.content_type, &Clock::now);
  do {
    feed.Step(track, *framer, collector, &place);
  } while (place.at_bytes != 0);
  framer->End(collector);
  return collector.bytes();
}

}  // namespace

absl::StatusOr<Intro> ReadIntro(const std::string& path) {
  const absl::StatusOr<audio::Track> track = files::ReadTrack({.path = path, .title = ""});
  if (!track.ok()) return track.status();
  const bool is_native_flac = track->parameters.codec == audio::Codec::kFlac && track->streams == 0;
  if (is_native_flac) {
    return absl::InvalidArgumentError(
        absl::StrCat("file \"", path, "\" is FLAC, which has no intros; Ogg FLAC does"));
  }
  if (track->bytes.size() > kIntroBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "file \"", path, "\" is longer than ", kIntroBytesMax, " bytes, too long for an intro"));
  }
  const std::vector<std::byte> bytes = BytesOf(*track);
  return Intro{.bytes = mount::Preamble::Copy(bytes),
               .parameters = track->parameters,
               .played = std::chrono::ceil<milliseconds>(track->played)};
}

absl::Status CheckFits(const audio::Parameters& intro, const audio::Parameters& stream) {
  if (intro.codec != stream.codec) {
    return absl::FailedPreconditionError(absl::StrCat("it is ", audio::CodecName(intro.codec),
                                                      ", the stream is ",
                                                      audio::CodecName(stream.codec)));
  }
  if (intro.sample_rate_hz != stream.sample_rate_hz) {
    return absl::FailedPreconditionError(absl::StrCat(
        "it has ", intro.sample_rate_hz, " Hz, the stream has ", stream.sample_rate_hz));
  }
  if (intro.channels != stream.channels) {
    return absl::FailedPreconditionError(
        absl::StrCat("it has ", intro.channels, " channels, the stream has ", stream.channels));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::map<std::string, Intro>> Intros::Read(const config::Config& config) {
  std::map<std::string, Intro> by_path;
  const auto add = [&by_path](const config::Mount& settings) -> absl::Status {
    if (settings.intro.empty()) return absl::OkStatus();
    const absl::string_view type = files::ContentTypeOf(settings.intro);
    if (!settings.file.empty()) {
      const absl::StatusOr<files::Programme> programme =
          files::MakeProgramme(settings.file, settings.file_order);
      if (!programme.ok()) return programme.status();
      if (files::ContentTypeOf(programme->entries.front().path) != type) {
        return absl::InvalidArgumentError(absl::StrCat(
            "intro \"", settings.intro, "\" is of another type than file \"", settings.file, "\""));
      }
    }
    if (by_path.contains(settings.intro)) return absl::OkStatus();
    absl::StatusOr<Intro> intro = ReadIntro(settings.intro);
    if (!intro.ok()) return intro.status();
    by_path.emplace(settings.intro, *std::move(intro));
    return absl::OkStatus();
  };
  if (absl::Status added = add(config.mount_defaults); !added.ok()) {
    return absl::Status(added.code(), absl::StrCat("mount_defaults: intro: ", added.message()));
  }
  for (const auto& [name, settings] : config.mounts) {
    if (absl::Status added = add(settings); !added.ok()) {
      return absl::Status(added.code(),
                          absl::StrCat("mount \"", name, "\": intro: ", added.message()));
    }
  }
  return by_path;
}

void Intros::Set(std::map<std::string, Intro> by_path) {
  MutexLock lock(&mutex_);
  by_path_ = std::move(by_path);
}

Intro Intros::Begin(const std::string& path, const audio::Parameters& stream,
                    absl::string_view mount, const Address& peer, absl::string_view agent,
                    Instant now) {
  // Ports change from one connection to the next.
  const absl::string_view address(reinterpret_cast<const char*>(peer.bytes.data()),
                                  peer.bytes.size());
  const uint64_t player = absl::HashOf(address, agent, mount, path);
  MutexLock lock(&mutex_);
  const auto found = by_path_.find(path);
  if (found == by_path_.end() || stream.codec == audio::Codec::kUnknown) return {};
  if (absl::Status fits = CheckFits(found->second.parameters, stream); !fits.ok()) {
    if (told_ != Instant() && now - told_ < kTellPause) return {};
    told_ = now;
    log::Warn(absl::StrCat("intro \"", path, "\" is not played on ", mount, ": ", fits.message()));
    return {};
  }
  return IsRemembered(player, now) ? Intro{} : found->second.Share();
}

bool Intros::IsRemembered(uint64_t player, Instant now) {
  const auto forgets = [&] {
    return !arrivals_.empty() &&
           (arrivals_.size() >= kIntroMemoryMax || now - arrivals_.front().came >= kIntroMemory);
  };
  while (forgets()) {
    const Arrival& oldest = arrivals_.front();
    const auto last = came_.find(oldest.player);
    if (last != came_.end() && last->second == oldest.came) came_.erase(last);
    arrivals_.pop_front();
  }
  arrivals_.push_back({.player = player, .came = now});
  return !came_.insert_or_assign(player, now).second;
}

}  // namespace floe::session
