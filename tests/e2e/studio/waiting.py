# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
import time

# Long: a machine under sanitizers may be slow, and only a failure waits for the end of it.
PATIENCE_S = 60.0
POLL_S = 0.02


def eventually(what, within=PATIENCE_S, saying=""):
    """Asks `what` until its answer is true, and gives that answer. An AssertionError in it counts
    as "not yet", and is what the caller gets to see when the time is over."""
    end = time.monotonic() + within
    while True:
        reason = None
        try:
            answer = what()
            if answer:
                return answer
        except AssertionError as not_yet:
            answer, reason = None, not_yet
        if time.monotonic() > end:
            raise AssertionError(
                f"not within {within} s: {saying or what}; last: {reason or answer!r}")
        time.sleep(POLL_S)
