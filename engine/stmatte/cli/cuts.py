# SPDX-License-Identifier: Apache-2.0
"""`stmatte cuts`: where a plate goes over to another scene. It shows; a person decides."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from stmatte.cli.counted import counted, progress_option
from stmatte.shot import FrameRange

if TYPE_CHECKING:
    from stmatte.images.cuts import Cut


@click.command()
@click.argument("plate")
@click.option("--frames", help="Frames to look at, such as 1001-1080; all if left out.")
@click.option(
    "--threshold",
    type=float,
    help="How different two scenes are at least, above 0 up to 1; lower finds more.  "
    "[default: 0.25]",
)
@click.option("--json", "as_json", is_flag=True, help="Print first frames of scenes as a list.")
@progress_option
def cuts(plate: str, frames: str | None, threshold: float | None, as_json: bool, kind: str) -> None:
    """Find scene cuts in PLATE and show them. Nothing is changed.

    PLATE is a sequence (plate.####.exr, plate.%04d.exr), a folder, a first frame, or a video.
    Hard cuts are found; fades and dissolves are not, and scenes of one or two frames are taken
    for flashes. Look at what is found, and write it into the shot document as "cuts".
    """
    from stmatte.images import open_plate
    from stmatte.images.cuts import THRESHOLD, find_cuts

    wanted = None if frames is None else FrameRange.parse(frames)
    least = THRESHOLD if threshold is None else threshold
    with counted(kind, "Looking for cuts") as tell:
        found = tuple(find_cuts(open_plate(plate), wanted, least, tell))
    if as_json:
        click.echo(json.dumps([cut.frame for cut in found]))
    else:
        click.echo(_in_words(found))


def _in_words(found: tuple[Cut, ...]) -> str:
    if not found:
        return "No cut found."
    width = max(len(str(cut.frame)) for cut in found)
    lines = [
        f"{cut.frame:>{width}}  ({cut.before} -> {cut.frame}, difference {cut.difference:.2f})"
        for cut in found
    ]
    frames = ", ".join(str(cut.frame) for cut in found)
    which = "this one is a cut" if len(found) == 1 else "these are cuts"
    return "\n".join([*lines, f'If {which}, write into the shot document: "cuts": [{frames}]'])
