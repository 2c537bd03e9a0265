# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Prometheus: its text format, its tool, and the server itself."""
import json
import re
import subprocess
import urllib.parse
import urllib.request

from studio.server import free_port
from studio.waiting import PATIENCE_S, eventually

SAMPLE = re.compile(r'(?P<name>[a-z_0-9]+)(?:\{(?P<labels>.*)\})? (?P<value>\S+)')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)",?')


class Metrics:
    """One answer of /metrics."""

    def __init__(self, text):
        self.text = text
        self.types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
        self.samples = {}
        for line in text.splitlines():
            if line.startswith("#"):
                continue
            match = SAMPLE.fullmatch(line)
            assert match, line
            labels = frozenset(LABEL.findall(match["labels"] or ""))
            assert (match["name"], labels) not in self.samples, f"twice: {line}"
            self.samples[match["name"], labels] = float(match["value"])

    def get(self, name, **labels):
        return self.samples[name, frozenset(labels.items())]

    def sum(self, name, **labels):
        """Of all that have these labels, and others."""
        return sum(value for (each, of), value in self.samples.items()
                   if each == name and frozenset(labels.items()) <= of)

    def names(self):
        return {name for name, _ in self.samples}

    def counters(self):
        """What only grows: counters, and what histograms count."""
        ends = ("_bucket", "_count", "_sum")
        return {key: value for key, value in self.samples.items()
                if self.types.get(key[0]) == "counter" or key[0].endswith(ends)}


def metrics_of(floe):
    reply = floe.ask("GET", "/metrics")
    assert reply.status == 200, reply.text()
    assert reply.get("Content-Type") == "text/plain; version=0.0.4; charset=utf-8"
    return Metrics(reply.text())


def promtool(*words, said=""):
    """Answers what it complained of; it is content."""
    run = subprocess.run(["promtool", *map(str, words)], input=said, capture_output=True, text=True,
                         timeout=PATIENCE_S, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr


class Prometheus:
    """A running one, which scrapes what it is told every second."""

    def __init__(self, folder, scrape_configs):
        self.port = free_port()
        config = folder / "prometheus.yml"
        # JSON is YAML.
        config.write_text(json.dumps({
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
            "scrape_configs": scrape_configs}), encoding="utf-8")
        with open(folder / "prometheus.log", "wb") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}",
                 f"--web.listen-address=127.0.0.1:{self.port}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _ask(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}",
                                        timeout=PATIENCE_S) as reply:
                return json.load(reply)["data"]
        except OSError:  # it has yet to begin
            return None

    def values(self, query):
        """The newest values of what the query finds, by job."""
        data = self._ask("/api/v1/query?" + urllib.parse.urlencode({"query": query}))
        found = data["result"] if data else []
        return {each["metric"].get("job", ""): float(each["value"][1]) for each in found}

    def errors(self):
        """Of the last scrapes, by job."""
        data = self._ask("/api/v1/targets")
        return {each["labels"]["job"]: each["lastError"]
                for each in (data["activeTargets"] if data else [])}

    def until(self, query, wanted):
        return eventually(lambda: self.values(query) == wanted,
                          saying=f"{query} is {wanted}, and not {self.values(query)}; "
                                 f"errors: {self.errors()}")
