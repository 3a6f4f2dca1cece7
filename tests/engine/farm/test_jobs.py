# SPDX-License-Identifier: Apache-2.0
"""What a queue is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from farming import GB, task
from stmatte.errors import StmatteError
from stmatte.farm.jobs import (
    MIB,
    budget_of,
    check_names,
    folder_of,
    job_of,
    memory_of,
    time_limit,
)
from stmatte.sizes import parse_size

SHOT = Path("/jobs/sh010.json")
OUT = "/mattes/{shot}/m.####.exr"


def test_a_job_writes_to_files_that_are_named_by_its_shot() -> None:
    job = job_of(SHOT, [task(1)], OUT)

    assert (job.name, job.out) == ("sh010", "/mattes/sh010/m.####.exr")


def test_the_folder_of_files_that_are_named_by_their_object_is_the_one_above() -> None:
    job = job_of(SHOT, [task(1)], "/mattes/{shot}/{object}/{object}.####.exr")

    assert folder_of(job) == Path("/mattes/sh010")


def test_on_the_cpu_a_process_takes_a_gigabyte_besides_what_was_forecast() -> None:
    job = job_of(SHOT, [task(1, memory=1024 * MIB)], OUT)

    assert memory_of(job) == (2048 * MIB, None)


def test_on_a_gpu_what_was_forecast_is_its_memory_and_a_process_takes_some_more() -> None:
    job = job_of(SHOT, [task(1, memory=1000 * MIB, device="cuda")], OUT)

    assert memory_of(job) == (4096 * MIB, 1536 * MIB)  # 1000 + 512, up to the next 256


def test_memory_that_is_not_known_is_not_asked_for() -> None:
    assert memory_of(job_of(SHOT, [task(1, memory=None)], OUT)) == (None, None)


def test_a_command_may_take_what_was_forecast_and_no_less() -> None:
    assert parse_size(budget_of(3 * GB + 1), "") >= 3 * GB + 1
    assert budget_of(None) == ""


def test_a_command_has_ten_times_its_forecast_and_half_an_hour_at_least() -> None:
    assert (time_limit(1), time_limit(600)) == (1800, 6000)


def test_a_network_that_learns_first_does_so_in_the_first_command_alone() -> None:
    tasks = [task(n, seconds=20, learns=100) for n in (1, 2, 3)]

    stages = job_of(SHOT, tasks, OUT).stages

    assert [[chunk.spans for chunk in stage] for stage in stages] == [["1"], ["2", "3"]]


def test_a_shot_that_is_fresh_has_no_command_to_compute() -> None:
    assert job_of(SHOT, [task(1, stale=0)], OUT).stages == ()


def test_two_shots_with_one_name_are_refused() -> None:
    with pytest.raises(StmatteError, match="have the same name"):
        check_names([Path("a/sh010.json"), Path("b/sh010.json")], OUT)


def test_shots_that_would_write_the_same_files_are_refused() -> None:
    with pytest.raises(StmatteError, match=r"Put \{shot\} into it"):
        check_names([Path("a.json"), Path("b.json")], "/mattes/m.####.exr")
