# SPDX-License-Identifier: Apache-2.0
"""What commands that a farm starts are told besides the shot: the device, and which spans."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import click

from stmatte.errors import StmatteError
from stmatte.shot import Shot

device_option = click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    help="Instead of the document's; spans and merge must agree on cpu or cuda.",
)

_SPANS = re.compile(r"[1-9]\d{0,5}(?:-[1-9]\d{0,5})?(?:,[1-9]\d{0,5}(?:-[1-9]\d{0,5})?)*")


def read(path: Path, device: str | None) -> Shot:
    """Read a shot document, on the device that was asked for."""
    from stmatte.document import read_shot

    shot = read_shot(path)
    if device is None:
        return shot
    return replace(shot, settings=replace(shot.settings, device=device))


def numbers(text: str) -> tuple[range, ...]:
    """Return the ranges of span numbers that "4", "4-6" or "1,4-6" says.

    Raises StmatteError if it says something else.
    """
    if _SPANS.fullmatch(text.strip()):
        ends = [[int(end) for end in part.split("-")] for part in text.strip().split(",")]
        if all(each[0] <= each[-1] for each in ends):
            return tuple(range(each[0], each[-1] + 1) for each in ends)
    raise StmatteError(
        f'Spans "{text}" cannot be read',
        value=text,
        allowed="spans are counted from 1 and written 4, 4-6 or 1,4-6",
        repair="See `stmatte plan --spans` for their numbers",
    )
