// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "mount/mount.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "config/mount_name.h"
#include "mount/fallbacks.h"

namespace floe::mount {
namespace {

// A mount keeps this much when the arena is full, however many others want pages.
constexpr uint64_t kHistoryPagesMin = 2;

absl::string_view TypeOf(absl::string_view content_type) {
  return absl::StripAsciiWhitespace(content_type.substr(0, content_type.find(';')));
}

void Override(const std::string& setting, std::string* said) {
  if (!setting.empty()) *said = setting;
}

}  // namespace

bool IsSameMedia(absl::string_view a, absl::string_view b) {
  return absl::EqualsIgnoreCase(TypeOf(a), TypeOf(b));
}

// The count owns the mount, so it is a unique_ptr only on its way in and on its way out.
MountRef Mount::Create(std::string name, uint32_t id, tape::Arena& arena,
                       const config::Mount& settings) {
  return MountRef(std::make_unique<Mount>(std::move(name), id, arena, settings).release());
}

MountRef MountRef::Share() const {
  if (mount_ != nullptr) mount_->references_.fetch_add(1, std::memory_order_relaxed);
  return MountRef(mount_);
}

MountRef Mount::Ref() const {
  references_.fetch_add(1, std::memory_order_relaxed);
  return MountRef(const_cast<Mount*>(this));
}

MountRef::~MountRef() {
  if (mount_ == nullptr) return;
  if (mount_->references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const std::unique_ptr<Mount> last(mount_);
}

Mount::Mount(std::string name, uint32_t id, tape::Arena& arena, const config::Mount& settings)
    : name_(std::move(name)), tape_(arena, id) {
  Configure(settings);
}

void Mount::Configure(const config::Mount& settings) {
  burst_ms_.store(settings.burst.count(), std::memory_order_relaxed);
  history_ms_.store(settings.history.count(), std::memory_order_relaxed);
  linger_ms_.store(settings.linger.count(), std::memory_order_relaxed);
  lagging_.store(settings.lagging, std::memory_order_relaxed);
  metaint_.store(settings.metaint, std::memory_order_relaxed);
  max_listeners_.store(settings.max_listeners, std::memory_order_relaxed);
  is_hidden_.store(settings.hidden, std::memory_order_relaxed);
  MutexLock lock(&known_mutex_);
  settings_ = settings;
}

config::Mount Mount::settings() const {
  MutexLock lock(&known_mutex_);
  return settings_;
}

void Mount::CountListener() {
  const uint32_t count = listeners.fetch_add(1, std::memory_order_relaxed) + 1;
  uint32_t peak = listener_peak.load(std::memory_order_relaxed);
  while (peak < count &&
         !listener_peak.compare_exchange_weak(peak, count, std::memory_order_relaxed)) {
  }
}

PreambleRef Mount::PreambleOf(uint32_t link) const {
  if (link == 0) return {};
  MutexLock lock(&known_mutex_);
  const KeptPreamble& kept = preambles_[link % kLinksKept];
  return kept.link == link ? kept.preamble.Share() : PreambleRef();
}

std::optional<uint64_t> Mount::LinkBeganAt(uint32_t link) const {
  MutexLock lock(&known_mutex_);
  const KeptPreamble& kept = preambles_[link % kLinksKept];
  if (link == 0 || kept.link != link) return std::nullopt;
  return kept.began_bytes;
}

void Mount::BeginLink(std::span<const std::byte> preamble) {
  PreambleRef copy = Preamble::Copy(preamble);
  ++link_;
  MutexLock lock(&known_mutex_);
  preambles_[link_ % kLinksKept] = {
      .link = link_, .began_bytes = tape_.appended(), .preamble = std::move(copy)};
}

// The one place where a mount's settings go over what its source says.
Snapshot Mount::Snap() const {
  Snapshot snap;
  Title title = titles_.Current();
  snap.title = std::move(title.title);
  snap.title_url = std::move(title.url);
  snap.dropped_bytes = dropped_bytes_.load(std::memory_order_relaxed);
  {
    MutexLock lock(&known_mutex_);
    snap.live = phase() == Phase::kLive;
    snap.epoch = epoch();
    snap.source = source_;
    snap.parameters = parameters_;
    snap.framer = framer_;
    snap.received_bytes = received_bytes_;
    snap.received_before_bytes = received_before_bytes_;
    Override(settings_.stream_name, &snap.source.name);
    Override(settings_.stream_description, &snap.source.description);
    Override(settings_.stream_url, &snap.source.url);
    Override(settings_.stream_genre, &snap.source.genre);
  }
  return snap;
}

Mount::Heard Mount::heard() const {
  MutexLock lock(&known_mutex_);
  return {.media = MediaOf(source_.content_type, parameters_.codec), .epoch = epoch()};
}

Standing Mount::standing() const {
  Standing standing;
  const bool is_live = phase() == Phase::kLive;
  if (is_live) standing.sound = is_audible() ? Sound::kAudible : Sound::kNotYet;
  MutexLock lock(&known_mutex_);
  standing.fallbacks = settings_.fallback;
  for (std::string& fallback : standing.fallbacks) {
    if (fallback != config::kSilenceFallback) continue;
    fallback = silence_.has_value() ? silence_->Name() : "";
  }
  std::erase(standing.fallbacks, "");
  standing.override = settings_.fallback_override;
  standing.media = MediaOf(source_.content_type, parameters_.codec);
  standing.epoch = epoch();
  return standing;
}

std::string Mount::WantedSilence() const {
  MutexLock lock(&known_mutex_);
  const std::vector<std::string>& chain = settings_.fallback;
  const bool is_wanted =
      std::find(chain.begin(), chain.end(), config::kSilenceFallback) != chain.end();
  return is_wanted && silence_.has_value() ? silence_->Name() : "";
}

// A bitrate that varies makes no other silence.
void Mount::TakeParameters(const audio::Parameters& parameters) {
  parameters_ = parameters;
  const absl::StatusOr<audio::SilenceKind> kind =
      audio::SilenceFor(source_.content_type, parameters);
  const bool is_same = kind.ok() && silence_.has_value() &&
                       kind->content_type == silence_->content_type &&
                       kind->parameters.sample_rate_hz == silence_->parameters.sample_rate_hz &&
                       kind->parameters.channels == silence_->parameters.channels;
  if (is_same) return;
  silence_.reset();
  if (kind.ok()) silence_ = *kind;
}

bool Mount::BecomesAudible() {
  if (is_audible() || needs_link_ || pen_.load(std::memory_order_relaxed) == 0) return false;
  const std::optional<tape::SyncPoint> newest = tape_.NewestSync();
  if (!newest.has_value() || newest->offset_bytes < stay_began()) return false;
  is_audible_.store(true, std::memory_order_release);
  return true;
}

bool Mount::HasCountedSource() const {
  MutexLock lock(&writing_);
  return pen_.load(std::memory_order_relaxed) != 0 && rules_.counts();
}

absl::StatusOr<Mount::Handed> Mount::GivePen(SourceInfo info, const ClaimRules& rules,
                                             Instant now) {
  MutexLock lock(&writing_);
  if (LingerIsOver(now)) phase_.store(Phase::kEmpty, std::memory_order_release);
  const bool is_taken = pen_.load(std::memory_order_relaxed) != 0;
  const bool may_take = rules.takeover || (rules_.yields && !rules.yields);
  if (is_taken && !may_take) {
    return absl::AlreadyExistsError(absl::StrCat("mount ", name_, " has a source already"));
  }

  tape_.Discard();  // what an older writer had not finished
  Handed handed{.pen = last_pen_ + 1, .replaced = {}, .newest_title_before = newest_title()};
  if (is_taken) handed.replaced = GoneNow();
  bool is_other_media;
  {
    MutexLock known(&known_mutex_);
    is_other_media = last_pen_ != 0 && !IsSameMedia(source_.content_type, info.content_type);
  }
  // Who takes over from a source of the same media goes on with its listeners.
  if (!is_taken || is_other_media) is_audible_.store(false, std::memory_order_release);
  if (is_other_media || phase() == Phase::kEmpty) BeginAnew();
  if (!is_audible()) stay_began_.store(tape_.appended(), std::memory_order_release);
  needs_link_ = !audio::AllowsIcy(info.content_type);
  {
    // Together, so that a snapshot never shows one source's content type with another's epoch.
    MutexLock known(&known_mutex_);
    if (is_other_media) epoch_.fetch_add(1, std::memory_order_acq_rel);
    source_ = std::move(info);
    parameters_ = {};
    framer_ = {};
    received_before_bytes_ += std::exchange(received_bytes_, 0);
    phase_.store(Phase::kLive, std::memory_order_release);
  }
  rules_ = rules;
  last_pen_ = handed.pen;
  pen_.store(last_pen_, std::memory_order_release);
  return handed;
}

Mount::Gone Mount::GoneNow() const {
  MutexLock known(&known_mutex_);
  return {.rules = rules_, .connected = source_.connected, .received_bytes = received_bytes_};
}

void Mount::BeginAnew() {
  tape_.ForgetSyncPoints();
  BeginLink({});
  // A title that somebody asked for since belongs to what comes, and is its first.
  if (titles_.asked()) {
    titles_.PlaceAsked(tape_.appended());
  } else {
    titles_.Place(tape_.appended(), Title{});
  }
}

std::optional<Mount::Gone> Mount::PutDown(Pen pen, bool lingers, Instant now) {
  MutexLock lock(&writing_);
  if (!Holds(pen)) return std::nullopt;
  tape_.Discard();
  is_audible_.store(false, std::memory_order_release);
  pen_.store(0, std::memory_order_release);
  if (lingers && linger() > milliseconds(0)) {
    lingering_since_ns_.store(nanoseconds(now.time_since_epoch()).count(),
                              std::memory_order_relaxed);
    phase_.store(Phase::kLingering, std::memory_order_release);
  } else {
    phase_.store(Phase::kEmpty, std::memory_order_release);
  }
  return GoneNow();
}

void Mount::EndLinger(Instant now) {
  MutexLock lock(&writing_);
  if (!LingerIsOver(now)) return;
  phase_.store(Phase::kEmpty, std::memory_order_release);
  tape_.Forget();
}

bool Mount::TryShorten() {
  if (!writing_.TryLock()) return false;
  const uint64_t oldest = tape_.oldest();
  const uint64_t history = tape_.published() - oldest;
  const uint64_t less = std::max<uint64_t>(history / 4, kPageBytes);
  const bool has_enough = history >= kHistoryPagesMin * kPageBytes + less;
  if (has_enough) tape_.Trim(history - less);
  const bool is_shorter = tape_.oldest() > oldest;
  writing_.Unlock();
  return is_shorter;
}

}  // namespace floe::mount
