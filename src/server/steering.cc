// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/steering.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace floe::server {
namespace {

sock_filter Load(int ancillary) {
  return {BPF_LD | BPF_W | BPF_ABS, 0, 0, uint32_t(SKF_AD_OFF + ancillary)};
}
sock_filter Compute(uint16_t operation, uint32_t value) {
  return {uint16_t(BPF_ALU | operation | BPF_K), 0, 0, value};
}
sock_filter SkipUnlessEqual(uint32_t value, uint8_t instructions) {
  return {BPF_JMP | BPF_JEQ | BPF_K, 0, instructions, value};
}
sock_filter Return() { return {BPF_RET | BPF_A, 0, 0, 0}; }

}  // namespace

std::vector<sock_filter> SteeringProgram(const std::vector<Place>& places) {
  // Shards are dealt out over the cores in turn: the first ones have a core each, and the shards of
  // core number i are i, i + cores, i + 2 * cores, ...
  size_t cores = 1;
  while (cores < places.size() && places[cores].core != places[0].core) ++cores;
  std::vector<sock_filter> program = {Load(SKF_AD_CPU)};
  for (size_t i = 0; i < cores && places[i].core >= 0; ++i) {
    const size_t shards = (places.size() - i + cores - 1) / cores;
    program.push_back(SkipUnlessEqual(uint32_t(places[i].core), 5));
    program.push_back(Load(SKF_AD_RANDOM));
    program.push_back(Compute(BPF_MOD, uint32_t(shards)));
    program.push_back(Compute(BPF_MUL, uint32_t(cores)));
    program.push_back(Compute(BPF_ADD, uint32_t(i)));
    program.push_back(Return());
  }
  program.push_back(Load(SKF_AD_RANDOM));
  program.push_back(Compute(BPF_MOD, uint32_t(places.size())));
  program.push_back(Return());
  return program;
}

absl::Status Steer(int listening_fd, const std::vector<Place>& places) {
  std::vector<sock_filter> program = SteeringProgram(places);
  const sock_fprog given{.len = uint16_t(program.size()), .filter = program.data()};
  if (setsockopt(listening_fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &given, sizeof(given)) != 0) {
    return absl::UnavailableError(absl::StrCat("server.steering: ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace floe::server
