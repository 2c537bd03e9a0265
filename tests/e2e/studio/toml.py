# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
import json


def value_of(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, str)):
        return json.dumps(value, ensure_ascii=False)
    return "[" + ", ".join(value_of(each) for each in value) + "]"


def toml_of(settings):
    """{"limits": {"sources": 3}, "mount": {"/live": {"burst": "1s"}}} as TOML."""
    lines = []
    for table, keys in settings.items():
        for address in keys if table == "listen" else []:
            lines += ["[[listen]]", f"address = {value_of(address)}"]
        if table == "mount":
            for name, settings_of_mount in keys.items():
                lines.append(f"[mount.{value_of(name)}]")
                lines += [f"{key} = {value_of(value)}" for key, value in settings_of_mount.items()]
        elif table != "listen":
            lines.append(f"[{table}]")
            lines += [f"{key} = {value_of(value)}" for key, value in keys.items()]
    return "\n".join(lines) + "\n"
