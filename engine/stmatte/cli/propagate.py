# SPDX-License-Identifier: Apache-2.0
"""`stmatte propagate`: a plate and keys in, mattes out."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from stmatte.cli import kept, making, output, progress
from stmatte.errors import StmatteError
from stmatte.settings import Settings
from stmatte.shot import FrameRange, Key, Shot, check_object_name

_log = logging.getLogger("stmatte")


@click.command()
@click.argument("plate")
@click.option("--frames", help="Frames to make mattes for, such as 1001-1080; all if left out.")
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="FRAME=PATH",
    help="A label PNG, a grey mask or an EXR with a channel per object. May be repeated.",
)
@click.option(
    "--object",
    "objects",
    multiple=True,
    metavar="NAME",
    help="Name of label 1, 2, ... in their order (object1, object2, ... if left out).",
)
@click.option("--out", required=True, help="Where the mattes go, such as out/matte.####.exr.")
@making.options
@output.options
@click.option(
    "--preview",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for overlays and a contact sheet.",
)
@click.option(
    "--on-error",
    type=click.Choice(["stop", "skip"]),
    default="stop",
    show_default=True,
    help="What to do when a plate frame is missing or cannot be read.",
)
@kept.option
@kept.features_option
@kept.budget_option
@click.option(
    "--progress",
    "kind",
    type=click.Choice(progress.KINDS),
    default="auto",
    show_default=True,
)
@click.pass_context
def propagate(
    context: click.Context,
    /,
    plate: str,
    frames: str | None,
    keys: tuple[str, ...],
    objects: tuple[str, ...],
    out: str,
    preview: Path | None,
    on_error: str,
    store: str | None,
    keep_features: bool,
    budget: str | None,
    kind: str,
    **said: Any,
) -> None:
    """Make soft mattes for every frame of PLATE from a few keyed frames.

    PLATE is a sequence (plate.####.exr, plate.%04d.exr), a folder, a first frame, or a video;
    or a shot document (shot.json), which says everything about frames, keys and settings.
    One EXR a frame is written, with a channel per object, at the plate's size and frame numbers.
    What is there already and fresh is left as it is. In --out, {object} makes a file for every
    object, {shot} is the name of the document or the plate, {frame} is ####.
    """
    wanted = output.taken(said, out)
    document = plate.lower().endswith(".json")
    placed: list[tuple[int, Path]] = []
    if document:
        shot = _from_document(context, Path(plate))
    else:
        if not keys:
            raise click.MissingParameter(param_hint="'--key'", param_type="option")
        settings = making.taken(said)
        chosen = None if frames is None else FrameRange.parse(frames)
        for name in objects:
            check_object_name(name)
        placed = [_parse_key(text) for text in keys]
        shot = Shot(plate, _read_keys(plate, placed, objects, settings), chosen, settings)
        if unseen := [name for name in objects if name not in shot.objects]:
            _log.warning("No key shows %s: there will be no matte of that name", ", ".join(unseen))

    from stmatte.pipeline import Progress, deliver

    last: Progress | None = None

    def tell(now: Progress) -> None:
        nonlocal last
        last = now
        shown.frame(now)

    opened = kept.open_kept(store)
    try:
        with progress.choose(kind) as shown:
            delivery = deliver(
                shot,
                output.named(wanted, Path(plate)) if document else wanted,
                preview=preview,
                skip_errors=on_error == "skip",
                spare=[path for _, path in placed],
                tell=tell,
                learns=shown.learning,
                store=None if store == kept.NONE else opened,
                features=kept.features(opened) if keep_features else None,
                budget=kept.parse_budget(budget),
            )
            shown.done(delivery)
    except (StmatteError, KeyboardInterrupt):
        if last is not None:
            click.echo(
                f"Stopped: {last.done} of {last.frames} frames are done and kept in "
                f"{last.path.parent}.",
                err=True,
            )
        raise


SAID_BY_DOCUMENT = {"frames", "keys", "objects", *making.WORDS} - {"device"}


def _from_document(context: click.Context, path: Path) -> Shot:
    """Read a shot document; of the options, only the device may say something else."""
    given = [
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name in SAID_BY_DOCUMENT
        and context.get_parameter_source(parameter.name) == ParameterSource.COMMANDLINE
    ]
    if given:
        raise StmatteError(
            f"{', '.join(given)} beside the shot document {path}",
            value=tuple(given),
            allowed="a shot document says itself what its frames, keys and settings are",
            repair="Change the document, or name the plate instead of it",
        )
    from stmatte.document import read_shot

    shot = read_shot(path)
    if context.get_parameter_source("device") == ParameterSource.COMMANDLINE:
        return replace(shot, settings=replace(shot.settings, device=context.params["device"]))
    return shot


def _parse_key(text: str) -> tuple[int, Path]:
    frame, equals, path = text.partition("=")
    try:
        if equals and path:
            return int(frame), Path(path)
    except ValueError:
        pass
    raise StmatteError(
        f'Key "{text}" cannot be read',
        value=text,
        allowed="a key is written FRAME=PATH, such as 1001=key.png",
    )


def _read_keys(
    source: str, placed: list[tuple[int, Path]], objects: tuple[str, ...], settings: Settings
) -> tuple[Key, ...]:
    from stmatte.images import open_plate, read_key

    plate = open_plate(source, colorspace=settings.colorspace, layer=settings.layer)
    shown = plate.display.within(plate.canvas)
    return tuple(
        Key(f, read_key(path, objects, plate.size, frame=f, shown=shown)) for f, path in placed
    )
