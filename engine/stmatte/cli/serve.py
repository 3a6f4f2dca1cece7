# SPDX-License-Identifier: Apache-2.0
"""`stmatte serve`: the engine as a process that a host talks to."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stmatte.cli import kept

if TYPE_CHECKING:
    from stmatte.service import Desk


@click.command()
@click.option(
    "--store",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder in which computed frames are kept; STMATTE_STORE or the user's cache if left out.",
)
@click.option(
    "--log",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File for the log; logs/serve.log in the store's folder if left out.",
)
@kept.features_option
def serve(store: Path | None, log: Path | None, keep_features: bool) -> None:
    """Talk to a host in lines of JSON-RPC on standard input and output.

    Hosts start this themselves. It ends when its standard input does.
    """
    from stmatte.service import run
    from stmatte.store import default_folder, open_store

    if sys.stdin.isatty():
        click.echo("stmatte serve waits for JSON-RPC requests; Ctrl-C ends it.", err=True)
    folder = store or default_folder()

    def open_desk() -> Desk:
        # torch loads in seconds: the client has said hello by then, and gets what goes wrong
        from stmatte.pipeline import desk

        return desk.Desk(open_store(folder), keep_features=keep_features)

    code = run(open_desk, log or folder / "logs" / "serve.log")
    if code:
        sys.exit(code)
