# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SHIPPED = ["--model", "stmatte-s", "--device", "cpu", "--edges", "off"]


def document(place: Any, folder: Path, **settings: object) -> Path:
    """Write a shot whose key is at 1003."""
    settings = {"model": "stmatte-s", "device": "cpu", "edges": "off", "adapt": 2} | settings
    shot = {
        "format": "stmatte.shot/1",
        "plate": place.plate,
        "keys": [{"frame": 1003, "object": "hero", "matte": {"path": str(place.key)}}],
        "settings": settings,
    }
    path = folder / "shot.json"
    path.write_text(json.dumps(shot), "utf-8")
    return path


def test_every_step_is_told_before_the_first_frame_that_is_computed(run: Any, place: Any) -> None:
    words = ["propagate", place.plate, "--key", f"1003={place.key}", "--out", place.out]

    ran = run(*words, *SHIPPED, "--adapt", 2, "--progress", "json")

    assert ran.code == 0, ran.err
    events = [json.loads(line) for line in ran.out.splitlines()]
    learnt = [n for n, event in enumerate(events) if event["event"] == "learning"]
    computed = [n for n, event in enumerate(events) if event.get("frame", 1003) != 1003]
    assert [events[n] for n in learnt] == [
        {"event": "learning", "step": step, "steps": 2} for step in (1, 2)
    ]
    assert len(computed) == 4
    assert max(learnt) < min(computed)


def test_a_plan_counts_the_steps_and_a_run_leaves_none(
    run: Any, place: Any, tmp_path: Path
) -> None:
    shot = document(place, tmp_path)

    before = run("plan", shot)
    ran = run("propagate", shot, "--out", place.out, "--progress", "log")
    after = json.loads(run("plan", shot, "--json").out)["forecast"]

    assert "4 stale frames, 2 steps of learning, 4 steps of the network" in before.out
    assert "Record adapt_on 1003" in before.out
    assert ran.code == 0, ran.err
    assert ran.out.startswith("The network learnt 2 steps on the shot's keys.\n")
    assert (after["frames"], after["learning"]) == (0, 0)


def test_what_was_chosen_is_recorded_and_nothing_is_stale_by_it(
    run: Any, place: Any, tmp_path: Path
) -> None:
    shot = document(place, tmp_path)
    run("propagate", shot, "--out", place.out)

    ran = run("plan", shot, "--out", place.out, "--record-adapt-on")

    assert json.loads(shot.read_text("utf-8"))["settings"]["adapt_on"] == [1003]
    assert ran.out.splitlines()[-1] == "Everything is fresh."


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--model", "label-propagation", "--adapt", 2], "cannot be adapted to a shot"),
        (["--adapt", -1], "Adapting in -1 steps is not possible"),
        (["--adapt", 2, "--adapt-on", 1004], "adapted to frame 1004, where nothing is keyed"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    run: Any, place: Any, more: list[object], sentence: str
) -> None:
    words = ["propagate", place.plate, "--key", f"1003={place.key}", "--out", place.out]

    ran = run(*words, *SHIPPED, *more)

    assert ran.code == 2
    assert sentence in ran.err
