# SPDX-License-Identifier: Apache-2.0
"""The page `docs/protocol.md`, made from the messages: `python -m stmatte.service.docs`."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator
from typing import Any

from stmatte.service.example import session
from stmatte.service.messages import NOTICES, REQUESTS, Message
from stmatte.service.refusals import MEANINGS

_Schema = dict[str, Any]

_KINDS = {
    "string": "text",
    "integer": "whole number",
    "boolean": "true or false",
    "null": "null",
}

_ABOUT = """\
# The engine's protocol

`stmatte serve` is a process that a host talks to: lines of
[JSON-RPC 2.0](https://www.jsonrpc.org/specification) on standard input and output. This page is
made from the engine's own models (`python -m stmatte.service.docs`);
`stmatte/schemas/stmatte.rpc-1.schema.json` in the package says the same to programs.

## Lines

* One message a line, in UTF-8, ended by "\\n". A "\\r" before it, blank lines and a byte order
  mark are passed over. The engine writes ASCII: other letters as `\\u....`.
* Standard output carries nothing but the protocol. Logs go to standard error and to a file
  (`--log`, else `logs/serve.log` in the store's folder), warnings to the client as `engine/log`.
* A line longer than 8 MiB is refused and thrown away; the engine goes on.
* A request's `params` are always an object. Unknown parameters are an error, and so is a name
  that stands twice in one object.
* An id is text, a number or null, and is repeated in the answer. A request without an id is a
  notification: it is carried out where possible and never answered.
* Batches (JSON arrays) are refused.
* Frames are written as an artist writes them: `1001-1020,1030`; an empty text is no frame.

## Order

* `initialize` comes first; before it, every other request is refused (1004). It may take seconds,
  because the engine loads its libraries then.
* Requests are answered in the order in which they come. None waits for a job: jobs work one at
  a time on a thread of their own.
* The answer to `job/start` comes before anything is told of the job, and the answer to
  `job/cancel` before the end that it causes, unless the job ended by itself meanwhile. Every job
  ends with exactly one `job/done`.
* `job/cancel` is answered at once. The frame in work is finished, then the job ends.
* `engine/log` may come at any time once `initialize` is answered.

## The end

* After `shutdown`, or when standard input ends, or when nobody reads standard output any more:
  what runs is cancelled within one frame, and the process exits with 0. A request that comes
  meanwhile is refused (1006).
* SIGTERM does the same, with exit code 0; Ctrl-C (SIGINT) does so with 130. A second signal ends
  the process at once. A frame's file is whole or not there, whatever happens.
* A GPU that stops working is lost to the process. The job that meets it fails (1001), and the
  process exits with 75. Jobs that wait are not told as over: start another engine for them.
"""


def page() -> str:
    """Return the page as it stands in its file."""
    return "\n".join(_page())


def _page() -> Iterator[str]:
    yield _ABOUT
    yield "## An example\n"
    yield "`>` goes to the engine, `<` comes from it.\n"
    yield from ("```", *(f"{direction} {line}" for direction, line in session()), "```\n")
    yield "## Requests\n"
    for method, (params, answer) in REQUESTS.items():
        yield f"### `{method}`\n"
        yield f"{_prose(params)}\n"
        yield from _table("Parameter", params.model_json_schema())
        yield f"Answer: {_prose(answer)}\n"
        yield from _table("Entry", answer.model_json_schema())
    yield "## Notifications\n"
    for method, params in NOTICES.items():
        yield f"### `{method}`\n"
        yield f"{_prose(params)}\n"
        yield from _table("Parameter", params.model_json_schema())
    yield "## Errors\n"
    yield from ("| code | meaning |", "| --- | --- |")
    yield from (f"| {code.value} | {meaning} |" for code, meaning in MEANINGS.items())
    yield "\n## Parts\n"
    for name, part in _parts().items():
        yield f"### {name}\n"
        yield part["description"] + "\n"
        yield from _table("Entry", part)


def _prose(model: type[Message]) -> str:
    return inspect.cleandoc(model.__doc__ or "")


def _parts() -> dict[str, _Schema]:
    """Return the models inside other models, in the order in which the page meets them."""
    parts: dict[str, _Schema] = {}
    for model in (*(m for pair in REQUESTS.values() for m in pair), *NOTICES.values()):
        parts |= model.model_json_schema().get("$defs", {})
    return parts


def _table(head: str, schema: _Schema) -> Iterator[str]:
    if not schema.get("properties"):
        return
    yield f"| {head} | Kind | Meaning |\n| --- | --- | --- |"
    for name, entry in schema["properties"].items():
        kind = _kind(entry)
        if name not in schema.get("required", ()):
            default = entry.get("default")
            kind += ", or left out" + ("" if default is None else f" ({json.dumps(default)})")
        yield f"| `{name}` | {kind} | {entry.get('description', '')} |"
    yield ""


def _kind(entry: _Schema) -> str:
    """Return in words what a value of a schema is."""
    if "$ref" in entry:
        name = entry["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in entry:
        return " or ".join(_kind(one) for one in entry["anyOf"])
    if "const" in entry or "enum" in entry:
        values = entry["enum"] if "enum" in entry else [entry["const"]]
        return " or ".join(f"`{json.dumps(value)}`" for value in values)
    if entry["type"] == "array":
        return f"list of {_kind(entry['items'])}"
    if entry["type"] == "object":
        values = entry.get("additionalProperties")
        return f"object of {_kind(values)}" if isinstance(values, dict) else "object"
    if entry["type"] == "number":
        return "number from 0 to 1" if entry.get("maximum") == 1 else "number"
    if "pattern" in entry:
        return "frames"
    return _KINDS[entry["type"]]


if __name__ == "__main__":
    sys.stdout.write(page())
