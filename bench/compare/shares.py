# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Where a server's CPU time goes: samples of its process over a steady window, by kind."""
import collections
import os
import re
import shutil
import subprocess

import measure
import results

SAMPLES_PER_S = 999
TOP = 25

# Kernel time is told apart by who called: the first of these that a call chain holds. On loopback
# the receiver's half of TCP runs as a softirq within the sender's send.
KERNEL_KINDS = [
    ("kernel: softirq (the receivers' half of TCP, and acknowledgements)",
     re.compile(r"^(net_rx_action|process_backlog|__do_softirq|handle_softirqs)$")),
    ("kernel: TCP/IP send",
     re.compile(r"^(inet6?_sendmsg|tcp_sendmsg|tcp_sendmsg_locked|sock_sendmsg|sock_sendpage|"
                r"kernel_sendpage|tcp_sendpage|splice_to_socket|io_send|io_sendmsg|io_send_zc|"
                r"io_sendmsg_zc|__sys_sendto|__sys_sendmsg|sk_stream_kill_queues|"
                r"tcp_tasklet_func|tcp_release_cb)$")),
    ("kernel: io_uring, its waiting included",
     re.compile(r"^(__do_sys_io_uring_|__se_sys_io_uring_|io_)")),
]
KERNEL_REST = "kernel: the rest"
SAMPLE_LINE = re.compile(r"^\s+[0-9a-f]+ (?P<symbol>.*) \((?P<object>[^()]*)\)$")


def missing():
    return "" if shutil.which("perf") else "perf is not installed (Debian: linux-perf)"


def parse_samples(text):
    """`perf script -F ip,sym,dso` as call chains, innermost first: [(symbol, object)]."""
    chain = []
    for line in text:
        match = SAMPLE_LINE.match(line.rstrip("\n"))
        if match:
            chain.append((match["symbol"].partition("+0x")[0], match["object"]))
        elif chain:
            yield chain
            chain = []
    if chain:
        yield chain


def is_kernel(where):
    """The kernel and its modules stand in brackets, and so does the vdso, which is not."""
    return where.startswith("[") and where not in ("[vdso]", "[vsyscall]", "[unknown]")


def kind_of(chain, program):
    """What a sample's time went into; `program`: name of the server's binary."""
    symbol, where = chain[0]
    if is_kernel(where):
        names = [name for name, each in chain if is_kernel(each)]
        for kind, pattern in KERNEL_KINDS:
            if any(pattern.match(name) for name in names):
                return kind
        return KERNEL_REST
    name = os.path.basename(where)
    if name == program:
        folder = re.search(r"\bfloe::(\w+)::", symbol)
        return f"{program}: {folder[1]}" if folder else f"{program}: other"
    return name.strip("[]")  # libc.so.6, vdso


def summarize(chains, program):
    """Shares by kind and by innermost symbol, largest first."""
    kinds, symbols = collections.Counter(), collections.Counter()
    for chain in chains:
        kind = kind_of(chain, program)
        kinds[kind] += 1
        symbols[(kind, chain[0][0])] += 1
    total = max(sum(kinds.values()), 1)
    return {"samples": sum(kinds.values()),
            "kinds": [(kind, count / total) for kind, count in kinds.most_common()],
            "symbols": [(kind, symbol, count / total)
                        for (kind, symbol), count in symbols.most_common(TOP)]}


def markdown(result):
    text = results.paragraph(
        f"{result['server']}: {result['listeners']:,} listeners, "
        f"MSS {result['mss'] or 'of loopback'}, {result['cpu_us']:.1f} us of CPU per "
        f"listener-second, {result['samples']:,} samples.")
    lines = ["", "| where | share | us per listener-second |", "|---|---|---|"]
    for kind, share in result["kinds"]:
        lines.append(f"| {kind} | {share:.1%} | {share * result['cpu_us']:.2f} |")
    lines += ["", "| symbol | where | share |", "|---|---|---|"]
    for kind, symbol, share in result["symbols"]:
        lines.append(f"| `{symbol}` | {kind} | {share:.1%} |")
    return text + "\n".join(lines) + "\n"


def profile(plan, server, listeners, mss):
    """Samples the server over a window; figures of the same window beside them."""
    with measure.Station(plan, server, listeners) as station:
        data = os.path.join(station.folder.name, "perf.data")
        recorder = []

        def record():
            recorder.append(subprocess.Popen(
                ["perf", "record", "-q", "-e", "cpu-clock", "-F", str(SAMPLES_PER_S), "-g",
                 "-p", str(station.pid), "-o", data, "--", "sleep", str(plan.window_s)],
                stdout=subprocess.DEVNULL))

        steady = measure.steady(plan, station, listeners, mss, on_window=record)
        recorder[0].wait(timeout=plan.window_s + 30)
        script = subprocess.Popen(["perf", "script", "-i", data, "-F", "ip,sym,dso"],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        result = summarize(parse_samples(script.stdout), os.path.basename(server_binary(station)))
        script.wait()
    result.update({"server": server.name, "listeners": listeners, "mss": mss,
                   "cpu_us": steady["cpu_us"], "core_busy": steady["core_busy"]})
    return result


def server_binary(station):
    return os.path.realpath(f"/proc/{station.pid}/exe")
