// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/authorize.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "access/desk.h"
#include "access/logins.h"
#include "access/password.h"
#include "access/roles.h"
#include "base/log.h"
#include "http/status.h"
#include "session/listener_hook.h"

namespace floe::session {
namespace {

using access::Deed;

// A hash is slow on purpose, so it runs on a worker.
class HashJob : public shard::Job {
 public:
  HashJob(access::PasswordCache& cache, access::PasswordCache::Key key, std::string password,
          std::string hash, bool is_htpasswd)
      : cache_(cache),
        key_(key),
        password_(std::move(password)),
        hash_(std::move(hash)),
        is_htpasswd_(is_htpasswd) {}

  void RememberFor(milliseconds kept, Instant now) {
    kept_ = kept;
    now_ = now;
  }
  void Run() override {
    has_run_ = true;
    matches_ = cache_.Check(key_, kept_, now_, [this] {
      return is_htpasswd_ ? access::MatchesHtpasswd(password_, hash_)
                          : access::Matches(password_, hash_);
    });
  }
  bool has_run() const { return has_run_; }  // there was room for it
  bool matches() const { return matches_; }

 private:
  access::PasswordCache& cache_;
  const access::PasswordCache::Key key_;
  const std::string password_;
  const std::string hash_;
  const bool is_htpasswd_;
  milliseconds kept_{0};
  Instant now_{};
  bool has_run_ = false;
  bool matches_ = false;
};

// What somebody says of who they are.
struct Claim {
  http::Credentials login;
  std::string token;        // what may be one
  bool is_bearer = false;   // it is nothing else
  bool is_nothing = false;  // nothing was said
};

Claim ClaimOf(http::Credentials login) {
  Claim claim;
  claim.token = login.password;
  claim.login = std::move(login);
  return claim;
}

Claim ClaimOf(const Exchange& exchange) {
  const absl::string_view header = exchange.HeaderOr("Authorization");
  Claim claim;
  if (const std::optional<absl::string_view> token = http::ParseBearer(header)) {
    claim.token = std::string(*token);
    claim.is_bearer = true;
    return claim;
  }
  if (std::optional<http::Credentials> login = http::ParseBasic(header)) {
    return ClaimOf(*std::move(login));
  }
  claim.is_nothing = true;
  return claim;
}

// What came of it. `user` is a name that is known here, or empty.
struct Verdict {
  enum class Kind : uint8_t { kUnknown, kForbidden, kAllowed } kind = Kind::kUnknown;
  std::string user;
  access::Role role = access::Role::kSource;
};

Verdict VerdictOf(std::string user, const access::Grant& grant, Deed deed,
                  absl::string_view mount) {
  Verdict verdict;
  verdict.user = std::move(user);
  verdict.role = grant.role;
  verdict.kind =
      access::Allows(grant, deed, mount) ? Verdict::Kind::kAllowed : Verdict::Kind::kForbidden;
  return verdict;
}

Deed DeedOf(Need need) {
  switch (need) {
    case Need::kFeed: return Deed::kFeed;
    case Need::kTell: return Deed::kTell;
    case Need::kRelay: return Deed::kRelay;
    case Need::kRead: return Deed::kRead;
    case Need::kOperate: return Deed::kOperate;
    case Need::kNothing:
    case Need::kConfigure: return Deed::kConfigure;
  }
  return Deed::kConfigure;
}

access::LockoutRules RulesOf(const config::Access& access) {
  return {
      .failures = access.lockout_failures, .min = access.lockout_min, .max = access.lockout_max};
}

void LogLogin(const Exchange& exchange, absl::string_view user, absl::string_view outcome) {
  const std::string request = exchange.RequestLine();
  log::AuthLine line;
  line.peer = exchange.peer;
  line.user = user;
  line.request = request;
  line.outcome = outcome;
  log::Auth(line);
}

absl::Status WrongLogin() { return http::Refusal(401, "you need to log in for this"); }

// The refusal of an address that is locked out.
absl::Status CheckLockout(const Exchange& exchange) {
  const std::optional<milliseconds> left =
      exchange.services.desk->lockout.Remaining(exchange.peer, exchange.shard.now());
  if (!left.has_value()) return absl::OkStatus();
  exchange.services.instruments->logins_locked_out.Add();
  LogLogin(exchange, "", "locked out");
  const auto seconds_left = std::chrono::ceil<seconds>(*left).count();
  return http::RefusalFor(429, "too many wrong logins came from your address; come back later",
                          uint32_t(seconds_left));
}

// Somebody is not who they said; it is not certain that there is such a `user`.
void NoteWrongLogin(Exchange& exchange, absl::string_view user) {
  exchange.services.instruments->logins_refused.Add();
  const std::optional<milliseconds> locked = exchange.services.desk->lockout.Fail(
      exchange.peer, RulesOf(exchange.config->access), exchange.shard.now());
  LogLogin(exchange, user, locked.has_value() ? "refused, and locked out" : "refused");
}

// What the one who asked is told, after it is noted what came of it.
absl::Status Conclude(Exchange& exchange, const Verdict& verdict, Deed deed) {
  metrics::Instruments& instruments = *exchange.services.instruments;
  switch (verdict.kind) {
    case Verdict::Kind::kAllowed:
      instruments.logins_granted.Add();
      exchange.user = verdict.user;
      // Listeners and relays come and go by the thousand, and are in the access log.
      if (deed != Deed::kListen && deed != Deed::kRelay) {
        LogLogin(exchange, verdict.user, "granted");
      }
      return absl::OkStatus();
    case Verdict::Kind::kForbidden:
      instruments.logins_refused.Add();
      LogLogin(exchange, verdict.user, "forbidden");
      return http::Refusal(403, "your login does not allow this");
    case Verdict::Kind::kUnknown: break;
  }
  NoteWrongLogin(exchange, verdict.user);
  return WrongLogin();
}

// The same where another server has decided. It is asked about each password that somebody tries,
// so who it turns away is one who guesses; who it says nothing about is not.
absl::Status ConcludeAsked(Exchange& exchange, const SourceAnswer& answer) {
  switch (answer.kind) {
    case SourceAnswer::Kind::kAllowed:
      exchange.services.instruments->logins_granted.Add();
      LogLogin(exchange, exchange.user, "granted");
      break;
    case SourceAnswer::Kind::kDenied: NoteWrongLogin(exchange, ""); break;
    case SourceAnswer::Kind::kUnanswered: break;
  }
  return answer.refusal;
}

// Finds out whether the password is that of the hash; on a worker, if nobody has just asked the
// same. Error: there is no room for it now, and nothing is known.
ring::Task<absl::Status> CompareHash(Exchange& exchange, const http::Credentials& said,
                                     std::string hash, bool is_htpasswd, bool* matches) {
  access::PasswordCache& cache = exchange.services.desk->passwords;
  const access::PasswordCache::Key key = cache.KeyOf(said.user, said.password, hash);
  const std::optional<bool> known = cache.Find(key, exchange.shard.now());
  if (known.has_value()) {
    *matches = *known;
    co_return absl::OkStatus();
  }
  const Instant begun = Clock::now();
  HashJob job(cache, key, said.password, std::move(hash), is_htpasswd);
  job.RememberFor(exchange.config->access.password_cache, exchange.shard.now());
  co_await shard::WorkerPool::Run(*exchange.services.hashers, exchange.shard, job);
  if (!job.has_run()) co_return http::Refusal(503, "the server is busy");
  exchange.services.instruments->password_check.Observe(Clock::now() - begun);
  *matches = job.matches();
  co_return absl::OkStatus();
}

// Whose token that is, of the configuration or of those that were made.
Verdict CheckToken(const Exchange& exchange, const std::string& token, Deed deed,
                   absl::string_view mount) {
  if (std::optional<access::Bearer> bearer = access::BearerOf(*exchange.config, token)) {
    return VerdictOf(std::move(bearer->user), bearer->grant, deed, mount);
  }
  std::optional<access::TokenRecord> made = exchange.services.desk->tokens.Find(token, absl::Now());
  if (!made.has_value()) return Verdict();
  return VerdictOf(std::move(made->name), made->grant, deed, mount);
}

// `has_hashed`: a hash was computed for it, or is known; set when one is.
ring::Task<absl::Status> CheckLogin(Exchange& exchange, const http::Credentials& said, Deed deed,
                                    const std::string& mount, bool* has_hashed, Verdict* verdict) {
  std::vector<access::Login> logins = access::LoginsOf(*exchange.config, said.user, mount);
  std::stable_partition(logins.begin(), logins.end(), [&](const access::Login& login) {
    return access::Allows(login.grant, deed, mount);
  });
  for (access::Login& login : logins) {
    bool matches = false;
    if (access::IsSlow(login.secret)) {
      *has_hashed = true;
      absl::Status compared =
          co_await CompareHash(exchange, said, login.secret, /*is_htpasswd=*/false, &matches);
      if (!compared.ok()) co_return compared;
    } else {
      matches = access::Matches(said.password, login.secret);
    }
    if (matches) {
      *verdict = VerdictOf(std::move(login.user), login.grant, deed, mount);
      co_return absl::OkStatus();
    }
    verdict->user = login.user;  // of whom somebody does not know the password
  }
  co_return absl::OkStatus();
}

// Takes as long as a hash does, where any is: nobody learns from the time which users there are.
ring::Task<absl::Status> PretendToHash(Exchange& exchange, const http::Credentials& said) {
  std::optional<std::string> hash = access::AnyHash(*exchange.config);
  if (!hash.has_value()) co_return absl::OkStatus();
  bool matches = false;
  co_return co_await CompareHash(exchange, said, *std::move(hash), /*is_htpasswd=*/false, &matches);
}

ring::Task<absl::Status> Check(Exchange& exchange, const Claim& claim, Deed deed,
                               const std::string& mount, bool* has_hashed, Verdict* verdict) {
  *verdict = CheckToken(exchange, claim.token, deed, mount);
  if (claim.is_bearer || verdict->kind != Verdict::Kind::kUnknown) co_return absl::OkStatus();
  co_return co_await CheckLogin(exchange, claim.login, deed, mount, has_hashed, verdict);
}

// Whether another server decides about a source of that mount: its word stands for the password
// that is configured, but not for what an operator may.
bool IsAskedElsewhere(const Exchange& exchange, Need need, const Claim& claim,
                      const Verdict& verdict, const std::string& mount) {
  const bool is_for_source = need == Need::kFeed || need == Need::kTell;
  if (!is_for_source || claim.is_bearer) return false;
  if (exchange.config->MountSettings(mount).hook_stream_auth.empty()) return false;
  return verdict.kind != Verdict::Kind::kAllowed || verdict.role == access::Role::kSource;
}

// As players say it that cannot set a header.
std::optional<http::Credentials> LoginInQuery(const Exchange& exchange) {
  const http::Query query = exchange.request.ParseQuery();
  if (query.Get("user") == nullptr || query.Get("pass") == nullptr) return std::nullopt;
  http::Credentials login;
  login.user = std::string(query.GetOr("user"));
  login.password = std::string(query.GetOr("pass"));
  return login;
}

}  // namespace

ring::Task<absl::Status> Authorize(Exchange& exchange, Need need, std::string mount) {
  if (need == Need::kNothing) co_return absl::OkStatus();
  if (absl::Status open = CheckLockout(exchange); !open.ok()) co_return open;
  const Claim claim = ClaimOf(exchange);
  if (claim.is_nothing) co_return WrongLogin();  // no failure: a browser asks like that first
  const Deed deed = DeedOf(need);
  bool has_hashed = false;
  Verdict verdict;
  absl::Status checked = co_await Check(exchange, claim, deed, mount, &has_hashed, &verdict);
  if (checked.ok() && IsAskedElsewhere(exchange, need, claim, verdict, mount)) {
    const SourceAnswer answer =
        co_await AskToFeed(exchange, claim.login, mount, /*is_admin=*/need == Need::kTell);
    if (answer.IsDecided()) co_return ConcludeAsked(exchange, answer);
  }
  const bool is_wrong = verdict.kind == Verdict::Kind::kUnknown;
  if (checked.ok() && is_wrong && !claim.is_bearer && !has_hashed) {
    checked = co_await PretendToHash(exchange, claim.login);
  }
  co_return checked.ok() ? Conclude(exchange, verdict, deed) : checked;
}

ring::Task<absl::Status> AuthorizeSource(Exchange& exchange, std::vector<SourceLogin> ways,
                                         std::string* mount) {
  if (absl::Status open = CheckLockout(exchange); !open.ok()) co_return open;
  Verdict verdict;
  bool has_hashed = false;
  absl::Status unanswered;  // by who alone may say whether that is its password
  for (const SourceLogin& way : ways) {
    *mount = way.mount;
    if (!exchange.config->MountSettings(way.mount).hook_stream_auth.empty()) {
      const SourceAnswer answer =
          co_await AskToFeed(exchange, way.credentials, way.mount, /*is_admin=*/false);
      const bool is_allowed = answer.kind == SourceAnswer::Kind::kAllowed;
      if (is_allowed || absl::IsCancelled(answer.refusal)) {
        co_return ConcludeAsked(exchange, answer);
      }
      if (answer.IsDecided()) {  // that is not its password, but the next way may say it
        if (answer.kind == SourceAnswer::Kind::kUnanswered) unanswered = answer.refusal;
        continue;
      }
    }
    const Claim claim = ClaimOf(way.credentials);
    absl::Status checked =
        co_await Check(exchange, claim, Deed::kFeed, way.mount, &has_hashed, &verdict);
    if (!checked.ok()) co_return checked;
    if (verdict.kind == Verdict::Kind::kAllowed) break;
  }
  const bool is_wrong = verdict.kind == Verdict::Kind::kUnknown;
  if (is_wrong && !unanswered.ok()) co_return unanswered;
  absl::Status checked;
  if (is_wrong && !has_hashed) checked = co_await PretendToHash(exchange, ways.back().credentials);
  co_return checked.ok() ? Conclude(exchange, verdict, Deed::kFeed) : checked;
}

ring::Task<absl::Status> AuthorizeListener(Exchange& exchange, std::string mount) {
  const std::string file = exchange.config->MountSettings(mount).listener_users;
  if (file.empty()) co_return absl::OkStatus();
  if (absl::Status open = CheckLockout(exchange); !open.ok()) co_return open;
  Claim claim = ClaimOf(exchange);
  if (claim.is_nothing) {
    std::optional<http::Credentials> login = LoginInQuery(exchange);
    if (!login.has_value()) co_return WrongLogin();
    claim = ClaimOf(*std::move(login));
  }
  const access::HtpasswdFiles& files = exchange.services.desk->htpasswd;
  std::optional<std::string> hash = files.Find(file, claim.login.user);
  const bool is_known = hash.has_value() && !claim.is_bearer;
  // Who is not in the file waits as long as who is and has a wrong password.
  if (!hash.has_value()) hash = files.AnyHash(file);
  if (hash.has_value() && !claim.is_bearer) {
    bool matches = false;
    absl::Status compared = co_await CompareHash(exchange, claim.login, *std::move(hash),
                                                 /*is_htpasswd=*/true, &matches);
    if (!compared.ok()) co_return compared;
    if (matches && is_known) {
      Verdict of_file;
      of_file.kind = Verdict::Kind::kAllowed;
      of_file.user = claim.login.user;
      co_return Conclude(exchange, of_file, Deed::kListen);
    }
  }
  bool has_hashed = false;
  Verdict verdict;
  absl::Status checked =
      co_await Check(exchange, claim, Deed::kListen, mount, &has_hashed, &verdict);
  co_return checked.ok() ? Conclude(exchange, verdict, Deed::kListen) : checked;
}

std::optional<absl::Time> LoginEnds(const Exchange& exchange) {
  const Claim claim = ClaimOf(exchange);
  if (access::BearerOf(*exchange.config, claim.token).has_value()) return std::nullopt;
  const std::optional<access::TokenRecord> made =
      exchange.services.desk->tokens.Find(claim.token, absl::Now());
  return made.has_value() ? made->expires : std::nullopt;
}

absl::Status RefuseMissing(Exchange& exchange) {
  if (absl::Status open = CheckLockout(exchange); !open.ok()) return open;
  const std::optional<milliseconds> locked = exchange.services.desk->lockout.Miss(
      exchange.peer, RulesOf(exchange.config->access), exchange.shard.now());
  if (locked.has_value()) LogLogin(exchange, "", "locked out for asking for what is not there");
  return http::Refusal(404, "nothing plays here");
}

}  // namespace floe::session
