# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stmatte_host import AbsentFrames, HostShot, KeyFile, LockedFrames, Mark, marks

SHOT = HostShot("p.####.exr", ("hero",), "o.####.exr", "/")
FRAMES = range(1, 8)


def strip(shot: HostShot, **facts: Any) -> str:
    """Return the marks of "hero" as initials; D is doubtful, A absent."""
    facts = {"stale": {}, "doubts": {}, "doubtful": 0.5, **facts}
    found = marks(shot, FRAMES, facts["stale"], facts["doubts"], facts["doubtful"])
    return "".join(mark.name[0] for mark in found["hero"].values())


def test_each_of_the_six_marks_has_its_place() -> None:
    shot = replace(
        SHOT,
        keys=(KeyFile(1, "hero", "k.exr"),),
        absences=(AbsentFrames("hero", "2-3"),),
        locks=(LockedFrames("hero", "4", "l.exr"),),
    )

    doubts = {5: {"hero": 0.7}, 6: {"hero": 0.3}}
    assert strip(shot, stale={"hero": {7}}, doubts=doubts) == "KAALDFS"


def test_what_was_said_comes_before_what_was_found() -> None:
    shot = replace(SHOT, keys=(KeyFile(1, "hero", "k.exr"), KeyFile(4, "hero", "k.exr")))
    shot = replace(shot, locks=(LockedFrames("hero", "3-4", "l.exr"),))
    shot = replace(shot, absences=(AbsentFrames("hero", "2-3"),))
    doubts = {frame: {"hero": 1.0} for frame in FRAMES}

    #   key 1, absent 2-3, locked 3-4, key 4 inside the lock; the rest is as the engine says
    assert strip(shot, stale={"hero": {1, 2, 3, 4, 5}}, doubts=doubts) == "KALLSDD"


def test_a_matte_that_is_stale_is_not_also_doubtful() -> None:
    assert strip(SHOT, stale={"hero": {2}}, doubts={2: {"hero": 1.0}}) == "FSFFFFF"


def test_doubt_begins_where_the_host_says() -> None:
    doubts = {1: {"hero": 0.49}, 2: {"hero": 0.5}, 3: {"hero": 1.0}}

    assert strip(SHOT, doubts=doubts) == "FDDFFFF"
    assert strip(SHOT, doubts=doubts, doubtful=0.8) == "FFDFFFF"


def test_objects_have_rows_of_their_own() -> None:
    shot = replace(SHOT, objects=("hero", "car"), keys=(KeyFile(1, "hero", "k.exr"),))

    found = marks(shot, [2, 1], {"car": {1, 2}}, {}, 0.5)

    assert found == {
        "hero": {1: Mark.KEYED, 2: Mark.FRESH},
        "car": {1: Mark.STALE, 2: Mark.STALE},
    }
    assert list(found["hero"]) == [1, 2]


@given(
    keys=st.sets(st.integers(-5, 15)),
    stale=st.sets(st.integers(-5, 15)),
    doubts=st.dictionaries(st.integers(-5, 15), st.floats(0, 1)),
)
def test_every_frame_has_one_mark_and_no_other_frame_has_any(
    keys: set[int], stale: set[int], doubts: dict[int, float]
) -> None:
    shot = replace(SHOT, keys=tuple(KeyFile(frame, "hero", "k") for frame in keys))

    found = marks(shot, FRAMES, {"hero": stale}, {f: {"hero": d} for f, d in doubts.items()}, 0.5)

    assert list(found["hero"]) == list(FRAMES)
    for frame, mark in found["hero"].items():
        assert (mark is Mark.KEYED) == (frame in keys)
        assert (mark is Mark.STALE) == (frame in stale - keys)
