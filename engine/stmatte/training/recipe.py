# SPDX-License-Identifier: Apache-2.0
"""A recipe: every number of a training run, in one JSON file."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path

from stmatte.errors import StmatteError
from stmatte.networks.registry import NETWORKS

TRAINABLE = tuple(name for name in NETWORKS if name not in ("label-propagation", "kmn"))
"""Label propagation learns nothing; KMN reads otherwise than STM and learns as it."""

OURS = ("stmatte-s", "stmatte-b")
"""Networks that a teacher can teach."""

SIDES = range(32, 2048, 16)
MOST_PASTED = 3
"""Objects that a clip has room for beside those of its own picture."""
RECIPES = Path(__file__).parent / "recipes"


@dataclass(frozen=True)
class Recipe:
    """How to train. Sizes in pixels, rates per step.

    network        which network, one of `TRAINABLE`
    height, width  of training pictures, multiples of 16
    frames         of a clip
    batch          clips a step
    steps          of the whole run
    warmup, decay  steps at the beginning and end over which the rates rise and fall linearly
    rate           Adam's learning rate of new layers; `encoder_rate` that of stmatte-s's encoder
    frozen_blocks  blocks 0 to this one of stmatte-s's encoder stay as they are
    rendered       share of clips from videos; the others are made from stills
    skip_first, skip_last  most frames from one of a video's clip to the next, raised linearly
    pasted         most objects that are pasted over a clip; 3 at most
    bend           how much things bend and tilt as they move, as a part of the usual; 0 is affine
    swing          share of things whose limbs swing about joints
    twins          share of clips in which something is there twice
    cut            share of stills whose objects move on their own
    passing        share of clips in which something that is not asked for passes in front
    pieces         share of what is pasted that is a segment of a photograph without masks
    blurred        share of clips that are blurred along the motion, and of layers out of focus
    compressed     share of clips that are compressed
    hiding         final Hide-and-Seek chance; it rises linearly from 0
    hardest        share of the places of a frame whose cross-entropy counts, for stmatte-s
    overlap        weight of the soft Jaccard loss beside it, for stmatte-s
    teacher        model as NAME or NAME:PATH whose planes are learnt from, too; "" is none
    teacher_weight of what is learnt from it
    average        decay of the moving average of weights, which is what is kept
    clip_norm      gradients are scaled down to this norm
    scale_weight   of LMRC's loss on the lengths of keys, for its first `scale_steps` steps
    deform         how far the mask is off that RGMP sees as the latest, as a part of the usual; 0
                   gives it its own result
    fixed          learn so many clips again and again, to see whether a network can; 0 draws anew
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
    skip_first: int = 3
    skip_last: int = 3
    pasted: int = 3
    bend: float = 1.0
    swing: float = 0.0
    twins: float = 0.0
    cut: float = 0.0
    passing: float = 0.0
    pieces: float = 0.0
    blurred: float = 0.0
    compressed: float = 0.0
    hiding: float = 0.05
    hardest: float = 1.0
    overlap: float = 0.0
    teacher: str = ""
    teacher_weight: float = 1.0
    average: float = 0.997
    clip_norm: float = 1.0
    scale_weight: float = 1e-4
    scale_steps: int = 0
    deform: float = 0.0
    fixed: int = 0
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse numbers that no run can be made with. Raises StmatteError naming the first."""
        for name, good, allowed in (
            ("network", self.network in TRAINABLE, ", ".join(TRAINABLE)),
            ("height", self.height in SIDES, f"a multiple of 16 from 32 to {SIDES[-1]}"),
            ("width", self.width in SIDES, f"a multiple of 16 from 32 to {SIDES[-1]}"),
            ("frames", self.frames >= 2, "2 or more"),
            ("batch", self.batch >= 1, "1 or more"),
            ("steps", self.steps >= 1, "1 or more"),
            ("warmup", self.warmup >= 0, "0 or more"),
            ("decay", self.decay >= 0, "0 or more"),
            ("rate", 0 < self.rate <= 1, "above 0, at most 1"),
            ("encoder_rate", 0 <= self.encoder_rate <= 1, "from 0 to 1"),
            ("frozen_blocks", -1 <= self.frozen_blocks <= 13, "from -1, none, to 13, all"),
            ("rendered", 0 <= self.rendered <= 1, "from 0 to 1"),
            ("skip_first", self.skip_first >= 1, "1 or more"),
            ("skip_last", self.skip_last >= 1, "1 or more"),
            ("pasted", 0 <= self.pasted <= MOST_PASTED, f"from 0 to {MOST_PASTED}"),
            ("bend", 0 <= self.bend <= 4, "from 0 to 4"),
            ("swing", 0 <= self.swing <= 1, "from 0 to 1"),
            ("twins", 0 <= self.twins <= 1, "from 0 to 1"),
            ("cut", 0 <= self.cut <= 1, "from 0 to 1"),
            ("passing", 0 <= self.passing <= 1, "from 0 to 1"),
            ("pieces", 0 <= self.pieces <= 1, "from 0 to 1"),
            ("blurred", 0 <= self.blurred <= 1, "from 0 to 1"),
            ("compressed", 0 <= self.compressed <= 1, "from 0 to 1"),
            ("scale_weight", self.scale_weight >= 0, "0 or more"),
            ("scale_steps", self.scale_steps >= 0, "0 or more"),
            ("deform", 0 <= self.deform <= 4, "from 0 to 4"),
            ("fixed", self.fixed >= 0, "0 or more"),
            ("hiding", 0 <= self.hiding <= 1, "from 0 to 1"),
            ("hardest", 0 < self.hardest <= 1, "above 0, at most 1"),
            ("overlap", self.overlap >= 0, "0 or more"),
            ("teacher", not self.teacher or self.network in OURS, f"for {', '.join(OURS)} alone"),
            ("teacher_weight", self.teacher_weight >= 0, "0 or more"),
            ("average", 0 <= self.average < 1, "from 0, below 1"),
            ("clip_norm", self.clip_norm > 0, "above 0"),
            ("seed", 0 <= self.seed < 2**32, "from 0, below 2**32"),
        ):
            if not good:
                value = getattr(self, name)
                raise StmatteError(
                    f'Entry "{name}" of the recipe is {value}', value=value, allowed=allowed
                )

    def skip(self, step: int) -> int:
        """Return the most frames from one of a video's clip to the next at `step`."""
        raised = (self.skip_last - self.skip_first) * step / max(1, self.steps - 1)
        return self.skip_first + round(raised)

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
    if not path.is_file():
        path = Path(name)
    if not path.is_file():
        raise StmatteError(
            f'Recipe "{name}" does not exist',
            value=name,
            allowed=f"a file, or one of these: {', '.join(shipped_recipes())}",
        )
    try:
        settings = json.loads(path.read_text())
    except ValueError as error:
        raise StmatteError(f"Recipe {path} is not JSON ({error})", value=str(path)) from error
    if not isinstance(settings, dict):
        raise StmatteError(
            f"Recipe {path} holds a {type(settings).__name__}",
            value=str(path),
            allowed="one JSON object with the recipe's entries",
        )
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
