# SPDX-License-Identifier: Apache-2.0
"""Riders: somebody who sits or stands on what `mounts.py` makes, as one body of generate.py.

A rider has no skeleton. Pelvis, hands and feet are where the mount holds them at each frame;
elbows and knees follow from the lengths of the bones, and tapered capsules from joint to joint
are the flesh.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from mounts import MOUNTS, SIDES, off


@dataclass(frozen=True)
class Build:
    """How somebody is built: lengths and thicknesses in metres."""

    spine: float
    thigh: float
    shin: float
    upper_arm: float
    forearm: float
    shoulders: float
    hips: float
    thick: float
    head: float


def built(rng: Any) -> Build:
    """Draw how somebody is built."""
    tall = rng.u(0.85, 1.08)
    return Build(
        0.5 * tall,
        0.44 * tall,
        0.44 * tall,
        0.3 * tall,
        0.27 * tall,
        rng.u(0.16, 0.22),
        rng.u(0.09, 0.12),
        rng.u(0.8, 1.4),
        rng.u(0.9, 1.4),
    )


def rider(generate: Any, rng: Any) -> Any:
    """Make a mount and who rides it: one body of generate.py."""
    mount = MOUNTS[rng.pick(list(MOUNTS))](generate, rng)
    person = built(rng)
    lean = mount.lean + rng.n(0.12)
    rises = rng.u(0.05, 0.25) if rng.p(0.3) else 0.0
    sway, pace, start = rng.u(0, 0.18), rng.u(0.1, 0.5), rng.u(0, generate.TAU)
    bob, quick = rng.u(0, 0.05), rng.u(0.3, 1.2)

    def joints(t: float) -> dict[str, Any]:
        up = rises * (0.6 + 0.4 * math.sin(pace * t + start)) + bob * math.sin(quick * t + start)
        turned = generate.rot((1, 0, 0), sway * math.sin(pace * t))
        return posture(
            person,
            off(mount.saddle, up=up),
            turned @ generate.rot((0, 1, 0), lean + 0.1 * math.sin(0.7 * pace * t + start)),
            mount.hands(t),
            mount.feet(t),
        )

    hat = rng.pick(["helmet", "hair", "none"], [3, 2, 1])
    flesh = dressed(generate, joints(0.0), person, mount.zones, hat)
    below = len(mount.rest)
    whole = (
        np.concatenate([mount.rest, flesh.verts()]),
        [*mount.faces, *(tuple(i + below for i in face) for face in flesh.f)],
    )
    body = generate.Body(whole, "rider", zones=mount.zones + 5, stride=mount.stride)
    body.m, body.s = [*mount.looks, *flesh.m], [*mount.smooth, *flesh.s]
    body.deform = lambda t: np.concatenate(
        [
            mount.moved(t),
            dressed(generate, joints(t), person, mount.zones, hat).verts(),
        ]
    )
    tones = [(0.8, 0.55, 0.42), (0.62, 0.4, 0.28), (0.4, 0.24, 0.15), (0.2, 0.11, 0.07)]
    body.fixed = {**mount.fixed, mount.zones: rng.pick(tones)}
    body.dark, body.fur_slot = mount.dark, mount.fur_slot
    return body.normalise()


def posture(person: Build, pelvis: Any, torso: Any, hands: Any, feet: Any) -> dict[str, Any]:
    """Return the joints of somebody whose pelvis, hands and feet are where they are told to be.

    pelvis  (3,); torso (3x3), the turning of an upright back; hands and feet (2, 3), left first
    returns  name -> (3,), or (2, 3) of what there are two of
    """
    chest = pelvis + torso @ np.array([0, 0, person.spine])
    neck = chest + torso @ np.array([0.02, 0, 0.1])
    head = off(neck, 0.05, up=0.1)  # looks where it goes, however the back leans
    across = torso @ np.array([0, 1.0, 0])
    shoulders = np.stack([chest + side * person.shoulders * across for side in SIDES])
    hips = np.stack([pelvis + side * person.hips * across for side in SIDES])
    outward = np.stack([side * across for side in SIDES])
    elbows = np.stack(
        [
            bent(shoulders[k], hands[k], person.upper_arm, person.forearm, off(outward[k], up=-0.8))
            for k in (0, 1)
        ]
    )
    knees = np.stack(
        [
            bent(hips[k], feet[k], person.thigh, person.shin, off(0.3 * outward[k], 1, up=0.3))
            for k in (0, 1)
        ]
    )
    return {
        "pelvis": pelvis,
        "chest": chest,
        "neck": neck,
        "head": head,
        "shoulders": shoulders,
        "elbows": elbows,
        "hands": np.asarray(hands),
        "hips": hips,
        "knees": knees,
        "feet": np.asarray(feet),
    }


def bent(start: Any, end: Any, first: float, second: float, towards: Any) -> Any:
    """Return the joint (3,) of two bones between two places; it points where it is told to.

    Places that are farther apart than the bones are long stretch both.
    """
    way = end - start
    far = float(np.linalg.norm(way)) + 1e-9
    way = way / far
    stretch = max(1.0, far / (0.999 * (first + second)))
    first, second = stretch * first, stretch * second
    along = (first**2 - second**2 + far**2) / (2 * far)
    aside = towards - (towards @ way) * way
    aside = aside / (np.linalg.norm(aside) + 1e-9)
    return start + along * way + math.sqrt(max(first**2 - along**2, 0.0)) * aside


def dressed(generate: Any, at: dict[str, Any], person: Build, zone: int, hat: str) -> Any:
    """Return somebody's shape, a Geo with the same corners and faces for all postures.

    zone  the first of five: skin, shirt, trousers, shoes, hat
    """
    skin, shirt, trousers, shoes, cap = range(zone, zone + 5)
    shape, thick = generate.Geo(), person.thick

    def limb(a: Any, b: Any, wide: float, narrow: float, looks: int) -> None:
        shape.add(generate.capsule(a, b, wide, narrow, 10), looks)

    limb(at["pelvis"], at["chest"], 0.14 * thick, 0.13 * (0.5 + 0.5 * thick), shirt)
    limb(at["hips"][0], at["hips"][1], 0.12 * thick, 0.12 * thick, trousers)
    limb(at["shoulders"][0], at["shoulders"][1], 0.075, 0.075, shirt)
    limb(at["chest"], at["neck"], 0.09, 0.055, shirt)
    limb(at["neck"], at["head"], 0.055, 0.06, skin)
    for k in (0, 1):
        limb(at["shoulders"][k], at["elbows"][k], 0.065, 0.05, shirt)
        limb(at["elbows"][k], at["hands"][k], 0.047, 0.036, skin if hat == "none" else shirt)
        limb(at["hands"][k], off(at["hands"][k], 0.05), 0.045, 0.04, skin)
        limb(at["hips"][k], at["knees"][k], 0.095 * (0.5 + 0.5 * thick), 0.062, trousers)
        limb(at["knees"][k], at["feet"][k], 0.06, 0.045, trousers)
        limb(at["feet"][k], off(at["feet"][k], 0.16, up=-0.02), 0.055, 0.042, shoes)
    size = 0.1 * person.head
    top = off(at["head"], 0.02, up=0.6 * size)
    shape.add(generate.super_ball(1, 1, (size, 0.9 * size, 1.15 * size), 18), skin, at=top)
    if hat != "none":
        shell = 1.25 * size if hat == "helmet" else 1.1 * size
        ball, faces = generate.super_ball(1, 1, (shell, shell, shell), 20)
        kept = [face for face in faces if ball[list(face)][:, 2].mean() > -0.1 * size]
        shape.add((ball, kept), cap, at=off(top, -0.15 * size, up=0.25 * size))
    return shape
