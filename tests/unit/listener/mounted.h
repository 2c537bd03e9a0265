// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "base/check.h"
#include "mount/registry.h"
#include "mount/writer.h"
#include "tape/arena.h"

namespace floe::listener {

// Mounted is one mount with a source that a test speaks for.
class Mounted {
 public:
  explicit Mounted(const config::Mount& settings = {}, uint32_t arena_pages = 64) {
    arena_ = *tape::Arena::Create(uint64_t{arena_pages} * kPageBytes);
    registry_ = std::make_unique<mount::Registry>(*arena_, 1);
    auto writer =
        registry_->Claim("/live", {.content_type = "audio/mpeg"}, settings, {}, Instant());
    FLOE_CHECK(writer.ok());
    writer_ = *std::move(writer);
  }

  // One frame where a listener may begin.
  void Publish(absl::string_view bytes, bool needs_preamble = false) {
    writer_->SyncPoint(needs_preamble);
    writer_->Append(std::as_bytes(std::span(bytes.data(), bytes.size())));
    writer_->Boundary(26ms);
  }
  void Title(absl::string_view title) { writer_->SetTitleHere(title, ""); }
  void End() { writer_.reset(); }

  mount::Mount& mount() { return *ref(); }
  mount::MountRef ref() { return registry_->Find("/live"); }
  mount::Writer& writer() { return *writer_; }
  tape::Arena& arena() { return *arena_; }

 private:
  std::unique_ptr<tape::Arena> arena_;
  std::unique_ptr<mount::Registry> registry_;
  std::unique_ptr<mount::Writer> writer_;
};

}  // namespace floe::listener
