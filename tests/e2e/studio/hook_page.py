# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""A web server that is asked about listeners and told of events. A test says how it answers."""
import contextlib
import dataclasses
import http.server
import threading
import urllib.parse

from studio.server import free_port
from studio.waiting import PATIENCE_S, eventually

ALLOWS = {"icecast-auth-user": "1"}


@dataclasses.dataclass
class Told:
    path: str
    headers: dict
    body: bytes
    form: dict

    def __getitem__(self, name):
        return self.form.get(name)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128


class HookPage:
    """Answers by path: `answers[path]` is called with the handler and what was told, and without
    one whatever is told is allowed."""

    def __init__(self):
        self.answers = {}
        self.told = []  # in the order in which it came
        self.is_released = threading.Event()  # what hangs goes on
        self.port = free_port()
        self._server = None
        self.come_back()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.is_released.set()
        self.go_down()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def come_back(self):
        page = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # as the base class has it
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                form = dict(urllib.parse.parse_qsl(body.decode("latin-1"), keep_blank_values=True))
                told = Told(self.path, dict(self.headers), body, form)
                page.told.append(told)
                with contextlib.suppress(OSError):
                    page.answers.get(self.path, says(200, ALLOWS))(self, told)
                self.close_connection = True

            def log_message(self, *_):
                """Nobody reads it."""

        self._server = _Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def go_down(self):
        """Nobody listens at its port any more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    # ---- what it was told ----
    def of(self, path, action=None):
        return [told for told in list(self.told)
                if told.path == path and action in (None, told["action"])]

    def hears(self, path, count, action=None, within=PATIENCE_S):
        """Waits until it was told so often."""
        eventually(lambda: len(self.of(path, action)) >= count, within,
                   saying=f"{path} is told {count} times")
        return self.of(path, action)

    def hangs(self, handler, _told):
        """An answer that does not come."""
        self.is_released.wait(PATIENCE_S)
        handler.close_connection = True


def says(status, headers=None, body=b""):
    """An answer."""
    def answer(handler, _told):
        handler.send_response(status)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
    return answer


def says_raw(data):
    """What may be no answer at all."""
    def answer(handler, _told):
        handler.wfile.write(data)
    return answer
