# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Log files: each log has one of its own, full ones are put away, moved ones are opened anew, and
each line is in one of them."""
import collections
import json
import re
import signal
import threading

import pytest

from studio.encoder import Encoder
from studio.server import SOURCE_PASSWORD
from studio.waiting import eventually

ROTATE_BYTES = 64 * 1024
WRITERS, REQUESTS = 4, 300
PADDING = "x" * 200  # so that files are full soon


def lines_of(folder, name):
    """Of the file and of all that were put away."""
    files = [file for file in folder.iterdir() if re.fullmatch(rf"{name}(\.\w+)?", file.name)]
    return [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def ask_from_many(floe):
    """Each asks for paths that nobody else asks for; answers the threads."""
    def ask(writer):
        for number in range(REQUESTS):
            floe.ask("GET", f"/{writer}-{number}-{PADDING}")
    threads = [threading.Thread(target=ask, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    return threads


def asked_for(folder):
    return collections.Counter(
        match[1] for match in (re.search(r'"GET /(\d+-\d+)-x', line)
                               for line in lines_of(folder, "access")) if match)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "logs"
    made.mkdir()
    return made


@pytest.fixture
def start(make_floe, folder):
    def start_one(**log):
        names = ("file", "access_file", "playlist_file", "auth_file")
        files = {name: str(folder / (name.split("_")[0] if "_" in name else "events"))
                 for name in names}
        return make_floe({"log": {**files, **log}, "limits": {"request_rate": 0}})
    return start_one


def test_full_files_are_put_away_and_no_line_is_lost(start, folder):
    floe = start(rotate_size="64KiB", rotate_keep=20)
    for thread in ask_from_many(floe):
        thread.join()
    floe.stop()
    assert asked_for(folder) == {f"{writer}-{number}": 1
                                 for writer in range(WRITERS) for number in range(REQUESTS)}
    sizes = [file.stat().st_size for file in folder.iterdir() if file.name.startswith("access.")]
    assert len(sizes) >= WRITERS * REQUESTS * len(PADDING) // ROTATE_BYTES
    assert max(sizes) <= ROTATE_BYTES


def test_so_many_are_kept(start, folder):
    floe = start(rotate_size="64KiB", rotate_keep=1)
    for thread in ask_from_many(floe):
        thread.join()
    floe.stop()
    kept = {file.name for file in folder.iterdir() if file.name.startswith("access")}
    assert kept == {"access", "access.1"}


def test_moved_files_are_opened_anew_and_no_line_is_lost(start, folder):
    """As logrotate does it."""
    floe = start()
    threads = ask_from_many(floe)
    for number in range(10):
        (folder / "access").rename(folder / f"access.moved{number}")
        floe.signal(signal.SIGHUP)
        eventually((folder / "access").exists)
    for thread in threads:
        thread.join()
    floe.stop()
    assert asked_for(folder) == {f"{writer}-{number}": 1
                                 for writer in range(WRITERS) for number in range(REQUESTS)}


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_plays_is_a_line_of_its_own_log(start, folder, form):
    floe = start(format=form)
    with Encoder(floe, "/live").play():
        eventually(lambda: "/live" in floe.mounts())
        assert floe.set_title("/live", song="Artist - \"Title\" | B",
                              password=SOURCE_PASSWORD).status == 200
        line = eventually(lambda: [each for each in lines_of(folder, "playlist")
                                   if "Artist" in each])[0]
    if form == "json":
        said = json.loads(line)
        assert set(said) == {"time", "mount", "listeners", "metadata"}
        assert (said["mount"], said["metadata"]) == ("/live", 'Artist - "Title" | B')
    else:
        assert re.fullmatch(r'\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\|/live\|0\|'
                            r'Artist - "Title" \| B', line), line
    floe.stop()
