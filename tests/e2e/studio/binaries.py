# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Where the built programs are. FLOE_BINARY is the server under test, mostly one with sanitizers;
FLOE_RELEASE_BINARY one without, for what is timed. The tools come from the same builds."""
import os
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[3]


def _built(variable, default):
    path = pathlib.Path(os.environ.get(variable, ROOT / default))
    if not path.exists():  # a link at the top of the build may be missing
        path = path.parent / "src" / "server" / "floe"
    if not path.exists():
        raise RuntimeError(f"{variable}: there is no {path}; tools/test builds it")
    return path.resolve()


def floe():
    return _built("FLOE_BINARY", "build/test/floe")


def release_floe():
    return _built("FLOE_RELEASE_BINARY", "build/release/floe")


def tool(name):
    """floe-load or floe-source, of the release: they are measuring instruments here."""
    for folder in release_floe().parents:
        if (folder / "tools" / name).is_file():
            return folder / "tools" / name
    raise RuntimeError(f"there is no {name} beside {release_floe()}; tools/test builds it")


def is_sanitized(binary):
    with open(binary, "rb") as file:
        return re.search(rb"__[at]san_init", file.read()) is not None
