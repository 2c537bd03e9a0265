# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What tests of several servers have in common: some fetch from others, or send to them."""
from studio.encoder import Encoder
from studio.listener import Listener
from studio.swap import command
from studio.toml import toml_of
from studio.waiting import PATIENCE_S, eventually

# All that was ever played is kept, and sent to whoever comes.
KEPT = {"burst": "60s", "history": "60s", "linger": "60s"}


def play_into(stack, server, mount="/live", **how):
    """A source that goes on until the end of the test."""
    encoder = stack.enter_context(Encoder(server, mount, **how))
    assert encoder.is_accepted, encoder.head
    return encoder.play()


def hear_on(stack, server, mount="/live", **how):
    """A player that listens until the end of the test."""
    listener = stack.enter_context(Listener(server, mount, **how))
    assert listener.head.status == 200, listener.head.text
    return listener


def plays(floe, mount="/live", within=PATIENCE_S):
    eventually(lambda: mount in floe.mounts(), within=within, saying=f"{mount} plays")


def reload_with(floe, settings):
    """What the reload says has changed."""
    floe.settings = settings
    floe.config_path.write_text(toml_of(settings), encoding="utf-8")
    done = command(floe, "reload")
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout
