// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/mount_codec.h"

#include <utility>

#include "handover/bytes.h"
#include "handover/narrow.h"
#include "handover/state.pb.h"

namespace floe::handover {
namespace {

// The next binary knows enumerators by these numbers: new ones come behind the last.
static_assert(static_cast<int>(mount::Phase::kLingering) == 2);
static_assert(static_cast<int>(audio::Codec::kOpaque) == 11);

void SaveTape(const tape::TapeState& state, Tape* message) {
  message->set_id(state.id);
  message->set_appended_bytes(state.appended_bytes);
  message->set_published_bytes(state.published_bytes);
  message->set_first_page(state.first_page);
  for (const PageSlot page : state.pages) message->add_pages(Index(page));
  message->set_played_us(state.played.count());
  message->set_published_played_us(state.published_played.count());
  for (const tape::SyncPoint& point : state.sync_points) {
    SyncPoint* saved = message->add_sync_points();
    saved->set_offset_bytes(point.offset_bytes);
    saved->set_played_us(point.played.count());
    saved->set_link(point.link);
    saved->set_needs_preamble(point.needs_preamble);
  }
}

tape::TapeState LoadTape(const Tape& message) {
  tape::TapeState state;
  state.id = message.id();
  state.appended_bytes = message.appended_bytes();
  state.published_bytes = message.published_bytes();
  state.first_page = message.first_page();
  for (const uint32_t page : message.pages()) state.pages.push_back(PageSlot(page));
  state.played = microseconds(message.played_us());
  state.published_played = microseconds(message.published_played_us());
  for (const SyncPoint& saved : message.sync_points()) {
    state.sync_points.push_back({.offset_bytes = saved.offset_bytes(),
                                 .played = microseconds(saved.played_us()),
                                 .link = saved.link(),
                                 .needs_preamble = saved.needs_preamble()});
  }
  return state;
}

void SaveInfo(const mount::SourceInfo& info, SourceInfo* message) {
  message->set_content_type(info.content_type);
  message->set_name(info.name);
  message->set_description(info.description);
  message->set_url(info.url);
  message->set_genre(info.genre);
  message->set_bitrate_kbps(info.bitrate_kbps);
  message->set_is_public(info.is_public);
  message->set_audio_info(info.audio_info);
  message->set_user_agent(info.user_agent);
  message->set_peer(info.peer);
  message->set_connected_unix_ns(absl::ToUnixNanos(info.connected));
  message->mutable_hops()->Add(info.hops.begin(), info.hops.end());
}

mount::SourceInfo LoadInfo(const SourceInfo& message) {
  return {.content_type = message.content_type(),
          .name = message.name(),
          .description = message.description(),
          .url = message.url(),
          .genre = message.genre(),
          .bitrate_kbps = message.bitrate_kbps(),
          .is_public = message.is_public(),
          .audio_info = message.audio_info(),
          .user_agent = message.user_agent(),
          .peer = message.peer(),
          .hops = {message.hops().begin(), message.hops().end()},
          .connected = absl::FromUnixNanos(message.connected_unix_ns())};
}

void SaveTitles(const mount::MountState& state, Mount* message) {
  for (const mount::TitleMark& mark : state.titles) {
    Title* saved = message->add_titles();
    saved->set_sequence(mark.sequence);
    saved->set_offset_bytes(mark.offset_bytes);
    saved->set_title(mark.title);
    saved->set_url(mark.url);
  }
  if (!state.asked_title.has_value()) return;
  message->mutable_asked_title()->set_title(state.asked_title->title);
  message->mutable_asked_title()->set_url(state.asked_title->url);
}

void LoadTitles(const Mount& message, mount::MountState* state) {
  for (const Title& saved : message.titles()) {
    state->titles.push_back({.sequence = saved.sequence(),
                             .offset_bytes = saved.offset_bytes(),
                             .title = saved.title(),
                             .url = saved.url()});
  }
  if (!message.has_asked_title()) return;
  state->asked_title = {.title = message.asked_title().title(), .url = message.asked_title().url()};
}

void SaveFound(const mount::MountState& state, Mount* message) {
  Parameters* parameters = message->mutable_parameters();
  parameters->set_codec(uint32_t(state.parameters.codec));
  parameters->set_bitrate_bps(state.parameters.bitrate_bps);
  parameters->set_sample_rate_hz(state.parameters.sample_rate_hz);
  parameters->set_channels(state.parameters.channels);
  FramerStats* stats = message->mutable_framer();
  stats->set_frames(state.framer.frames);
  stats->set_garbage_bytes(state.framer.garbage_bytes);
  stats->set_resyncs(state.framer.resyncs);
  stats->set_played_us(state.framer.played.count());
  stats->set_audio_bytes(state.framer.audio_bytes);
}

void LoadFound(const Mount& message, mount::MountState* state) {
  const uint32_t codec = message.parameters().codec();
  const bool is_known = codec <= uint32_t(audio::Codec::kOpaque);  // else a newer binary's: shown
  state->parameters = {.codec = is_known ? audio::Codec(codec) : audio::Codec::kUnknown,
                       .bitrate_bps = message.parameters().bitrate_bps(),
                       .sample_rate_hz = message.parameters().sample_rate_hz(),
                       .channels = message.parameters().channels()};
  state->framer = {.frames = message.framer().frames(),
                   .garbage_bytes = message.framer().garbage_bytes(),
                   .resyncs = message.framer().resyncs(),
                   .played = microseconds(message.framer().played_us()),
                   .audio_bytes = message.framer().audio_bytes()};
}

}  // namespace

void SaveMount(const mount::MountState& state, Mount* message) {
  message->set_name(state.name);
  SaveTape(state.tape, message->mutable_tape());
  message->set_phase(uint32_t(state.phase));
  message->set_epoch(state.epoch);
  message->set_lingering_since_ns(nanoseconds(state.lingering_since.time_since_epoch()).count());
  message->set_pen(state.pen);
  message->set_last_pen(state.last_pen);
  message->set_takeover(state.rules.takeover);
  message->set_yields(state.rules.yields);
  message->set_is_fetched(state.rules.is_fetched);
  message->set_link(state.link);
  message->set_stay_began_bytes(state.stay_began_bytes);
  message->set_has_yet_to_sound(state.has_yet_to_sound);
  message->set_silence(state.silence);
  SaveTitles(state, message);
  for (const mount::MountState::LinkState& link : state.links) {
    Link* saved = message->add_links();
    saved->set_link(link.link);
    saved->set_began_bytes(link.began_bytes);
    saved->set_preamble(link.preamble.data(), link.preamble.size());
  }
  SaveInfo(state.source, message->mutable_source());
  SaveFound(state, message);
  message->set_received_bytes(state.received_bytes);
  message->set_dropped_bytes(state.dropped_bytes);
  message->set_sent_bytes(state.sent_bytes);
  message->set_listener_connections(state.listener_connections);
  message->set_listener_peak(state.listener_peak);
  message->set_received_before_bytes(state.received_before_bytes);
  message->set_skips(state.skips);
  message->mutable_leaves()->Add(state.leaves.begin(), state.leaves.end());
}

absl::StatusOr<mount::MountState> LoadMount(const Mount& message) {
  Narrow narrow;
  mount::MountState state;
  state.name = message.name();
  state.tape = LoadTape(message.tape());
  state.phase = narrow.To<mount::Phase>("a mount's phase", message.phase());
  state.epoch = message.epoch();
  state.lingering_since =
      narrow.ToInstant("the time when a mount's source left", message.lingering_since_ns());
  state.pen = message.pen();
  state.last_pen = message.last_pen();
  state.rules = {.takeover = message.takeover(),
                 .yields = message.yields(),
                 .is_fetched = message.is_fetched()};
  state.link = message.link();
  state.stay_began_bytes = message.stay_began_bytes();
  state.has_yet_to_sound = message.has_yet_to_sound();
  state.silence = message.silence();
  LoadTitles(message, &state);
  for (const Link& saved : message.links()) {
    state.links.push_back({.link = saved.link(),
                           .began_bytes = saved.began_bytes(),
                           .preamble = BytesOf(saved.preamble())});
  }
  state.source = LoadInfo(message.source());
  LoadFound(message, &state);
  state.received_bytes = message.received_bytes();
  state.dropped_bytes = message.dropped_bytes();
  state.sent_bytes = message.sent_bytes();
  state.listener_connections = message.listener_connections();
  state.listener_peak = message.listener_peak();
  state.received_before_bytes = message.received_before_bytes();
  state.skips = message.skips();
  state.leaves.assign(message.leaves().begin(), message.leaves().end());
  if (!narrow.status().ok()) return narrow.status();
  return state;
}

}  // namespace floe::handover
