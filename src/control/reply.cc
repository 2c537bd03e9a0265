// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "control/reply.h"

#include "base/log.h"
#include "control/server.h"
#include "nlohmann/json.hpp"

namespace floe::control {

Reply& Reply::operator=(Reply&& other) noexcept {
  if (this == &other) return *this;
  Drop();
  server_ = other.server_;
  peer_ = other.peer_;
  is_open_ = std::exchange(other.is_open_, false);
  return *this;
}

void Reply::Drop() {
  if (is_open_ && server_ != nullptr) Fail(absl::InternalError("the server did not answer"));
  is_open_ = false;
}

void Reply::Progress(absl::string_view text) {
  if (!is_open_) return;
  if (server_ == nullptr) return log::Info(text);
  server_->Say(peer_, ProgressLine(text), /*is_last=*/false);
}

void Reply::Finish(const Json& result) {
  if (!std::exchange(is_open_, false)) return;
  if (server_ == nullptr) {
    return log::Info(result.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  server_->Say(peer_, OkLine(result), /*is_last=*/true);
}

void Reply::Fail(const absl::Status& why) {
  if (!std::exchange(is_open_, false)) return;
  if (server_ == nullptr) return log::Error(why.message());
  server_->Say(peer_, ErrorLine(why.message()), /*is_last=*/true);
}

}  // namespace floe::control
