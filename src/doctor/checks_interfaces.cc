// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "doctor/checks.h"

namespace floe::doctor {
namespace {

constexpr size_t kInterfacesMax = 16;  // looked at; a host of many containers has hundreds

std::string NameOf(const Interface& interface) {
  return absl::StrCat(interface.name, interface.is_virtual ? " (virtual)" : "");
}

Finding CheckOffloads(const Interface& interface) {
  Finding finding{.name = absl::StrCat(NameOf(interface), " offloads"),
                  .is = kUnreadable,
                  .should_be = "sg tx tso gso on",
                  .verdict = Verdict::kUnknown,
                  .why =
                      "Without sg and tx every zero-copy send is copied after all; without tso "
                      "and gso the CPU cuts each send into a dozen segments, and sends each "
                      "through the whole stack.",
                  .set = absl::StrCat("ethtool -K ", interface.name, " sg on tx on tso on gso on")};
  if (!interface.offloads.ok()) return finding;
  const Offloads& offloads = *interface.offloads;
  std::vector<std::string> on, off;
  (offloads.scatter_gather ? on : off).push_back("sg");
  (offloads.checksum ? on : off).push_back("tx");
  (offloads.segmentation ? on : off).push_back("tso");
  (offloads.generic_segmentation ? on : off).push_back("gso");
  finding.is = absl::StrCat(absl::StrJoin(on, " "), on.empty() ? "" : " on",
                            on.empty() || off.empty() ? "" : ", ", absl::StrJoin(off, " "),
                            off.empty() ? "" : " off");
  finding.verdict = off.empty() ? Verdict::kGood : Verdict::kAdvice;
  if (!off.empty()) {
    finding.set =
        absl::StrCat("ethtool -K ", interface.name, " ", absl::StrJoin(off, " on "), " on");
  }
  return finding;
}

// A device's own; the queues of what has none are the CPU's.
void CheckQueues(const Plan& plan, const Interface& interface, Findings* findings) {
  if (interface.is_virtual || interface.queues == 0) return;
  const uint32_t wanted = plan.shards;
  const uint32_t possible = interface.offloads.ok() ? interface.offloads->queues_max : 0;
  const uint32_t asked = std::min(wanted, possible);
  const bool has_all = interface.queues >= wanted || interface.queues >= possible;
  Finding finding{.name = absl::StrCat(interface.name, " transmit queues"),
                  .is = absl::StrCat(interface.queues),
                  .should_be = absl::StrCat("at least ", asked),
                  .verdict = has_all ? Verdict::kGood : Verdict::kAdvice,
                  .why = "Shards that share a queue wait for each other's lock at every send.",
                  .set = absl::StrCat("ethtool -L ", interface.name, " combined ", asked)};
  if (has_all && interface.queues < wanted) {
    finding.is += ", and has no more";
    finding.should_be = absl::StrCat("one for each of ", wanted, " shards");
  }
  findings->push_back(std::move(finding));
}

// Nothing is said where there is only one node.
void CheckNode(const Host& host, const Plan& plan, const Interface& interface, Findings* findings) {
  if (host.nodes.size() < 2 || !interface.numa_node.has_value()) return;
  const auto node = host.nodes.find(*interface.numa_node);
  if (node == host.nodes.end()) return;
  const std::vector<uint32_t>& near = node->second;
  const bool is_near = std::all_of(plan.cores.begin(), plan.cores.end(), [&near](uint32_t core) {
    return std::find(near.begin(), near.end(), core) != near.end();
  });
  findings->push_back(
      {.name = absl::StrCat(interface.name, " NUMA node"),
       .is = absl::StrCat(node->first, is_near ? ", as the shards" : ", and shards on others"),
       .should_be = "that of all shards",
       .verdict = is_near ? Verdict::kGood : Verdict::kAdvice,
       .why = "Audio that a core of another node sends crosses the link between "
              "the nodes, and so does every acknowledgement on its way back.",
       .set = absl::StrCat("server.cores = \"node", node->first, "\"")});
}

}  // namespace

Findings CheckInterfaces(const Host& host, const Plan& plan) {
  std::vector<const Interface*> looked_at;
  for (const bool is_virtual : {false, true}) {
    if (!looked_at.empty()) break;
    for (const Interface& interface : host.interfaces) {
      if (interface.is_virtual == is_virtual && looked_at.size() < kInterfacesMax) {
        looked_at.push_back(&interface);
      }
    }
  }
  Findings findings;
  for (const Interface* interface : looked_at) {
    findings.push_back(CheckOffloads(*interface));
    CheckQueues(plan, *interface, &findings);
    CheckNode(host, plan, *interface, &findings);
  }
  return findings;
}

}  // namespace floe::doctor
