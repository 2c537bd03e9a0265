// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/framer_codec.h"

#include <string>
#include <variant>
#include <vector>

#include "handover/feed.pb.h"
#include "handover/narrow.h"

namespace floe::handover {
namespace {

using audio::AdtsFramer;
using audio::CarryFramer;
using audio::FlacFramer;
using audio::HeaderFramer;
using audio::MpegFramer;
using audio::OggFramer;
using audio::OpaqueFramer;
using audio::WebmFramer;

template <typename Enum>
constexpr int Number(Enum value) {
  return static_cast<int>(value);
}
// The next binary knows enumerators by these numbers: new ones come behind the last.
static_assert(Number(audio::Codec::kOpaque) == 11 && Number(audio::Codec::kMp3) == 3);
static_assert(Number(HeaderFramer::Step::kAtHeader) == 1);
static_assert(Number(HeaderFramer::Step::kInTag) == 3);
static_assert(Number(OggFramer::Section::kHeaders) == 2);
static_assert(Number(OggFramer::Section::kUnjoinable) == 4);
static_assert(Number(WebmFramer::Step::kTopLevel) == 1 && Number(WebmFramer::Step::kElement) == 3);
static_assert(Number(WebmFramer::Fate::kPassedAndRead) == 1);
static_assert(Number(WebmFramer::Fate::kDropped) == 2);
static_assert(Number(FlacFramer::Step::kBlock) == 2 && Number(FlacFramer::Step::kFrame) == 4);
static_assert(Number(FlacFramer::Kept::kStreamInfo) == 1);
static_assert(Number(FlacFramer::Kept::kComments) == 2);
static_assert(Number(audio::FlacFrameHeader::Kind::kFrame) == 2);

std::string Text(const std::vector<std::byte>& bytes) { return std::string(audio::AsText(bytes)); }

std::vector<std::byte> Bytes(const std::string& text) {
  const audio::Bytes bytes = audio::AsBytes(text);
  return {bytes.begin(), bytes.end()};
}

void Save(const audio::Parameters& state, Parameters* message) {
  message->set_codec(Number(state.codec));
  message->set_bitrate_bps(state.bitrate_bps);
  message->set_sample_rate_hz(state.sample_rate_hz);
  message->set_channels(state.channels);
}

audio::Parameters Load(const Parameters& message, Narrow* narrow) {
  return {.codec = narrow->To<audio::Codec>("a codec", message.codec()),
          .bitrate_bps = message.bitrate_bps(),
          .sample_rate_hz = message.sample_rate_hz(),
          .channels = message.channels()};
}

void Save(const audio::SampleClock& state, SampleClock* message) {
  message->set_parts_per_us(state.parts_per_us);
  message->set_rest_parts(state.rest_parts);
}

audio::SampleClock Load(const SampleClock& message) {
  return {.parts_per_us = message.parts_per_us(), .rest_parts = message.rest_parts()};
}

void Save(const audio::FramerStats& state, FramerStats* message) {
  message->set_frames(state.frames);
  message->set_garbage_bytes(state.garbage_bytes);
  message->set_resyncs(state.resyncs);
  message->set_played_us(state.played.count());
  message->set_audio_bytes(state.audio_bytes);
}

audio::FramerStats Load(const FramerStats& message) {
  return {.frames = message.frames(),
          .garbage_bytes = message.garbage_bytes(),
          .resyncs = message.resyncs(),
          .played = microseconds(message.played_us()),
          .audio_bytes = message.audio_bytes()};
}

// ---- opaque ----

void Save(const OpaqueFramer::State& state, OpaqueState* message) {
  if (!state.last_fed.has_value()) return;
  message->set_last_fed_ns(nanoseconds(state.last_fed->time_since_epoch()).count());
}

OpaqueFramer::State Load(const OpaqueState& message, Narrow*) {
  OpaqueFramer::State state;
  if (message.has_last_fed_ns()) state.last_fed = Instant(nanoseconds(message.last_fed_ns()));
  return state;
}

// ---- MPEG audio and ADTS ----

void Save(const HeaderFramer::State& state, HeaderFrames* message) {
  message->set_step(Number(state.step));
  message->set_after_tag(Number(state.after_tag));
  message->set_may_be_tag(state.may_be_tag);
  message->set_left_bytes(state.left_bytes);
  HeaderFrames::Frame& frame = *message->mutable_frame();
  frame.set_key(state.frame.key);
  frame.set_frame_bytes(state.frame.frame_bytes);
  frame.set_samples(state.frame.samples);
  Save(state.frame.parameters, frame.mutable_parameters());
  Save(state.found, message->mutable_found());
  Save(state.clock, message->mutable_clock());
}

HeaderFramer::State Load(const HeaderFrames& message, Narrow* narrow) {
  HeaderFramer::State state;
  state.step = narrow->To<HeaderFramer::Step>("a step", message.step());
  state.after_tag = narrow->To<HeaderFramer::Step>("a step after a tag", message.after_tag());
  if (message.has_may_be_tag()) state.may_be_tag = message.may_be_tag();
  state.left_bytes = message.left_bytes();
  state.frame = {.key = message.frame().key(),
                 .frame_bytes = message.frame().frame_bytes(),
                 .samples = message.frame().samples(),
                 .parameters = Load(message.frame().parameters(), narrow)};
  state.found = Load(message.found(), narrow);
  state.clock = Load(message.clock());
  return state;
}

void Save(const MpegFramer::State& state, MpegState* message) {
  Save(state.frames, message->mutable_frames());
  message->set_free_bytes(state.free_bytes);
}

MpegFramer::State Load(const MpegState& message, Narrow* narrow) {
  return {.frames = Load(message.frames(), narrow), .free_bytes = message.free_bytes()};
}

void Save(const AdtsFramer::State& state, AdtsState* message) {
  Save(state.frames, message->mutable_frames());
}

AdtsFramer::State Load(const AdtsState& message, Narrow* narrow) {
  return {.frames = Load(message.frames(), narrow)};
}

// ---- Ogg ----

void Save(const audio::OggCodec& state, OggState::Codec* message) {
  Save(state.parameters, message->mutable_parameters());
  message->set_header_packets(state.header_packets);
  message->set_rate(state.rate);
  message->set_per(state.per);
  message->set_packet_units_max(state.packet_units_max);
  message->set_first_unit(state.first_unit);
  message->set_granule_shift(state.granule_shift);
  message->set_counts_from_zero(state.counts_from_zero);
}

audio::OggCodec Load(const OggState::Codec& message, Narrow* narrow) {
  audio::OggCodec codec;
  codec.parameters = Load(message.parameters(), narrow);
  if (message.has_header_packets()) codec.header_packets = message.header_packets();
  codec.rate = message.rate();
  if (message.has_per()) codec.per = message.per();
  codec.packet_units_max = message.packet_units_max();
  codec.first_unit = message.first_unit();
  codec.granule_shift = message.granule_shift();
  codec.counts_from_zero = message.counts_from_zero();
  return codec;
}

void Save(const OggFramer::Stream& state, OggState::Stream* message) {
  message->set_serial(state.serial);
  Save(state.codec, message->mutable_codec());
  message->set_headers_seen(state.headers_seen);
  message->set_has_headers(state.has_headers);
  message->set_open_packet_units(state.open_packet_units);
  message->set_ended_units_max(state.ended_units_max);
  message->set_unit(state.unit);
  message->set_is_timed(state.is_timed);
}

OggFramer::Stream Load(const OggState::Stream& message, Narrow* narrow) {
  return {.serial = message.serial(),
          .codec = Load(message.codec(), narrow),
          .headers_seen = message.headers_seen(),
          .has_headers = message.has_headers(),
          .open_packet_units = message.open_packet_units(),
          .ended_units_max = message.ended_units_max(),
          .unit = message.unit(),
          .is_timed = message.is_timed()};
}

void Save(const OggFramer::State& state, OggState* message) {
  message->set_section(Number(state.section));
  message->set_in_sync(state.in_sync);
  for (const OggFramer::Stream& stream : state.streams) Save(stream, message->add_streams());
  if (state.timed != OggFramer::kNoStream) message->set_timed(state.timed);
  message->set_has_pictures(state.has_pictures);
  message->set_preamble(Text(state.preamble));
  Save(state.found, message->mutable_found());
  message->set_title(state.title);
  Save(state.clock, message->mutable_clock());
}

OggFramer::State Load(const OggState& message, Narrow* narrow) {
  OggFramer::State state;
  state.section = narrow->To<OggFramer::Section>("a section", message.section());
  state.in_sync = message.in_sync();
  for (const OggState::Stream& stream : message.streams()) {
    state.streams.push_back(Load(stream, narrow));
  }
  if (message.has_timed()) state.timed = message.timed();
  state.has_pictures = message.has_pictures();
  state.preamble = Bytes(message.preamble());
  state.found = Load(message.found(), narrow);
  state.title = message.title();
  state.clock = Load(message.clock());
  return state;
}

// ---- WebM ----

void Save(const audio::WebmHeader& state, WebmState::Header* message) {
  message->set_timestamp_scale_ns(state.timestamp_scale_ns);
  Save(state.parameters, message->mutable_parameters());
  for (const uint64_t track : state.video_tracks) message->add_video_tracks(track);
  message->set_has_tracks(state.has_tracks);
  message->set_info_title(state.info_title);
  message->set_artist(state.artist);
  message->set_tag_title(state.tag_title);
}

audio::WebmHeader Load(const WebmState::Header& message, Narrow* narrow) {
  audio::WebmHeader header;
  if (message.has_timestamp_scale_ns()) header.timestamp_scale_ns = message.timestamp_scale_ns();
  header.parameters = Load(message.parameters(), narrow);
  header.video_tracks.assign(message.video_tracks().begin(), message.video_tracks().end());
  header.has_tracks = message.has_tracks();
  header.info_title = message.info_title();
  header.artist = message.artist();
  header.tag_title = message.tag_title();
  return header;
}

void Save(const WebmFramer::State::Link& state, WebmState::Link* message) {
  message->set_has_segment(state.has_segment);
  message->set_is_open(state.is_open);
  Save(state.header, message->mutable_header());
  message->set_preamble(Text(state.preamble));
  message->set_is_timed(state.is_timed);
  message->set_newest_us(state.newest_us);
}

WebmFramer::State::Link Load(const WebmState::Link& message, Narrow* narrow) {
  return {.has_segment = message.has_segment(),
          .is_open = message.is_open(),
          .header = Load(message.header(), narrow),
          .preamble = Bytes(message.preamble()),
          .is_timed = message.is_timed(),
          .newest_us = message.newest_us()};
}

void Save(const WebmFramer::State& state, WebmState* message) {
  message->set_step(Number(state.step));
  Save(state.link, message->mutable_link());
  WebmState::Element& element = *message->mutable_element();
  element.set_id(static_cast<uint32_t>(state.element.id));
  element.set_bytes(state.element.bytes);
  element.set_left_bytes(state.element.left_bytes);
  element.set_fate(Number(state.element.fate));
  element.set_kept(Text(state.element.kept));
  message->set_in_cluster(state.in_cluster);
  WebmState::Cluster& cluster = *message->mutable_cluster();
  cluster.set_has_size(state.cluster.has_size);
  cluster.set_is_whole(state.cluster.is_whole);
  cluster.set_left_bytes(state.cluster.left_bytes);
  cluster.set_time(state.cluster.time);
  WebmState::Pending& pending = *message->mutable_pending();
  pending.set_bytes(state.pending.bytes);
  pending.set_blocks(state.pending.blocks);
  pending.set_played_us(state.pending.played.count());
  Save(state.found, message->mutable_found());
  message->set_title(state.title);
}

WebmFramer::State Load(const WebmState& message, Narrow* narrow) {
  WebmFramer::State state;
  state.step = narrow->To<WebmFramer::Step>("a step", message.step());
  state.link = Load(message.link(), narrow);
  const WebmState::Element& element = message.element();
  state.element = {.id = audio::ElementId(element.id()),
                   .bytes = element.bytes(),
                   .left_bytes = element.left_bytes(),
                   .fate = narrow->To<WebmFramer::Fate>("an element's fate", element.fate()),
                   .kept = Bytes(element.kept())};
  state.in_cluster = message.in_cluster();
  state.cluster = {.has_size = message.cluster().has_size(),
                   .is_whole = message.cluster().is_whole(),
                   .left_bytes = message.cluster().left_bytes(),
                   .time = message.cluster().time()};
  state.pending = {.bytes = message.pending().bytes(),
                   .blocks = message.pending().blocks(),
                   .played = microseconds(message.pending().played_us())};
  state.found = Load(message.found(), narrow);
  state.title = message.title();
  return state;
}

// ---- FLAC ----

void Save(const FlacFramer::State::Link& state, FlacState::Link* message) {
  FlacState::StreamInfo& info = *message->mutable_info();
  info.set_sample_rate_hz(state.info.sample_rate_hz);
  info.set_channels(state.info.channels);
  info.set_sample_bits(state.info.sample_bits);
  info.set_block_samples_max(state.info.block_samples_max);
  info.set_is_last(state.info.is_last);
  message->set_stream_info(Text(state.stream_info));
  message->set_comments(Text(state.comments));
}

FlacFramer::State::Link Load(const FlacState::Link& message) {
  return {.info = {.sample_rate_hz = message.info().sample_rate_hz(),
                   .channels = message.info().channels(),
                   .sample_bits = message.info().sample_bits(),
                   .block_samples_max = message.info().block_samples_max(),
                   .is_last = message.info().is_last()},
          .stream_info = Bytes(message.stream_info()),
          .comments = Bytes(message.comments())};
}

void Save(const FlacFramer::State::Frame& state, FlacState::Frame* message) {
  message->set_bytes(Text(state.bytes));
  message->set_bytes_max(state.bytes_max);
  FlacState::FrameHeader& header = *message->mutable_header();
  header.set_kind(Number(state.header.kind));
  header.set_header_bytes(state.header.header_bytes);
  header.set_is_variable(state.header.is_variable);
  header.set_samples(state.header.samples);
  header.set_number(state.header.number);
  message->set_sum(state.sum);
}

FlacFramer::State::Frame Load(const FlacState::Frame& message, Narrow* narrow) {
  using Kind = audio::FlacFrameHeader::Kind;
  const FlacState::FrameHeader& header = message.header();
  return {.bytes = Bytes(message.bytes()),
          .bytes_max = message.bytes_max(),
          .header = {.kind = narrow->To<Kind>("the kind of a frame's header", header.kind()),
                     .header_bytes = narrow->To<uint8_t>("the length of a frame's header",
                                                         header.header_bytes()),
                     .is_variable = header.is_variable(),
                     .samples = header.samples(),
                     .number = header.number()},
          .sum = narrow->To<uint16_t>("a frame's checksum", message.sum())};
}

void Save(const FlacFramer::State& state, FlacState* message) {
  message->set_step(Number(state.step));
  Save(state.link, message->mutable_link());
  FlacState::Block& block = *message->mutable_block();
  block.set_kept(Number(state.block.kept));
  block.set_is_last(state.block.is_last);
  block.set_left_bytes(state.block.left_bytes);
  Save(state.frame, message->mutable_frame());
  message->set_is_sure(state.is_sure);
  message->set_title(state.title);
  Save(state.found, message->mutable_found());
  Save(state.clock, message->mutable_clock());
}

FlacFramer::State Load(const FlacState& message, Narrow* narrow) {
  FlacFramer::State state;
  state.step = narrow->To<FlacFramer::Step>("a step", message.step());
  state.link = Load(message.link());
  state.block = {.kept = narrow->To<FlacFramer::Kept>("what is kept", message.block().kept()),
                 .is_last = message.block().is_last(),
                 .left_bytes = message.block().left_bytes()};
  state.frame = Load(message.frame(), narrow);
  state.is_sure = message.is_sure();
  state.title = message.title();
  state.found = Load(message.found(), narrow);
  state.clock = Load(message.clock());
  return state;
}

// ---- whichever it is ----

// Which message of the oneof a state is saved to.
OpaqueState* MessageOf(const OpaqueFramer::State&, FramerState* of) { return of->mutable_opaque(); }
MpegState* MessageOf(const MpegFramer::State&, FramerState* of) { return of->mutable_mpeg(); }
AdtsState* MessageOf(const AdtsFramer::State&, FramerState* of) { return of->mutable_adts(); }
OggState* MessageOf(const OggFramer::State&, FramerState* of) { return of->mutable_ogg(); }
WebmState* MessageOf(const WebmFramer::State&, FramerState* of) { return of->mutable_webm(); }
FlacState* MessageOf(const FlacFramer::State&, FramerState* of) { return of->mutable_flac(); }

decltype(audio::FramerState::format) LoadFormat(const FramerState& message, Narrow* narrow) {
  switch (message.format_case()) {
    case FramerState::kMpeg: return Load(message.mpeg(), narrow);
    case FramerState::kAdts: return Load(message.adts(), narrow);
    case FramerState::kOgg: return Load(message.ogg(), narrow);
    case FramerState::kWebm: return Load(message.webm(), narrow);
    case FramerState::kFlac: return Load(message.flac(), narrow);
    case FramerState::kOpaque:
    case FramerState::FORMAT_NOT_SET: break;
  }
  return Load(message.opaque(), narrow);
}

}  // namespace

void SaveFramer(const audio::FramerState& state, FramerState* message) {
  Save(state.stats, message->mutable_stats());
  message->mutable_carry()->set_bytes(Text(state.carry.bytes));
  message->mutable_carry()->set_want_bytes(state.carry.want_bytes);
  const auto save = [message](const auto& format) { Save(format, MessageOf(format, message)); };
  std::visit(save, state.format);
}

absl::StatusOr<audio::FramerState> LoadFramer(const FramerState& message) {
  if (message.format_case() == FramerState::FORMAT_NOT_SET) {
    return absl::InvalidArgumentError("the message has no framer of a format known here");
  }
  Narrow narrow;
  audio::FramerState state;
  state.stats = Load(message.stats());
  state.carry.bytes = Bytes(message.carry().bytes());
  if (message.carry().has_want_bytes()) state.carry.want_bytes = message.carry().want_bytes();
  state.format = LoadFormat(message, &narrow);
  if (!narrow.status().ok()) return narrow.status();
  return state;
}

}  // namespace floe::handover
