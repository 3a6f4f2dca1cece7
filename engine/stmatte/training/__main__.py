# SPDX-License-Identifier: Apache-2.0
"""`python -m stmatte.training`: train from a packed corpus where STMatte is not installed.

`stmatte train` does the same and more, but needs all that STMatte depends on. A lent
machine often has torch, numpy, OpenCV and safetensors alone; with this folder's parent on
PYTHONPATH that is enough here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from stmatte.errors import StmatteError
from stmatte.networks.registry import choose_device
from stmatte.training.corpus import Corpus
from stmatte.training.loop import train
from stmatte.training.recipe import load_recipe


def main(arguments: Sequence[str] | None = None) -> int:
    """Train; return 0 if all went well, 2 for what a person can mend."""
    words = argparse.ArgumentParser("python -m stmatte.training", description=__doc__)
    words.add_argument("recipe", help="name of one that ships, or a JSON file")
    words.add_argument("--corpus", type=Path, required=True, help="written by stmatte train --pack")
    words.add_argument("--out", type=Path, required=True, help="folder of the run")
    words.add_argument("--resume", action="store_true", help="go on with the run in --out")
    words.add_argument("--steps", type=int, help="train so many steps instead of the recipe's")
    words.add_argument("--weights", type=Path, help="weights to begin with")
    words.add_argument("--backbone", type=Path, help="MobileNetV2, for stmatte-b's last blocks")
    words.add_argument("--device", default="auto", help="auto, cpu or cuda")
    given = words.parse_args(arguments)
    try:
        recipe = load_recipe(given.recipe)
        if given.steps is not None:
            recipe = replace(recipe, steps=given.steps)
        train(
            recipe,
            Corpus(given.corpus),
            given.out,
            resume=given.resume,
            device=choose_device(given.device),
            tell=_told,
            weights=given.weights,
            backbone=given.backbone,
        )
    except StmatteError as error:
        sys.stderr.write(f"stmatte.training: {error}\n")
        return 2
    return 0


def _told(step: int, loss: float, pace: float) -> None:
    sys.stdout.write(f"step {step}  loss {loss:.4f}  {pace:.2f} s a step\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
