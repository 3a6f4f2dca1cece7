# SPDX-License-Identifier: Apache-2.0
"""How mattes are to be written, as commands that write mattes name it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from stmatte.layout import COMPRESSIONS, Layout
from stmatte.output import Output

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--channels",
        default=Layout.channels,
        show_default=True,
        help="Names of the channels; the word object stands for the object's name. A shows in "
        "Nuke as alpha, Blender wants object.V.",
    ),
    click.option(
        "--compression",
        default=Layout.compression,
        show_default=True,
        help=f"{', '.join(COMPRESSIONS)} or dwaa:LEVEL.",
    ),
    click.option("--depth", default=Layout.depth, show_default=True, help="half or float."),
    click.option(
        "--uncertainty",
        is_flag=True,
        help="Write a layer beside the objects that says where mattes are doubtful.",
    ),
    click.option(
        "--cryptomatte",
        is_flag=True,
        help="Write a Cryptomatte of all objects, too, in a file beside: matte_crypto.####.exr.",
    ),
    click.option(
        "--raw-probabilities",
        "raw",
        is_flag=True,
        help="Write the aggregated probabilities instead of coverage.",
    ),
    click.option(
        "--overwrite",
        is_flag=True,
        help="Write over files that STMatte did not write, too; else they are refused.",
    ),
    click.option(
        "--skip-existing",
        is_flag=True,
        help="Leave every file alone that is there and whole, fresh or not.",
    ),
)
_WORDS = (
    *("channels", "compression", "depth", "uncertainty", "cryptomatte", "raw"),
    *("overwrite", "skip_existing"),
)


def options(command: _Command) -> _Command:
    """Give a command these options; it gets what they say as keywords, for `taken` to gather."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def as_words(said: dict[str, Any]) -> list[str]:
    """Return what the options say as the words of another command."""
    words = []
    for option, name in (("--channels", "channels"), ("--compression", "compression")):
        words += [option, str(said[name])]
    words += ["--depth", str(said["depth"])]
    flags = {"raw": "--raw-probabilities"}
    for name in ("uncertainty", "cryptomatte", "raw", "overwrite", "skip_existing"):
        words += [flags.get(name, f"--{name.replace('_', '-')}")] if said[name] else []
    return words


def taken(said: dict[str, Any], out: str) -> Output:
    """Take what the options say out of a command's keywords.

    out  pattern of the files

    Raises StmatteError if a layout is not known, or options contradict each other.
    """
    words = {name: said.pop(name) for name in _WORDS}
    layout = Layout(words.pop("channels"), words.pop("compression"), words.pop("depth"))
    return Output(out, layout, **words)


def named(wanted: Output, document: Path) -> Output:
    """Return what is wanted of the shot that a document describes, named after it."""
    from stmatte.images.pattern import shot_name

    return replace(wanted, shot=shot_name(str(document)))
