# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Where functions begin and end, found by matching braces; clang-format has made them regular."""
import re

CONTROL = re.compile(r"(else\s+)?(if|for|while|switch|do|catch|try|else)\b")
TYPE = re.compile(r"(template\s*<.*>\s*)?(inline\s+|constexpr\s+)*"
                  r"((namespace|class|struct|union|enum)\b|extern\s*\"[^\"]*\"\s*$)", re.S)
BODY_AFTER = re.compile(r"(\)|\bconst|\bnoexcept|\boverride|\bfinal|\bmutable)\s*$")
BARE_LAMBDA = re.compile(r"(?<![\w\]])\[[^\[\]]*\]\s*$")
TRAILING_RETURN = re.compile(r"\)\s*(const\s*)?(noexcept\s*)?->[^(){};]*$")
INITIALISERS = re.compile(r"\)\s*(noexcept\s*)?:(?!:)")


def opens_function(head):
    """Whether a brace after `head`, the text since the last statement, opens a function body."""
    head = head.strip()
    if not head or CONTROL.match(head) or TYPE.match(head):
        return False
    if BODY_AFTER.search(head) or BARE_LAMBDA.search(head) or TRAILING_RETURN.search(head):
        return True
    # After a constructor's initialisers the body follows a closing brace: a{1}, b{2} {
    return bool(INITIALISERS.search(head)) and head.endswith("}")


def functions(code):
    """Yields (offset of the first character, offset of the closing brace) of every function and
    lambda with a body. `code` is without comments and strings."""
    open_braces = []  # (head's offset, is a function, is an initialiser, parens open outside)
    head_start, parens = 0, 0
    for match in re.finditer(r"[{}();]|^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", code, re.M | re.S):
        token, at = match.group(0), match.start()
        if token == "(":
            parens += 1
        elif token == ")":
            parens -= 1
        elif token == "{":
            head = code[head_start:at]
            is_function = opens_function(head)
            is_initialiser = not is_function and (
                parens > 0 or bool(INITIALISERS.search(head)) or head.rstrip().endswith(("=", ",")))
            open_braces.append((head_start, is_function, is_initialiser, parens))
            if not is_initialiser:
                head_start, parens = match.end(), 0
        elif token == "}":
            if not open_braces:
                continue
            start, is_function, is_initialiser, parens = open_braces.pop()
            if is_function:
                yield start + leading_space(code[start:]), at
            # Inside parentheses or an initialiser the statement goes on after the brace.
            head_start = start if is_initialiser or parens > 0 else match.end()
        elif token == ";":
            if parens <= 0:
                head_start = match.end()
        else:  # a preprocessor line is nobody's head
            head_start = match.end()


def leading_space(text):
    return len(text) - len(text.lstrip())
