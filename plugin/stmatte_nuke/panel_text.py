# SPDX-License-Identifier: Apache-2.0
"""What a node's text knobs say, made from what is shown of it.

Pure: plain text only, lines apart by line breaks. What other people said (errors, notes) goes in
unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stmatte_host import spans
from stmatte_host.shown import KeyRow, Shown

_STATES = {
    "new": "new",
    "sent": "heard, mattes stale",
    "fresh": "heard, mattes fresh",
    "ignored": "left out",
    "locked": "locked: not heard",
    "absent": "absent: not heard",
}


def texts(shown: Shown, engine: str) -> dict[str, str]:
    """Return knob -> text.

    engine  how it stands with the engine, in words
    """
    return {
        "status": shown.error or shown.line,
        "notes": "\n".join(shown.notes),
        "strip": strip(shown.strip),
        "key_list": keys(shown.keys),
        "advice": shown.advice,
        "forecast": "\n".join((*filter(None, (shown.forecast,)), *shown.touched)),
        "engine_state": engine,
    }


def strip(marks: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    """Return a line for each object: which frames carry which mark."""
    return "\n".join(
        f"{name}: {', '.join(f'{mark} {frames}' for mark, frames in row)}"
        for name, row in marks.items()
    )


def keys(rows: Sequence[KeyRow]) -> str:
    """Return a line for each object and state of its keys."""
    frames: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        frames.setdefault((row.object, row.state), []).append(row.frame)
    return "\n".join(
        f"{name}: {spans.shortly(spans.runs(found))} ({_STATES.get(state, state)})"
        for (name, state), found in frames.items()
    )
