// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "doctor/host.h"

#include "unit/doctor/machine.h"

namespace floe::doctor {
namespace {

using testing::ElementsAre;
using testing::Eq;
using testing::IsEmpty;
using testing::Optional;
using testing::Pair;
using testing::Pointee;

class HostTest : public testing::Test {
 protected:
  HostTest() { Untuned(machine_); }
  Machine machine_;
};

TEST_F(HostTest, EveryFactIsReadWhereTheKernelPutsIt) {
  const Host host = machine_.Read();
  EXPECT_EQ(host.kernel_release, "6.8.0-45-generic");
  EXPECT_THAT(host.Sysctl("net.core.somaxconn"), Pointee(Eq("4096")));
  EXPECT_THAT(host.descriptors_max, Optional(20'000u));
  EXPECT_THAT(host.locked_bytes_max, Optional(8'388'608u));
  EXPECT_FALSE(host.may_lock);
  EXPECT_THAT(host.memory_bytes, Optional(uint64_t{24'684'092} * 1024));
  EXPECT_THAT(host.swap_bytes, Optional(uint64_t{2'097'148} * 1024));
  EXPECT_THAT(host.huge_pages, Optional(Eq("always")));
  EXPECT_THAT(host.shared_huge_pages, Optional(Eq("never")));
  EXPECT_THAT(host.governors, ElementsAre(Pair("schedutil", 2u)));
  EXPECT_THAT(host.cores, ElementsAre(0u, 1u));
  EXPECT_THAT(host.nodes, ElementsAre(Pair(0u, ElementsAre(0u, 1u))));
}

TEST_F(HostTest, AListInASysctlHasOneBlankBetweenItsNumbers) {
  EXPECT_THAT(machine_.Read().Sysctl("net.ipv4.tcp_mem"), Pointee(Eq("287901 383868 575802")));
}

TEST_F(HostTest, ANodeOfMemoryAloneHasNoPlaceForShards) {
  machine_.File("/sys/devices/system/node/node1/cpulist", "")
      .File("/sys/devices/system/node/node2/cpulist", "2,4-5");
  EXPECT_THAT(machine_.Read().nodes,
              ElementsAre(Pair(0u, ElementsAre(0u, 1u)), Pair(2u, ElementsAre(2u, 4u, 5u))));
}

TEST_F(HostTest, AnEmptyMachineIsReadWithoutFailing) {
  const Machine empty;
  const Host host = empty.Read();
  EXPECT_EQ(host.kernel_release, "");
  EXPECT_THAT(host.sysctls, IsEmpty());
  EXPECT_FALSE(host.descriptors_max.has_value());
  EXPECT_FALSE(host.memory_bytes.has_value());
  EXPECT_FALSE(host.cgroup.memory_bytes_max.has_value());
  EXPECT_FALSE(host.huge_pages.has_value());
  EXPECT_THAT(host.cores, IsEmpty());
  EXPECT_THAT(host.interfaces, IsEmpty());
}

TEST_F(HostTest, AFileThatHoldsSomethingElseIsAsGoodAsMissing) {
  machine_.File("/proc/self/limits", "Max open files")
      .File("/proc/meminfo", "MemTotal: plenty")
      .File("/proc/self/status", "CapEff:\tall\nCpus_allowed_list:\tsome")
      .File("/sys/kernel/mm/transparent_hugepage/enabled", "] always [");
  const Host host = machine_.Read();
  EXPECT_FALSE(host.descriptors_max.has_value());
  EXPECT_FALSE(host.memory_bytes.has_value());
  EXPECT_FALSE(host.may_lock);
  EXPECT_FALSE(host.huge_pages.has_value());
  EXPECT_THAT(host.cores, IsEmpty());
}

TEST_F(HostTest, AFolderWhereAFileShouldBeIsAsGoodAsMissing) {
  machine_.Without("/proc/meminfo").File("/proc/meminfo/odd", "");
  EXPECT_FALSE(machine_.Read().memory_bytes.has_value());
}

TEST_F(HostTest, NoLimitIsTheLargestNumber) {
  machine_.OpenFiles("unlimited", "unlimited");
  EXPECT_THAT(machine_.Read().descriptors_max, Optional(kUnlimited));
  EXPECT_THAT(machine_.Read().locked_bytes_max, Optional(kUnlimited));
}

TEST_F(HostTest, ThePrivilegeToLockMemoryIsSeenAmongTheCapabilities) {
  machine_.Process("0", "0000000000004000");
  EXPECT_TRUE(machine_.Read().may_lock);
  machine_.Process("0", "ffffffffffffbfff");
  EXPECT_FALSE(machine_.Read().may_lock);
}

// ---- cgroups ----

TEST_F(HostTest, TheSmallestLimitOnTheWayToTheRootOfTheCgroupsHolds) {
  machine_.File("/sys/fs/cgroup/user.slice/shell.scope/memory.max", "max")
      .File("/sys/fs/cgroup/user.slice/memory.max", "1073741824")
      .File("/sys/fs/cgroup/memory.max", "2147483648")
      .File("/sys/fs/cgroup/user.slice/shell.scope/pids.max", "77");
  const CgroupLimits limits = machine_.Read().cgroup;
  EXPECT_THAT(limits.memory_bytes_max, Optional(1'073'741'824u));
  EXPECT_THAT(limits.threads_max, Optional(77u));
}

TEST_F(HostTest, AContainerSeesItsLimitsAtTheRoot) {
  machine_.File("/proc/self/cgroup", "0::/").File("/sys/fs/cgroup/memory.max", "536870912");
  EXPECT_THAT(machine_.Read().cgroup.memory_bytes_max, Optional(536'870'912u));
}

TEST_F(HostTest, CgroupsOfTheFirstVersionAreReadAsWell) {
  machine_
      .File("/proc/self/cgroup", "9:cpu,memory:/docker/abc\n8:pids:/docker/abc\n1:name=systemd:/")
      .File("/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "268435456")
      .File("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712")
      .File("/sys/fs/cgroup/pids/pids.max", "100");
  const CgroupLimits limits = machine_.Read().cgroup;
  EXPECT_THAT(limits.memory_bytes_max, Optional(268'435'456u));
  EXPECT_THAT(limits.threads_max, Optional(100u));
}

TEST_F(HostTest, TheFirstVersionsWordForUnlimitedIsNoLimit) {
  machine_.File("/proc/self/cgroup", "9:memory:/")
      .File("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712");
  EXPECT_FALSE(machine_.Read().cgroup.memory_bytes_max.has_value());
}

// ---- interfaces ----

TEST_F(HostTest, AnInterfaceHasItsQueuesItsNodeAndItsOffloads) {
  machine_.File("/sys/class/net/eth0/device/numa_node", "1");
  const Host host = machine_.Read();
  ASSERT_EQ(host.interfaces.size(), 1u);
  const Interface& eth0 = host.interfaces[0];
  EXPECT_EQ(eth0.name, "eth0");
  EXPECT_FALSE(eth0.is_virtual);
  EXPECT_EQ(eth0.queues, 1u);
  EXPECT_THAT(eth0.numa_node, Optional(1u));
  ASSERT_TRUE(eth0.offloads.ok());
  EXPECT_TRUE(eth0.offloads->scatter_gather);
  EXPECT_FALSE(eth0.offloads->segmentation);
}

TEST_F(HostTest, ANodeOfMinusOneIsNone) {
  machine_.File("/sys/class/net/eth0/device/numa_node", "-1");
  EXPECT_FALSE(machine_.Read().interfaces.at(0).numa_node.has_value());
}

TEST_F(HostTest, LoopbackAndWhatIsDownOrElsewhereAreNotLookedAt) {
  machine_.Interface("lo", 1, kAllOffloads, /*has_device=*/false)
      .File("/sys/class/net/lo/flags", "0x9")
      .Interface("eth1", 1, kAllOffloads)
      .File("/sys/class/net/eth1/flags", "0x1002")
      .Interface("eth2", 1, kAllOffloads)
      .File("/sys/class/net/eth2/operstate", "down")
      .File("/sys/class/net/elsewhere/flags", "0x1003")
      .File("/sys/class/net/bonding_masters", "bond0");
  const Host host = machine_.Read();
  ASSERT_EQ(host.interfaces.size(), 1u);
  EXPECT_EQ(host.interfaces[0].name, "eth0");
}

TEST_F(HostTest, AnInterfaceWithoutADeviceIsVirtual) {
  machine_.Interface("docker0", 1, kAllOffloads, /*has_device=*/false);
  EXPECT_TRUE(machine_.Read().interfaces.at(0).is_virtual);
}

TEST(ReadOffloads, AnInterfaceThatIsNotThereIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(ReadOffloads("no-such-thing0").status()));
}

TEST(ReadOffloads, LoopbackSendsFromPagesAsTheyAre) {
  const absl::StatusOr<Offloads> offloads = ReadOffloads("lo");
  ASSERT_TRUE(offloads.ok()) << offloads.status();
  EXPECT_TRUE(offloads->scatter_gather);
  EXPECT_TRUE(offloads->checksum);
}

}  // namespace
}  // namespace floe::doctor
