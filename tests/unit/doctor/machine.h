// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Machines to be examined: a folder with a /proc and a /sys of its own.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "doctor/checks.h"
#include "doctor/host.h"

namespace floe::doctor {

constexpr Offloads kAllOffloads{.scatter_gather = true,
                                .checksum = true,
                                .segmentation = true,
                                .generic_segmentation = true,
                                .queues_max = 8};

class Machine {
 public:
  Machine() {
    std::string name = testing::TempDir() + "/machineXXXXXX";
    root_ = mkdtemp(name.data());
  }
  ~Machine() { std::filesystem::remove_all(root_); }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  Machine& File(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(root_ + path).parent_path());
    std::ofstream(root_ + path) << text << "\n";
    return *this;
  }
  Machine& Without(const std::string& path) {
    std::filesystem::remove_all(root_ + path);
    return *this;
  }
  Machine& Sysctl(const std::string& name, const std::string& text) {
    return File(absl::StrCat("/proc/sys/", absl::StrReplaceAll(name, {{".", "/"}})), text);
  }
  Machine& OpenFiles(const std::string& hard, const std::string& locked = "8388608") {
    return File("/proc/self/limits",
                "Limit                     Soft Limit           Hard Limit           Units     \n"
                "Max open files            1024                 " +
                    hard +
                    "   files     \n"
                    "Max locked memory         " +
                    locked + "              unlimited   bytes     ");
  }
  Machine& Process(const std::string& cores, const std::string& capabilities) {
    return File("/proc/self/status", absl::StrCat("Name:\tfloe\nCapEff:\t", capabilities,
                                                  "\nCpus_allowed_list:\t", cores));
  }
  Machine& Memory(uint64_t total_kb, uint64_t swap_kb) {
    return File("/proc/meminfo",
                absl::StrCat("MemTotal:       ", total_kb, " kB\n", "MemFree:        22662112 kB\n",
                             "SwapTotal:      ", swap_kb, " kB"));
  }
  // A device's, that is up; of a bridge and the like there is no device.
  Machine& Interface(const std::string& name, int queues, const Offloads& offloads,
                     bool has_device = true) {
    const std::string folder = "/sys/class/net/" + name;
    File(folder + "/flags", "0x1003").File(folder + "/operstate", "up");
    for (int queue = 0; queue < queues; ++queue) {
      File(absl::StrCat(folder, "/queues/tx-", queue, "/tx_timeout"), "0");
      File(absl::StrCat(folder, "/queues/rx-", queue, "/rps_cpus"), "0");
    }
    if (has_device) File(folder + "/device/vendor", "0x1af4");
    offloads_[name] = offloads;
    return *this;
  }
  Machine& IoUring(absl::Status answer) {
    io_uring_ = std::move(answer);
    return *this;
  }

  Host Read() const {
    const auto offloads = [this](const std::string& name) -> absl::StatusOr<Offloads> {
      const auto found = offloads_.find(name);
      if (found == offloads_.end()) return absl::NotFoundError("of another namespace");
      return found->second;
    };
    return ReadHost({.root = root_, .io_uring = io_uring_, .offloads = offloads});
  }

 private:
  std::string root_;
  absl::Status io_uring_;
  std::map<std::string, Offloads> offloads_;
};

// As a distribution leaves it: it works.
inline void Untuned(Machine& machine) {
  machine.Sysctl("kernel.osrelease", "6.8.0-45-generic")
      .Sysctl("kernel.io_uring_disabled", "0")
      .Sysctl("net.ipv4.tcp_slow_start_after_idle", "1")
      .Sysctl("net.ipv4.tcp_congestion_control", "cubic")
      .Sysctl("net.core.default_qdisc", "fq_codel")
      .Sysctl("net.core.somaxconn", "4096")
      .Sysctl("net.ipv4.tcp_syncookies", "1")
      .Sysctl("net.core.netdev_max_backlog", "1000")
      .Sysctl("net.ipv4.ip_local_port_range", "32768\t60999")
      .Sysctl("vm.swappiness", "60")
      .Sysctl("net.ipv4.tcp_mem", "287901\t383868\t575802")
      .Sysctl("net.core.wmem_max", "212992")
      .Sysctl("fs.file-max", "9223372036854775807")
      .OpenFiles("20000")
      .Process("0-1", "0000000000000000")
      .Memory(24'684'092, 2'097'148)
      .File("/proc/self/cgroup", "0::/user.slice/shell.scope")
      .File("/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never")
      .File("/sys/kernel/mm/transparent_hugepage/shmem_enabled",
            "always within_size advise [never] deny force")
      .File("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "schedutil")
      .File("/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "schedutil")
      .File("/sys/devices/system/node/node0/cpulist", "0-1")
      .Interface("eth0", 1, {.scatter_gather = true, .checksum = true, .queues_max = 4});
}

// As floe doctor asks for.
inline void Tuned(Machine& machine) {
  Untuned(machine);
  machine.Sysctl("net.ipv4.tcp_slow_start_after_idle", "0")
      .Sysctl("net.ipv4.tcp_congestion_control", "bbr")
      .Sysctl("net.core.default_qdisc", "fq")
      .Sysctl("net.core.netdev_max_backlog", "16384")
      .Sysctl("net.ipv4.ip_local_port_range", "10240\t65535")
      .Sysctl("vm.swappiness", "10")
      .OpenFiles("1048576", "unlimited")
      .File("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never")
      .File("/sys/kernel/mm/transparent_hugepage/shmem_enabled",
            "always [within_size] advise never deny force")
      .File("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance")
      .File("/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance")
      .Interface("eth0", 2, kAllOffloads);
}

// The default configuration on two cores.
inline Plan UsualPlan() {
  Host host;
  host.cores = {0, 1};
  return PlanOf(config::Config{}, host);
}

inline Plan PlanFor(uint64_t listeners) {
  Plan plan = UsualPlan();
  plan.listeners = listeners;
  return plan;
}

inline std::vector<std::string> NamesOf(const Findings& findings, Verdict verdict) {
  std::vector<std::string> names;
  for (const Finding& finding : findings) {
    if (finding.verdict == verdict) names.push_back(finding.name);
  }
  return names;
}

// The finding of that name; the test fails when there is none.
inline Finding Find(const Findings& findings, const std::string& name) {
  for (const Finding& finding : findings) {
    if (finding.name == name) return finding;
  }
  ADD_FAILURE() << "nothing is said of " << name;
  return {};
}

inline bool Mentions(const Findings& findings, const std::string& name) {
  return std::any_of(findings.begin(), findings.end(),
                     [&name](const Finding& finding) { return finding.name == name; });
}

}  // namespace floe::doctor
