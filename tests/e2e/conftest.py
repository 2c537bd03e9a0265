# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What every e2e test may ask for. A server is shared by the tests of a module where its settings
allow it; each test then uses mounts of its own."""
import contextlib
import functools
import itertools

import pytest

from studio.encoder import Encoder
from studio.server import Floe
from studio.several import hear_on, play_into

_mount_numbers = itertools.count(1)


class Station:
    """A server with who feeds it and who hears it; all of them leave before it stops."""

    def __init__(self, floe, stack):
        self.floe = floe
        self._stack = stack

    def encoder(self, mount, **how):
        """A source that is connected and has sent nothing yet."""
        return self._stack.enter_context(Encoder(self.floe, mount, **how))

    def feed(self, mount, **how):
        """A source that plays in real time."""
        return play_into(self._stack, self.floe, mount, **how)

    def hear(self, mount, **how):
        return hear_on(self._stack, self.floe, mount, **how)

    def line(self):
        return self._stack.enter_context(self.floe.line())


@pytest.fixture(scope="module")
def start_floe(tmp_path_factory):
    """Starts servers for a module, and stops them well at its end."""
    with contextlib.ExitStack() as stack:
        def start(settings=None, **how):
            floe = Floe(tmp_path_factory.mktemp("floe"), settings, **how)
            stack.callback(floe.stop)
            return floe
        yield start


@pytest.fixture
def make_floe(tmp_path):
    """Servers that the test itself sees end; what is left of them afterwards is killed."""
    made = []

    def make(settings=None, **how):
        folder = tmp_path / f"floe{len(made)}"
        folder.mkdir()
        made.append(Floe(folder, settings, **how))
        return made[-1]
    yield make
    for floe in made:
        floe.kill()


@pytest.fixture
def stack():
    """What the test enters, left at its end."""
    with contextlib.ExitStack() as all_of_them:
        yield all_of_them


@pytest.fixture
def hear(stack):
    return functools.partial(hear_on, stack)


@pytest.fixture(scope="module")
def settings():
    """What the module's server is configured with; modules say otherwise."""
    return {}


@pytest.fixture(scope="module")
def floe(start_floe, settings):
    return start_floe(settings)


@pytest.fixture
def station(floe):
    with contextlib.ExitStack() as stack:
        yield Station(floe, stack)
        assert floe.process.poll() is None, floe.stderr()


@pytest.fixture
def mount():
    """A mount that nobody else uses."""
    return f"/m{next(_mount_numbers)}"
