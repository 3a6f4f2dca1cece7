# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path

import pytest

from shots import soft_disc, write_grey, write_plate
from stmatte.errors import StmatteError
from stmatte.farm.tasks import tasks_of
from stmatte.shot import FrameRange
from stmatte.store import RamStore


def document(folder: Path, *frames: int) -> Path:
    """Write a shot of frames 1-12 that is keyed on these."""
    write_plate(folder / "plate", range(1, 13))
    keys = []
    for frame in frames:
        write_grey(folder / f"{frame}.png", soft_disc(30 + 2 * frame))
        keys.append({"frame": frame, "object": "hero", "matte": {"path": f"{frame}.png"}})
    shot = {
        "format": "stmatte.shot/1",
        "plate": "plate/plate.####.png",
        "keys": keys,
        "settings": {"model": "label-propagation", "device": "cpu"},
    }
    path = folder / "shot.json"
    path.write_text(json.dumps(shot))
    return path


def test_a_shot_is_cut_into_a_task_for_every_span(tmp_path: Path) -> None:
    tasks = tasks_of(document(tmp_path, 1, 6, 12), RamStore())

    assert [(t.span, t.frames, t.stale, t.keys, t.objects) for t in tasks] == [
        (1, FrameRange(2, 5), 4, (1, 6), ("hero",)),
        (2, FrameRange(7, 11), 5, (6, 12), ("hero",)),
    ]
    assert all(task.memory for task in tasks)
    assert [task.seconds for task in tasks] == [None, None], "nothing was timed yet"


def test_what_was_timed_is_forecast_by_the_steps_of_a_span(tmp_path: Path) -> None:
    from stmatte.document import read_shot
    from stmatte.networks.registry import load_network
    from stmatte.pipeline.checks import check_shot
    from stmatte.pipeline.planned import plan_shot
    from stmatte.pipeline.report import note_pace

    path, store = document(tmp_path, 1, 6, 12), RamStore()
    network = load_network("label-propagation", "cpu")
    note_pace(plan_shot(check_shot(read_shot(path)), network, store), store, 0.5)

    # two passes over 4 and over 5 frames, half a second a step
    assert [task.seconds for task in tasks_of(path, store)] == [4.0, 5.0]


def test_tasks_for_a_gpu_are_cut_where_there_is_none(tmp_path: Path) -> None:
    path = document(tmp_path, 1, 12)

    (own,), (for_gpu,) = tasks_of(path, RamStore()), tasks_of(path, RamStore(), device="cuda")

    assert (own.device, own.gpu) == ("cpu", False)
    assert (for_gpu.device, for_gpu.gpu, for_gpu.stale) == ("cuda", True, 10)


def test_a_shot_that_is_keyed_everywhere_has_no_task(tmp_path: Path) -> None:
    assert tasks_of(document(tmp_path, *range(1, 13)), RamStore()) == ()


def test_a_task_that_does_not_fit_a_budget_says_so(tmp_path: Path) -> None:
    (task,) = tasks_of(document(tmp_path, 1, 12), RamStore(), budget=1000)

    assert "the memory budget is" in task.refused


def test_a_document_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shot.json").write_text("{}")

    with pytest.raises(StmatteError):
        tasks_of(tmp_path / "shot.json", RamStore())
