# SPDX-License-Identifier: Apache-2.0
"""*Matte to Roto* on the fake Nuke, with an engine that has its outline ready. Plain.

What such a Roto renders, with the engine's own outlines, is in test_baked_pixels.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nuke
import nuke.rotopaint as rp
import seat
from checks import refused

from stmatte_host import EngineError
from stmatte_host.answers import JobFrame, JobOver
from stmatte_nuke import baked_roto, baking

GIZMOS = Path(__file__).parents[3] / "nuke_gizmo"
SIZE = (64, 36)
AWAY = [[-64.0] * 6] * 4


def square(x: int, y: int, side: int) -> list[list[int]]:
    """Return a square's pose in plate pixels from the upper left, without tangents."""
    corners = ((x, y), (x + side, y), (x + side, y + side), (x, y + side))
    return [[a, b, a, b, a, b] for a, b in corners]


BODY: dict[str, Any] = {"hole": False, "first": 1001, "last": 1009, "poses": []}
BODY["poses"] = [square(4, 4, 20), square(6, 4, 20), square(8, 4, 20), square(16, 4, 20)]
GAP: dict[str, Any] = {"hole": True, "first": 1001, "last": 1009, "poses": []}
GAP["poses"] = [square(10, 10, 6), square(12, 10, 6), square(14, 10, 6), square(22, 10, 6)]
VISITOR: dict[str, Any] = {"hole": False, "first": 1003, "last": 1005, "poses": []}
VISITOR["poses"] = [AWAY, square(40, 20, 8), square(42, 20, 8), AWAY]
KEYS = [1001, 1003, 1005, 1009]


class Engine:
    """An engine whose outline is ready as soon as it is asked for."""

    def __init__(self, *splines: Any, outcome: str = "done", error: Any = None) -> None:
        self.splines, self.outcome, self.error = splines, outcome, error
        self.asked: dict[str, Any] = {}

    def start_outline(self, mattes: str, object: str, out: str, tell: Any, **how: Any) -> str:  # noqa: A002
        self.asked = {"mattes": mattes, "object": object, **how}
        layer = {"name": object, "keys": KEYS, "splines": list(self.splines)}
        said = {"format": "stmatte.outline/1", "object": object, "size": SIZE, "layers": [layer]}
        Path(out).write_text(json.dumps(said), "utf-8")
        self.out, self.tell = out, tell
        return "job-1"

    def answer(self) -> None:
        self.tell(JobFrame("job-1", 1001, 1, 9, "", "", False, {}, 0.0))
        self.tell(JobOver("job-1", self.outcome, 9, 9, {}, self.error))


class Press:
    """A node with mattes on 1001-1009, and what is told of a baking."""

    def __init__(self, folder: Path, *splines: Any, **how: Any) -> None:
        seat.new_script(folder / "comp.nk", size=SIZE, plugin_path=[GIZMOS], first=1001, last=1009)
        self.node = nuke.createNode("STMatte")
        self.node["first"].setValue(1001)
        self.node["last"].setValue(1009)
        mattes = folder / "mattes" / "STMatte"
        mattes.mkdir(parents=True)
        self.node["out"].setValue(f"{mattes.as_posix()}/STMatte.####.exr")
        for frame in (1000, *range(1001, 1010)):
            (mattes / f"STMatte.{frame}.exr").write_bytes(b"")
        self.engine = Engine(*splines, **how)
        self.told: list[tuple[Any, str]] = []
        self.steps: list[tuple[int, int]] = []

    def bake(self, tolerance: float = 1.0) -> str:
        def step(done: int, frames: int) -> None:
            self.steps.append((done, frames))

        def done(error: Any, words: str) -> None:
            self.told.append((error, words))

        engine: Any = self.engine
        return baking.bake(self.node, "hero", tolerance, engine, done, step)

    def baked(self) -> Any:
        self.bake()
        self.engine.answer()
        ((error, words),) = self.told
        assert error is None, error
        assert words
        return next(node for node in nuke.allNodes("Roto"))


def shapes(roto: Any) -> dict[str, Any]:
    return {shape.name: shape for shape in roto["curves"].rootLayer}


def places(shape: Any, frame: int, part: str = "center") -> list[tuple[float, float]]:
    found = [getattr(point, part).getPosition(float(frame)) for point in shape]
    return [(round(at.x, 3), round(at.y, 3)) for at in found]


def opacity(shape: Any, frame: int) -> float:
    return shape.getAttributes().getValue(float(frame), "opc", "main")


def test_the_engine_is_asked_for_mattes_that_are_there_in_the_nodes_range(
    tmp_path: Path,
) -> None:
    press = Press(tmp_path, BODY)

    assert press.bake(tolerance=2.0) == "job-1"

    assert press.engine.asked == {
        "mattes": f"{tmp_path.as_posix()}/mattes/STMatte/STMatte.####.exr",
        "object": "hero",
        "frames": "1001-1009",
        "tolerance": 2.0,
        "inset": 0.0,
    }
    assert press.told == []
    press.engine.answer()


def test_a_roto_comes_beside_the_node_and_says_what_it_is(tmp_path: Path) -> None:
    press = Press(tmp_path, BODY, GAP)

    roto = press.baked()

    assert roto.name() == "hero_roto"
    assert roto["label"].value() == f"from {press.node.name()}"
    assert press.steps == [(1, 9)]
    assert press.told[0][1] == 'Roto "hero_roto": 2 shapes, 8 points, 4 keys, within 1 px.'
    assert roto.input(0) is None
    assert roto.xpos() != press.node.xpos()
    assert not Path(press.engine.out).exists()  # the outline's file was for this alone


def test_points_are_counted_from_below_and_go_straight_between_keys(tmp_path: Path) -> None:
    press = Press(tmp_path, BODY)

    body = shapes(press.baked())["hero"]

    # 36 high: the upper left corner (4, 4) is at 32 from below.
    assert places(body, 1001) == [(4, 32), (24, 32), (24, 12), (4, 12)]
    assert places(body, 1002)[0] == (5, 32)  # in the middle of 4 and 6
    assert places(body, 1006)[0] == (10, 32)  # a quarter of the way from 8 to 16
    assert places(body, 1007)[0] == (12, 32)
    assert not body.getFlag(rp.FlagType.eOpenFlag)


def test_tangents_are_relative_to_their_point(tmp_path: Path) -> None:
    bulge = [[10.0, 20.0, 7.0, 25.0, 14.0, 18.0], *square(4, 4, 20)[1:]]
    spline = {"hole": False, "first": 1001, "last": 1009, "poses": [bulge] * 4}
    press = Press(tmp_path, spline)

    shape = shapes(press.baked())["hero"]

    # before the point: 7 - 10 and 5 lower; after it: 14 - 10 and 2 higher
    assert places(shape, 1004, "leftTangent")[0] == (-3, -5)
    assert places(shape, 1004, "rightTangent")[0] == (4, 2)
    assert places(shape, 1004, "featherCenter")[0] == (0, 0)


def test_a_hole_lies_above_and_takes_away(tmp_path: Path) -> None:
    press = Press(tmp_path, BODY, GAP)

    roto = press.baked()

    assert [shape.name for shape in roto["curves"].rootLayer] == ["hero_hole", "hero"]
    modes = {
        name: shape.getAttributes().getValue(1005.0, "bm", "main")
        for name, shape in shapes(roto).items()
    }
    assert modes == {"hero_hole": 13.0, "hero": 0.0}


def test_what_comes_and_goes_is_seen_on_its_frames_only(tmp_path: Path) -> None:
    press = Press(tmp_path, BODY, VISITOR)

    found = shapes(press.baked())

    visitor = next(each for each in found.values() if places(each, 1003)[0] == (40, 16))
    seen = {frame: opacity(visitor, frame) for frame in range(1001, 1010)}
    assert [frame for frame, value in seen.items() if value == 1.0] == [1003, 1004, 1005]
    assert {value for frame, value in seen.items() if not 1003 <= frame <= 1005} == {0.0}
    assert visitor[0].center.getControlPointKeyTimes() == [1003.0, 1005.0]


def test_a_nuke_that_bends_the_ways_gets_a_key_on_each_frame_and_says_so(tmp_path: Path) -> None:
    press = Press(tmp_path, BODY)
    straight, baked_roto._STRAIGHT = baked_roto._STRAIGHT, 256  # a key of which nothing is said
    try:
        body = shapes(press.baked())["hero"]
    finally:
        baked_roto._STRAIGHT = straight

    assert places(body, 1006)[0] == (10, 32)
    assert len(body[0].center.getControlPointKeyTimes()) == 9
    assert "It has a key on each frame" in press.told[0][1]


def test_selection_and_playhead_stay_and_one_undo_takes_all_of_it_away(tmp_path: Path) -> None:
    press = Press(tmp_path, BODY, GAP)
    before = [node.name() for node in nuke.selectedNodes()], nuke.frame()

    roto = press.baked()

    assert ([node.name() for node in nuke.selectedNodes()], nuke.frame()) == before
    assert not roto.isSelected()
    nuke.undo()
    assert nuke.allNodes("Roto") == []
    assert [node.name() for node in nuke.allNodes("Group")] == [press.node.name()]


def test_a_roto_without_input_has_the_plates_format(tmp_path: Path) -> None:
    press = Press(tmp_path, BODY)
    plate = nuke.nodes.Constant()
    plate["format"].setValue("plate")  # so the format of this size is called here
    press.node.setInput(0, plate)
    nuke.root()["format"].setValue("HD_1080")

    roto = press.baked()

    assert (roto.format().width(), roto.format().height()) == SIZE


def test_a_second_roto_has_another_name(tmp_path: Path) -> None:
    press = Press(tmp_path, BODY)
    press.baked()

    press.bake()
    press.engine.answer()

    assert sorted(node.name() for node in nuke.allNodes("Roto")) == ["hero_roto", "hero_roto1"]


def test_nothing_comes_of_a_baking_that_is_cancelled(tmp_path: Path) -> None:
    press = Press(tmp_path, BODY, outcome="cancelled")

    press.bake()
    press.engine.answer()

    assert press.told == [(None, "")]
    assert nuke.allNodes("Roto") == []


def test_nothing_comes_of_a_baking_whose_node_was_deleted(tmp_path: Path) -> None:
    press = Press(tmp_path, BODY)

    press.bake()
    nuke.delete(press.node)
    press.engine.answer()

    assert press.told == [(None, "")]
    assert nuke.allNodes("Roto") == []


def test_what_the_engine_refuses_is_told_unchanged(tmp_path: Path) -> None:
    refusal = EngineError("The matte of frame 1003 cannot be read")
    press = Press(tmp_path, BODY, outcome="failed", error=refusal)

    press.bake()
    press.engine.answer()

    assert press.told == [(refusal, "")]


def test_a_failure_half_way_leaves_nothing_behind(tmp_path: Path) -> None:
    press = Press(tmp_path, BODY)

    def fails(*_: object) -> bool:
        raise RuntimeError("no more room")

    follow, baked_roto._follow = baked_roto._follow, fails
    try:
        press.bake()
        press.engine.answer()
    except RuntimeError:
        pass  # it is raised on, for a log
    finally:
        baked_roto._follow = follow

    ((error, words),) = press.told
    assert str(error) == "The Roto could not be made (no more room)."
    assert words == ""
    assert nuke.allNodes("Roto") == []


def test_a_node_without_mattes_is_told_what_to_press(tmp_path: Path) -> None:
    press = Press(tmp_path, BODY)
    press.node["first"].setValue(2001)
    press.node["last"].setValue(2009)

    with refused('"hero" has no mattes yet. Press Propagate first, then Matte to Roto.'):
        press.bake()
