# SPDX-License-Identifier: Apache-2.0
"""Render training clips of things that show more of themselves than their first frame did.

    python clips/unfolding.py --generator DATA/clips/generate.py [options of generate.py]

The scenes of `riding.py`, to which this adds what a first mask cannot say (engine/decisions/0022):

* skirts and capes that hang close at first, and fly open as who wears them turns;
* something that was carried behind the back comes out beside it, and belongs to it;
* somebody rises out of what hid them up to the chest.

A run is repeatable for the same generator, Blender and photographs, as generate.py's are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from chasing import change_movement, change_surroundings
from mounts import off
from riders import rider
from riding import RIDERS, change_company
from turning import UP, change_people, change_scenes, loaded, own_numbers, taken_generator

OPENS = 0.45
"""Share of numbered people whose clothes fly open."""

BRINGS = 0.3
"""Share of numbered upright things that bring something out from behind."""

RISES = 0.15
"""Share of numbered upright things on the ground that rise."""


def main() -> None:
    """Change generate.py, and run it."""
    generate = loaded(taken_generator())
    change_people(generate)
    change_first_sight(generate)  # first, so that what is added here leans and turns with the rest
    change_scenes(generate)
    change_movement(generate)
    change_surroundings(generate)
    generate.MAKERS["rider"] = (lambda rng: rider(generate, rng), 0.5 * RIDERS)
    change_company(generate)
    generate.main()


def change_first_sight(generate: Any) -> None:
    """Have some things open, bring something out, or rise, after the first frame."""
    plain_build, plain_place = generate.Clip.build, generate.Clip.place

    def build(self: Any, objects: int | None, mix: Any) -> None:
        self.unfolding = own_numbers(generate, self, 3307)
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
        if not (number and callable(loc) and body.upright):
            return plain_place(self, body, mats, number, loc, rotm, scale, shift)
        rng = self.unfolding.fork()
        when = happening(rng, self.F)
        tall = scale * body.size()[2]
        if rng.p(RISES) and abs(loc(0)[2]) < 1e-6:
            loc = rising(loc, when, rng.u(0.3, 0.7) * tall)
        if body.kind == "person" and rng.p(OPENS):
            skirt = flying(generate, rng, body.size()[2], when)
            rotm = whirling(generate, rng, rotm, when)
            looks = generate.materials_for(skirt, rng.fork())
            plain_place(self, skirt, looks, number, loc, rotm, scale)
        elif rng.p(BRINGS):
            thing = generate.MAKERS[rng.pick(["plate", "cloth", "wheel", "blob", "text"])][0](rng)
            looks = generate.materials_for(thing, rng.fork())
            size = tall * rng.u(0.25, 0.6)
            way = brought(rng, loc, when, tall, size)
            plain_place(self, thing, looks, number, way, rotm, size, shift)
        return plain_place(self, body, mats, number, loc, rotm, scale, shift)

    generate.Clip.build, generate.Clip.place = build, place


def happening(rng: Any, frames: int) -> Callable[[float], float]:
    """Return frame -> 0 before something happens, 1 after it; it begins after the first frame."""
    begin = rng.u(0, 0.4) * frames
    length = rng.u(0.15, 0.6) * frames

    def done(t: float) -> float:
        part = min(max((t - begin) / length, 0.0), 1.0)
        return part * part * (3 - 2 * part)

    return done


def rising(loc: Any, when: Callable[[float], float], depth: float) -> Callable[[float], Any]:
    """Return a way (frame -> place) out of the ground."""
    return lambda t: off(loc(t), up=-depth * (1 - when(t)))


def whirling(generate: Any, rng: Any, rotm: Any, when: Callable[[float], float]) -> Any:
    """Return a turning (frame -> 3x3) that goes on by up to a turn while something happens."""
    angle = rng.pick([-1, 1]) * rng.u(0.5, generate.TAU)
    return lambda t: generate.rot(UP, angle * when(t)) @ rotm(t)


def brought(
    rng: Any, loc: Any, when: Callable[[float], float], tall: float, size: float
) -> Callable[[float], Any]:
    """Return the way of what comes out from behind something; the camera stands at -y."""
    side = rng.pick([-1, 1]) * (0.2 * tall + rng.u(0.3, 0.7) * size)
    behind, high = 0.25 * tall + 0.5 * size, rng.u(0.2, 0.8) * tall
    higher = rng.u(-0.2, 0.4) * tall
    return lambda t: off(
        loc(t),
        side * when(t),
        behind * (1 - 0.8 * when(t)),
        max(high - 0.5 * size + higher * when(t), 0.0),
    )


def flying(generate: Any, rng: Any, height: float, when: Callable[[float], float]) -> Any:
    """Make a skirt or a cape that hangs close at first and flies open: a body of generate.py.

    height  of who wears it, in the body's own units
    """
    top = height * rng.pick([0.55, 0.58, 0.78])
    long, close = height * rng.u(0.2, 0.45), height * rng.u(0.07, 0.1)
    spread, droop = rng.u(0.6, 1.45), rng.u(0.0, 0.5)
    around, down = 44, 14
    cape = rng.p(0.35)  # covers the back alone
    reach = math.pi * rng.u(0.5, 0.9) if cape else math.pi
    angles = np.linspace(math.pi - reach, math.pi + reach, around, endpoint=cape)
    angle, along = (
        grid.ravel() for grid in np.meshgrid(angles, np.linspace(0, 1, down), indexing="ij")
    )
    folds, phase, pace = rng.i(4, 12), rng.u(0, generate.TAU), rng.u(0.2, 0.8)
    flutter = rng.u(0.02, 0.1)

    def cloth(t: float) -> Any:
        open_ = when(t)
        lift = 0.1 + spread * open_  # radians from hanging straight down
        slope = lift * (1 - droop * along * open_)
        wave = np.sin(folds * angle + pace * t + phase)
        radius = close + long * along * np.sin(slope) + height * 0.03 * along * wave * (1 - open_)
        drop = long * along * np.cos(slope) + height * flutter * along**2 * open_ * wave
        turned = angle + 0.5 * along * open_ * (1 - open_)  # it lags behind who turns
        return np.stack([radius * np.cos(turned), radius * np.sin(turned), top - drop], 1)

    faces = generate.grid_faces(around, down, not cape, False)
    skirt = generate.Body((cloth(0.0), faces), "skirt", zones=1)
    skirt.deform = cloth
    return skirt


if __name__ == "__main__":
    main()
