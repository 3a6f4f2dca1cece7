# SPDX-License-Identifier: Apache-2.0
"""What the riders of `riding.py` sit and stand on.

Each maker takes generate.py and its Rng, and returns a `Mount` in metres that faces +x.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Places = Callable[[float], Any]
"""Frame -> places (2, 3) of both hands or both feet, left first."""


@dataclass(frozen=True)
class Mount:
    """What carries a rider, and where it holds them.

    rest    corners (n, 3) as it stands; moved (frame -> (n, 3)) as it goes
    faces   corners of each face, looks the zone of each and smooth whether it is shaded round
    zones   how many; fixed and dark (zone -> colour), fur_slot (zone or None) as in generate.py
    saddle  place (3,) of the pelvis; lean in radians, forward; stride in metres a frame
    """

    rest: Any
    moved: Callable[[float], Any]
    faces: list[tuple[int, ...]]
    looks: list[int]
    smooth: list[bool]
    zones: int
    saddle: Any
    lean: float
    hands: Places
    feet: Places
    stride: float
    fixed: dict[int, Any] = field(default_factory=dict)
    dark: dict[int, Any] = field(default_factory=dict)
    fur_slot: int | None = None


SIDES = (1.0, -1.0)
"""Left and right: the sign of the second coordinate."""

PAINT, METAL, TYRE, LEATHER = range(4)
BLACK = (0.02, 0.02, 0.02)


def wheel(generate: Any, shape: Any, at: Any, radius: float, thick: float, part: int) -> None:
    """Add an upright wheel with spokes to a Geo."""
    stand = generate.rot((1, 0, 0), math.pi / 2)
    shape.add(generate.torus(radius - thick, thick, 32, 8), TYRE, part=part, M=stand, at=at)
    shape.add(
        generate.torus(radius - 2.2 * thick, 0.5 * thick, 32, 6), METAL, part=part, M=stand, at=at
    )
    hub = 0.12 * radius
    shape.add(generate.super_ball(0.3, 1, (hub, hub, hub), 12), METAL, part=part, M=stand, at=at)
    for k in range(9):
        way = np.array([math.cos(k * math.tau / 9), 0, math.sin(k * math.tau / 9)])
        spoke = [at + hub * way, at + (radius - 2 * thick) * way]
        shape.add(generate.tube(spoke, 0.012 * radius, 4), METAL, part=part)


def rolling(generate: Any, shape: Any, hubs: list[Any], radii: list[float], pace: float) -> Any:
    """Return frame -> corners of a Geo whose parts 1, 2 ... are wheels that roll.

    pace  metres a frame
    """
    rest, parts = shape.verts(), shape.parts()

    def moved(t: float) -> Any:
        found = rest.copy()
        for k, (hub, radius) in enumerate(zip(hubs, radii, strict=True)):
            mine = parts == k + 1
            turn = generate.rot((0, 1, 0), pace * t / radius)
            found[mine] = (rest[mine] - hub) @ turn.T + hub
        return found

    return moved


def both(middle: Any, half: float) -> Any:
    """Return two places (2, 3), to the left and to the right of one."""
    return np.asarray(middle) + half * np.array([(0, 1.0, 0), (0, -1.0, 0)])


def off(places: Any, ahead: float = 0.0, left: float = 0.0, up: float = 0.0) -> Any:
    """Return places (..., 3) that lie farther ahead, to the left and up."""
    return np.asarray(places) + np.array([ahead, left, up])


def still(places: Any) -> Places:
    """Return the way of what does not move on its mount."""
    return lambda _: places


def bicycle(generate: Any, rng: Any) -> Mount:
    """Make a bicycle, from a child's to a racer's; its rider pedals or coasts."""
    radius, base = rng.u(0.23, 0.35), rng.u(0.9, 1.1)
    rear, front = np.array([-base / 2, 0, radius]), np.array([base / 2, 0, radius])
    saddle = np.array([-0.18, 0, rng.u(0.62, 0.98)])
    bar = np.array([0.36, 0, rng.u(0.85, 1.1)])
    crank = np.array([-0.05, 0, 0.29])
    shape, thick = generate.Geo(), rng.u(0.014, 0.026)
    tyre = rng.u(0.012, 0.03)
    wheel(generate, shape, rear, radius, tyre, 1)
    wheel(generate, shape, front, radius, tyre, 2)
    pipes = (
        (rear, saddle), (rear, crank), (saddle, crank), (off(saddle, up=-0.1), off(bar, up=-0.12)),
        (crank, off(bar, up=-0.16)), (bar, front),
    )  # fmt: skip
    for a, b in pipes:
        shape.add(generate.tube([a, b], thick, 6), PAINT)
    shape.add(generate.super_ball(0.6, 1, (0.13, 0.07, 0.035), 14), LEATHER, at=saddle)
    half = rng.u(0.2, 0.34)
    shape.add(generate.tube([*both(bar, half)], 0.016, 6), METAL)
    pace = rng.u(0.03, 0.22)
    cadence = rng.u(0.15, 0.6) if rng.p(0.7) else 0.0
    start = rng.u(0, math.tau)

    def feet(t: float) -> Any:
        angle = start + cadence * t
        reach = 0.17 * np.array([math.cos(angle), 0, -math.sin(angle)])
        return both(off(crank, up=0.05), 0.12) + np.stack([reach, -reach])

    return from_shape(
        shape,
        rolling(generate, shape, [rear, front], [radius, radius], pace),
        off(saddle, up=0.13),
        rng.u(0.3, 0.95),
        still(both(off(bar, up=0.03), half - 0.03)),
        feet,
        pace,
    )


def motorbike(generate: Any, rng: Any) -> Mount:
    """Make a motorbike or a scooter."""
    radius, base = rng.u(0.2, 0.34), rng.u(1.15, 1.45)
    rear, front = np.array([-base / 2, 0, radius]), np.array([base / 2, 0, radius])
    seat, bar = rng.u(0.7, 0.92), np.array([0.32, 0, rng.u(0.95, 1.12)])
    shape, tyre = generate.Geo(), rng.u(0.05, 0.08)
    wheel(generate, shape, rear, radius, tyre, 1)
    wheel(generate, shape, front, radius, tyre, 2)
    for side in (-1, 1):
        shape.add(generate.tube([bar, off(front, left=0.09 * side)], 0.03, 6), METAL)
    middle = np.array([0, 0, 0.5 * (radius + seat)])
    shape.add(
        generate.super_ball(0.6, 0.6, (0.3, 0.14, 0.24), 18), rng.pick([PAINT, METAL]), at=middle
    )
    shape.add(
        generate.super_ball(0.8, 0.8, (rng.u(0.2, 0.3), 0.13, 0.12), 18), PAINT, at=(0.15, 0, seat)
    )
    shape.add(
        generate.super_ball(0.5, 0.6, (0.36, 0.12, 0.06), 18), LEATHER, at=(-0.3, 0, seat - 0.03)
    )
    for hub, lift in ((rear, 0.1), (front, rng.u(0.05, 0.3))):  # mudguards
        guard = (0.26, 0.08, 0.03)
        shape.add(
            generate.super_ball(0.6, 0.6, guard, 14), PAINT, at=off(hub, up=radius + lift - 0.02)
        )
    if rng.p(0.5):  # a shield, or a number plate, in front
        front_plate = generate.super_ball(0.5, 0.5, (0.05, 0.16, rng.u(0.12, 0.28)), 14)
        shape.add(front_plate, PAINT, at=off(bar, 0.12, up=0.02))
    half = rng.u(0.28, 0.4)
    shape.add(generate.tube([*both(bar, half)], 0.018, 6), METAL)
    pegs = both((rng.u(-0.15, 0.2), 0, rng.u(0.3, 0.4)), 0.2)
    pace = rng.u(0.05, 0.35)
    return from_shape(
        shape,
        rolling(generate, shape, [rear, front], [radius, radius], pace),
        np.array([-0.28, 0, seat + 0.12]),
        rng.u(-0.05, 0.7),
        still(both(off(bar, up=0.03), half - 0.05)),
        still(pegs),
        pace,
    )


def cart(generate: Any, rng: Any) -> Mount:
    """Make a low cart on four wheels whose rider sits in it."""
    long, half, radius = rng.u(1.0, 1.8), rng.u(0.28, 0.45), rng.u(0.12, 0.28)
    shape, hubs = generate.Geo(), []
    box = rng.u(0.15, 0.4)
    round_ = rng.pick([0.15, 0.4, 0.8])
    hull = generate.super_ball(round_, round_, (long / 2, half * 0.8, box / 2), 24)
    shape.add(hull, PAINT, at=(0, 0, radius + box / 2))
    if rng.p(0.6):
        nose = generate.super_ball(0.5, 0.5, (long * 0.2, half * 0.7, box * 0.6), 18)
        shape.add(nose, rng.pick([PAINT, METAL]), at=(long * 0.4, 0, radius + box))
    for x in (-0.38, 0.38):
        for side in (-1, 1):
            hub = np.array([x * long, side * half, radius])
            wheel(generate, shape, hub, radius, 0.2 * radius, len(hubs) + 1)
            hubs.append(hub)
    pace = rng.u(0.04, 0.3)
    top = radius + box
    hands = both((0.2, 0, top + 0.25), 0.15)
    feet = both((0.35 * long, 0, radius + 0.6 * box), 0.12)
    steer = rng.u(0, 0.15)
    return from_shape(
        shape,
        rolling(generate, shape, hubs, [radius] * 4, pace),
        np.array([-0.2 * long, 0, top + 0.02]),
        rng.u(-0.25, 0.3),
        lambda t: hands + steer * math.sin(0.3 * t) * np.array([(0, 0, 1.0), (0, 0, -1.0)]),
        still(feet),
        pace,
    )


def board(generate: Any, rng: Any) -> Mount:
    """Make a skateboard, a snowboard, a surfboard or a pair of skis; its rider crouches."""
    shape = generate.Geo()
    kind = rng.pick(["wheels", "plank", "skis"])
    long = {"wheels": 0.8, "plank": rng.u(1.3, 2.4), "skis": rng.u(1.4, 1.9)}[kind]
    low = 0.1 if kind == "wheels" else 0.02
    wide = rng.u(0.08, 0.3)
    for y in (-0.14, 0.14) if kind == "skis" else (0.0,):
        half = 0.05 if kind == "skis" else wide
        plank = generate.super_ball(0.7, 0.4, (long / 2, half, 0.015), 20)
        shape.add(plank, PAINT, at=(0, y, low))
    if kind == "wheels":
        for x in (-0.28, 0.28):
            for y in (-0.09, 0.09):
                small = generate.super_ball(0.4, 1, (0.04, 0.04, 0.04), 10)
                shape.add(small, TYRE, at=(x, y, 0.04))
    crouch = rng.u(0.5, 0.8)
    apart = rng.u(0.15, 0.32)
    stand = (
        both((0, 0, low + 0.08), 0.14)
        if kind == "skis"
        else np.array([(apart, 0.02, low + 0.08), (-apart, -0.02, low + 0.08)])
    )
    pace, start = rng.u(0.1, 0.5), rng.u(0, math.tau)
    spread, lift = rng.u(0.3, 0.6), rng.u(0.0, 0.5)

    def hands(t: float) -> Any:
        wave = math.sin(pace * t + start)
        left = (0.15 + 0.2 * wave, spread, crouch + 0.25 + lift * 0.5 * (1 + wave))
        right = (0.1 - 0.2 * wave, -spread, crouch + 0.25 + lift * 0.5 * (1 - wave))
        return np.array([left, right])

    poles = shape_of_poles(generate, rng) if kind == "skis" and rng.p(0.7) else None
    corners = len(shape.verts())
    if poles is not None:
        for _ in SIDES:
            shape.add(poles, METAL)
    rest = shape.verts()

    def moved(t: float) -> Any:
        found = rest.copy()
        if poles is not None:
            each = len(poles[0])
            for k, hand in enumerate(hands(t)):
                found[corners + k * each : corners + (k + 1) * each] = poles[0] + hand
        return found

    return from_shape(
        shape, moved, np.array([-0.05, 0, crouch]), rng.u(0.2, 0.8), hands, still(stand), 0.1
    )


def shape_of_poles(generate: Any, rng: Any) -> tuple[Any, Any]:
    """Make a ski pole that hangs backwards from the origin."""
    back, down = rng.u(0.2, 0.9), rng.u(0.4, 0.9)
    return generate.tube([(0.05, 0, 0.1), (-back, 0, -down)], 0.012, 5)  # type: ignore[no-any-return]


def animal(generate: Any, rng: Any) -> Mount:
    """Make an animal that carries somebody, with reins or without."""
    beast = generate.MAKERS["animal"][0](rng)
    corners = beast.v
    legs = corners[corners[:, 2] < 0.08]
    x = float(legs[:, 0].mean())
    back = (abs(corners[:, 0] - x) < 0.07) & (abs(corners[:, 1]) < 0.1)
    tall = float(corners[back][:, 2].max())
    size = rng.u(1.1, 1.8) / tall  # metres at the back
    saddle = off(size * np.array([x, 0, tall]), up=0.08)
    hands = both(off(saddle, 0.4, up=0.25), 0.12)
    feet = both(off(saddle, 0.12, up=-rng.u(0.6, 0.8)), rng.u(0.25, 0.4))
    swing, pace = rng.u(0, 0.06), rng.u(0.3, 1.0)
    return Mount(
        corners * size,
        lambda t: beast.deform(t) * size,
        beast.f,
        list(beast.m),
        list(beast.s),
        beast.zones,
        saddle,
        rng.u(-0.1, 0.6),
        lambda t: off(hands, swing * math.sin(pace * t)),
        lambda t: off(feet, 2 * swing * math.sin(pace * t)),
        beast.stride * size,
        fixed=dict(beast.fixed),
        fur_slot=beast.fur_slot,
    )


def from_shape(
    shape: Any, moved: Any, saddle: Any, lean: float, hands: Places, feet: Places, stride: float
) -> Mount:
    """Make a mount of a Geo with the four zones of things that are built."""
    return Mount(
        shape.verts(),
        moved,
        shape.f,
        shape.m,
        shape.s,
        4,
        saddle,
        lean,
        hands,
        feet,
        stride,
        dark={TYRE: BLACK, LEATHER: BLACK},
    )


MOUNTS = {
    "bicycle": bicycle,
    "motorbike": motorbike,
    "cart": cart,
    "board": board,
    "animal": animal,
}
"""Name -> maker (generate.py, its Rng) -> Mount."""
