# SPDX-License-Identifier: Apache-2.0
"""Render training clips of riders, herds, crowds and woods.

    python clips/riding.py --generator DATA/clips/generate.py [options of generate.py]

The scenes of `chasing.py`, to which this adds (engine/decisions/0022):

* somebody sits or stands on a bicycle, a motorbike, a board or an animal, or sits in a cart:
  wheels turn, feet pedal, the rider bobs and sways, and both together are one object;
* first objects have their like about them, a herd, or people of whom nobody asks, a crowd;
* trunks, twigs and leaves stand before and behind what is asked for, and it goes through them;
* some things wade: the ground hides their feet.

A run is repeatable for the same generator, Blender and photographs, as generate.py's are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from chasing import change_movement, change_surroundings, shifted
from mounts import off
from riders import rider
from turning import change_people, change_scenes, loaded, own_numbers, taken_generator

RIDERS = 4.0
"""Weight of riders among the kinds of things; turning.py gives people 4.5."""

HERDS, CROWDS = 0.2, 0.25
"""Shares of scenes with a herd, and of those without one, with a crowd."""

WOODS = 0.3
"""Share of scenes among trunks and leaves, outside rooms."""

WADES = 0.12
"""Share of numbered upright things on the ground that wade."""


def main() -> None:
    """Change generate.py, and run it."""
    generate = loaded(taken_generator())
    change_people(generate)
    change_scenes(generate)
    change_movement(generate)
    change_surroundings(generate)
    generate.MAKERS["rider"] = (lambda rng: rider(generate, rng), RIDERS)
    change_company(generate)
    generate.main()


def change_company(generate: Any) -> None:
    """Let some things wade, and put herds, crowds and woods about them."""
    plain_build, plain_place, plain_scenery = (
        generate.Clip.build,
        generate.Clip.place,
        generate.Clip.scenery,
    )

    def build(self: Any, objects: int | None, mix: Any) -> None:
        self.riding = own_numbers(generate, self, 2203)
        self.leader: Any = None
        plain_build(self, objects, mix)

    def place(
        self: Any,
        body: Any,
        mats: Any,
        number: int,
        loc: Any,
        rotm: Any,
        scale: float,
        shift: float = 0.0,
    ) -> Any:
        if number == 1 and self.leader is None:
            self.leader = body, mats, scale
        if number and callable(loc) and body.upright and self.riding.p(WADES):
            loc = sunk(loc, self.riding.u(0.05, 0.3) * body.size()[2] * scale)
        return plain_place(self, body, mats, number, loc, rotm, scale, shift)

    def scenery(
        self: Any, r: Any, env: str, grounded: bool, wide: float, high: float, *rest: Any
    ) -> None:
        plain_scenery(self, r, env, grounded, wide, high, *rest)
        rng = self.riding
        stage = Stage(self, wide, high, deep=(1.0 if env in ("room", "photo") else 2.5) * high)
        if grounded and rng.p(HERDS):
            herd(stage, rng.fork())
        elif grounded and rng.p(CROWDS):
            crowd(generate, stage, rng.fork())
        if env != "room" and rng.p(WOODS):
            woods(generate, stage, rng.fork())

    generate.Clip.build, generate.Clip.place, generate.Clip.scenery = build, place, scenery


def sunk(loc: Any, depth: float) -> Any:
    """Return a way (frame -> place) that lies deeper, if it begins on the ground."""
    low = depth if abs(loc(0)[2]) < 1e-6 else 0.0
    return shifted(loc, np.array([0, 0, -low]))


@dataclass(frozen=True)
class Stage:
    """Where the things of a clip stand: width and height of the view there, and room behind."""

    clip: Any
    wide: float
    high: float
    deep: float

    def width_at(self, y: float) -> float:
        """Return how wide the view is at a depth; the stage's middle is at 0."""
        return float(self.wide * (self.clip.D + y) / self.clip.D)


def herd(stage: Stage, rng: Any) -> None:
    """Put things about that look like the first one, a little larger or smaller."""
    body, mats, scale = stage.clip.leader
    for _ in range(rng.i(2, 7)):
        join(stage, rng, body, mats, scale * rng.u(0.75, 1.2))


def crowd(generate: Any, stage: Stage, rng: Any) -> None:
    """Put people about of whom nobody asks, some of them twice or more."""
    for _ in range(rng.i(2, 4)):
        body = generate.MAKERS["person"][0](rng.fork())
        tall = 0.55 * stage.high * rng.u(0.7, 1.3)
        for _ in range(rng.i(1, 3)):
            mats = generate.materials_for(body, rng.fork())
            join(stage, rng, body, mats, tall / body.size()[2])


def join(stage: Stage, rng: Any, body: Any, mats: Any, scale: float) -> None:
    """Put one more thing somewhere behind, seldom before, what is asked for; it may move."""
    y = rng.u(0.15 * stage.high, stage.deep) if rng.p(0.85) else -rng.u(0.3, 0.7) * stage.high
    across = stage.width_at(y)
    x = rng.u(-0.6, 0.6) * across
    move = rng.pick(["stay", "wander", "cross"])
    goal = x + (rng.u(-0.4, 0.4) * across if move == "cross" else 0.0)
    motion = stage.clip.motion(
        rng.fork(), body, scale, move, (x, y, 0.0), (goal, y, 0.0), False, 1.0
    )
    thing = stage.clip.place(body, mats, 0, *motion, scale, rng.u(0, 40))
    if stage.clip.surroundings is not None and rng.p(0.5):
        thing.parent = stage.clip.surroundings


def woods(generate: Any, stage: Stage, rng: Any) -> None:
    """Stand trunks with twigs and leaves about, thin ones before what is asked for."""
    clip = stage.clip
    bark = generate.material(rng.fork(), rng.lu(0.6, 3), None, rng.pick(["earth", "grey", "dark"]))
    leaf = generate.material(rng.fork(), rng.lu(1, 4), "plain", rng.pick(["green", "green", "any"]))
    thin = rng.lu(0.006, 0.025)
    spread = 0.6 if clip.surroundings is None else 2.0
    for _ in range(rng.i(4, 16)):
        front = rng.p(0.35)
        y = -rng.u(1.2, 3.8) if front else rng.u(0.3 * stage.high, 1.5 * stage.deep)
        across = stage.width_at(y)
        wood, leaves = tree(
            generate, rng, across * thin * rng.lu(0.5, 1 if front else 4), stage.high
        )
        x = rng.u(-spread, spread) * across
        for shape, looks in ((wood, bark), (leaves, leaf)):
            thing = clip.static((off(shape.verts(), x, y), shape.f), looks)
            thing.parent = clip.surroundings


def tree(generate: Any, rng: Any, thick: float, high: float) -> tuple[Any, Any]:
    """Make a trunk with twigs, and their leaves, at the origin; it grows out of the picture."""
    wood, leaves = generate.Geo(), generate.Geo()
    steps = np.linspace(-0.2, 3, 9)
    bow = rng.u(-0.12, 0.12) * high
    trunk = np.stack([bow * steps**2 / 4, 0 * steps, steps * high], 1)
    wood.add(generate.tube(trunk, np.linspace(thick, 0.6 * thick, 9), 8))
    for _ in range(rng.i(0, 5)):
        foot = off(trunk[0], up=rng.u(0.3, 1.6) * high)
        angle, reach = rng.u(0, generate.TAU), rng.u(0.15, 0.6) * high
        way = reach * np.array([math.cos(angle), math.sin(angle), rng.u(-0.3, 0.8)])
        twig = foot + np.outer(np.linspace(0, 1, 5), way)
        wood.add(generate.tube(twig, np.linspace(0.4 * thick, 0.1 * thick, 5), 5))
        for _ in range(rng.i(0, 25)):
            size = rng.u(0.015, 0.05) * high
            place = twig[rng.i(1, 4)] + rng.g.normal(0, 1.5 * size, 3)
            leaves.add(leaf_card(generate, rng, size), 0, False, at=place)
    if not leaves.f:  # one below the ground: a mesh needs a face
        leaves.add(leaf_card(generate, rng, 1e-3), 0, False, at=(0, 0, -1))
    return wood, leaves


def leaf_card(generate: Any, rng: Any, size: float) -> tuple[Any, Any]:
    """Make one leaf: a pointed card, turned anyhow."""
    card = size * np.array([(-1, 0, 0), (0, 0, -0.4), (1, 0, 0), (0, 0, 0.4)])
    return card @ generate.rot(rng.unit(), rng.u(0, 3)).T, [(0, 1, 2, 3)]


if __name__ == "__main__":
    main()
