# SPDX-License-Identifier: Apache-2.0
"""The command line: turns words into calls, and results into words. No logic of its own.

Commands import what they need when they run: `stmatte --help` must not wait for torch.
"""

from __future__ import annotations

import logging
import os
import signal
import sys

import click

from stmatte.allocating import keep_what_is_freed
from stmatte.cli.ablate import ablate
from stmatte.cli.average import average
from stmatte.cli.batch import batch
from stmatte.cli.check import check
from stmatte.cli.compare import compare
from stmatte.cli.cuts import cuts
from stmatte.cli.evaluate import evaluate
from stmatte.cli.explain import explain
from stmatte.cli.info import info
from stmatte.cli.merge import merge
from stmatte.cli.outline import outline
from stmatte.cli.plan import plan
from stmatte.cli.propagate import propagate
from stmatte.cli.review import review
from stmatte.cli.run import run
from stmatte.cli.score import score
from stmatte.cli.scribble import scribble
from stmatte.cli.serve import serve
from stmatte.cli.span import span
from stmatte.cli.submit import submit
from stmatte.cli.suggest import suggest
from stmatte.cli.train import train
from stmatte.errors import StmatteError

__all__ = ["main", "stmatte"]

MISUSE = 2  # exit code for what a person can mend
INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="stmatte")
def stmatte() -> None:
    """Soft mattes for every frame of a plate, from a few keyed frames."""


for command in (
    propagate,
    batch,
    plan,
    span,
    merge,
    run,
    suggest,
    scribble,
    explain,
    cuts,
    check,
    review,
    outline,
    info,
    evaluate,
    ablate,
    compare,
    score,
    train,
    average,
    serve,
    submit,
):
    stmatte.add_command(command)


def main() -> None:
    """Run the command line; exit 0 if all went well, 2 for what a person can mend."""
    keep_what_is_freed()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    # a farm that ends a task gets what Ctrl-C gets: whole frames, and none half-written
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        stmatte.main(prog_name="stmatte", standalone_mode=False)
    except StmatteError as error:
        click.echo(f"stmatte: {error}", err=True)
        sys.exit(MISUSE)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # the reader of our output has gone; Python must not complain again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
