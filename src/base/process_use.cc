// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/process_use.h"

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"

namespace floe {
namespace {

// Where the fields of /proc/self/stat stand that follow the program's name; see proc(5).
constexpr size_t kThreadsField = 17, kStartField = 19, kVirtualField = 20, kResidentField = 21;

nanoseconds CpuOf(const rusage& use) {
  const auto of = [](const timeval& time) {
    return seconds(time.tv_sec) + microseconds(time.tv_usec);
  };
  return of(use.ru_utime) + of(use.ru_stime);
}

uint64_t NumberAt(const std::vector<absl::string_view>& fields, size_t place) {
  uint64_t number = 0;
  if (place >= fields.size() || !absl::SimpleAtoi(fields[place], &number)) return 0;
  return number;
}

// The host counts its ticks from its start.
absl::Time TimeOfTick(uint64_t ticks) {
  timespec since_boot{};
  const long per_second = sysconf(_SC_CLK_TCK);
  if (ticks == 0 || per_second <= 0 || clock_gettime(CLOCK_BOOTTIME, &since_boot) != 0) {
    return absl::UnixEpoch();
  }
  return absl::Now() - absl::DurationFromTimespec(since_boot) +
         absl::Seconds(double(ticks) / double(per_second));
}

}  // namespace

ProcessUse ReadProcessUse() {
  ProcessUse use;
  rusage taken{};
  if (getrusage(RUSAGE_SELF, &taken) == 0) use.cpu = CpuOf(taken);
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) use.files_max = files.rlim_cur;
  std::error_code error;
  std::filesystem::directory_iterator file("/proc/self/fd", error);
  for (; !error && file != std::filesystem::directory_iterator(); file.increment(error)) {
    ++use.files;
  }
  if (use.files > 0) --use.files;  // the one that looks
  std::ifstream stat("/proc/self/stat");
  std::string text;
  std::getline(stat, text);
  // The name may have anything in it, but no more brackets follow.
  const size_t name_end = text.rfind(") ");
  if (name_end == std::string::npos) return use;
  const std::vector<absl::string_view> fields =
      absl::StrSplit(absl::string_view(text).substr(name_end + 2), ' ');
  use.threads = uint32_t(NumberAt(fields, kThreadsField));
  use.started = TimeOfTick(NumberAt(fields, kStartField));
  use.virtual_bytes = NumberAt(fields, kVirtualField);
  use.resident_bytes = NumberAt(fields, kResidentField) * uint64_t(sysconf(_SC_PAGESIZE));
  return use;
}

}  // namespace floe
