// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <ctime>
#include <memory>
#include <mutex>  // tidy: mutex: of spdlog's sinks, behind the log's own thread
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "base/log_text.h"
#include "base/mutex.h"
#include "base/utf8.h"
#include "spdlog/async.h"
#include "spdlog/pattern_formatter.h"
#include "spdlog/sinks/base_sink.h"
#include "spdlog/spdlog.h"

namespace floe::log {
namespace {

constexpr size_t kQueuedLinesMax = 8192;
constexpr auto kFlushEvery = std::chrono::seconds(1);

std::atomic<bool> access_wanted{false};
std::atomic<bool> is_json{false};
std::atomic<uint64_t> lines_not_taken{0};  // by disks

// LogSink writes to where it was last told to, in the form that came with it, and remembers what
// it wrote last.
// Threads: any; a change waits for the line under way.
// tidy: mutex: of spdlog's sinks, behind the log's own thread
class LogSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  // Nowhere to go, null: lines are remembered, and no more.
  void Change(std::unique_ptr<LogFile> file, std::unique_ptr<spdlog::formatter> form) {
    const std::lock_guard lock(mutex_);  // tidy: mutex: base_sink's
    flush_();
    file_ = std::move(file);
    formatter_ = std::move(form);
  }

  std::vector<std::string> Recent(size_t count) {
    MutexLock lock(&recent_mutex_);
    count = std::min(count, recent_.size());
    std::vector<std::string> lines;
    lines.reserve(count);
    for (size_t back = count; back > 0; --back) {
      lines.push_back(recent_[(next_ + recent_.size() - back) % recent_.size()]);
    }
    return lines;
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    written_.clear();
    formatter_->format(message, written_);
    absl::string_view line(written_.data(), written_.size());
    if (file_ != nullptr) lines_not_taken += file_->Write(line);
    line.remove_suffix(1);  // its end
    Remember(CutUtf8(line, kRecentLineBytesMax));
  }
  void flush_() override {
    if (file_ != nullptr) lines_not_taken += file_->Flush();
  }

  void Remember(absl::string_view line) {
    MutexLock lock(&recent_mutex_);
    if (recent_.size() < kRecentLines) {
      recent_.emplace_back(line);
      return;
    }
    recent_[next_].assign(line.data(), line.size());
    next_ = (next_ + 1) % kRecentLines;
  }

  std::unique_ptr<LogFile> file_;
  spdlog::memory_buf_t written_;
  Mutex recent_mutex_;  // of its own: who asks waits for no disk
  std::vector<std::string> recent_ ABSL_GUARDED_BY(recent_mutex_);
  size_t next_ ABSL_GUARDED_BY(recent_mutex_) = 0;  // the oldest, once there are kRecentLines
};

struct Logs {
  // spdlog's own ownership, kept inside this file.
  std::array<std::shared_ptr<spdlog::logger>, kKinds> loggers;
  std::array<std::shared_ptr<LogSink>, kKinds> sinks;

  std::shared_ptr<spdlog::logger>& events() { return loggers[size_t(Kind::kEvents)]; }
};

constexpr std::array<const char*, kKinds> kNames = {"floe", "access", "playlist", "auth"};

Logs& TheLogs() {
  static Logs* logs = new Logs;  // never destroyed: threads may log until the very end
  return *logs;
}

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug: return spdlog::level::debug;
    case Level::kInfo: return spdlog::level::info;
    case Level::kWarn: return spdlog::level::warn;
    case Level::kError: return spdlog::level::err;
  }
  return spdlog::level::info;
}

// Null: nowhere.
absl::StatusOr<std::unique_ptr<LogFile>> OpenFile(const Options& options, Kind kind) {
  const std::array<const std::string*, kKinds> files = {&options.file, &options.access_file,
                                                        &options.playlist_file, &options.auth_file};
  const std::string& file = *files[size_t(kind)];
  if (file.empty()) return nullptr;
  if (file != "-") return LogFile::Open(file, options.rotation);
  return LogFile::OfStream(kind == Kind::kEvents ? STDERR_FILENO : STDOUT_FILENO);
}

std::shared_ptr<spdlog::logger> MakeLogger(const char* name, spdlog::sink_ptr sink) {
  return std::make_shared<spdlog::async_logger>(name, std::move(sink), spdlog::thread_pool(),
                                                spdlog::async_overflow_policy::overrun_oldest);
}

// "%*": the text as a JSON string's inside. Done by who writes, so that a line is in one form as a
// whole, also when another one is configured while it is queued.
class EscapedText : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& line, const std::tm&,
              spdlog::memory_buf_t& to) override {
    std::string escaped;
    AppendEscaped(&escaped, absl::string_view(line.payload.data(), line.payload.size()),
                  /*json=*/true);
    to.append(escaped.data(), escaped.data() + escaped.size());
  }
  std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
    return std::make_unique<EscapedText>();
  }
};

std::unique_ptr<spdlog::formatter> FormOf(Kind kind, bool json) {
  if (kind != Kind::kEvents) return std::make_unique<spdlog::pattern_formatter>("%v");
  auto form = std::make_unique<spdlog::pattern_formatter>();
  form->add_flag<EscapedText>('*').set_pattern(
      json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","text":"%*"})"
           : "%Y-%m-%d %H:%M:%S.%e %l %v");
  return form;
}

// A line of a log that is not that of events.
void WriteLine(Kind kind, absl::string_view line) {
  spdlog::logger* const logger = TheLogs().loggers[size_t(kind)].get();
  if (logger != nullptr) {
    logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  }
}

}  // namespace

absl::Status Open(const Options& options) {
  Logs& logs = TheLogs();
  for (std::shared_ptr<LogSink>& sink : logs.sinks) sink = std::make_shared<LogSink>();
  if (absl::Status opened = Reopen(options); !opened.ok()) return opened;
  spdlog::init_thread_pool(kQueuedLinesMax, 1);
  for (size_t kind = 0; kind < kKinds; ++kind) {
    logs.loggers[kind] = MakeLogger(kNames[kind], logs.sinks[kind]);
    spdlog::register_logger(logs.loggers[kind]);
  }
  logs.events()->set_level(ToSpdlog(options.level));
  spdlog::flush_every(kFlushEvery);
  return absl::OkStatus();
}

absl::Status Reopen(const Options& options) {
  Logs& logs = TheLogs();
  std::array<std::unique_ptr<LogFile>, kKinds> files;
  for (size_t kind = 0; kind < kKinds; ++kind) {
    absl::StatusOr<std::unique_ptr<LogFile>> file = OpenFile(options, Kind(kind));
    if (!file.ok()) return file.status();
    files[kind] = *std::move(file);
  }
  for (size_t kind = 0; kind < kKinds; ++kind) {
    logs.sinks[kind]->Change(std::move(files[kind]), FormOf(Kind(kind), options.json));
  }
  access_wanted = !options.access_file.empty();
  is_json = options.json;
  if (logs.events() != nullptr) logs.events()->set_level(ToSpdlog(options.level));
  return absl::OkStatus();
}

void Close() {
  Logs& logs = TheLogs();
  if (logs.events() == nullptr) return;
  access_wanted = false;
  spdlog::shutdown();  // drops its loggers and joins the thread once the queue is written
  for (const std::shared_ptr<LogSink>& sink : logs.sinks) sink->flush();
}

void Write(Level level, absl::string_view text) {
  spdlog::logger* const logger = TheLogs().events().get();
  if (logger == nullptr) {
    std::fprintf(stderr, "floe: %.*s\n", int(text.size()), text.data());
    return;
  }
  if (!logger->should_log(ToSpdlog(level))) return;
  logger->log(ToSpdlog(level), spdlog::string_view_t(text.data(), text.size()));
}

void Access(absl::string_view line) {
  if (access_wanted) WriteLine(Kind::kAccess, line);
}

bool AccessWanted() { return access_wanted.load(std::memory_order_relaxed); }

void Playlist(const PlaylistLine& line) {
  const absl::Time now = absl::Now();
  WriteLine(Kind::kPlaylist, IsJson() ? line.ToJson(now) : line.ToString(now));
}

void Auth(const AuthLine& line) {
  const absl::Time now = absl::Now();
  WriteLine(Kind::kAuth, IsJson() ? line.ToJson(now) : line.ToString(now));
}

bool IsJson() { return is_json.load(std::memory_order_relaxed); }

std::vector<std::string> Recent(Kind kind, size_t count) {
  LogSink* const sink = TheLogs().sinks[size_t(kind)].get();
  return sink == nullptr ? std::vector<std::string>() : sink->Recent(count);
}

uint64_t LostLines() {
  const auto pool = spdlog::thread_pool();
  return lines_not_taken.load(std::memory_order_relaxed) +
         (pool == nullptr ? 0 : pool->overrun_counter());
}

}  // namespace floe::log
