# SPDX-License-Identifier: Apache-2.0
"""Render training clips of things that turn, wear loose clothes and keep company.

    python clips/turning.py --generator DATA/clips/generate.py [options of generate.py]

`generate.py` lies with the rendered clips, not in this repository: it builds random scenes, and
renders them in Blender with true mattes. This adds to its scenes what stmatte-s lost
(engine/decisions/0022):

* what stands upright turns about itself, up to a whole turn in a clip, and so shows sides that
  its first frame hid;
* people wear skirts and coats that hang, swing and flare;
* some things are two that go together and count as one object: a rider and a board, a walker
  and a cart, somebody and a bag.

A run is repeatable for the same generator, Blender and photographs, as generate.py's are.
"""

from __future__ import annotations

import importlib.util
import math
import sys
from types import ModuleType
from typing import Any

import numpy as np

TURNS = 0.6
"""Share of upright things that turn."""

FASTEST = 0.45
"""Radians a frame."""

ROBED = 0.6
"""Share of people in loose clothes."""

COMPANY = 0.3
"""Share of numbered upright things that are two."""

PEOPLE = 4.5
"""Weight of people among the kinds of things; generate.py gives them 2.4."""

UP = (0, 0, 1)


def main() -> None:
    """Change generate.py, and run it."""
    generate = loaded(taken_generator())
    change_people(generate)
    change_scenes(generate)
    generate.main()


def taken_generator() -> str:
    """Take `--generator PATH` out of the command's words; generate.py knows the others."""
    where = sys.argv.index("--generator")
    path = sys.argv[where + 1]
    del sys.argv[where : where + 2]
    return path


def loaded(path: str) -> ModuleType:
    """Import generate.py from where it lies."""
    spec = importlib.util.spec_from_file_location("generate", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["generate"] = module
    spec.loader.exec_module(module)
    return module


def own_numbers(generate: Any, clip: Any, stream: int) -> Any:
    """Return an Rng of a clip for what is added to it: all other draws stay as they were."""
    key = clip.rng.g.bit_generator.seed_seq.entropy
    return generate.Rng(*[int(k) for k in key], stream)


def change_people(generate: Any) -> None:
    """Put some people into loose clothes, and have more of them."""
    plain = generate.make_person

    def make_person(rng: Any) -> Any:
        body = plain(rng)
        own = rng.fork()
        return robed(generate, body, own) if own.p(ROBED) else body

    generate.make_person = make_person
    generate.MAKERS["person"] = (make_person, PEOPLE)


def robed(generate: Any, body: Any, rng: Any) -> Any:
    """Hang a cone of cloth on a person: from waist or chest to anywhere above the ankles."""
    height = body.v[:, 2].max()
    top = height * rng.pick([0.54, 0.57, 0.72])
    hem = height * rng.u(0.08, 0.42)
    waist, skirt = height * rng.u(0.07, 0.1), height * rng.u(0.1, 0.28)
    around, down = 40, 14
    angles, steps = np.arange(around) / around * generate.TAU, np.linspace(0, 1, down)
    angle, along = (grid.ravel() for grid in np.meshgrid(angles, steps, indexing="ij"))
    folds, depth, phase = rng.i(4, 11), rng.u(0.02, 0.16), rng.u(0, generate.TAU)
    sways = [
        (
            rng.u(0.15, 0.7),
            rng.u(0, generate.TAU),
            rng.u(0, generate.TAU),
            height * rng.u(0.0, 0.07),
        )
        for _ in range(2)
    ]
    flare, pulse = rng.u(0, 0.6), rng.u(0.1, 0.5)
    opening = rng.u(0.2, 0.8) if rng.p(0.3) else 0
    lag = rng.u(0, 0.7)

    def cloth(t: float) -> Any:
        lift = 1 + flare * 0.5 * (1 + math.sin(pulse * t + phase))
        radius = waist + (skirt * lift - waist) * along**1.2
        turned = angle + lag * along * math.sin(pulse * t)
        wave = np.sin(folds * angle + 2 * math.sin(0.4 * t + phase))
        radius = radius * (1 + depth * along * wave)
        drop = (top - hem) * along / lift**0.5
        points = np.stack([radius * np.cos(turned), radius * np.sin(turned), top - drop], 1)
        for pace, start, way, amount in sways:
            moved = amount * along**2 * math.sin(pace * t + start)
            points[:, 0] += moved * math.cos(way)
            points[:, 1] += moved * math.sin(way)
        return points

    def is_closed(corner: int) -> bool:
        away = abs((angles[corner // down] + math.pi) % generate.TAU - math.pi)
        return away > opening / 2 or steps[corner % down] < 0.1

    faces = generate.grid_faces(around, down, True, False)
    if opening:
        faces = [face for face in faces if is_closed(face[0])]
    stripes = rng.i(0, 4)

    def is_striped(corner: int) -> bool:
        return bool(stripes and int(steps[corner % down] * stripes * 2) % 2)

    below, plain = len(body.v), body.deform
    body.v = np.concatenate([body.v, cloth(0.0)])
    body.f = [*body.f, *(tuple(i + below for i in face) for face in faces)]
    body.m = [*body.m, *(body.zones + is_striped(face[0]) for face in faces)]
    body.s = [*body.s, *(True for _ in faces)]
    body.zones += 2
    body.deform = lambda t: np.concatenate([plain(t), cloth(t)])
    return body


def change_scenes(generate: Any) -> None:
    """Have upright things turn, and some of them keep company."""
    plain_place, plain_build = generate.Clip.place, generate.Clip.build

    def build(self: Any, objects: int | None, mix: Any) -> None:
        self.turning = own_numbers(generate, self, 4711)
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
        rng = self.turning
        if callable(rotm) and body.upright and rng.p(TURNS):
            rotm = spun(generate, rng, rotm, self.F)
        if number and callable(loc) and body.upright and rng.p(COMPANY):
            thing, size, beside, turn = company(generate, rng.fork(), body, scale)
            plain_place(
                self,
                thing,
                generate.materials_for(thing, rng.fork()),
                number,
                lambda t: loc(t) + rotm(t) @ beside,
                lambda t: rotm(t) @ turn,
                size,
                shift,
            )
        return plain_place(self, body, mats, number, loc, rotm, scale, shift)

    generate.Clip.build, generate.Clip.place = build, place


def spun(generate: Any, rng: Any, rotm: Any, frames: int) -> Any:
    """Return a turning (frame -> 3x3) that goes on about the vertical besides."""
    speed = rng.pick([-1, 1]) * rng.lu(0.03, min(FASTEST, generate.TAU / frames))
    wave, pace, start = rng.u(0, 0.8), rng.u(0.1, 0.4), rng.u(0, generate.TAU)

    def turned(t: float) -> Any:
        angle = speed * t + wave * abs(speed) / pace * math.sin(pace * t + start)
        return generate.rot(UP, angle) @ rotm(t)

    return turned


def company(generate: Any, rng: Any, body: Any, scale: float) -> tuple[Any, float, Any, Any]:
    """Make what goes with something: its body and scale, and where and how it is beside it.

    returns  place in units of the world and turn (3x3), both as the thing it goes with is turned
    """
    kind = rng.pick(["board", "cart", "bag", "mount", "kite"])
    length, _, tall = body.size() * scale
    if kind == "board":
        shape = generate.box(
            tall * rng.u(0.35, 0.9), tall * rng.u(0.1, 0.25), tall * rng.u(0.02, 0.07)
        )
        board = generate.Body(generate.Geo().add(shape, smooth=False), "board", zones=1)
        return board, 1.0, np.zeros(3), generate.rot(UP, rng.u(-0.5, 0.5))
    makers = {
        "cart": ["car", "wheel", "vase", "wire"],
        "bag": ["blob", "vase", "text"],
        "mount": ["animal", "car", "wheel"],
        "kite": ["plate", "cloth", "wire"],
    }
    thing = generate.MAKERS[rng.pick(makers[kind])][0](rng)
    sizes = {  # all are drawn, whichever is taken
        "cart": rng.u(0.4, 0.9),
        "bag": rng.u(0.15, 0.4),
        "mount": rng.u(0.5, 1.0),
        "kite": rng.u(0.3, 0.8),
    }
    size = tall * sizes[kind]
    reach = thing.size()[0] * size
    if kind == "cart":
        ahead = 0.5 * length + 0.5 * reach + tall * rng.u(-0.12, 0.1)
        beside = (ahead, tall * rng.u(-0.1, 0.1), 0)
    elif kind == "bag":
        beside = (-0.5 * length * rng.u(0.2, 1), 0, tall * rng.u(0.3, 0.6))
    elif kind == "mount":
        beside = (0, tall * rng.u(-0.15, 0.15), 0)
        rng.u()  # of no use, but the draws after it would be others
    else:
        beside = (tall * rng.u(-0.5, 0.8), tall * rng.u(-0.3, 0.3), tall * rng.u(0.8, 1.15))
    return thing, size, np.array(beside, float), generate.rot(UP, rng.u(-0.4, 0.4))


if __name__ == "__main__":
    main()
