// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <atomic>
#include <ctime>
#include <memory>
#include <mutex>  // tidy: mutex: of spdlog's sinks, behind the log's own thread
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spdlog/async.h"
#include "spdlog/pattern_formatter.h"
#include "spdlog/sinks/base_sink.h"
#include "spdlog/sinks/basic_file_sink.h"
#include "spdlog/sinks/stdout_sinks.h"
#include "spdlog/spdlog.h"

namespace floe::log {
namespace {

constexpr size_t kQueuedLinesMax = 8192;
constexpr auto kFlushEvery = std::chrono::seconds(1);

// ChangingSink writes to where it was last told to, in the form that came with it.
// Threads: any; a change waits for the line under way.
// tidy: mutex: of spdlog's sinks, behind the log's own thread
class ChangingSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  // Nowhere to go, null: lines are dropped.
  void Change(spdlog::sink_ptr target, std::unique_ptr<spdlog::formatter> form) {
    const std::lock_guard lock(mutex_);  // tidy: mutex: base_sink's
    if (target_ != nullptr) target_->flush();
    target_ = std::move(target);
    if (target_ != nullptr) target_->set_formatter(std::move(form));
  }

 private:
  void sink_it_(const spdlog::details::log_msg& line) override {
    if (target_ != nullptr) target_->log(line);
  }
  void flush_() override {
    if (target_ != nullptr) target_->flush();
  }

  spdlog::sink_ptr target_;
};

struct Logs {
  // spdlog's own ownership, kept inside this file.
  std::shared_ptr<spdlog::logger> events, access;
  std::shared_ptr<ChangingSink> events_sink, access_sink;
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

// "%*": the text as a JSON string's inside. Done by who writes, so that a line is in one form as a
// whole, also when another one is configured while it is queued.
class EscapedText : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& line, const std::tm&,
              spdlog::memory_buf_t& to) override {
    const std::string escaped =
        JsonEscaped(absl::string_view(line.payload.data(), line.payload.size()));
    to.append(escaped.data(), escaped.data() + escaped.size());
  }
  std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
    return std::make_unique<EscapedText>();
  }
};

std::unique_ptr<spdlog::formatter> FormOfEvents(bool json) {
  auto form = std::make_unique<spdlog::pattern_formatter>();
  form->add_flag<EscapedText>('*').set_pattern(
      json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","text":"%*"})"
           : "%Y-%m-%d %H:%M:%S.%e %l %v");
  return form;
}

}  // namespace

absl::Status Open(const Options& options) {
  Logs& logs = TheLogs();
  logs.events_sink = std::make_shared<ChangingSink>();
  logs.access_sink = std::make_shared<ChangingSink>();
  if (absl::Status opened = Reopen(options); !opened.ok()) return opened;
  spdlog::init_thread_pool(kQueuedLinesMax, 1);
  logs.events = MakeLogger("floe", logs.events_sink);
  logs.events->set_level(ToSpdlog(options.level));
  logs.access = MakeLogger("access", logs.access_sink);
  spdlog::register_logger(logs.events);
  spdlog::register_logger(logs.access);
  spdlog::flush_every(kFlushEvery);
  return absl::OkStatus();
}

absl::Status Reopen(const Options& options) {
  Logs& logs = TheLogs();
  const bool has_access = !options.access_file.empty();
  spdlog::sink_ptr events, access;
  try {  // spdlog reports a file that cannot be opened by throwing
    events = MakeSink(options.file, /*to_stderr=*/true);
    if (has_access) access = MakeSink(options.access_file, /*to_stderr=*/false);
  } catch (const spdlog::spdlog_ex& error) {
    return absl::InvalidArgumentError(absl::StrCat("log: ", error.what()));
  }
  logs.events_sink->Change(std::move(events), FormOfEvents(options.json));
  logs.access_sink->Change(std::move(access), std::make_unique<spdlog::pattern_formatter>("%v"));
  access_wanted = has_access;
  if (logs.events != nullptr) logs.events->set_level(ToSpdlog(options.level));
  return absl::OkStatus();
}

void Close() {
  Logs& logs = TheLogs();
  if (logs.events == nullptr) return;
  access_wanted = false;
  spdlog::shutdown();  // drops its loggers and joins the thread once the queue is written
  logs.events_sink->flush();
  logs.access_sink->flush();
}

void Write(Level level, absl::string_view text) {
  Logs& logs = TheLogs();
  if (logs.events == nullptr) {
    std::fprintf(stderr, "floe: %.*s\n", int(text.size()), text.data());
    return;
  }
  if (!logs.events->should_log(ToSpdlog(level))) return;
  logs.events->log(ToSpdlog(level), std::string(text));
}

void Access(absl::string_view line) {
  Logs& logs = TheLogs();
  if (access_wanted) logs.access->log(spdlog::level::info, std::string(line));
}

bool AccessWanted() { return access_wanted.load(std::memory_order_relaxed); }

}  // namespace floe::log
