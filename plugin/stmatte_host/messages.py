# SPDX-License-Identifier: Apache-2.0
"""The words between host and engine: JSON-RPC 2.0, one message a line.

Pure: bytes to nouns and back. What a method means is not known here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import EngineError, error_from

PROTOCOL = 1
LONGEST = 8 * 1024 * 1024
"""Bytes in the longest line that either side takes."""


@dataclass(frozen=True)
class Answer:
    """What the engine answered to the request with this number."""

    id: int
    result: Any


@dataclass(frozen=True)
class Refusal:
    """Why the engine did not do what was asked; `id` is None where it cannot say which."""

    id: int | None
    error: EngineError


@dataclass(frozen=True)
class Notice:
    """What the engine tells without being asked."""

    method: str
    params: Mapping[str, Any]


def request_line(number: int, method: str, params: Mapping[str, Any]) -> bytes:
    """Return one request as a line.

    All that is not ASCII is escaped: file names that are no Unicode (Python holds them with
    surrogates) then survive the way.

    Raises EngineError if the line is longer than the engine takes, or if `params` holds what
    JSON cannot say.
    """
    message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    try:
        line = json.dumps(message, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"
    except (TypeError, ValueError) as error:
        raise EngineError(
            f'What is asked with "{method}" cannot be written down ({error})'
        ) from None
    if len(line) > LONGEST:
        raise EngineError(
            f'What is asked with "{method}" is {len(line) / 1024**2:.1f} MiB long',
            allowed=f"the engine takes {LONGEST // 1024**2} MiB",
            repair="Split the shot, or give fewer keys",
        )
    return line


def message_in(line: bytes) -> Answer | Refusal | Notice | None:
    """Return the message in a line, or None if the line is none that an engine sends."""
    try:
        said = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    number = said.get("id")
    if isinstance(number, bool) or not isinstance(number, (int, type(None))):
        return None
    if "error" in said:
        return Refusal(number, error_from(said["error"]))
    if number is not None:
        return Answer(number, said["result"]) if "result" in said else None
    method, params = said.get("method"), said.get("params", {})
    if isinstance(method, str) and isinstance(params, dict):
        return Notice(method, params)
    return None
