// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spdlog/async.h"
#include "spdlog/sinks/basic_file_sink.h"
#include "spdlog/sinks/stdout_sinks.h"
#include "spdlog/spdlog.h"

namespace floe::log {
namespace {

constexpr size_t kQueuedLinesMax = 8192;
constexpr auto kFlushEvery = std::chrono::seconds(1);

struct Logs {
  std::shared_ptr<spdlog::logger> events;  // spdlog's own ownership, kept inside this file
  std::shared_ptr<spdlog::logger> access;
  bool json = false;
};

Logs& TheLogs() {
  static Logs* logs = new Logs;  // never destroyed: threads may log until the very end
  return *logs;
}

std::atomic<bool> access_wanted{false};

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug: return spdlog::level::debug;
    case Level::kInfo: return spdlog::level::info;
    case Level::kWarn: return spdlog::level::warn;
    case Level::kError: return spdlog::level::err;
  }
  return spdlog::level::info;
}

spdlog::sink_ptr MakeSink(const std::string& file, bool to_stderr) {
  if (file != "-") return std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
  if (to_stderr) return std::make_shared<spdlog::sinks::stderr_sink_mt>();
  return std::make_shared<spdlog::sinks::stdout_sink_mt>();
}

std::shared_ptr<spdlog::logger> MakeLogger(const char* name, spdlog::sink_ptr sink) {
  return std::make_shared<spdlog::async_logger>(name, std::move(sink), spdlog::thread_pool(),
                                                spdlog::async_overflow_policy::overrun_oldest);
}

// The text as a JSON string's inside.
std::string JsonEscaped(absl::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      static constexpr char kHex[] = "0123456789abcdef";
      absl::StrAppend(&out, "\\u00");
      out.push_back(kHex[(c >> 4) & 0xf]);
      out.push_back(kHex[c & 0xf]);
    } else {
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace

absl::Status Open(const Options& options) {
  Logs& logs = TheLogs();
  try {  // spdlog reports a file that cannot be opened by throwing
    spdlog::init_thread_pool(kQueuedLinesMax, 1);
    logs.events = MakeLogger("floe", MakeSink(options.file, /*to_stderr=*/true));
    logs.events->set_level(ToSpdlog(options.level));
    logs.events->set_pattern(options.json
                                 ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","text":"%v"})"
                                 : "%Y-%m-%d %H:%M:%S.%e %l %v");
    logs.json = options.json;
    if (!options.access_file.empty()) {
      logs.access = MakeLogger("access", MakeSink(options.access_file, /*to_stderr=*/false));
      logs.access->set_pattern("%v");
      access_wanted = true;
    }
    spdlog::register_logger(logs.events);
    if (logs.access != nullptr) spdlog::register_logger(logs.access);
    spdlog::flush_every(kFlushEvery);
  } catch (const spdlog::spdlog_ex& error) {
    return absl::InvalidArgumentError(absl::StrCat("log: ", error.what()));
  }
  return absl::OkStatus();
}

void Close() {
  Logs& logs = TheLogs();
  if (logs.events == nullptr) return;
  access_wanted = false;
  spdlog::shutdown();  // drops its loggers and joins the thread once the queue is written
  logs.events->sinks().front()->flush();
  if (logs.access != nullptr) logs.access->sinks().front()->flush();
}

void Write(Level level, absl::string_view text) {
  Logs& logs = TheLogs();
  if (logs.events == nullptr) {
    std::fprintf(stderr, "floe: %.*s\n", int(text.size()), text.data());
    return;
  }
  if (!logs.events->should_log(ToSpdlog(level))) return;
  const std::string line = logs.json ? JsonEscaped(text) : std::string(text);
  logs.events->log(ToSpdlog(level), line);
}

void Access(absl::string_view line) {
  Logs& logs = TheLogs();
  if (access_wanted) logs.access->log(spdlog::level::info, std::string(line));
}

bool AccessWanted() { return access_wanted.load(std::memory_order_relaxed); }

}  // namespace floe::log
