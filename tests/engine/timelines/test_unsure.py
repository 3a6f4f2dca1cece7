# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from stmatte.shot import FrameRange
from stmatte.timelines.unsure import Unsure, unsure


def test_neighbouring_doubtful_frames_are_one_range_with_its_worst() -> None:
    scores = {1: {"hero": 0.1}, 2: {"hero": 0.3}, 3: {"hero": 0.6}, 5: {"hero": 0.4}}

    assert unsure(scores, 0.25) == [
        Unsure("hero", FrameRange(2, 3), 0.6),
        Unsure("hero", FrameRange(5, 5), 0.4),
    ]


def test_every_object_is_doubted_by_itself() -> None:
    scores = {1: {"hero": 0.9, "car": 0.0}, 2: {"car": 0.9}}

    assert [(u.object, u.frames.first) for u in unsure(scores, 0.5)] == [("hero", 1), ("car", 2)]


def test_a_score_at_the_threshold_is_sure() -> None:
    assert unsure({1: {"hero": 0.25}}, 0.25) == []
