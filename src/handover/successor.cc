// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/successor.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "handover/fault.h"
#include "handover/state.pb.h"
#include "handover/successor_state.h"
#include "handover/version.h"
#include "shard/call.h"

namespace floe::handover {
namespace {

constexpr milliseconds kOfferTime{10'000};
// The predecessor may have many sockets to give away, and has bounds of its own.
constexpr milliseconds kPassportTime{60'000};
constexpr milliseconds kStateTime{10'000};
constexpr milliseconds kCommitTime{10'000};
constexpr milliseconds kTellTime{2'000};

// The control socket's first line, which makes of the connection a wire.
constexpr char kTakeOverLine[] = "{\"command\":\"take-over\"}\n";

absl::StatusOr<UniqueFd> Connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(absl::StrCat("\"", path, "\" is no path of a socket"));
  }
  std::copy(path.begin(), path.end(), address.sun_path);
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return absl::ErrnoToStatus(errno, "socket");
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return absl::UnavailableError(
        absl::StrCat("no floe to take over from at ", path, ": ", std::strerror(errno)));
  }
  return fd;
}

}  // namespace

Successor::Successor(Wire wire) : wire_(std::move(wire)), state_(std::make_unique<State>()) {}

Successor::~Successor() {
  if (!witness_.joinable()) return;
  shutdown(wire_.fd(), SHUT_RDWR);
  witness_.join();
}

absl::StatusOr<std::unique_ptr<Successor>> Successor::Meet(const std::string& control_path) {
  absl::StatusOr<UniqueFd> fd = Connect(control_path);
  if (!fd.ok()) return fd.status();
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (getsockopt(fd->get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
      (peer.uid != geteuid() && peer.uid != 0)) {
    return absl::PermissionDeniedError(
        absl::StrCat("the process that answers at ", control_path, " is another user's"));
  }
  if (send(fd->get(), kTakeOverLine, sizeof(kTakeOverLine) - 1, MSG_NOSIGNAL) < 0) {
    return absl::ErrnoToStatus(errno, control_path);
  }
  auto successor = absl::WrapUnique(new Successor(Wire(*std::move(fd))));
  if (absl::Status heard = successor->HearOffer(Clock::now() + kOfferTime); !heard.ok()) {
    return heard;
  }
  return successor;
}

absl::Status Successor::HearOffer(Instant by) {
  Hello hello;
  hello.set_version(kVersion);
  hello.set_oldest_version(kOldestVersion);
  hello.set_build(FLOE_VERSION);
  if (absl::Status sent = wire_.Send(Kind::kHello, hello, by); !sent.ok()) return sent;
  FLOE_FAULT_POINT("successor-hello");
  absl::StatusOr<Envelope> offered = wire_.Expect(Kind::kOffer, by);
  if (!offered.ok()) return offered.status();
  Offer offer;
  const bool is_whole = offer.ParseFromString(offered->bytes) &&
                        offered->fds.size() == 1u + (offer.has_control_socket() ? 1 : 0);
  if (!is_whole) return absl::InvalidArgumentError("the offer is not whole");
  inheritance_.arena = std::move(offered->fds[0]);
  if (offer.has_control_socket()) inheritance_.control = std::move(offered->fds[1]);
  inheritance_.started = absl::FromUnixNanos(offer.started_unix_ns());
  inheritance_.instance = offer.instance();
  for (;;) {
    absl::StatusOr<Envelope> next = wire_.Receive(by);
    if (!next.ok()) return next.status();
    if (next->kind == Kind::kOffered) break;
    Listen listen;
    if (next->kind != Kind::kListen || !listen.ParseFromString(next->bytes)) {
      return absl::InvalidArgumentError("the offer of listening sockets is not whole");
    }
    inheritance_.listen.push_back({.address = listen.address(), .fds = std::move(next->fds)});
  }
  FLOE_FAULT_POINT("successor-offered");
  return absl::OkStatus();
}

absl::Status Successor::TakeOver(const Server& server) {
  server_ = &server;
  if (absl::Status sent = wire_.Send(Kind::kOpened, Empty(), Clock::now() + kTellTime);
      !sent.ok()) {
    return sent;
  }
  FLOE_FAULT_POINT("successor-opened");
  absl::StatusOr<Envelope> first = HearPassports();
  if (!first.ok()) return first.status();
  FLOE_FAULT_POINT("successor-passports");
  if (absl::Status heard = HearState(*std::move(first)); !heard.ok()) return heard;
  FLOE_FAULT_POINT("successor-state");
  if (absl::Status restored = Restore(); !restored.ok()) {
    Refuse(restored);
    return restored;
  }
  FLOE_FAULT_POINT("successor-restored");
  return AwaitCommit();
}

void Successor::Refuse(const absl::Status& why) {
  Refusal refusal;
  refusal.set_reason(std::string(why.message()));
  (void)wire_.Send(Kind::kRefusal, refusal, Clock::now() + kTellTime);
}

// Until the first message of another kind, which is answered.
absl::StatusOr<Envelope> Successor::HearPassports() {
  for (;;) {
    absl::StatusOr<Envelope> next = wire_.Receive(Clock::now() + kPassportTime);
    if (!next.ok() || next->kind != Kind::kPassports) return next;
    if (absl::Status taken = TakePassports(*std::move(next)); !taken.ok()) {
      Refuse(taken);
      return taken;
    }
  }
}

// Where there is most room. The listeners of a batch, who came together, stay together.
absl::Status Successor::TakePassports(Envelope envelope) {
  Passports passports;
  if (!passports.ParseFromString(envelope.bytes) ||
      size_t(passports.listeners_size()) != envelope.fds.size()) {
    return absl::InvalidArgumentError("passports and sockets that do not belong together");
  }
  std::vector<uint32_t>& taken = state_->taken;
  taken.resize(server_->services.shards.size());
  const auto emptiest = std::min_element(taken.begin(), taken.end());
  Batch batch{
      .shard = size_t(emptiest - taken.begin()), .first = {}, .passports = {}, .positions = {}};
  std::vector<int> fds;
  for (const UniqueFd& fd : envelope.fds) fds.push_back(fd.get());
  absl::Status adopted;
  shard::CallOne(*server_->services.shards[batch.shard], server_->waker, [&](shard::Shard& shard) {
    const uint64_t places = shard.descriptors_max() - shard.descriptors_kept_back();
    if (*emptiest + fds.size() > places) {
      adopted = absl::ResourceExhaustedError(
          absl::StrCat("there is no room for so many listeners: the new floe has ",
                       server_->services.shards.size(), " shards of ", places, " places"));
      return;
    }
    const absl::StatusOr<FdSlot> first = shard.ring().AdoptSockets(fds);
    adopted = first.status();
    if (first.ok()) batch.first = *first;
  });
  if (!adopted.ok()) return adopted;
  *emptiest += uint32_t(fds.size());
  batch.passports.assign(passports.listeners().begin(), passports.listeners().end());
  batches_.push_back(std::move(batch));
  return absl::OkStatus();
}

absl::Status Successor::AwaitCommit() {
  if (absl::Status sent = wire_.Send(Kind::kReady, Empty(), Clock::now() + kTellTime);
      !sent.ok() && !absl::IsUnavailable(sent)) {
    return sent;
  }
  FLOE_FAULT_POINT("successor-ready");
  const absl::StatusOr<Envelope> commit = wire_.Expect(Kind::kCommit, Clock::now() + kCommitTime);
  if (absl::IsUnavailable(commit.status())) {
    // It died where it stood still, without having taken anything back: who is left goes on.
    log::Warn("the process before died while it handed over; this one goes on");
    return absl::OkStatus();
  }
  if (!commit.ok()) return commit.status();
  FLOE_FAULT_POINT("successor-committed");
  if (absl::Status sent = wire_.Send(Kind::kStarted, Empty(), Clock::now() + kTellTime);
      !sent.ok() && !absl::IsUnavailable(sent)) {
    return sent;
  }
  FLOE_FAULT_POINT("successor-started");
  return absl::OkStatus();
}

void Successor::GoOn() {
  Standstill(server_->services, server_->waker).GoOn();
  const auto gap = std::chrono::duration_cast<microseconds>(Clock::now() - frozen_);
  log::Info(absl::StrCat("took over ", listeners_, " listeners, ", sources_, " sources and ",
                         mounts_, " mounts; nothing was sent for ", gap.count() / 1000, " ms"));
  Running running;
  running.set_gap_us(uint64_t(gap.count()));
  running.set_listeners(listeners_);
  running.set_sources(sources_);
  running.set_mounts(mounts_);
  (void)wire_.Send(Kind::kRunning, running, Clock::now() + kTellTime);
  batches_.clear();
  if (pinned_pages_.empty()) return;
  witness_ = std::thread([this] {
    // Nothing more is said: this ends when the predecessor does.
    (void)wire_.Receive(Instant::max());
    pinned_pages_.clear();
  });
}

}  // namespace floe::handover
