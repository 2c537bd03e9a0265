# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What `meson install` puts where, manual pages and completions among it."""
import re
import subprocess

import pytest

from studio import binaries
from studio.installed import install_to
from studio.server import environment_with

PLACES = [
    "usr/bin/floe", "usr/bin/floe-load", "usr/bin/floe-source",
    "usr/lib/systemd/system/floe.service", "usr/lib/systemd/system/floe.socket",
    "usr/lib/sysusers.d/floe.conf",
    "usr/share/bash-completion/completions/floe", "usr/share/zsh/site-functions/_floe",
    "usr/share/fish/vendor_completions.d/floe.fish",
    "usr/share/doc/floe/examples/floe.toml", "usr/share/doc/floe/examples/notify-reload.conf",
    "usr/share/doc/floe/examples/monitoring/floe-alerts.yml",
    "usr/share/doc/floe/examples/monitoring/grafana-dashboard.json",
    "usr/share/doc/floe/examples/monitoring/prometheus.yml",
    "usr/share/floe/60-floe.conf",
    "usr/share/man/man1/floe.1", "usr/share/man/man5/floe.toml.5",
]
WORD = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    install_to(folder)
    return folder


def said_by(*command, **how):
    run = subprocess.run(command, capture_output=True, text=True, check=False, **how)
    return run.stdout + run.stderr


def options_of(command):
    """Those that floe's own --help lists."""
    text = said_by(binaries.floe(), *command, "--help", env=environment_with({}))
    return set(re.findall(r"(?:^ +|,)(--?[a-z][a-z-]*)", text, re.M))


def commands():
    text = said_by(binaries.floe(), "--help", env=environment_with({}))
    return re.findall(r"^  ([a-z]+) ", text[text.lower().index("subcommands:"):], re.M)


def test_everything_is_in_its_usual_place_and_nothing_else(tree):
    found = {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()}
    assert found == set(PLACES)


def test_the_unit_starts_the_program_that_was_installed(tree):
    unit = (tree / "usr/lib/systemd/system/floe.service").read_text()
    assert "\nExecStart=/usr/bin/floe serve\n" in unit and "@bindir@" not in unit
    assert (tree / "usr/bin/floe").stat().st_mode & 0o111


# ---- manual pages ----

@pytest.mark.parametrize("page", ["man1/floe.1", "man5/floe.toml.5"])
@pytest.mark.parametrize("judge", [["groff", "-ww", "-mandoc", "-Tutf8", "-z"],
                                   ["mandoc", "-Tlint", "-Wwarning"],
                                   ["man", "--warnings", "-l", "-Tutf8"]])
def test_a_page_is_formatted_without_a_warning(tree, page, judge):
    run = subprocess.run([*judge, tree / "usr/share/man" / page], capture_output=True, text=True,
                         env=environment_with({"LC_ALL": "C.UTF-8", "MANWIDTH": "80"}), check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert judge[0] == "man" or run.stdout == ""


def test_the_page_of_the_program_has_every_command_and_option(tree):
    page = said_by("mandoc", "-Tascii", tree / "usr/share/man/man1/floe.1")
    page = set(WORD.findall(re.sub(".\b", "", page)))
    for command in commands():
        assert options_of([command]) <= page, command
    source = (tree / "usr/share/man/man1/floe.1").read_text()
    assert set(commands()) <= set(re.findall(r"^\.It Cm (\w+)$", source, re.M))


def test_the_page_of_the_configuration_has_every_key_of_the_example(tree):
    page = (tree / "usr/share/man/man5/floe.toml.5").read_text()
    example = (tree / "usr/share/doc/floe/examples/floe.toml").read_text()
    keys = set(re.findall(r"^#([a-z_]+) = ", example, re.M))
    assert keys == set(re.findall(r"^\.It Ic (\w+) ", page, re.M))


# ---- completions ----

def bash_offers(tree, *words):
    script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _floe; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    return set(said_by("bash", "-c", script, "bash",
                       tree / "usr/share/bash-completion/completions/floe", "floe", *words).split())


def fish_offers(tree, *words):
    script = 'source $argv[1]; complete -C "$argv[2]"'
    said = said_by("fish", "--no-config", "-c", script,
                   tree / "usr/share/fish/vendor_completions.d/floe.fish",
                   " ".join(["floe", *words]), env=environment_with({"HOME": str(tree)}))
    return {line.split("\t")[0] for line in said.splitlines()}


@pytest.mark.parametrize("offers", [bash_offers, fish_offers])
def test_a_shell_offers_every_command(tree, offers):
    assert set(commands()) <= offers(tree, "")


def test_bash_offers_the_options_that_a_command_has_and_no_other(tree):
    for command in commands():
        assert bash_offers(tree, command, "-") == options_of([command]), command


def test_fish_offers_the_options_that_a_command_has_and_no_other(tree):
    for command in commands():
        assert fish_offers(tree, command, "-") == options_of([command]), command


def test_zsh_offers_the_options_that_a_command_has_and_no_other(tree):
    """Its function is run with an _arguments that says what it is asked for."""
    script = '_arguments() { print -l -- "$@" }; words=(floe $2 ""); CURRENT=3; source $1'
    for command in commands():
        said = said_by("zsh", "-f", "-c", script, "zsh",
                       tree / "usr/share/zsh/site-functions/_floe", command)
        offered = {word for line in said.splitlines()
                   for word in WORD.findall(re.sub(r"\[.*|^\(.*?\)", "", line))}
        assert offered == options_of([command]), command
