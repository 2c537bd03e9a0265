# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""A file as the rules see it: its lines, and for C++ its code without comments and strings."""
import re

CPP = (".h", ".cc")


class Source:
    """`path` is relative to the repository; `code` has the lines of `text`, blanked where a
    comment or a string's inside was, so that places agree."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.lines = text.split("\n")
        if self.lines and self.lines[-1] == "":
            self.lines.pop()
        self.is_cpp = path.endswith(CPP)
        self.is_prose = path.endswith(".md")
        self.code = blanked(text) if self.is_cpp else text
        self.code_lines = self.code.split("\n")

    @property
    def folder(self):
        """The folder under src/, or "" for a file that is elsewhere."""
        parts = self.path.split("/")
        return parts[1] if parts[0] == "src" and len(parts) > 2 else ""

    def line_at(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def excused(self, line, rule):
        """A ban yields to a comment on its line, or just above, that says why:
        // tidy: <rule>: <reason>"""
        reason = re.compile(r"//.*\btidy: *" + re.escape(rule) + r": *\S")
        if reason.search(self.lines[line - 1]):
            return True
        above = line - 2
        while above >= 0 and self.lines[above].lstrip().startswith("//"):
            if reason.search(self.lines[above]):
                return True
            above -= 1
        return False


TOKEN = re.compile(
    r"//[^\n]*"
    r"|/\*.*?\*/"
    r"|\bR\"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)\""
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|(?<![0-9a-fA-F])'(?:[^'\\\n]|\\.)+'",
    re.S,
)
INCLUDE = re.compile(r"^\s*#\s*include\b")


def blanked(text):
    """`text` with every comment and string inside turned into spaces. An include's name stays."""

    def blank(match):
        token = match.group(0)
        start = text.rfind("\n", 0, match.start()) + 1
        if token.startswith('"') and INCLUDE.match(text[start:match.start()]):
            return token
        if token.startswith("/"):
            return re.sub(r"[^\n]", " ", token)
        if token.startswith("R"):
            return '"' + re.sub(r"[^\n]", " ", token[1:-1]) + '"'
        return token[0] + " " * (len(token) - 2) + token[-1]

    return TOKEN.sub(blank, text)
