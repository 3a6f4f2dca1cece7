# SPDX-License-Identifier: Apache-2.0
"""Render training clips of things that a camera chases.

    python clips/chasing.py --generator DATA/clips/generate.py [options of generate.py]

The scenes of `turning.py`, to which this adds what is hard in sports and on roads
(engine/decisions/0022):

* the camera rides along, and the surroundings sweep past behind what it keeps in the picture;
* riders and runners lean, people turn somersaults, and some move faster;
* others like the first object follow it, and nobody asks for them;
* half of the cameras are closer;
* dust and spray fly from what moves. Dust is thin: a matte is that of the object without it.

A run is repeatable for the same generator, Blender and photographs, as generate.py's are.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from turning import change_people, change_scenes, loaded, own_numbers, taken_generator

RIDES = 0.7
"""Share of scenes, outside rooms, that a camera rides through."""

SLOWEST_RIDE, FASTEST_RIDE = 0.02, 0.13
"""Widths of the stage a frame."""

LEANS = 0.4
"""Share of numbered upright things that lean."""

FLIPS = 0.2
"""Share of numbered people that turn over."""

HURRIES = 0.35
"""Share of numbered walkers whose limbs move up to 2.2 times as fast."""

FOLLOWED = 0.25
"""Share of scenes where others like the first object follow it."""

DUSTY, SPRAYED = 0.3, 0.25
"""Shares of scenes with dust, and with spray."""

CLOSE = 0.5
"""Share of scenes seen through a lens up to 1.8 times as long."""

FORWARD, ASIDE = (1, 0, 0), (0, 1, 0)


def main() -> None:
    """Change generate.py, and run it."""
    generate = loaded(taken_generator())
    change_people(generate)
    change_scenes(generate)
    change_movement(generate)
    change_surroundings(generate)
    generate.main()


def change_movement(generate: Any) -> None:
    """Have numbered things lean, turn over, hurry, be followed and raise dust."""
    plain_build, plain_place, plain_coverage, plain_settings = (
        generate.Clip.build,
        generate.Clip.place,
        generate.Clip.coverage,
        generate.Clip.settings,
    )

    def build(self: Any, objects: int | None, mix: Any) -> None:
        self.chasing = own_numbers(generate, self, 1301)
        self.dust: list[Any] = []
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
        if not (number and callable(loc)):
            return plain_place(self, body, mats, number, loc, rotm, scale, shift)
        rng = self.chasing.fork()
        if body.deform and body.stride is not None and rng.p(HURRIES):
            hurry(body, rng.lu(1.2, 2.2))
        if body.upright and rng.p(LEANS):
            rotm = leaning(generate, rng, rotm)
        if body.kind == "person" and rng.p(FLIPS):
            loc, rotm = turning_over(generate, rng, loc, rotm, body.size()[2] * scale)
        if number == 1 and rng.p(FOLLOWED):
            for _ in range(rng.i(1, 3)):
                behind = scale * np.array([rng.u(-2.5, 2.5), rng.u(0.5, 3.5), 0.0])
                plain_place(
                    self,
                    body,
                    mats,
                    0,
                    shifted(loc, behind),
                    rotm,
                    scale * rng.u(0.85, 1.15),
                    rng.u(0, 40),
                )
        if number == 1 and rng.p(DUSTY):
            cloud = dust(rng, scale * max(body.size()))
            thing = plain_place(
                self, cloud.body(generate), [dusty(generate, rng)], 0, loc, never, 1.0
            )
            self.dust.append(thing)
        if number == 1 and rng.p(SPRAYED):
            drops = spray(rng, scale * max(body.size()))
            looks = generate.material(rng.fork(), rng.lu(1, 4), "plain")
            plain_place(self, drops.body(generate), [looks], 0, loc, never, 1.0)
        return plain_place(self, body, mats, number, loc, rotm, scale, shift)

    def coverage(self: Any, *args: Any) -> Any:
        for cloud in self.dust:
            cloud.hide_render = True
        try:
            return plain_coverage(self, *args)
        finally:
            for cloud in self.dust:
                cloud.hide_render = False

    def settings(self: Any, *args: Any) -> None:
        plain_settings(self, *args)
        if self.dust:
            self.sc.cycles.transparent_max_bounces = 16

    generate.Clip.build, generate.Clip.place = build, place
    generate.Clip.coverage, generate.Clip.settings = coverage, settings


def hurry(body: Any, times: float) -> None:
    """Let a body's limbs move faster."""
    plain = body.deform
    body.deform = lambda t: plain(times * t)


def shifted(loc: Any, by: Any) -> Any:
    """Return a way (frame -> place) beside another."""
    return lambda t: loc(t) + by


def never(_: float) -> Any:
    """Return the turning of what does not turn."""
    return np.eye(3)


def leaning(generate: Any, rng: Any, rotm: Any) -> Any:
    """Return a turning that leans to both sides about its way forward, and back and forth."""
    most, pace, start = rng.u(0.1, 0.65), rng.u(0.08, 0.4), rng.u(0, generate.TAU)
    bow, nod = rng.u(-0.15, 0.35), rng.u(0, 0.2)

    def turned(t: float) -> Any:
        aside = generate.rot(FORWARD, most * math.sin(pace * t + start))
        return rotm(t) @ aside @ generate.rot(ASIDE, bow + nod * math.sin(1.7 * pace * t))

    return turned


def turning_over(generate: Any, rng: Any, loc: Any, rotm: Any, tall: float) -> tuple[Any, Any]:
    """Return way and turning of somebody who goes head over heels, about the middle."""
    axis = np.array([rng.n(0.4), 1.0, rng.n(0.3)])
    pace, start = rng.pick([-1, 1]) * rng.lu(0.06, 0.5), rng.u(0, generate.TAU)
    middle = np.array([0, 0, tall / 2])

    def turned(t: float) -> Any:
        return rotm(t) @ generate.rot(axis, pace * t + start)

    def moved(t: float) -> Any:
        return loc(t) + rotm(t) @ middle - turned(t) @ middle

    return moved, turned


class Particles:
    """Many copies of one small shape, thrown up again and again where something goes.

    shape   (corners, 3), about 1 across; faces index its corners
    births  frames at which each is thrown; life in frames; speeds (n, 3) and weight (the pull
            down) per frame; sizes (n,) at the middle of a life
    """

    def __init__(
        self, shape: Any, faces: Any, births: Any, life: Any, speeds: Any, weight: float, sizes: Any
    ):
        self.shape, self.faces = np.asarray(shape, float), faces
        self.births, self.life, self.speeds = births, life, speeds
        self.weight, self.sizes = weight, sizes

    def corners(self, t: float) -> Any:
        """Return (n x corners, 3) at frame t: each grows out of nothing and shrinks again."""
        age = (t - self.births) % self.life
        place = self.speeds * age[:, None]
        place[:, 2] = np.maximum(place[:, 2] - 0.5 * self.weight * age**2, 0)
        size = self.sizes * np.sin(math.pi * age / self.life)
        return (place[:, None] + size[:, None, None] * self.shape).reshape(-1, 3)

    def body(self, generate: Any) -> Any:
        """Return them as a body of generate.py, whose pattern is another on each."""
        count, corners = len(self.births), len(self.shape)
        apart = np.arange(count)[:, None, None] * np.array([0, 7.0, 0])
        rest = (self.shape + apart).reshape(-1, 3)
        faces = [tuple(i + k * corners for i in face) for k in range(count) for face in self.faces]
        made = generate.Body((rest, faces), "particles")
        made.deform = self.corners
        return made


def dust(rng: Any, size: float) -> Particles:
    """Make cards across the view that drift up and back from something of that size."""
    count = rng.i(5, 12)
    life = rng.g.uniform(6, 18, count)
    away = rng.u(-0.12, 0.12)
    speeds = size * np.stack(
        [
            away + rng.g.normal(0, 0.03, count),
            rng.g.uniform(0.0, 0.05, count),
            rng.g.uniform(0.0, 0.06, count),
        ],
        1,
    )
    card = [(-1, 0, -1), (1, 0, -1), (1, 0, 1), (-1, 0, 1)]
    births, sizes = rng.g.uniform(0, 40, count), size * rng.g.uniform(0.15, 0.6, count)
    return Particles(card, [(0, 1, 2, 3)], births, life, speeds, 0.0, sizes)


def spray(rng: Any, size: float) -> Particles:
    """Make drops or clods that fly up from something of that size and fall."""
    count = rng.i(30, 220)
    life = rng.g.uniform(4, 12, count)
    up = rng.u(0.06, 0.2)
    speeds = size * np.stack(
        [
            rng.g.normal(rng.u(-0.1, 0.1), 0.05, count),
            rng.g.normal(0, 0.05, count),
            rng.g.uniform(0.2, 1, count) * up,
        ],
        1,
    )
    grain = 0.5 * np.array([(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)])
    faces = [(0, 2, 4), (2, 1, 4), (1, 3, 4), (3, 0, 4), (2, 0, 5), (1, 2, 5), (3, 1, 5), (0, 3, 5)]
    births, sizes = rng.g.uniform(0, 40, count), size * rng.g.lognormal(-4, 0.5, count)
    return Particles(grain, faces, births, life, speeds, size * 0.03, sizes)


def dusty(generate: Any, rng: Any) -> Any:
    """Make the look of dust: thickest in the middle of a card, with holes, never opaque."""
    looks = generate.bpy.data.materials.new("dust")
    looks.use_nodes = True
    nodes = generate.Nodes(looks.node_tree)
    rest = nodes.new("ShaderNodeAttribute", attribute_name="rest").outputs["Vector"]
    split = nodes.new("ShaderNodeSeparateXYZ", {"Vector": rest})
    across = nodes.new(
        "ShaderNodeCombineXYZ", {"X": split.outputs["X"], "Y": 0.0, "Z": split.outputs["Z"]}
    )
    far = nodes.new("ShaderNodeVectorMath", {0: across.outputs[0]}, operation="LENGTH")
    near = nodes.new(
        "ShaderNodeMath", {0: 1.0, 1: far.outputs["Value"]}, operation="SUBTRACT", use_clamp=True
    )
    noise = nodes.new("ShaderNodeTexNoise", {"Vector": rest, "Scale": rng.u(1, 3), "Detail": 3.0})
    thick = nodes.math("MULTIPLY", near.outputs[0], noise.outputs[0])
    thick = nodes.math("MULTIPLY", thick, rng.u(0.4, 1.4))
    grey = rng.u(0.3, 0.9)
    tone = (grey, grey * rng.u(0.8, 1.0), grey * rng.u(0.6, 1.0), 1.0)
    clear = nodes.new("ShaderNodeBsdfTransparent")
    solid = nodes.new("ShaderNodeBsdfDiffuse", {"Color": tone})
    both = nodes.new("ShaderNodeMixShader", {0: thick, 1: clear.outputs[0], 2: solid.outputs[0]})
    nodes.new("ShaderNodeOutputMaterial", {"Surface": both.outputs[0]})
    return looks


def change_surroundings(generate: Any) -> None:
    """Let the surroundings of some scenes sweep past."""
    plain_scenery, plain_occluder, plain_camera = (
        generate.Clip.scenery,
        generate.Clip.occluder,
        generate.Clip.camera,
    )

    def scenery(
        self: Any, r: Any, env: str, grounded: bool, wide: float, high: float, *rest: Any
    ) -> None:
        before = set(self.sc.objects)
        plain_scenery(self, r, env, grounded, wide, high, *rest)
        self.surroundings = None
        rng = self.chasing
        if env == "room" or not rng.p(RIDES):
            return
        near = [thing for thing in self.sc.objects if thing not in before]
        near = [thing for thing in near if not is_backdrop(thing, wide)]
        self.surroundings = ridden(generate, self, rng, wide)
        for thing in (*near, *repeated(self, near, wide)):
            thing.parent = self.surroundings

    def occluder(self: Any, *args: Any) -> None:
        before = set(self.sc.objects)
        plain_occluder(self, *args)
        if self.surroundings is not None and self.chasing.p(0.5):
            for thing in [thing for thing in self.sc.objects if thing not in before]:
                thing.parent = self.surroundings

    def camera(self: Any, *args: Any) -> None:
        plain_camera(self, *args)
        if self.chasing.p(CLOSE):
            self.sc.camera.data.lens *= self.chasing.lu(1.15, 1.8)

    generate.Clip.scenery, generate.Clip.occluder = scenery, occluder
    generate.Clip.camera = camera


def is_backdrop(thing: Any, wide: float) -> bool:
    """Say whether something is an upright card wider than the stage: the far distance."""
    return bool(thing.dimensions[0] > wide and thing.dimensions[1] < 1e-3)


def ridden(generate: Any, clip: Any, rng: Any, wide: float) -> Any:
    """Make what the surroundings hang on: it goes the other way than the camera would."""
    speed = rng.lu(SLOWEST_RIDE, FASTEST_RIDE) * wide
    first = clip.objs[0][0]
    ends = [clip.value(first, "location", 0, t) for t in (0, clip.F - 1)]
    sign = -1 if ends[1] > ends[0] else 1
    angle = rng.n(0.2)
    way = sign * np.array([math.cos(angle), math.sin(angle), 0])
    bump = generate.smooth_track(rng, clip.F + 2, 4, 0.15 * speed)
    hook = generate.bpy.data.objects.new("surroundings", None)
    clip.sc.collection.objects.link(hook)
    frames = range(-1, clip.F + 1)
    for k in range(2):
        clip.curve(
            hook,
            "location",
            k,
            [(t, way[k] * (speed * (t - clip.F / 2) + bump[t + 1])) for t in frames],
        )
    return hook


def repeated(clip: Any, things: list[Any], wide: float) -> list[Any]:
    """Put what stands about once more to the left and to the right, where the ride goes."""
    clip.sc.view_layers[0].update()
    found = []
    for thing in things:
        if max(thing.dimensions[:2]) > 4 * wide or thing.animation_data:
            continue
        for side in (-1, 1):
            again = thing.copy()
            again.name = "again"
            again.location[0] += side * 1.6 * wide
            clip.sc.collection.objects.link(again)
            found.append(again)
    return found


if __name__ == "__main__":
    main()
