# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Runs a program under a filter of system calls, as systemd makes one of SystemCallFilter= with
SystemCallErrorNumber=EPERM.

usage: under_filter.py NAME,NAME,... PROGRAM [ARGUMENT...]
"""
import errno
import os
import sys

import seccomp


def main():
    names, *command = sys.argv[1:]
    allowed = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
    for name in names.split(","):
        try:
            allowed.add_rule(seccomp.ALLOW, name)
        except RuntimeError:
            pass  # of another architecture
    allowed.load()
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
