# SPDX-License-Identifier: Apache-2.0
"""How a network is to compute, as commands are told it: precision, and compiling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, get_args

import click

from stmatte.settings import Precision, Settings

Command = TypeVar("Command", bound=Callable[..., Any])


def options(command: Command) -> Command:
    """Add the options, with the usual defaults."""
    return _precision(Settings.precision)(_compile(Settings.compile)(command))


def changes(command: Command) -> Command:
    """Add the options such that one that isn't given is None."""
    return _precision(None)(_compile(None)(command))


def _precision(default: str | None) -> Callable[[Command], Command]:
    return click.option(
        "--precision",
        type=click.Choice(get_args(Precision)),
        default=default,
        show_default=default is not None,
        help="Numbers that the network computes in: those of 16 bits are faster on many machines.",
    )


def _compile(default: bool | None) -> Callable[[Command], Command]:
    return click.option(
        "--compile/--no-compile",
        default=default,
        show_default=default is not None,
        help="Compile the network for this machine first, which takes a minute.",
    )
