# SPDX-License-Identifier: Apache-2.0
"""A recipe: every number of a training run, in one JSON file."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path

from stmatte.errors import StmatteError

RECIPES = Path(__file__).parent / "recipes"


@dataclass(frozen=True)
class Recipe:
    """How to train. Sizes in pixels, rates per step.

    network        which network; "stmatte-s"
    height, width  of training pictures, multiples of 16
    frames         of a clip
    batch          clips a step
    steps          of the whole run
    warmup, decay  steps at the beginning and end over which the rates rise and fall linearly
    rate           Adam's learning rate of new layers; `encoder_rate` that of the image encoder
    frozen_blocks  the first blocks of the image encoder, which stay as they are
    rendered       share of clips from the rendered set; the others are made from stills
    hiding         final Hide-and-Seek chance; it rises linearly from 0
    average        decay of the moving average of weights, which is what is kept
    clip_norm      gradients are scaled down to this norm
    seed           of everything that is drawn
    """

    network: str = "stmatte-s"
    height: int = 256
    width: int = 384
    frames: int = 3
    batch: int = 4
    steps: int = 3000
    warmup: int = 100
    decay: int = 800
    rate: float = 4e-4
    encoder_rate: float = 4e-5
    frozen_blocks: int = 6
    rendered: float = 0.4
    hiding: float = 0.05
    average: float = 0.997
    clip_norm: float = 1.0
    seed: int = 1

    def factor(self, step: int) -> float:
        """Return what the learning rates are multiplied by at `step`, in (0, 1]."""
        rise = (step + 1) / max(1, self.warmup)
        fall = (self.steps - step) / max(1, self.decay)
        return max(0.0, min(1.0, rise, fall))


def shipped_recipes() -> list[str]:
    """Return the names of the recipes that ship."""
    return sorted(path.stem for path in RECIPES.glob("*.json"))


def load_recipe(name: str) -> Recipe:
    """Load a recipe that ships, by name, or a JSON file. Raises StmatteError with what is wrong."""
    path = RECIPES / f"{name}.json"
    if not path.exists():
        path = Path(name)
    if not path.exists():
        raise StmatteError(
            f'Recipe "{name}" does not exist',
            value=name,
            allowed=f"a file, or one of these: {', '.join(shipped_recipes())}",
        )
    try:
        settings = json.loads(path.read_text())
    except ValueError as error:
        raise StmatteError(f"Recipe {path} is not JSON ({error})", value=str(path)) from error
    known = {field.name: type(field.default) for field in fields(Recipe)}
    unknown = sorted(set(settings) - set(known))
    wrong = [n for n in settings if n in known and not _is(settings[n], known[n])]
    if unknown or wrong:
        raise StmatteError(
            f"Recipe {path} has entries that cannot be used: {', '.join(unknown + wrong)}",
            value=unknown + wrong,
            allowed=", ".join(f"{n} ({kind.__name__})" for n, kind in known.items()),
        )
    return Recipe(**settings)


def _is(value: object, kind: type) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, (int, float)) if kind is float else isinstance(value, kind)
