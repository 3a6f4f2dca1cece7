# SPDX-License-Identifier: Apache-2.0
"""The protocol as JSON Schema, made from the messages; `python -m stmatte.service.schema`.

The file in the package, `schemas/stmatte.rpc-1.schema.json`, is for clients that are
written in other languages. The engine itself checks with the models.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from pydantic.json_schema import models_json_schema

from stmatte.service.messages import NOTICES, REQUESTS, Error, Message

_Schema = dict[str, Any]


def schema() -> _Schema:
    """Return what a line of the protocol may be, in either direction."""
    answers = {answer.__name__: answer for _, answer in REQUESTS.values()}
    models = [params for params, _ in REQUESTS.values()] + list(answers.values())
    models += [*NOTICES.values(), Error]
    _, parts = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/$defs/{model}"
    )
    to_engine = [_request(method, params) for method, (params, _) in REQUESTS.items()]
    from_engine = [
        _object(id=_ref("Id"), result={"anyOf": [_ref(name) for name in answers]}),
        _object(id=_ref("Id"), error=_ref("Error")),
        *(_object(method={"const": m}, params=_ref(p.__name__)) for m, p in NOTICES.items()),
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "stmatte.rpc/1",
        "description": "A line of STMatte's protocol: JSON-RPC 2.0, one message a line.",
        "anyOf": [_ref("ToEngine"), _ref("FromEngine")],
        "$defs": {
            "ToEngine": {"description": "What a client sends.", "anyOf": to_engine},
            "FromEngine": {"description": "What the engine sends.", "anyOf": from_engine},
            "Id": {"type": ["string", "number", "null"]},
            **parts["$defs"],
        },
    }


def text() -> str:
    """Return the schema as it stands in its file."""
    return json.dumps(schema(), indent=2) + "\n"


def _request(method: str, params: type[Message]) -> _Schema:
    request = _object(id=_ref("Id"), method={"const": method}, params=_ref(params.__name__))
    request["required"].remove("id")  # without one it is a notification
    if not any(field.is_required() for field in params.model_fields.values()):
        request["required"].remove("params")
    return request


def _object(**properties: _Schema) -> _Schema:
    entries = {"jsonrpc": {"const": "2.0"}, **properties}
    return {
        "type": "object",
        "properties": entries,
        "required": list(entries),
        "additionalProperties": False,
    }


def _ref(name: str) -> _Schema:
    return {"$ref": f"#/$defs/{name}"}


if __name__ == "__main__":
    sys.stdout.write(text())
