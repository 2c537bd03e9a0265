// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <variant>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct sqlite3;
struct sqlite3_stmt;

namespace floe::store {

// What is bound to a statement's '?'; text is copied.
using Value = std::variant<std::nullptr_t, int64_t, double, absl::string_view>;

// A row of an answer, by column from 0; good until the function that was given it returns. NULL is
// 0 and empty.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  int64_t Int(int column) const;
  double Real(int column) const;
  absl::string_view Text(int column) const;
  bool IsNull(int column) const;

 private:
  sqlite3_stmt* const statement_;
};

// One step of a schema: SQL that makes version `to` of the version before. Steps only add, so that
// an older process can still use the file during a swap, and after a way back.
struct SchemaStep {
  int to;
  const char* sql;
};

// A file that nobody else has, and that ends with its Sql.
inline constexpr char kInMemory[] = ":memory:";

// Sql is an open SQLite file. Its statements are prepared once, by their text, which is the
// program's own: never one that holds a value.
//
// Lifetime  Its own.
// Threads   One at a time.
// Failure   Unavailable when it may work later (the disk is full, somebody holds the lock for
//           kBusyTimeMax); Internal for all else. Both name SQLite's reason.
class Sql {
 public:
  // Of a new file nobody but its owner may read anything.
  static absl::StatusOr<std::unique_ptr<Sql>> Open(const std::string& path);
  ~Sql();
  Sql(const Sql&) = delete;
  Sql& operator=(const Sql&) = delete;

  // Takes the steps that the file has not taken yet, each in a transaction of its own.
  absl::Status Migrate(std::span<const SchemaStep> steps);

  absl::Status Do(absl::string_view sql, std::initializer_list<Value> values = {});
  // Calls `take` with each row; false from it ends this.
  absl::Status Each(absl::string_view sql, std::initializer_list<Value> values,
                    const std::function<bool(const Row&)>& take);
  // The first column of the first row; 0 without any.
  absl::StatusOr<int64_t> Number(absl::string_view sql, std::initializer_list<Value> values = {});

  int64_t last_id() const;       // of the row that was inserted last
  int64_t changed_rows() const;  // by the last Do

 private:
  explicit Sql(sqlite3* file) : file_(file) {}
  absl::StatusOr<sqlite3_stmt*> Prepare(absl::string_view sql);
  absl::Status Error(int code) const;

  sqlite3* const file_;
  absl::flat_hash_map<std::string, sqlite3_stmt*> statements_;
};

}  // namespace floe::store
