# SPDX-License-Identifier: Apache-2.0
"""A short talk between a client and the engine, for the page of documentation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

_SESSION: tuple[tuple[str, dict[str, Any]], ...] = (
    (">", {"id": 1, "method": "initialize", "params": {"protocol": 1}}),
    (
        "<",
        {
            "id": 1,
            "result": {
                "name": "stmatte",
                "version": "0.1.0",
                "protocol": 1,
                "models": [{"name": "stmatte-s", "ships": True}],
                "devices": ["cpu"],
                "store": {"path": "/cache/stmatte/store", "limit": 20000000000},
            },
        },
    ),
    (
        ">",
        {
            "id": 2,
            "method": "shot/open",
            "params": {
                "document": {
                    "format": "stmatte.shot/1",
                    "plate": "plate/plate.####.exr",
                    "keys": [
                        {"frame": 1001, "object": "hero", "matte": {"path": "keys/hero.1001.exr"}}
                    ],
                },
                "base": "/shots/sc010",
                "out": "mattes/hero.####.exr",
            },
        },
    ),
    (
        "<",
        {
            "id": 2,
            "result": {
                "shot": "s1",
                "frames": "1001-1003",
                "objects": ["hero"],
                "view": {
                    "colorspace": "srgb_rec709_scene",
                    "why": "as its files say",
                    "exposure": 0.0,
                },
                "stale": {"frames": "1001-1003", "objects": {"hero": "1002-1003"}},
                "notes": [],
            },
        },
    ),
    (">", {"id": 3, "method": "job/start", "params": {"shot": "s1", "first": 1002}}),
    ("<", {"id": 3, "result": {"job": "j1"}}),
    (
        "<",
        {
            "method": "job/progress",
            "params": {
                "job": "j1",
                "shot": "s1",
                "frame": 1002,
                "done": 1,
                "frames": 3,
                "digest": "5b1c0a4e",
                "file": "/shots/sc010/mattes/hero.1002.exr",
                "files": ["/shots/sc010/mattes/hero.1002.exr"],
                "fresh": False,
                "uncertainty": {"hero": 0.04},
                "seconds": 0.31,
            },
        },
    ),
    (">", {"id": 4, "method": "job/cancel", "params": {"job": "j1"}}),
    ("<", {"id": 4, "result": {}}),
    (
        "<",
        {
            "method": "job/done",
            "params": {
                "job": "j1",
                "shot": "s1",
                "outcome": "cancelled",
                "done": 2,
                "frames": 3,
                "skipped": {},
                "error": None,
            },
        },
    ),
    (">", {"id": 5, "method": "shot/plan", "params": {"shot": "s7"}}),
    (
        "<",
        {
            "id": 5,
            "error": {
                "code": 1002,
                "message": 'No shot "s7" is open: open shots are s1. Open the shot again.',
                "data": {
                    "what": 'No shot "s7" is open',
                    "allowed": "open shots are s1",
                    "repair": "Open the shot again",
                },
            },
        },
    ),
)


def session() -> Iterator[tuple[str, str]]:
    """Yield an example: ">" for a line of the client's or "<" for the engine's, and the line."""
    for direction, message in _SESSION:
        yield direction, json.dumps({"jsonrpc": "2.0", **message})
