# SPDX-License-Identifier: Apache-2.0
"""The outside of a message, as JSON-RPC 2.0 has it: who calls what, and answers by id.

Knows nothing of the methods. Where the specification leaves a choice: batches are refused,
ids may be text, numbers or null, and an error repeats the id wherever one can be read.
Source: "JSON-RPC 2.0 Specification", jsonrpc.org, 2013.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from stmatte.errors import StmatteError
from stmatte.service.messages import Error, Message
from stmatte.service.refusals import Code, RefusedError

Id = str | int | float | None


@dataclass(frozen=True)
class Call:
    """What a client wants.

    method   the name
    params   {name: value}, not looked at yet; or a list, which no method takes
    id       repeated in the answer
    awaited  False for a notification, which is never answered
    """

    method: str
    params: dict[str, Any] | list[Any]
    id: Id
    awaited: bool


class NoCallError(RefusedError):
    """A line that is no call; `id` is its id, or None where none can be read."""

    def __init__(self, code: Code, problem: StmatteError, id: Id = None):  # noqa: A002
        super().__init__(code, problem)
        self.id = id


def read_call(line: bytes) -> Call:
    """Read a line as a call. Raises NoCallError if it is none."""
    said = _parse(line)
    if isinstance(said, list):
        raise _no_request("A batch of requests is not taken", "every line is one request")
    if not isinstance(said, dict):
        raise _no_request("The line is no request", "a request is a JSON object")
    id_ = said.get("id")
    if not _is_id(id_):
        raise _no_request("The id of a request is wrong", "an id is text, a number or null")
    if said.get("jsonrpc") != "2.0":
        raise _no_request('The request does not say "jsonrpc": "2.0"', id_=id_)
    method = said.get("method")
    if not isinstance(method, str):
        raise _no_request("The request names no method", "a method is text", id_)
    params = said.get("params", {})
    if not isinstance(params, dict | list):
        raise _no_request("The params of the request are wrong", "params are an object", id_)
    return Call(method, params, id_, awaited="id" in said)


def answer(id_: Id, result: Message) -> dict[str, object]:
    """Return the message that answers a call."""
    return {"jsonrpc": "2.0", "id": id_, "result": plain(result)}


def refusal(id_: Id, error: Error) -> dict[str, object]:
    """Return the message that refuses a call."""
    return {"jsonrpc": "2.0", "id": id_, "error": plain(error)}


def notice(method: str, params: Message) -> dict[str, object]:
    """Return a message that answers nothing."""
    return {"jsonrpc": "2.0", "method": method, "params": plain(params)}


def plain(message: Message) -> dict[str, object]:
    """Return a message as JSON's kinds; what was left out when it was made stays out."""
    return message.model_dump(exclude_unset=True)


def _parse(line: bytes) -> object:
    try:
        text = line.decode("utf-8")
        return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_named_once)
    except UnicodeDecodeError as error:
        raise _no_json(f"is not UTF-8 at byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        raise _no_json(f"is not JSON at character {error.pos + 1}, {_lowered(error.msg)}") from None
    except RecursionError:
        raise _no_json("is nested too deeply") from None
    except ValueError:  # Python's limit for the digits of a whole number
        raise _no_json("has a number with too many digits") from None


def _no_constant(name: str) -> object:
    raise _no_json(f"is not JSON, which has no {name}")


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object; JSON leaves open what a name that stands twice means, so none may."""
    named = dict(pairs)
    if len(named) < len(pairs):
        raise _no_request("A name stands twice in one object", "every name stands once")
    return named


def _no_json(what: str) -> NoCallError:
    allowed = "every line is one request in JSON, in UTF-8"
    return NoCallError(Code.PARSE, StmatteError(f"The line {what}", allowed=allowed))


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _is_id(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or (isinstance(value, str | int) and not isinstance(value, bool))


def _no_request(what: str, allowed: str = "", id_: Id = None) -> NoCallError:
    return NoCallError(Code.REQUEST, StmatteError(what, allowed=allowed), id_)
