# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
import json


def value_of(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {value_of(each)}" for key, each in value.items()) + "}"
    return "[" + ", ".join(value_of(each) for each in value) + "]"


NAMED_TABLES = ("mount", "relay", "push", "user", "webhook")


def toml_of(settings):
    """{"limits": {"sources": 3}, "mount": {"/live": {"burst": "1s"}}} as TOML."""
    lines = []
    for table, keys in settings.items():
        for each in keys if table == "listen" else []:
            listen = each if isinstance(each, dict) else {"address": each}
            lines.append("[[listen]]")
            lines += [f"{key} = {value_of(value)}" for key, value in listen.items()]
        if table in NAMED_TABLES:
            for name, keys_of_one in keys.items():
                lines.append(f"[{table}.{value_of(name)}]")
                lines += [f"{key} = {value_of(value)}" for key, value in keys_of_one.items()]
        elif table != "listen":
            lines.append(f"[{table}]")
            lines += [f"{key} = {value_of(value)}" for key, value in keys.items()]
    return "\n".join(lines) + "\n"
