# SPDX-License-Identifier: Apache-2.0
"""`stmatte explain`: which keys and memory frames a pixel was read from."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stmatte.cli import kept
from stmatte.errors import StmatteError

if TYPE_CHECKING:
    from stmatte.pipeline.explaining import Explanation

_log = logging.getLogger("stmatte")

TOLD = 5
"""Memory frames of a read that are told as text."""


@click.command()
@click.argument("shot", type=click.Path(path_type=Path))
@click.option("--frame", type=int, required=True, help="The plate's frame number.")
@click.option(
    "--pixel", required=True, metavar="X,Y", help="On the plate, from the top left, from 0 on."
)
@click.option(
    "--object", "name", metavar="NAME", help="Left out, it is the one that claims most there."
)
@click.option("--out", type=click.Path(path_type=Path), help="A picture (PNG) of what was read.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@kept.option
def explain(
    shot: Path,
    frame: int,
    pixel: str,
    name: str | None,
    out: Path | None,
    as_json: bool,
    store: str | None,
) -> None:
    """Tell which key and memory frames a pixel of SHOT (a shot document) was read from.

    The shot must have been propagated with the same store.
    """
    at = _parse_pixel(pixel)
    if out is not None and out.suffix.lower() != ".png":
        raise StmatteError(
            f'Picture "{out}" is no PNG', value=str(out), allowed="its name ends with .png"
        )
    from stmatte.document import read_shot
    from stmatte.images import write_png
    from stmatte.networks.registry import load_for
    from stmatte.pipeline.adapted import network_for
    from stmatte.pipeline.checks import check_shot
    from stmatte.pipeline.explaining import explain as explained
    from stmatte.pipeline.explaining import picture
    from stmatte.pipeline.planned import plan_shot
    from stmatte.propagation.sights import Sights

    read = read_shot(shot)
    opened = kept.open_kept(store)
    checked = check_shot(read, pass_over=True, store=opened)
    network = load_for(read.settings)
    planned = plan_shot(checked, network, opened, _passed_over)
    network = network_for(planned, network, opened)
    told = explained(planned, network, opened, Sights(network), frame, at, name)
    planned.reader.keep_notes()
    if out is not None:
        write_png(out, picture(planned, told))
    if as_json:
        click.echo(json.dumps(_as_json(told, out), indent=1))
    else:
        _print(told, out)


def _passed_over(frame: int, error: StmatteError) -> None:
    _log.debug("frame %d: %s", frame, error)


def _parse_pixel(text: str) -> tuple[int, int]:
    try:
        x, y = (int(part) for part in text.split(","))
    except ValueError:
        raise StmatteError(
            f'Pixel "{text}" cannot be read',
            value=text,
            allowed="a pixel is written X,Y in whole numbers, such as 640,360",
        ) from None
    return x, y


def _print(told: Explanation, out: Path | None) -> None:
    from stmatte.pipeline.explaining import heading, in_words

    x, y = told.pixel
    click.echo(f'Frame {told.frame}, pixel {x},{y}: "{told.object}" is {told.matte:.3f}.')
    for way in told.passes:
        click.echo(f"{heading(way)}.")
        if not way.reads:
            click.echo("  did not look here: the pixel is outside its window around the object")
        for read in way.reads:
            sources = [in_words(source) for source in read.sources[:TOLD]]
            if more := read.sources[TOLD:]:
                sources.append(f"{len(more)} more: {100 * sum(s.share for s in more):.1f} %")
            click.echo(f"  {read.what:9}{', '.join(sources)}")
    if out is not None:
        click.echo(f"Picture: {out}")


def _as_json(told: Explanation, out: Path | None) -> dict[str, Any]:
    return {
        "frame": told.frame,
        "object": told.object,
        "pixel": list(told.pixel),
        "matte": told.matte,
        "passes": [
            {
                "start": way.start,
                "forward": way.forward,
                "share": way.share,
                "reads": [
                    {
                        "what": read.what,
                        "sources": [
                            {"frame": s.frame, "key": s.key, "share": s.share} for s in read.sources
                        ],
                    }
                    for read in way.reads
                ],
            }
            for way in told.passes
        ],
        "picture": None if out is None else str(out),
    }
