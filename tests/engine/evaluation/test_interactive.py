# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from stmatte.errors import StmatteError
from stmatte.evaluation import Davis, open_davis
from stmatte.evaluation.interactive import (
    Answer,
    Worked,
    evaluate_interactive,
    first_scribbles,
)
from stmatte.evaluation.interactive_report import Report
from stmatte.evaluation.pictures import Picture, write_labels
from stmatte.evaluation.sessions import Handed, Labels, Limits
from stmatte.scribbles import Stroke, no_scribbles, scribbled_frames, to_davis, with_strokes

FRAMES, SIZE = 4, (48, 64)
ROUNDS = Limits(2, None)


def labels(frame: int) -> np.ndarray:
    """Two boxes side by side that go down."""
    found = np.zeros(SIZE, np.uint8)
    found[8 + frame : 30 + frame, 4:28] = 1
    found[8 + frame : 30 + frame, 36:60] = 2
    return found


@pytest.fixture
def davis(tmp_path: Path) -> Davis:
    root = tmp_path / "DAVIS"
    for name in ("goat", "mill"):
        for frame in range(FRAMES):
            picture = root / "JPEGImages" / name / f"{frame:05d}.png"
            picture.parent.mkdir(parents=True, exist_ok=True)
            assert cv2.imwrite(str(picture), np.zeros((*SIZE, 3), np.uint8))
            truth = root / "Annotations" / name / f"{frame:05d}.png"
            truth.parent.mkdir(parents=True, exist_ok=True)
            write_labels(truth, labels(frame))
    return open_davis(root)


class Learner:
    """Knows the truth of frames that were drawn on, and nothing of others."""

    def __init__(self) -> None:
        self.begun: list[tuple[int, int]] = []
        self.seen: list[tuple[str, int, tuple[int, ...]]] = []

    def __call__(self, pictures: Sequence[Picture], objects: int) -> Answer:
        self.begun.append((len(pictures), objects))

        def answer(handed: Handed) -> Labels:
            drawn = scribbled_frames(handed.scribbles)
            self.seen.append((handed.sequence, handed.number, drawn))
            return np.stack(
                [labels(t) if t in drawn else np.zeros(SIZE, np.uint8) for t in range(FRAMES)]
            )

        return answer


def test_without_people_s_strokes_the_robot_begins_on_the_first_frame(davis: Davis) -> None:
    (first,) = first_scribbles(davis, davis.sequences("goat")[0])

    assert scribbled_frames(first) == (0,)
    assert {stroke.object for stroke in first.frames[0]} == {1, 2}
    assert first.annotated == 0


def test_each_of_people_s_files_is_a_sample(davis: Davis) -> None:
    folder = davis.root / "Scribbles" / "goat"
    folder.mkdir(parents=True)
    for number in (1, 2):
        drawn = with_strokes(no_scribbles("goat", FRAMES), number, [Stroke(((0.2, 0.3),), 1)])
        (folder / f"00{number}.json").write_text(json.dumps(to_davis(drawn)))

    found = first_scribbles(davis, davis.sequences("goat")[0])

    assert [scribbled_frames(each) for each in found] == [(1,), (2,)]


def test_a_method_begins_anew_with_each_sample_and_strokes_add_up(
    davis: Davis, tmp_path: Path
) -> None:
    learner, told = Learner(), list[Worked]()

    report = evaluate_interactive(
        davis,
        davis.sequences("all"),
        learner,
        tmp_path / "run",
        label="learner",
        limits=ROUNDS,
        tell=told.append,
    )

    assert learner.begun == [(FRAMES, 2)] * 2
    # all that was not drawn on is as wrong; of equals the robot takes the first
    assert learner.seen == [
        (name, number, drawn)
        for name in ("goat", "mill")
        for number, drawn in ((1, (0,)), (2, (0, 1)))
    ]
    assert [each.score for each in told] == pytest.approx([1 / 4, 2 / 4] * 2)
    assert report.summary.scores[1:3] == pytest.approx((1 / 4, 2 / 4))


def test_a_table_has_a_row_for_each_frame_and_object_of_each_round(
    davis: Davis, tmp_path: Path
) -> None:
    evaluate_interactive(
        davis, davis.sequences("goat"), Learner(), tmp_path, label="learner", limits=ROUNDS
    )

    head, *rows = (tmp_path / "rounds.csv").read_text().splitlines()
    assert head == (
        "sequence,scribble_idx,interaction,object_id,frame,jaccard,contour,j_and_f,timing"
    )
    assert len(rows) == 2 * FRAMES * 2
    assert rows[0].startswith("goat,1,1,1,0,1.0,1.0,1.0,")
    assert rows[2].startswith("goat,1,1,1,1,0.0,0.0,0.0,")


def test_an_evaluation_that_was_stopped_goes_on_with_the_sample_at_work(
    davis: Davis, tmp_path: Path
) -> None:
    def stop_in_the_second_sample(now: Worked) -> None:
        if (now.sequence, now.number) == ("mill", 1):
            raise KeyboardInterrupt

    def evaluate(learner: Learner, out: Path, tell: Callable[[Worked], None]) -> Report:
        return evaluate_interactive(
            davis, davis.sequences("all"), learner, out, label="learner", limits=ROUNDS, tell=tell
        )

    whole = evaluate(Learner(), tmp_path / "whole", lambda _: None)
    with pytest.raises(KeyboardInterrupt):
        evaluate(Learner(), tmp_path / "run", stop_in_the_second_sample)
    learner, told = Learner(), list[Worked]()

    report = evaluate(learner, tmp_path / "run", told.append)

    assert {(name, number) for name, number, _ in learner.seen} == {("mill", 1), ("mill", 2)}
    assert [(now.sequence, now.number, now.reused) for now in told] == [
        ("goat", 1, True),
        ("goat", 2, True),
        ("mill", 1, False),
        ("mill", 2, False),
    ]
    assert report.summary.scores == whole.summary.scores
    for one, other in zip(report.rounds, whole.rounds, strict=True):
        assert (one.sample, one.number) == (other.sample, other.number)
        np.testing.assert_array_equal(one.j, other.j)
        np.testing.assert_array_equal(one.f, other.f)


def test_rounds_of_a_sequence_that_is_not_asked_for_are_not_lost(
    davis: Davis, tmp_path: Path
) -> None:
    evaluate_interactive(
        davis, davis.sequences("goat"), Learner(), tmp_path, label="learner", limits=ROUNDS
    )
    rounds = (tmp_path / "rounds.csv").read_bytes()

    with pytest.raises(StmatteError, match='rounds of scribble 1 of "goat"'):
        evaluate_interactive(
            davis, davis.sequences("mill"), Learner(), tmp_path, label="learner", limits=ROUNDS
        )

    assert (tmp_path / "rounds.csv").read_bytes() == rounds


@pytest.mark.parametrize("harm", [lambda text: text[:-30], lambda _: "nothing\n1\n"])
def test_rounds_that_are_none_are_refused(
    davis: Davis, tmp_path: Path, harm: Callable[[str], str]
) -> None:
    goat = davis.sequences("goat")
    evaluate_interactive(davis, goat, Learner(), tmp_path, label="learner", limits=ROUNDS)
    path = tmp_path / "rounds.csv"
    path.write_text(harm(path.read_text()))

    with pytest.raises(StmatteError, match=r"rounds\.csv cannot be read"):
        evaluate_interactive(davis, goat, Learner(), tmp_path, label="learner", limits=ROUNDS)


def test_a_sequence_whose_first_frame_is_empty_is_refused(davis: Davis, tmp_path: Path) -> None:
    write_labels(davis.annotations / "goat" / "00000.png", np.zeros(SIZE, np.uint8))

    with pytest.raises(StmatteError, match='first frame of sequence "goat" shows no object'):
        evaluate_interactive(davis, davis.sequences("goat"), Learner(), tmp_path, label="learner")
