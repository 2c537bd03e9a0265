# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What words on a command line mean."""


def numbers(text):
    """"1000,5000" as [1000, 5000]."""
    return [int(word) for word in text.split(",")]


def seconds_of(interval):
    """"1s" and "250ms" as seconds."""
    if interval.endswith("ms"):
        return float(interval[:-2]) / 1e3
    return float(interval.rstrip("s"))
