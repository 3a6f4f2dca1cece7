# SPDX-License-Identifier: Apache-2.0
"""How commands that a farm starts tell where they are.

Words for a log, a JSON object a line, or the lines that Open Job Description reads.
"""

from __future__ import annotations

import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

KINDS = ("plain", "json", "openjd")

option = click.option(
    "--progress",
    "kind",
    type=click.Choice(KINDS),
    default="plain",
    show_default=True,
    help="Words for a log, a JSON object a line, or lines for Open Job Description.",
)

TENTHS = 10


class Told(ABC):
    """Whom a command tells where it is."""

    @abstractmethod
    def step(self, done: int, steps: int, words: str, **entries: Any) -> None:
        """Tell that a step is done. words: where that is; entries: the same for programs."""

    @abstractmethod
    def word(self, event: str, words: str, **entries: Any) -> None:
        """Tell what happened: an event's name, a sentence, and the same for programs."""

    @abstractmethod
    def failed(self, why: str, **entries: Any) -> None:
        """Tell why it failed; the error stream has the sentence, too."""


class Plain(Told):
    """Sentences, and each tenth of the way."""

    def __init__(self) -> None:
        self._tenth = 0

    def step(self, done: int, steps: int, words: str, **entries: Any) -> None:
        del entries
        tenth = TENTHS * done // steps
        if tenth != self._tenth and done < steps:
            _line(f"{100 * done // steps} %: {words}")
        self._tenth = tenth

    def word(self, event: str, words: str, **entries: Any) -> None:
        del event, entries
        _line(words)

    def failed(self, why: str, **entries: Any) -> None:
        del why, entries


class Lines(Told):
    """A JSON object a line."""

    def step(self, done: int, steps: int, words: str, **entries: Any) -> None:
        del words
        _line(json.dumps({"event": "step", "done": done, "steps": steps, **entries}))

    def word(self, event: str, words: str, **entries: Any) -> None:
        del words
        _line(json.dumps({"event": event, **entries}))

    def failed(self, why: str, **entries: Any) -> None:
        _line(json.dumps({"event": "failed", "why": why, **entries}))


class OpenJobDescription(Told):
    """What a session of Open Job Description picks from a command's output."""

    def __init__(self) -> None:
        self._percent = -1

    def step(self, done: int, steps: int, words: str, **entries: Any) -> None:
        del entries
        percent = 100 * done // steps
        if percent != self._percent:
            _line(f"openjd_progress: {percent}")
            _line(f"openjd_status: {_on_one_line(words)}")
        self._percent = percent

    def word(self, event: str, words: str, **entries: Any) -> None:
        del event, entries
        _line(f"openjd_status: {_on_one_line(words)}")

    def failed(self, why: str, **entries: Any) -> None:
        del entries
        _line(f"openjd_fail: {_on_one_line(why)}")


@contextmanager
def told(kind: str) -> Iterator[Told]:
    """Lend whom a command tells where it is; it is told of what goes wrong, too.

    kind  one of `KINDS`
    """
    kinds: dict[str, type[Plain | Lines | OpenJobDescription]] = {
        "plain": Plain,
        "json": Lines,
        "openjd": OpenJobDescription,
    }
    shown = kinds[kind]()
    try:
        yield shown
    except BrokenPipeError:
        raise
    except Exception as error:
        shown.failed(str(error) or type(error).__name__)
        raise


def _line(text: str) -> None:
    click.echo(text)
    sys.stdout.flush()


def _on_one_line(words: str) -> str:
    return " ".join(words.split())
