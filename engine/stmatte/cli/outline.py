# SPDX-License-Identifier: Apache-2.0
"""`stmatte outline`: splines that an artist can edit, from mattes."""

from __future__ import annotations

from pathlib import Path

import click

from stmatte.cli.counted import counted, progress_option
from stmatte.shot import FrameRange


@click.command()
@click.argument("mattes")
@click.option("--object", "name", required=True, help="The object whose mattes are followed.")
@click.option("--out", required=True, help="The file to write, such as hero.json.")
@click.option("--frames", help="Frames to follow, such as 1001-1080; all if left out.")
@click.option(
    "--tolerance",
    type=float,
    default=1.0,
    show_default=True,
    metavar="PX",
    help="How far splines may be from where the matte is 0.5.",
)
@click.option(
    "--inset",
    type=float,
    default=0.0,
    show_default=True,
    metavar="PX",
    help="How far they lie within; Blender draws masks 0.55 wider.",
)
@progress_option
def outline(
    mattes: str,
    name: str,
    out: str,
    frames: str | None,
    tolerance: float,
    inset: float,
    kind: str,
) -> None:
    """Fit Bézier splines of few points and few keys to MATTES of an object.

    MATTES is a pattern (matte.####.exr), a folder or a file of any sequence of mattes;
    {object} in it stands for the object's name. Nothing but --out is written.
    """
    from stmatte.pipeline.outlining import outlining

    wanted = None if frames is None else set(FrameRange.parse(frames))

    def choose(found: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(frame for frame in found if wanted is None or frame in wanted)

    asked = outlining(mattes, name, Path(out), choose, tolerance, inset)
    with counted(kind, "Reading mattes") as tell:
        made = asked.made(tell)
    points = sum(spline.points for spline in made.splines)
    click.echo(
        f"{out}: {_some(len(made.splines), 'spline')}, {_some(points, 'point')}, "
        f"{_some(len(made.keys), 'key')} for {_some(len(made.frames), 'frame')}; "
        f"{max(made.errors):.2f} px off where it is worst"
    )


def _some(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
