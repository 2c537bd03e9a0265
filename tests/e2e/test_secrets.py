# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Passwords and tokens, right ones and wrong ones, said in every way there is: none is in a log, in
a status, in an error or among the metrics."""
import base64

import pytest

from studio import swap
from studio.server import ADMIN_PASSWORD, SOURCE_PASSWORD, free_port
from studio.waiting import eventually

WRONG = "wrong-and-never-to-be-seen"
TOKEN = "token-never-to-be-seen"
OF_UPSTREAMS = {name: f"{name}-never-to-be-seen" for name in ("relay", "push", "master", "in-url")}
SECRETS = [SOURCE_PASSWORD, ADMIN_PASSWORD, WRONG, TOKEN, *OF_UPSTREAMS.values()]


@pytest.fixture(params=["text", "json"])
def floe(make_floe, tmp_path, request):
    nobody = f"127.0.0.1:{free_port()}"
    floe = make_floe({
        "log": {"level": "debug", "format": request.param, "file": str(tmp_path / "events.log"),
                "access_file": str(tmp_path / "access.log"),
                "playlist_file": str(tmp_path / "playlist.log"),
                "auth_file": str(tmp_path / "auth.log")},
        "user": {"reader": {"role": "read", "token": TOKEN}},
        "access": {"lockout_failures": 0},
        "relay": {"/more": {"upstream": [{"url": f"http://{nobody}/more", "user": "dj",
                                          "password": OF_UPSTREAMS["relay"]}]}},
        "push": {"/live": {"to": f"http://{nobody}/live", "password": OF_UPSTREAMS["push"]}},
        "master": {"url": f"http://{nobody}", "password": OF_UPSTREAMS["master"]}})
    yield floe
    floe.stop()


def say_all(floe, said):
    """Answers all that was answered."""
    answers = []

    def ask(*words, **how):
        answers.append(floe.ask(*words, **how))
    for path in ("/metrics", "/health", "/admin/explain?mount=/live", "/admin/streamlist.txt"):
        ask("GET", path, user="admin", password=said)
        ask("GET", path, headers=[f"Authorization: Bearer {said}"])
        ask("GET", path, headers=[f"Authorization: {said}"])
    ask("GET", f"/admin.cgi?pass={said}&mode=updinfo&song=x")
    ask("GET", f"/admin.cgi?mode=updinfo&song=x&pass={said}&mount=/live")
    ask("GET", f"/admin/metadata?mode=updinfo&mount=/live&song=x&pass={said}",
        user="source", password=said)
    ask("GET", f"/live?user=ann&pass={said}&token={said}")
    ask("GET", f"http://dj:{said}@127.0.0.1/live")
    ask("PUT", "/live", password=said)
    ask("PUT", f"/live?pass={said}", user=said, password=said)
    ask("POST", "/admin/metadata", body=f"mode=updinfo&mount=/live&song=x&pass={said}".encode(),
        headers=["Content-Type: application/x-www-form-urlencoded"])
    for first_line in (said, f"/live:{said}", f"dj:{said}", f"{said}:#1"):
        with floe.line() as line:
            line.say(f"{first_line}\r\nicy-name:x\r\n\r\n")
            line.socket.shutdown(1)
            line.rest()
    return answers


def test_no_secret_is_ever_written_or_answered(floe, tmp_path):
    answers = [each for said in SECRETS for each in say_all(floe, said)]
    swap.command(floe, "reload")
    floe.config_path.write_text(
        floe.config_path.read_text(encoding="utf-8") +
        f'\n[push."/wrong"]\nto = "http://x:{WRONG}@"\npassword = "{WRONG}"\n', encoding="utf-8")
    refused = swap.command(floe, "reload")
    floe.ask("GET", "/the-last")
    eventually(lambda: "/the-last" in (tmp_path / "access.log").read_text(encoding="utf-8"))
    eventually(lambda: "/more" in (tmp_path / "events.log").read_text(encoding="utf-8"))
    texts = {file.name: file.read_text(encoding="utf-8") for file in tmp_path.glob("*.log*")}
    assert {"events.log", "access.log", "playlist.log", "auth.log"} <= set(texts)
    texts["status"] = swap.command(floe, "status", "--json").stdout
    texts["reload"] = refused.stdout + refused.stderr
    texts["stdout"], texts["stderr"] = floe.stdout(), floe.stderr()
    for path in ("/health", "/metrics", "/status-json.xsl", "/"):
        texts[path] = floe.ask("GET", path).text()
    for number, answer in enumerate(answers):
        texts[f"answer {number}"] = answer.head.text + answer.body.decode("utf-8", "replace")
    assert "/more" in texts["status"]
    for where, text in texts.items():
        for secret in SECRETS:
            assert secret not in text, f"{where}: {text}"
            encoded = base64.b64encode(f"source:{secret}".encode()).decode()[:-4]
            assert encoded not in text, f"{where}: {text}"
