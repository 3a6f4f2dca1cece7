# SPDX-License-Identifier: Apache-2.0
"""The error that a host shows: one sentence that says what to do.

What the engine says is shown as the engine said it. What goes wrong on this side (no
engine, an engine that stopped) is said in the same form. Knows no pipe and no host.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class EngineError(Exception):
    """Something that keeps the engine from doing what was asked. `str` is the sentence to show.

    what      what was wrong; a clause without a full stop
    allowed   what would have been right; a clause, or ""
    repair    what to do; a sentence without its full stop, or ""
    sentence  the whole, where somebody else has put it already; else it is put together
    code      the protocol's number; None for what was found on this side
    problems  the single sentences, where there are several at once
    """

    def __init__(
        self,
        what: str,
        *,
        allowed: str = "",
        repair: str = "",
        sentence: str = "",
        code: int | None = None,
        problems: Sequence[str] = (),
    ) -> None:
        super().__init__(what)
        self.what = what
        self.allowed = allowed
        self.repair = repair
        self.code = code
        self.problems = tuple(problems)
        self._sentence = sentence

    def __str__(self) -> str:
        if self._sentence:
            return self._sentence
        sentence = f"{self.what}: {self.allowed}." if self.allowed else f"{self.what}."
        return f"{sentence} {self.repair}." if self.repair else sentence


class EngineStoppedError(EngineError):
    """The engine went away before it answered. It may be started again."""


class EngineSilentError(EngineError):
    """The engine did not answer in time."""


def error_from(said: Any) -> EngineError:
    """Return the error in the `error` member of an answer; never fails, whatever it holds."""
    said = said if isinstance(said, dict) else {"message": f"The engine reports: {said}"}
    more = said.get("data")
    more = more if isinstance(more, dict) else {}
    sentence = _text(said.get("message")) or "The engine reports an error and doesn't say which."
    code = said.get("code")
    problems = more.get("problems")
    return EngineError(
        _text(more.get("what")) or sentence,
        allowed=_text(more.get("allowed")),
        repair=_text(more.get("repair")),
        sentence=sentence,
        code=code if isinstance(code, int) else None,
        problems=[_text(problem) for problem in problems] if isinstance(problems, list) else (),
    )


def _text(said: Any) -> str:
    return "" if said is None else str(said)
