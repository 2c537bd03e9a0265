# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Who asks the server's own API, and holds every answer to the document that it serves.

openapi_3_1.json is the OpenAPI Initiative's schema of such documents, as it published it
(https://spec.openapis.org/oas/3.1/schema/2021-04-15, Apache-2.0)."""
import copy
import json
import pathlib
import re
import urllib.parse

import jsonschema

from studio.server import ADMIN_PASSWORD

OPENAPI_SCHEMA = json.loads(
    (pathlib.Path(__file__).parent / "openapi_3_1.json").read_text(encoding="utf-8"))
RFC3339_UTC = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"
JSON = "application/json"


def closed(schema):
    """The same, of objects that have no other fields than those it names: who reads answers passes
    over what is new, but a test is to notice."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items()}
    if "properties" in made and made.get("type") in ("object", ["object", "null"]):
        made["additionalProperties"] = False
    if made.get("format") == "date-time":
        made["pattern"] = RFC3339_UTC
    return made


class Document:
    def __init__(self, document):
        self.document = document
        self._closed = closed(copy.deepcopy(document))
        self._resolver = jsonschema.RefResolver("", self._closed)

    def check_itself(self):
        validator = jsonschema.validators.validator_for(OPENAPI_SCHEMA)
        validator(OPENAPI_SCHEMA).validate(self.document)
        for schema in self.document["components"]["schemas"].values():
            jsonschema.Draft202012Validator.check_schema(schema)

    def operations(self):
        """(method, path, operation) of each."""
        return [(method.upper(), path, operation)
                for path, item in self.document["paths"].items()
                for method, operation in item.items()]

    def operation_at(self, method, path):
        path = path.split("?")[0]
        for its_method, template, operation in self.operations():
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            if its_method == method and re.fullmatch(pattern, path):
                return operation
        return None

    def _whole(self, part):
        return self._resolver.resolve(part["$ref"])[1] if "$ref" in part else part

    def check(self, method, path, reply):
        """Answers what the reply says, once it is what the document promises."""
        operation = self.operation_at("GET" if method == "HEAD" else method, path)
        responses = operation["responses"] if operation else {
            "default": {"$ref": "#/components/responses/Error"}}
        promised = responses.get(str(reply.status)) or responses["default"]
        if reply.status < 400:
            assert str(reply.status) in responses, f"{method} {path}: {reply.status}"
        content = self._whole(promised).get("content")
        if content is None:
            assert reply.body == b"", reply.body
            return None
        assert reply.get("Content-Type") == "application/json; charset=utf-8"
        said = json.loads(reply.body)
        schema = closed(content[JSON]["schema"])
        jsonschema.Draft202012Validator(schema, resolver=self._resolver).validate(said)
        if reply.status >= 400 and set(said) == {"error"}:
            assert said["error"]["status"] == reply.status
        return said


class Api:
    """One who asks, as the administrator unless it is said otherwise."""

    def __init__(self, floe):
        self.floe = floe
        self.document = Document(json.loads(floe.ask("GET", "/api/v1/openapi.json").body))

    def ask(self, method, path, body=None, *, user="admin", password=ADMIN_PASSWORD, headers=(),
            raw=None):
        """The whole reply, and what it says."""
        headers = list(headers)
        if body is not None:
            raw = json.dumps(body).encode()
        if raw is not None and not any(each.startswith("Content-Type") for each in headers):
            headers.append(f"Content-Type: {JSON}")
        if method in ("POST", "PUT") and not raw:
            headers.append("Content-Length: 0")
        reply = self.floe.ask(method, path, headers=headers, body=raw or b"", user=user,
                              password=password)
        assert reply.get("Cache-Control"), reply.head.text
        return reply, None if method == "HEAD" else self.document.check(method, path, reply)

    def get(self, path, **fields):
        query = "?" + urllib.parse.urlencode(fields) if fields else ""
        reply, said = self.ask("GET", path + query)
        assert reply.status == 200, said
        return said

    def all(self, path, **fields):
        """The items of all pages."""
        items, page = [], self.get(path, **fields)
        while True:
            items += page["items"]
            if page["next"] is None:
                return items
            page = self.get(path, **{**fields, "cursor": page["next"]})

    def does(self, method, path, body=None):
        """An action that succeeds, and its answer."""
        reply, said = self.ask(method, path, body)
        assert reply.status < 300, said
        return said

    def refuses(self, method, path, status, body=None, **how):
        """What it says why not."""
        reply, said = self.ask(method, path, body, **how)
        assert reply.status == status, (reply.status, said)
        return said["error"]["message"]
