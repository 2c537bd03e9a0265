// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "doctor/host.h"

#include <net/if.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "config/core_set.h"
#include "doctor/files.h"
#include "doctor/sysctls.h"

namespace floe::doctor {
namespace {

constexpr uint32_t kCapIpcLock = 14;  // capabilities(7)
constexpr uint64_t kBytesPerKb = 1024;

// What the checks look at besides the table of Sysctls().
constexpr const char* kAlsoRead[] = {
    "fs.file-max",      "kernel.io_uring_disabled",         "net.core.wmem_max",
    "net.ipv4.tcp_mem", "net.netfilter.nf_conntrack_count", "net.netfilter.nf_conntrack_max",
};

void ReadSysctl(const Files& files, absl::string_view name, Host* host) {
  const std::string path = absl::StrCat("/proc/sys/", absl::StrReplaceAll(name, {{".", "/"}}));
  const std::optional<std::string> text = files.Text(path);
  if (!text.has_value()) return;
  // Lists are written with tabs, and read with any blank.
  const std::vector<std::string> words =
      absl::StrSplit(*text, absl::ByAnyChar(" \t\n"), absl::SkipEmpty());
  host->sysctls.emplace(name, absl::StrJoin(words, " "));
}

// Soft and hard limit of the line that begins with `name`.
struct ResourceLimit {
  std::optional<uint64_t> soft, hard;
};
ResourceLimit LimitOf(absl::string_view limits, absl::string_view name) {
  for (absl::string_view line : absl::StrSplit(limits, '\n')) {
    if (!absl::ConsumePrefix(&line, name)) continue;
    const auto read = [](absl::string_view word) -> std::optional<uint64_t> {
      uint64_t value = 0;
      if (word == "unlimited") return kUnlimited;
      return absl::SimpleAtoi(word, &value) ? std::optional(value) : std::nullopt;
    };
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (words.size() >= 2) return {read(words[0]), read(words[1])};
  }
  return {};
}

// What follows "Name:" on a line of its own, as in /proc/meminfo and /proc/self/status.
std::optional<std::string> FieldOf(absl::string_view text, absl::string_view name) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!absl::ConsumePrefix(&line, absl::StrCat(name, ":"))) continue;
    return std::string(absl::StripAsciiWhitespace(line));
  }
  return std::nullopt;
}

std::optional<uint64_t> KilobytesOf(absl::string_view text, absl::string_view name) {
  const std::optional<std::string> field = FieldOf(text, name);
  uint64_t kilobytes = 0;
  if (!field.has_value() || !absl::SimpleAtoi(absl::StripSuffix(*field, " kB"), &kilobytes)) {
    return std::nullopt;
  }
  return kilobytes * kBytesPerKb;
}

// None where there is no such list.
std::vector<uint32_t> CoresOf(const std::optional<std::string>& list) {
  const absl::StatusOr<std::vector<uint32_t>> cores = config::ParseCoreList(list.value_or(""));
  return cores.ok() ? *cores : std::vector<uint32_t>();
}

void ReadProcess(const Files& files, Host* host) {
  const std::string limits = files.Text("/proc/self/limits").value_or("");
  host->descriptors_max = LimitOf(limits, "Max open files").hard;
  host->locked_bytes_max = LimitOf(limits, "Max locked memory").soft;
  const std::string status = files.Text("/proc/self/status").value_or("");
  host->cores = CoresOf(FieldOf(status, "Cpus_allowed_list"));
  uint64_t capabilities = 0;
  if (absl::SimpleHexAtoi(FieldOf(status, "CapEff").value_or("0"), &capabilities)) {
    host->may_lock = (capabilities >> kCapIpcLock & 1) != 0;
  }
}

// The word in brackets of "always [madvise] never".
std::optional<std::string> ChosenOf(const std::optional<std::string>& words) {
  if (!words.has_value()) return std::nullopt;
  const size_t begin = words->find('['), end = words->find(']');
  if (begin == std::string::npos || end == std::string::npos || end < begin) return std::nullopt;
  return words->substr(begin + 1, end - begin - 1);
}

void ReadMemory(const Files& files, Host* host) {
  const std::string memory = files.Text("/proc/meminfo").value_or("");
  host->memory_bytes = KilobytesOf(memory, "MemTotal");
  host->swap_bytes = KilobytesOf(memory, "SwapTotal");
  host->page_bytes = uint64_t(sysconf(_SC_PAGESIZE));
  host->cgroup = ReadCgroupLimits(files);
  host->huge_pages = ChosenOf(files.Text("/sys/kernel/mm/transparent_hugepage/enabled"));
  host->shared_huge_pages =
      ChosenOf(files.Text("/sys/kernel/mm/transparent_hugepage/shmem_enabled"));
}

// The number behind `prefix`, as in "cpu12".
std::optional<uint32_t> NumberIn(absl::string_view name, absl::string_view prefix) {
  uint32_t number = 0;
  if (!absl::ConsumePrefix(&name, prefix) || !absl::SimpleAtoi(name, &number)) return std::nullopt;
  return number;
}

void ReadCores(const Files& files, Host* host) {
  constexpr char kCpus[] = "/sys/devices/system/cpu";
  for (const std::string& name : files.Names(kCpus)) {
    if (!NumberIn(name, "cpu").has_value()) continue;
    const std::optional<std::string> governor =
        files.Text(absl::StrCat(kCpus, "/", name, "/cpufreq/scaling_governor"));
    if (governor.has_value()) ++host->governors[*governor];
  }
  constexpr char kNodes[] = "/sys/devices/system/node";
  for (const std::string& name : files.Names(kNodes)) {
    const std::optional<uint32_t> node = NumberIn(name, "node");
    if (!node.has_value()) continue;
    const std::vector<uint32_t> cores =
        CoresOf(files.Text(absl::StrCat(kNodes, "/", name, "/cpulist")));
    if (!cores.empty()) host->nodes.emplace(*node, cores);  // some have memory only
  }
}

bool IsUp(const Files& files, absl::string_view folder) {
  uint32_t flags = 0;
  const std::string text = files.Text(absl::StrCat(folder, "/flags")).value_or("");
  if (!absl::SimpleHexAtoi(text, &flags) || (flags & IFF_UP) == 0) return false;
  return (flags & IFF_LOOPBACK) == 0 && files.Text(absl::StrCat(folder, "/operstate")) != "down";
}

void ReadInterfaces(const Files& files, const HostSources& sources, Host* host) {
  for (const std::string& name : files.Names("/sys/class/net")) {
    const std::string folder = absl::StrCat("/sys/class/net/", name);
    if (!IsUp(files, folder)) continue;
    Interface interface { .name = name, .offloads = sources.offloads(name) };
    // /sys may be of another network namespace than we are.
    if (absl::IsNotFound(interface.offloads.status())) continue;
    interface.is_virtual = !files.Has(absl::StrCat(folder, "/device"));
    for (const std::string& queue : files.Names(absl::StrCat(folder, "/queues"))) {
      if (absl::StartsWith(queue, "tx-")) ++interface.queues;
    }
    // -1, which is no number here, where there is only one.
    const auto node = files.Number(absl::StrCat(folder, "/device/numa_node"));
    if (node.has_value()) interface.numa_node = uint32_t(*node);
    host->interfaces.push_back(std::move(interface));
  }
}

}  // namespace

const std::string* Host::Sysctl(absl::string_view name) const {
  const auto found = sysctls.find(name);
  return found == sysctls.end() ? nullptr : &found->second;
}

Host ReadHost(const HostSources& sources) {
  const Files files(sources.root);
  Host host;
  host.kernel_release = files.Text("/proc/sys/kernel/osrelease").value_or("");
  host.io_uring = sources.io_uring;
  for (const Sysctl& sysctl : Sysctls()) ReadSysctl(files, sysctl.name, &host);
  for (const char* name : kAlsoRead) ReadSysctl(files, name, &host);
  ReadProcess(files, &host);
  ReadMemory(files, &host);
  ReadCores(files, &host);
  ReadInterfaces(files, sources, &host);
  return host;
}

}  // namespace floe::doctor
