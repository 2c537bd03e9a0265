// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/listener_codec.h"

#include <algorithm>

#include "handover/bytes.h"
#include "handover/narrow.h"
#include "handover/state.pb.h"

namespace floe::handover {
namespace {

// The next binary knows enumerators by these numbers: new ones come behind the last.
static_assert(static_cast<int>(listener::Leaving::kSourceEnded) == 4);
static_assert(static_cast<int>(listener::Leaving::kHandedOver) == 8);
// One that is moved goes by its next mounts instead.
static_assert(static_cast<int>(listener::Leaving::kMoved) == 9);

}  // namespace

void SavePosition(const listener::ListenerState& state, Position* message) {
  message->set_position_bytes(state.position_bytes);
  message->set_sent_bytes(state.sent_bytes);
  message->set_metaint_bytes(state.metaint_bytes);
  message->set_metadata_due_bytes(state.metadata_due_bytes);
  message->set_block_title(state.block_title);
  message->set_block_sent_bytes(state.block_sent_bytes);
  message->set_title_sent(state.title_sent);
  message->set_link(state.link);
  message->set_preamble_sent_bytes(state.preamble_sent_bytes);
  message->set_skips(state.skips);
  message->set_is_in_preamble(state.is_in_preamble);
  message->set_awaits_sync(state.awaits_sync);
  message->set_is_stalled(state.is_stalled);
  message->set_keeps_position(state.keeps_position);
  message->set_listened_ms(state.listened.count());
  message->set_stalled_ms(state.stalled.count());
  message->set_due_in_ms(state.due_in.count());
  message->set_intro(state.intro);
  message->set_intro_left_bytes(state.intro_left_bytes);
  message->set_intro_ms(state.intro_ms);
}

listener::ListenerState LoadPosition(const Position& message) {
  return {.position_bytes = message.position_bytes(),
          .sent_bytes = message.sent_bytes(),
          .metaint_bytes = message.metaint_bytes(),
          .metadata_due_bytes = message.metadata_due_bytes(),
          .block_title = message.block_title(),
          .block_sent_bytes = message.block_sent_bytes(),
          .title_sent = message.title_sent(),
          .link = message.link(),
          .preamble_sent_bytes = message.preamble_sent_bytes(),
          .skips = message.skips(),
          .intro = message.intro(),
          .intro_left_bytes = message.intro_left_bytes(),
          .intro_ms = message.intro_ms(),
          .is_in_preamble = message.is_in_preamble(),
          .awaits_sync = message.awaits_sync(),
          .is_stalled = message.is_stalled(),
          .keeps_position = message.keeps_position(),
          .listened = milliseconds(message.listened_ms()),
          .stalled = milliseconds(message.stalled_ms()),
          .due_in = milliseconds(message.due_in_ms())};
}

void SaveView(const listener::ViewState& state, View* message) {
  const bool is_moved = state.ending == listener::Leaving::kMoved;
  message->set_ending(is_moved ? 0 : uint32_t(state.ending));
  message->set_published_bytes(state.published_bytes);
  message->set_ended_ms(state.ended.count());
  message->set_bytes_per_second(state.bytes_per_second);
  message->set_silent_ms(state.silent.count());
  for (const listener::HeldTitles::Title& title : state.titles) {
    Title* saved = message->add_titles();
    saved->set_sequence(title.sequence);
    saved->set_offset_bytes(title.offset_bytes);
    saved->set_block(title.block.data(), title.block.size());
  }
  for (const listener::ViewState::HeldPreamble& held : state.preambles) {
    Link* saved = message->add_preambles();
    saved->set_link(held.link);
    saved->set_preamble(held.bytes.data(), held.bytes.size());
  }
}

absl::StatusOr<listener::ViewState> LoadView(const View& message) {
  Narrow narrow;
  listener::ViewState state;
  state.ending = narrow.To<listener::Leaving>("a view's ending", message.ending());
  state.published_bytes = message.published_bytes();
  state.ended = narrow.ToSpan<milliseconds>("the time since a view ended", message.ended_ms());
  state.bytes_per_second = message.bytes_per_second();
  state.silent = narrow.ToSpan<milliseconds>("since when a view is silent", message.silent_ms());
  for (const Title& saved : message.titles()) {
    state.titles.push_back({.sequence = saved.sequence(),
                            .holders = 0,
                            .offset_bytes = saved.offset_bytes(),
                            .block = BytesOf(saved.block())});
  }
  for (const Link& saved : message.preambles()) {
    state.preambles.push_back({.link = saved.link(), .bytes = BytesOf(saved.preamble())});
  }
  if (state.ending > listener::Leaving::kHandedOver) {
    return absl::InvalidArgumentError("a view ends for a reason that is not known here");
  }
  if (state.ending == listener::Leaving::kStaying && !message.next_home().empty()) {
    state.ending = listener::Leaving::kMoved;
  }
  if (!narrow.status().ok()) return narrow.status();
  return state;
}

void SaveHooked(const hooks::HookedListener& listener, HookedListener* message) {
  message->set_lane(listener.lane);
  message->set_authorization(listener.authorization);
  message->set_begin(listener.begin);
  message->set_joined_unix_s(listener.joined_s);
}

hooks::HookedListener LoadHooked(const HookedListener& message) {
  return {.lane = message.lane(),
          .authorization = message.authorization(),
          .begin = message.begin(),
          .joined_s = message.joined_unix_s()};
}

void SavePeer(const Address& peer, Peer* message) {
  message->set_address(peer.bytes.data(), peer.bytes.size());
  message->set_port(peer.port);
}

Address LoadPeer(const Peer& message) {
  Address peer;
  const size_t size = std::min(peer.bytes.size(), message.address().size());
  std::copy_n(message.address().begin(), size, peer.bytes.begin());
  peer.port = uint16_t(message.port());
  return peer;
}

}  // namespace floe::handover
