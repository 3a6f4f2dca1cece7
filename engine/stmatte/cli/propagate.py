# SPDX-License-Identifier: Apache-2.0
"""`stmatte propagate`: a plate and keys in, mattes out."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from stmatte.cli import progress
from stmatte.errors import StmatteError
from stmatte.shot import FrameRange, Key, Settings, Shot, check_object_name

_log = logging.getLogger("stmatte")


@click.command()
@click.argument("plate")
@click.option("--frames", help="Frames to make mattes for, such as 1001-1080; all if left out.")
@click.option(
    "--key",
    "keys",
    multiple=True,
    required=True,
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
@click.option("--model", default=Settings.model, show_default=True, help="Name, or weights file.")
@click.option("--device", default=Settings.device, show_default=True, help="auto, cpu or cuda.")
@click.option(
    "--memory-every",
    type=int,
    default=Settings.memory_every,
    show_default=True,
    help="Own results become lasting memory frames every so many frames; 0 = never.",
)
@click.option(
    "--working-height",
    type=int,
    default=Settings.working_height,
    show_default=True,
    help="Picture height in pixels that the network sees.",
)
@click.option(
    "--ending",
    default="A",
    show_default=True,
    help="Channels are <object>.<ending>: A shows in Nuke as alpha, Blender wants V.",
)
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
@click.option(
    "--progress",
    "kind",
    type=click.Choice(progress.KINDS),
    default="auto",
    show_default=True,
)
def propagate(
    plate: str,
    frames: str | None,
    keys: tuple[str, ...],
    objects: tuple[str, ...],
    out: str,
    model: str,
    device: str,
    memory_every: int,
    working_height: int,
    ending: str,
    preview: Path | None,
    on_error: str,
    kind: str,
) -> None:
    """Make soft mattes for every frame of PLATE from a few keyed frames.

    PLATE is a sequence (plate.####.exr, plate.%04d.exr), a folder, a first frame, or a video.
    One EXR a frame is written, with a channel per object, at the plate's size and frame numbers.
    """
    settings = Settings(model, working_height, memory_every, device)
    wanted = None if frames is None else FrameRange.parse(frames)
    for name in objects:
        check_object_name(name)
    placed = [_parse_key(text) for text in keys]
    shot = Shot(plate, _read_keys(plate, placed, objects), wanted, settings)
    if unseen := [name for name in objects if name not in shot.objects]:
        _log.warning("No key shows %s: there will be no matte of that name", ", ".join(unseen))

    from stmatte.pipeline import Progress, deliver

    last: Progress | None = None

    def tell(now: Progress) -> None:
        nonlocal last
        last = now
        shown.frame(now)

    try:
        with progress.choose(kind) as shown:
            delivery = deliver(
                shot,
                out,
                ending=ending,
                preview=preview,
                skip_errors=on_error == "skip",
                spare=[path for _, path in placed],
                tell=tell,
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
    plate: str, placed: list[tuple[int, Path]], objects: tuple[str, ...]
) -> tuple[Key, ...]:
    from stmatte.images import open_plate, read_key

    size = open_plate(plate).size
    return tuple(Key(f, read_key(path, objects, size, frame=f)) for f, path in placed)
