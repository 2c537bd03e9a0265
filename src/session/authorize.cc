// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/authorize.h"

#include <crypt.h>

#include <memory>
#include <optional>
#include <utility>

#include "http/status.h"

namespace floe::session {
namespace {

// crypt(3) is slow on purpose, so it runs on a worker.
class CryptJob : public shard::Job {
 public:
  CryptJob(std::string password, std::string hash)
      : password_(std::move(password)), hash_(std::move(hash)) {}

  void Run() override {
    const auto scratch = std::make_unique<crypt_data>();  // 32 KiB: too much for a frame
    const char* result = crypt_r(password_.c_str(), hash_.c_str(), scratch.get());
    matches_ = result != nullptr && http::SecretsEqual(result, hash_);
  }
  bool matches() const { return matches_; }

 private:
  const std::string password_;
  const std::string hash_;
  bool matches_ = false;
};

absl::Status WrongLogin() { return http::Refusal(401, "you need to log in for this"); }

ring::Task<absl::Status> CheckPassword(Exchange& exchange, std::string given, std::string secret) {
  if (secret.empty()) co_return WrongLogin();  // nobody can have it
  // crypt(3) takes C strings: it would see only what is before a NUL.
  if (given.find('\0') != std::string::npos) co_return WrongLogin();
  if (!http::IsCryptHash(secret)) {
    co_return http::SecretsEqual(given, secret) ? absl::OkStatus() : WrongLogin();
  }
  CryptJob job(std::move(given), std::move(secret));
  co_await shard::WorkerPool::Run(*exchange.services.workers, exchange.shard, job);
  co_return job.matches() ? absl::OkStatus() : WrongLogin();
}

}  // namespace

ring::Task<absl::Status> AuthorizeSource(Exchange& exchange, http::Credentials credentials,
                                         const config::Mount& settings) {
  const config::Auth& auth = exchange.config->auth;
  if (!credentials.user.empty() && credentials.user != settings.source_user) {
    co_return WrongLogin();
  }
  const std::string& secret =
      settings.source_password.empty() ? auth.source_password : settings.source_password;
  absl::Status checked = co_await CheckPassword(exchange, std::move(credentials.password), secret);
  if (checked.ok()) exchange.user = settings.source_user;
  co_return checked;
}

ring::Task<absl::Status> Authorize(Exchange& exchange, Role role, const config::Mount& settings) {
  const config::Auth& auth = exchange.config->auth;
  const std::optional<http::Credentials> credentials =
      http::ParseBasic(exchange.HeaderOr("Authorization"));
  if (!credentials.has_value()) co_return WrongLogin();
  if (role != Role::kSource && credentials->user == auth.admin_user) {
    absl::Status checked =
        co_await CheckPassword(exchange, credentials->password, auth.admin_password);
    if (checked.ok()) exchange.user = auth.admin_user;
    if (checked.ok() || role == Role::kAdmin) co_return checked;
  }
  if (role == Role::kAdmin) co_return WrongLogin();
  if (role == Role::kRelay) {
    if (credentials->user != auth.relay_user) co_return WrongLogin();
    absl::Status checked =
        co_await CheckPassword(exchange, credentials->password, auth.relay_password);
    if (checked.ok()) exchange.user = auth.relay_user;
    co_return checked;
  }
  co_return co_await AuthorizeSource(exchange, *credentials, settings);
}

}  // namespace floe::session
