#!/usr/bin/env python3
# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Writes openapi.json as C++: document_cc.py openapi.json document.cc"""
import json
import sys

PIECE = 8000  # compilers need not take longer literals
HEAD = """// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "api/document.h"

namespace floe::api {

absl::string_view Document() {
  static constexpr char kText[] =
"""
TAIL = """;
  return absl::string_view(kText, sizeof(kText) - 1);
}

}  // namespace floe::api
"""

with open(sys.argv[1], encoding="utf-8") as source:
    text = json.dumps(json.load(source), separators=(",", ":"), ensure_ascii=True) + "\n"
pieces = [text[at:at + PIECE] for at in range(0, len(text), PIECE)]
with open(sys.argv[2], "w", encoding="utf-8") as out:
    out.write(HEAD)
    out.write("\n".join(f'      R"floe({piece})floe"' for piece in pieces))
    out.write(TAIL)
