// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "store/sql.h"

#include <fcntl.h>
#include <sqlite3.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/unique_fd.h"

namespace floe::store {
namespace {

// Another process may hold the file for as long as a batch of it takes.
constexpr milliseconds kBusyTimeMax{5'000};

// Whether what failed may go well at another time.
bool MayPass(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY: return true;
    default: return false;
  }
}

int BindOne(sqlite3_stmt* statement, int place, const Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) {
    return sqlite3_bind_int64(statement, place, *number);
  }
  if (const auto* number = std::get_if<double>(&value)) {
    return sqlite3_bind_double(statement, place, *number);
  }
  if (const auto* text = std::get_if<absl::string_view>(&value)) {
    const char* begin = text->empty() ? "" : text->data();
    return sqlite3_bind_text64(statement, place, begin, text->size(), SQLITE_TRANSIENT,
                               SQLITE_UTF8);
  }
  return sqlite3_bind_null(statement, place);
}

}  // namespace

int64_t Row::Int(int column) const { return sqlite3_column_int64(statement_, column); }
double Row::Real(int column) const { return sqlite3_column_double(statement_, column); }
bool Row::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
absl::string_view Row::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (text == nullptr) return "";
  return {text, size_t(sqlite3_column_bytes(statement_, column))};
}

absl::StatusOr<std::unique_ptr<Sql>> Sql::Open(const std::string& path) {
  // Made here, as nobody else is to read the passwords that are in it. One that is there is left
  // alone: closing it would let go of whatever locks this process has of it.
  if (path != kInMemory) {
    const UniqueFd made(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  }
  sqlite3* file = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &file, flags, nullptr);
  std::unique_ptr<Sql> sql(new Sql(file));  // the constructor is private; even a failure has one
  if (file == nullptr || code != SQLITE_OK) {
    return absl::UnavailableError(
        absl::StrCat("opening ", path, ": ", file == nullptr ? "no memory" : sqlite3_errmsg(file)));
  }
  sqlite3_extended_result_codes(file, 1);
  sqlite3_busy_timeout(file, int(kBusyTimeMax.count()));
  // In WAL a commit is one write; FULL has it on the disk when it has ended.
  for (const char* pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"}) {
    const absl::Status set = sql->Each(pragma, {}, [](const Row&) { return true; });
    if (!set.ok()) {
      return absl::Status(set.code(), absl::StrCat("opening ", path, ": ", set.message()));
    }
  }
  return sql;
}

Sql::~Sql() {
  for (const auto& [text, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(file_);
}

absl::Status Sql::Error(int code) const {
  const std::string text = absl::StrCat(sqlite3_errmsg(file_), " (", code, ")");
  return MayPass(code) ? absl::UnavailableError(text) : absl::InternalError(text);
}

absl::StatusOr<sqlite3_stmt*> Sql::Prepare(absl::string_view sql) {
  const auto found = statements_.find(sql);
  if (found != statements_.end()) return found->second;
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(file_, sql.data(), int(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  if (code != SQLITE_OK) return Error(code);
  statements_.emplace(sql, statement);
  return statement;
}

absl::Status Sql::Each(absl::string_view sql, std::initializer_list<Value> values,
                       const std::function<bool(const Row&)>& take) {
  absl::StatusOr<sqlite3_stmt*> prepared = Prepare(sql);
  if (!prepared.ok()) return prepared.status();
  sqlite3_stmt* const statement = *prepared;
  int place = 0;
  int code = SQLITE_OK;
  for (const Value& value : values) {
    if (code == SQLITE_OK) code = BindOne(statement, ++place, value);
  }
  while (code == SQLITE_OK || code == SQLITE_ROW) {
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW && !take(Row(statement))) break;
  }
  const bool is_done = code == SQLITE_DONE || code == SQLITE_ROW;
  absl::Status status = is_done ? absl::OkStatus() : Error(code);
  sqlite3_reset(statement);  // repeats the error, which is noted
  sqlite3_clear_bindings(statement);
  return status;
}

absl::Status Sql::Do(absl::string_view sql, std::initializer_list<Value> values) {
  return Each(sql, values, [](const Row&) { return true; });
}

absl::StatusOr<int64_t> Sql::Number(absl::string_view sql, std::initializer_list<Value> values) {
  int64_t number = 0;
  const absl::Status done = Each(sql, values, [&number](const Row& row) {
    number = row.Int(0);
    return false;
  });
  if (!done.ok()) return done;
  return number;
}

absl::Status Sql::Migrate(std::span<const SchemaStep> steps) {
  for (const SchemaStep& step : steps) {
    // The version is read within the transaction: two processes may begin at once.
    absl::Status done = Do("BEGIN IMMEDIATE");
    if (!done.ok()) return done;
    const absl::StatusOr<int64_t> version = Number("PRAGMA user_version");
    done = version.status();
    if (version.ok() && *version < step.to) {
      const std::string set = absl::StrCat("PRAGMA user_version=", step.to);
      for (const char* sql : {step.sql, set.c_str()}) {
        const int code = sqlite3_exec(file_, sql, nullptr, nullptr, nullptr);
        if (done.ok() && code != SQLITE_OK) done = Error(code);
      }
    }
    const absl::Status ended = Do(done.ok() ? "COMMIT" : "ROLLBACK");
    if (!done.ok()) return done;
    if (!ended.ok()) return ended;
  }
  return absl::OkStatus();
}

int64_t Sql::last_id() const { return sqlite3_last_insert_rowid(file_); }
int64_t Sql::changed_rows() const { return sqlite3_changes64(file_); }

}  // namespace floe::store
