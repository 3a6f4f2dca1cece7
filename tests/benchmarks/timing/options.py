# SPDX-License-Identifier: Apache-2.0
"""What every command of speed is told in the same words, and what it writes down at its end."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

import torch

from stmatte.networks.registry import choose_device
from timing.clip import RADIUS
from timing.machine import Elsewhere, machine
from timing.network import Asked
from timing.records import Over, Result, Run
from timing.told import disturbed, without


def add_options(parser: argparse.ArgumentParser, *, frames: int, warm: int) -> None:
    """Add the options that `asked_by` reads, and where the JSON goes.

    frames, warm  how many count, and how many go before them, unless somebody says otherwise
    """
    parser.add_argument("--model", default="stmatte-s")
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--size", default="480x854", help="lines x columns")
    parser.add_argument("--radius", type=float, default=RADIUS, help="of objects: 0.5 is large")
    parser.add_argument("--memory", type=int, default=8, help="frames in the bank")
    parser.add_argument("--frames", type=int, default=frames, help="that count, of each")
    parser.add_argument("--warm", type=int, default=warm, help="frames before them")
    parser.add_argument("--seconds", type=float, default=60, help="then five turns must do")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-plain", dest="plain", action="store_false")
    parser.add_argument("--as-library", action="store_true", help="malloc stays as it is")
    parser.add_argument("--json", type=Path)


def asked_by(options: argparse.Namespace) -> Asked:
    """Return what the options ask for, with one object. Raises StmatteError if it is not there."""
    height, width = (int(side) for side in options.size.split("x"))
    return Asked(
        device=choose_device(options.device),
        size=(height, width),
        radius=options.radius,
        memory=options.memory,
        frames=options.frames,
        warm=options.warm,
        limit=options.seconds,
        seed=options.seed,
        precision=options.precision,
        compile=options.compile,
        plain=options.plain,
    )


def run_of(
    results: list[Result],
    device: torch.device,
    watch: Elsewhere,
    *places: str,
    keeps: bool,
    over: Over | None = None,
) -> Run:
    """Return what is written down of this command; say so where others disturbed it.

    places  options that say where something goes, which are no part of what was measured
    """
    words = [Path(sys.argv[0]).name, *without(sys.argv[1:], *places)]
    run = Run(
        machine=machine(device, keeps=keeps),
        command=shlex.join(words),
        elsewhere=watch.share(),
        over=over,
        results=tuple(results),
    )
    if said := disturbed(run):
        print(said, file=sys.stderr)  # noqa: T201  commands print
    return run
