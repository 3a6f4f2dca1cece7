# SPDX-License-Identifier: Apache-2.0
"""How mattes are made, as a command that is given a plate is told it: all of its settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar, get_args

import click

from stmatte.cli import computing
from stmatte.errors import StmatteError
from stmatte.settings import Edges, Focus, Reach, Settings

_Command = TypeVar("_Command", bound=Callable[..., Any])

REACH = click.option(
    "--reach",
    default=str(Settings.reach),
    show_default=True,
    help="How many keys on either side a frame listens to; a number, or all.",
)
"""Its text is for `as_reach`."""

_OPTIONS = (
    click.option(
        "--model", default=Settings.model, show_default=True, help="Name, or weights file."
    ),
    click.option("--device", default=Settings.device, show_default=True, help="auto, cpu or cuda."),
    click.option(
        "--memory-every",
        type=int,
        default=Settings.memory_every,
        show_default=True,
        help="Own results become lasting memory frames every so many frames; 0 = never.",
    ),
    click.option(
        "--working-height",
        type=int,
        default=Settings.working_height,
        show_default=True,
        help="Picture height in pixels that the network sees.",
    ),
    click.option(
        "--memory-frames",
        type=int,
        default=Settings.memory_frames,
        show_default=True,
        help="Lasting own results that memory holds at most; keys are never thinned.",
    ),
    click.option(
        "--colorspace",
        default=Settings.colorspace,
        metavar="NAME",
        help="The plate's colour space, as the OCIO config calls it; what the files say if "
        "left out.",
    ),
    click.option(
        "--layer",
        default=Settings.layer,
        metavar="NAME",
        help="Layer or channel of the plate to look at; its colours if left out.",
    ),
    click.option(
        "--exposure",
        type=float,
        metavar="STOPS",
        help="How much brighter the network sees a scene-linear or log plate; measured if "
        "left out.",
    ),
    REACH,
    click.option(
        "--edges",
        type=click.Choice(get_args(Edges)),
        default=Settings.edges,
        show_default=True,
        help="How mattes get the plate's edges: off scales them, matting estimates alpha (slow).",
    ),
    click.option(
        "--focus",
        type=click.Choice(get_args(Focus)),
        default=Settings.focus,
        show_default=True,
        help="auto: the network looks at a small object through a window that follows it.",
    ),
    click.option(
        "--steady",
        is_flag=True,
        help="Steady mattes along the plate's motion, by the frames beside each.",
    ),
    click.option(
        "--adapt",
        type=int,
        default=Settings.adapt,
        show_default=True,
        metavar="N",
        help="Steps that a copy of the network learns on the shot's own keys first; 0 = none.",
    ),
    click.option(
        "--adapt-on",
        type=int,
        multiple=True,
        metavar="FRAME",
        help="A keyed frame to learn from; where objects are first shown if left out. May be "
        "repeated.",
    ),
    computing.options,
)

WORDS = tuple(field.name for field in fields(Settings))
"""What the options say, by the names of the settings."""


def options(command: _Command) -> _Command:
    """Give a command these options; it gets what they say as keywords, for `taken` to gather."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def taken(said: dict[str, Any]) -> Settings:
    """Take what the options say out of a command's keywords.

    Raises StmatteError if a setting is not possible.
    """
    words = {name: said.pop(name) for name in WORDS}
    return Settings(**words | {"reach": as_reach(words["reach"])})


def as_reach(text: str) -> Reach:
    """Read what --reach says. Raises StmatteError if it is no number and not "all"."""
    if text == "all":
        return "all"
    try:
        return int(text)
    except ValueError:
        raise StmatteError(
            f'Reach "{text}" cannot be read', value=text, allowed="a number from 1 up, or all"
        ) from None
