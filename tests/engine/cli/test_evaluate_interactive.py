# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from stmatte.networks.stm_interactive import InteractiveSTM
from stmatte.scribbles import Stroke, no_scribbles, to_davis, with_strokes

from .test_evaluate import FRAMES, write_sequence


@pytest.fixture
def davis(tmp_path: Path) -> Path:
    """One sequence: an orange box of 32 x 32 on blue, which moves four columns a frame."""
    root = tmp_path / "DAVIS"
    write_sequence(root, "bear", 1)
    return root


def words(davis: Path, out: Path, *more: object) -> list[object]:
    start = ["evaluate", "interactive", "--root", davis, "--split", "train", "--out", out]
    return [*start, "--model", "stmatte-s", "--device", "cpu", "--rounds", 2, *more]


def person_drew(davis: Path, scribbles: dict[str, Any]) -> None:
    path = davis / "Scribbles" / "bear" / "001.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(scribbles))


def test_a_network_works_in_rounds_with_the_robot(run: Any, davis: Path, tmp_path: Path) -> None:
    ran = run(*words(davis, tmp_path / "run"))

    assert ran.code == 0, ran.err
    assert [line.split(":")[0] for line in ran.err.splitlines()] == [
        "bear 1, round 1",
        "bear 1, round 2",
    ]
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert summary["curve"]["J_AND_F"][-1] > 0.8  # a box of one colour is found by one stroke
    assert len(summary["curve"]["time"]) == 4  # the origin, two rounds, the end of the time
    assert (tmp_path / "run" / "summary.md").read_text() == ran.out
    with (tmp_path / "run" / "rounds.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(r["interaction"], r["frame"]) for r in rows] == [
        (str(number), str(frame)) for number in (1, 2) for frame in range(FRAMES)
    ]
    with (tmp_path / "run" / "curve.csv").open() as file:
        assert [float(row["J_AND_F"]) for row in csv.DictReader(file)] == summary["curve"][
            "J_AND_F"
        ]


def test_people_s_strokes_come_first(run: Any, davis: Path, tmp_path: Path) -> None:
    on_the_box = Stroke(((0.22, 0.4), (0.33, 0.6)), 1)  # at frame 3 it has columns 28-59 of 160
    person_drew(davis, to_davis(with_strokes(no_scribbles("bear", FRAMES), 3, [on_the_box])))

    ran = run(*words(davis, tmp_path / "run", "--rounds", 1))

    assert ran.code == 0, ran.err
    with (tmp_path / "run" / "rounds.csv").open() as file:
        found = [float(row["jaccard"]) for row in csv.DictReader(file)]
    assert found[3] > 0.8


def test_the_interactive_network_answers_by_itself(run: Any, davis: Path, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    weights = tmp_path / "fresh.safetensors"
    save_file(InteractiveSTM().state_dict(), weights)

    ran = run(*words(davis, tmp_path / "run", "--model", f"stm-interactive:{weights}"))

    assert ran.code == 0, ran.err
    assert (tmp_path / "run" / "method.txt").read_text().startswith("stm-interactive ")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["--model", "copy-first"], '"copy-first" takes no strokes'),
        (["--rounds", 17], "17 rounds: 1 to 16"),
        (["--seconds", 0], "0.0 seconds for each object"),
    ],
    ids=lambda value: str(value[0]) if isinstance(value, list) else "",
)
def test_bad_input_is_a_sentence(
    run: Any, davis: Path, tmp_path: Path, change: list[object], said: str
) -> None:
    ran = run(*words(davis, tmp_path / "run", *change))

    assert ran.code == 2
    assert ran.err.startswith(f"stmatte: {said}")
    assert not (tmp_path / "run").exists()


def test_strokes_of_another_sequence_are_refused(run: Any, davis: Path, tmp_path: Path) -> None:
    person_drew(davis, to_davis(no_scribbles("bear", 2)))

    ran = run(*words(davis, tmp_path / "run"))

    assert ran.code == 2
    assert f'sequence "bear" has {FRAMES} frames' in ran.err


def test_an_evaluation_is_never_written_over(run: Any, davis: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "rounds.csv").write_text("what took an hour")

    ran = run(*words(davis, tmp_path / "run"))

    assert ran.code == 2
    assert 'holds masks of "unknown"' in ran.err
    assert (tmp_path / "run" / "rounds.csv").read_text() == "what took an hour"


def test_an_evaluation_that_is_over_is_told_and_not_made_again(
    run: Any, davis: Path, tmp_path: Path
) -> None:
    first = run(*words(davis, tmp_path / "run"))
    rounds = (tmp_path / "run" / "rounds.csv").read_bytes()

    again = run(*words(davis, tmp_path / "run"))

    assert again.code == 0, again.err
    assert again.out == first.out
    assert again.err == "".join(f"{line}, was done before\n" for line in first.err.splitlines())
    assert (tmp_path / "run" / "rounds.csv").read_bytes() == rounds


def test_other_limits_are_another_evaluation(run: Any, davis: Path, tmp_path: Path) -> None:
    run(*words(davis, tmp_path / "run"))

    ran = run(*words(davis, tmp_path / "run", "--rounds", 1))

    assert ran.code == 2
    assert "2 rounds, 240 s for each object" in ran.err
