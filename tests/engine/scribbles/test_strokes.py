# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from stmatte.errors import StmatteError
from stmatte.scribbles import Stroke, fused, no_scribbles, scribbled_frames, with_strokes

DOT = Stroke(((0.5, 0.5),), 1)
OTHER = Stroke(((0.1, 0.2), (0.3, 0.4)), 2)


def test_strokes_are_found_by_frame_and_object() -> None:
    scribbles = with_strokes(with_strokes(no_scribbles("goat", 4), 3, [DOT]), 1, [OTHER])

    assert scribbled_frames(scribbles) == (1, 3)
    assert scribbled_frames(scribbles, 1) == (3,)
    assert not scribbles.empty
    assert no_scribbles("goat", 4).empty


def test_what_is_drawn_later_comes_after() -> None:
    first = with_strokes(no_scribbles("goat", 2), 0, [DOT])
    second = with_strokes(no_scribbles("goat", 2), 0, [OTHER])

    assert fused(first, second).frames == ((DOT, OTHER), ())
    assert first.frames == ((DOT,), ())  # as before


@pytest.mark.parametrize(
    ("other", "says"),
    [(no_scribbles("sheep", 2), '"goat" and "sheep"'), (no_scribbles("goat", 3), '"2" and "3"')],
)
def test_scribbles_of_different_sequences_are_not_put_together(other: object, says: str) -> None:
    with pytest.raises(StmatteError, match=says):
        fused(no_scribbles("goat", 2), other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "number", "says"),
    [
        ((), 1, "no point"),
        (((0.5, 1.01),), 1, r"leaves the picture at \(0\.5, 1\.01\)"),
        (((float("nan"), 0.5),), 1, "leaves the picture"),
        (((0.5, 0.5),), -1, "object -1"),
    ],
)
def test_what_is_no_stroke_is_refused(path: object, number: int, says: str) -> None:
    with pytest.raises(StmatteError, match=says):
        Stroke(path, number)  # type: ignore[arg-type]
