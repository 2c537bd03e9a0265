// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "doctor/checks.h"

#include "absl/strings/match.h"
#include "doctor/sysctls.h"
#include "unit/doctor/machine.h"

namespace floe::doctor {
namespace {

using testing::Each;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class ChecksTest : public testing::Test {
 protected:
  ChecksTest() { Tuned(machine_); }
  Finding Of(const std::string& name) { return Find(Examine(machine_.Read(), plan_), name); }
  Verdict VerdictOf(const std::string& name) { return Of(name).verdict; }

  Machine machine_;
  Plan plan_ = UsualPlan();
};

TEST_F(ChecksTest, ATunedHostIsGoodInEverything) {
  const Findings findings = Examine(machine_.Read(), plan_);
  EXPECT_THAT(findings, Each(Field(&Finding::verdict, Verdict::kGood)));
  EXPECT_GE(findings.size(), 18u);
}

TEST_F(ChecksTest, AnUntunedHostIsAdvisedAndServesAllTheSame) {
  Machine machine;
  Untuned(machine);
  const Findings findings = Examine(machine.Read(), plan_);
  EXPECT_THAT(NamesOf(findings, Verdict::kBad), IsEmpty());
  EXPECT_THAT(NamesOf(findings, Verdict::kUnknown), IsEmpty());
  EXPECT_THAT(NamesOf(findings, Verdict::kAdvice),
              UnorderedElementsAre(
                  "net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_congestion_control",
                  "net.core.default_qdisc", "net.core.netdev_max_backlog",
                  "net.ipv4.ip_local_port_range", "vm.swappiness", "hard limit of open files",
                  "limit of locked memory", "transparent huge pages", "huge pages for the arena",
                  "CPU governor", "eth0 offloads", "eth0 transmit queues"));
}

TEST_F(ChecksTest, WhatCannotBeReadIsUnknownAndNeitherGoodNorBad) {
  const Machine empty;
  const Findings findings = Examine(empty.Read(), plan_);
  for (const Finding& finding : findings) {
    if (finding.name == "io_uring") continue;  // it was asked, not read
    EXPECT_EQ(finding.verdict, Verdict::kUnknown) << finding.name;
    EXPECT_EQ(finding.is, "unknown, could not be read") << finding.name;
  }
  EXPECT_GE(findings.size(), Sysctls().size());
}

TEST_F(ChecksTest, TheWorstComesFirst) {
  Untuned(machine_);
  machine_.Sysctl("net.core.somaxconn", "128").Without("/proc/meminfo");
  const Findings findings = Examine(machine_.Read(), plan_);
  EXPECT_EQ(findings.front().name, "net.core.somaxconn");
  for (size_t i = 1; i < findings.size(); ++i) {
    EXPECT_LE(findings[i - 1].verdict, findings[i].verdict) << findings[i].name;
  }
}

TEST_F(ChecksTest, EveryFindingSaysAllThereIsToSay) {
  Machine untuned, unread;
  Untuned(untuned);
  for (const Machine* machine : {&machine_, &untuned, &unread}) {
    for (const Finding& finding : Examine(machine->Read(), plan_)) {
      for (const std::string& part :
           {finding.name, finding.is, finding.should_be, finding.why, finding.set}) {
        EXPECT_NE(part, "") << finding.name;
        EXPECT_FALSE(absl::StrContains(part, '\n')) << finding.name;
      }
      EXPECT_EQ(finding.why.back(), '.') << finding.name;
    }
  }
}

// ---- the kernel ----

TEST_F(ChecksTest, AKernelBelowTheFloorIsBad) {
  const std::pair<const char*, Verdict> releases[] = {
      {"6.7.12", Verdict::kBad},          {"5.15.0-100-generic", Verdict::kBad},
      {"6.8.0", Verdict::kGood},          {"6.18.44", Verdict::kGood},
      {"10.0-rc1", Verdict::kGood},       {"6.8-rc1", Verdict::kGood},
      {"nobody knows it", Verdict::kBad},
  };
  for (const auto& [release, verdict] : releases) {
    machine_.Sysctl("kernel.osrelease", release);
    EXPECT_EQ(VerdictOf("kernel"), verdict) << release;
  }
}

TEST_F(ChecksTest, WhatTheProbeMissesIsBadAndSaidInItsWords) {
  machine_.IoUring(absl::UnavailableError("io_uring lacks SEND_ZC"));
  EXPECT_EQ(Of("io_uring").verdict, Verdict::kBad);
  EXPECT_EQ(Of("io_uring").is, "io_uring lacks SEND_ZC");
}

TEST_F(ChecksTest, WhatMakesIoUringWorkDependsOnWhatForbidsIt) {
  machine_.IoUring(absl::UnavailableError("no"));
  EXPECT_THAT(Of("io_uring").set, HasSubstr("seccomp"));
  machine_.Sysctl("kernel.io_uring_disabled", "2");
  EXPECT_EQ(Of("io_uring").set, "sysctl -w kernel.io_uring_disabled=0");
  machine_.Sysctl("kernel.osrelease", "6.1.0");
  EXPECT_EQ(Of("io_uring").set, Of("kernel").set);
}

TEST_F(ChecksTest, IoUringForSomeUsersOnlyIsAdvisedAgainst) {
  EXPECT_FALSE(Mentions(Examine(machine_.Read(), plan_), "kernel.io_uring_disabled"));
  machine_.Sysctl("kernel.io_uring_disabled", "1");
  EXPECT_EQ(VerdictOf("kernel.io_uring_disabled"), Verdict::kAdvice);
}

TEST_F(ChecksTest, WhatAMachineHasNotIsNotMissed) {
  machine_.Without("/sys/kernel/mm").Without("/sys/devices/system/cpu");
  const Findings findings = Examine(machine_.Read(), plan_);
  for (const char* name : {"transparent huge pages", "huge pages for the arena", "CPU governor",
                           "threads of the cgroup", "net.netfilter.nf_conntrack_max"}) {
    EXPECT_FALSE(Mentions(findings, name)) << name;
  }
}

TEST_F(ChecksTest, OneSlowCoreIsEnoughForAdvice) {
  machine_.File("/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave");
  EXPECT_EQ(VerdictOf("CPU governor"), Verdict::kAdvice);
  EXPECT_EQ(Of("CPU governor").is, "performance, powersave");
}

// ---- sysctls ----

TEST_F(ChecksTest, MoreThanIsAskedForIsGood) {
  machine_.Sysctl("net.core.somaxconn", "65535")
      .Sysctl("net.ipv4.tcp_syncookies", "2")
      .Sysctl("net.ipv4.ip_local_port_range", "1024\t65535")
      .Sysctl("vm.swappiness", "0");
  EXPECT_THAT(Examine(machine_.Read(), plan_), Each(Field(&Finding::verdict, Verdict::kGood)));
}

TEST_F(ChecksTest, AQueueThatIsShortIsAdvisedAndOneThatIsVeryShortIsBad) {
  machine_.Sysctl("net.core.somaxconn", "4095");
  EXPECT_EQ(VerdictOf("net.core.somaxconn"), Verdict::kAdvice);
  machine_.Sysctl("net.core.somaxconn", "1024");
  EXPECT_EQ(VerdictOf("net.core.somaxconn"), Verdict::kAdvice);
  machine_.Sysctl("net.core.somaxconn", "1023");
  EXPECT_EQ(VerdictOf("net.core.somaxconn"), Verdict::kBad);
}

TEST_F(ChecksTest, ARangeMustReachOnBothSides) {
  machine_.Sysctl("net.ipv4.ip_local_port_range", "10241\t65535");
  EXPECT_EQ(VerdictOf("net.ipv4.ip_local_port_range"), Verdict::kAdvice);
  machine_.Sysctl("net.ipv4.ip_local_port_range", "10240\t65534");
  EXPECT_EQ(VerdictOf("net.ipv4.ip_local_port_range"), Verdict::kAdvice);
  EXPECT_EQ(Of("net.ipv4.ip_local_port_range").set,
            "sysctl -w net.ipv4.ip_local_port_range='10240 65535'");
}

TEST_F(ChecksTest, WithoutSwapNobodyMindsSwappiness) {
  machine_.Sysctl("vm.swappiness", "60");
  EXPECT_EQ(VerdictOf("vm.swappiness"), Verdict::kAdvice);
  machine_.Memory(24'684'092, 0);
  EXPECT_EQ(VerdictOf("vm.swappiness"), Verdict::kGood);
}

TEST_F(ChecksTest, TheCongestionControlThatIsConfiguredIsTheOneThatIsJudged) {
  const std::string name = "net.ipv4.tcp_congestion_control";
  plan_.congestion = "cubic";
  EXPECT_EQ(VerdictOf(name), Verdict::kAdvice);
  EXPECT_EQ(Of(name).set, "fanout.congestion = \"bbr\"");
  machine_.Sysctl(name, "cubic");
  plan_.congestion = "bbr";
  EXPECT_EQ(VerdictOf(name), Verdict::kGood);
  EXPECT_EQ(Of(name).is, "bbr, by fanout.congestion");
}

TEST_F(ChecksTest, ASysctlThatIsNoNumberWhereOneIsAskedForIsAdvised) {
  machine_.Sysctl("net.core.somaxconn", "many");
  EXPECT_EQ(VerdictOf("net.core.somaxconn"), Verdict::kAdvice);
}

// ---- limits ----

TEST_F(ChecksTest, WithoutALimitOfListenersAShellsLimitOfOpenFilesIsBad) {
  const std::string name = "hard limit of open files";
  machine_.OpenFiles("4095");
  EXPECT_EQ(VerdictOf(name), Verdict::kBad);
  machine_.OpenFiles("4096");
  EXPECT_EQ(VerdictOf(name), Verdict::kAdvice);
  machine_.OpenFiles("65536");
  EXPECT_EQ(VerdictOf(name), Verdict::kGood);
  EXPECT_EQ(Of(name).set, "LimitNOFILE=1048576");
}

TEST_F(ChecksTest, EachShardsTableMustHoldItsShareOfTheListeners) {
  const std::string name = "hard limit of open files";
  machine_.OpenFiles("20000");
  plan_ = PlanFor(36'000);
  EXPECT_EQ(VerdictOf(name), Verdict::kGood) << "two shards have a table each";
  plan_ = PlanFor(40'000);
  EXPECT_EQ(VerdictOf(name), Verdict::kBad) << "some places are for who is no listener";
  plan_.shards = 4;
  EXPECT_EQ(VerdictOf(name), Verdict::kGood);
  machine_.OpenFiles("1024");
  plan_ = PlanFor(100);
  EXPECT_EQ(VerdictOf(name), Verdict::kGood) << "who wants few needs little";
}

TEST_F(ChecksTest, AHostWithFewerFilesThanListenersIsBad) {
  machine_.Sysctl("fs.file-max", "50000");
  EXPECT_EQ(VerdictOf("fs.file-max"), Verdict::kAdvice);
  plan_ = PlanFor(40'000);
  EXPECT_EQ(VerdictOf("fs.file-max"), Verdict::kGood);
  plan_ = PlanFor(50'000);
  EXPECT_EQ(VerdictOf("fs.file-max"), Verdict::kBad);
}

TEST_F(ChecksTest, LockedMemoryMattersToZeroCopyWithoutThePrivilege) {
  const std::string name = "limit of locked memory";
  machine_.OpenFiles("1048576", "8388608");
  EXPECT_EQ(VerdictOf(name), Verdict::kAdvice);
  EXPECT_EQ(Of(name).is, "8 MiB");
  machine_.Process("0-1", "000001ffffffffff");
  EXPECT_EQ(VerdictOf(name), Verdict::kGood);
  plan_.may_zero_copy = false;
  EXPECT_FALSE(Mentions(Examine(machine_.Read(), plan_), name));
}

TEST_F(ChecksTest, MemoryThatDoesNotHoldTheArenaIsBad) {
  machine_.Memory(300 * 1024, 0);
  EXPECT_EQ(VerdictOf("memory"), Verdict::kBad);
  machine_.Memory(512 * 1024, 0);
  EXPECT_EQ(VerdictOf("memory"), Verdict::kAdvice) << "not for all listeners' buffers";
}

TEST_F(ChecksTest, WhatTheCgroupLeavesIsAllTheMemoryThereIs) {
  machine_.File("/sys/fs/cgroup/user.slice/memory.max", "268435456");
  const Finding memory = Of("memory");
  EXPECT_EQ(memory.verdict, Verdict::kBad);
  EXPECT_EQ(memory.is, "256 MiB, by cgroup");
  EXPECT_THAT(memory.set, HasSubstr("MemoryMax="));
}

TEST_F(ChecksTest, ACgroupThatHasNotThreadsForAllShardsIsBad) {
  machine_.File("/sys/fs/cgroup/user.slice/pids.max", "32");
  EXPECT_EQ(VerdictOf("threads of the cgroup"), Verdict::kGood);
  plan_.shards = 64;
  EXPECT_EQ(VerdictOf("threads of the cgroup"), Verdict::kBad);
}

// ---- the network ----

TEST_F(ChecksTest, SocketsThatMayNotHoldAllListenersBuffersAreBadIfANumberIsSet) {
  const std::string name = "net.ipv4.tcp_mem";
  EXPECT_EQ(Of(name).is, "575802 pages, 2.2 GiB");
  plan_ = PlanFor(35'000);
  EXPECT_EQ(VerdictOf(name), Verdict::kGood);
  plan_ = PlanFor(40'000);
  EXPECT_EQ(VerdictOf(name), Verdict::kBad);
  plan_.send_buffer_bytes /= 2;
  EXPECT_EQ(VerdictOf(name), Verdict::kGood);
  plan_ = UsualPlan();
  machine_.Sysctl("net.ipv4.tcp_mem", "1000\t2000\t3000");
  EXPECT_EQ(VerdictOf(name), Verdict::kAdvice);
}

TEST_F(ChecksTest, TheLineForSocketsMemoryMakesItGood) {
  const std::string name = "net.ipv4.tcp_mem";
  plan_ = PlanFor(100'000);
  const std::string line = Of(name).set;
  const size_t begin = line.find('\''), end = line.rfind('\'');
  ASSERT_LT(begin, end) << line;
  machine_.Sysctl(name, line.substr(begin + 1, end - begin - 1));
  EXPECT_EQ(VerdictOf(name), Verdict::kGood) << line;
}

TEST_F(ChecksTest, SocketsAreNotGivenMoreThanHalfTheMachine) {
  plan_ = PlanFor(1'000'000);
  EXPECT_EQ(Of("net.ipv4.tcp_mem").set,
            "fanout.send_buffer or limits.listeners: lower one of them");
}

TEST_F(ChecksTest, ABoundBelowTheSendBufferIsAdvised) {
  machine_.Sysctl("net.core.wmem_max", "16384");
  EXPECT_EQ(VerdictOf("net.core.wmem_max"), Verdict::kGood) << "the kernel doubles it";
  plan_.send_buffer_bytes = 128 * 1024;
  EXPECT_EQ(VerdictOf("net.core.wmem_max"), Verdict::kAdvice);
  EXPECT_EQ(Of("net.core.wmem_max").set, "sysctl -w net.core.wmem_max=32768");
}

TEST_F(ChecksTest, AFirewallsTableMustHoldTheListenersAndThoseWhoLeft) {
  const std::string name = "net.netfilter.nf_conntrack_max";
  machine_.Sysctl(name, "65536").Sysctl("net.netfilter.nf_conntrack_count", "12");
  plan_ = PlanFor(30'000);
  EXPECT_EQ(VerdictOf(name), Verdict::kGood);
  EXPECT_EQ(Of(name).is, "65536, 12 in use");
  plan_ = PlanFor(60'000);
  EXPECT_EQ(VerdictOf(name), Verdict::kAdvice);
  plan_ = PlanFor(70'000);
  EXPECT_EQ(VerdictOf(name), Verdict::kBad);
  EXPECT_EQ(Of(name).set, "sysctl -w net.netfilter.nf_conntrack_max=140000");
  plan_ = UsualPlan();
  machine_.Sysctl(name, "8192");
  EXPECT_EQ(VerdictOf(name), Verdict::kBad);
}

// ---- interfaces ----

TEST_F(ChecksTest, OffloadsThatAreOffAreNamedAndSoIsTheLineThatTurnsThemOn) {
  machine_.Interface("eth0", 2, {.scatter_gather = true, .generic_segmentation = true});
  const Finding offloads = Of("eth0 offloads");
  EXPECT_EQ(offloads.verdict, Verdict::kAdvice);
  EXPECT_EQ(offloads.is, "sg gso on, tx tso off");
  EXPECT_EQ(offloads.set, "ethtool -K eth0 tx on tso on");
  machine_.Interface("eth0", 2, {});
  EXPECT_EQ(Of("eth0 offloads").is, "sg tx tso gso off");
}

TEST_F(ChecksTest, AQueueForEachShardIsAdvisedAsFarAsTheDeviceHasThem) {
  Offloads offloads = kAllOffloads;
  offloads.queues_max = 4;
  machine_.Interface("eth0", 2, offloads);
  plan_.shards = 8;
  EXPECT_EQ(VerdictOf("eth0 transmit queues"), Verdict::kAdvice);
  EXPECT_EQ(Of("eth0 transmit queues").set, "ethtool -L eth0 combined 4");
  offloads.queues_max = 2;
  machine_.Interface("eth0", 2, offloads);
  EXPECT_EQ(VerdictOf("eth0 transmit queues"), Verdict::kGood);
  EXPECT_EQ(Of("eth0 transmit queues").is, "2, and has no more");
}

TEST_F(ChecksTest, ShardsOnAnotherNodeThanTheInterfaceAreAdvisedAgainst) {
  machine_.File("/sys/devices/system/node/node0/cpulist", "0")
      .File("/sys/devices/system/node/node1/cpulist", "1")
      .File("/sys/class/net/eth0/device/numa_node", "1");
  EXPECT_EQ(VerdictOf("eth0 NUMA node"), Verdict::kAdvice);
  EXPECT_EQ(Of("eth0 NUMA node").set, "server.cores = \"node1\"");
  config::Config config;
  config.server.cores = "node1";
  plan_ = PlanOf(config, machine_.Read());
  EXPECT_EQ(plan_.shards, 1u);
  EXPECT_EQ(VerdictOf("eth0 NUMA node"), Verdict::kGood);
}

TEST_F(ChecksTest, VirtualInterfacesAreLookedAtWhereThereAreNoOthers) {
  machine_.Interface("veth7", 1, {}, /*has_device=*/false);
  EXPECT_FALSE(Mentions(Examine(machine_.Read(), plan_), "veth7 (virtual) offloads"));
  machine_.Without("/sys/class/net/eth0");
  const Findings findings = Examine(machine_.Read(), plan_);
  EXPECT_EQ(Find(findings, "veth7 (virtual) offloads").verdict, Verdict::kAdvice);
  EXPECT_FALSE(Mentions(findings, "veth7 transmit queues"));
}

TEST_F(ChecksTest, AHostOfManyInterfacesIsNotToldOfAll) {
  for (int i = 0; i < 40; ++i) machine_.Interface(absl::StrCat("swp", i), 2, {});
  EXPECT_LE(NamesOf(Examine(machine_.Read(), plan_), Verdict::kAdvice).size(), 16u);
}

// ---- the plan ----

TEST(Plan, IsWhatTheConfigurationAsksFor) {
  Host host;
  config::Config config;
  EXPECT_EQ(PlanOf(config, host).shards, 1u) << "where nobody knows the cores";
  host.cores = {0, 1, 2};
  EXPECT_EQ(PlanOf(config, host).shards, 3u);
  EXPECT_FALSE(PlanOf(config, host).has_limit());
  config.server.cores = "0-1";
  EXPECT_EQ(PlanOf(config, host).shards, 2u);
  config.server.shards = 5;
  config.limits.listeners = 7;
  config.fanout.zero_copy = config::Fanout::ZeroCopy::kOff;
  const Plan plan = PlanOf(config, host);
  EXPECT_EQ(plan.shards, 5u);
  EXPECT_EQ(plan.unsent_bytes_max(), 7 * config.fanout.send_buffer_bytes);
  EXPECT_FALSE(plan.may_zero_copy);
}

}  // namespace
}  // namespace floe::doctor
