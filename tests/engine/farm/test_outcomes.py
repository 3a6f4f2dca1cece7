# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from stmatte.errors import StmatteError
from stmatte.farm.commands import merge_command, span_command
from stmatte.farm.outcomes import CANCELLED, Outcome, exit_code, report
from stmatte.farm.tasks import SpanTask
from stmatte.shot import FrameRange


def task(span: int, shot: str = "sh010.json", device: str = "cpu") -> SpanTask:
    return SpanTask(Path(shot), span, FrameRange(10 * span, 10 * span + 8), 9, 3.0, 10**6, device)


def test_a_report_counts_and_names_what_failed() -> None:
    outcomes = [
        Outcome(task(1), True, 0),
        Outcome(task(2), False, 1, "The disk is full."),
        Outcome(task(3), False, -9, tries=3),
    ]

    assert report(outcomes).splitlines() == [
        "1 of 3 spans are done.",
        "sh010.json: span 2 (20-28) failed. The disk is full.",
        "sh010.json: span 3 (30-38) failed 3 times. Signal 9 ended it.",
    ]


def test_an_exit_code_says_whether_all_are_done_some_failed_or_it_was_stopped() -> None:
    done, failed = Outcome(task(1), True, 0), Outcome(task(2), False, 2)

    assert exit_code([done]) == 0
    assert exit_code([done, failed]) == 1
    assert exit_code([done, failed, Outcome(task(3), False, CANCELLED)]) == 130


def test_spans_of_one_shot_share_a_command() -> None:
    tasks = [task(1), task(2), task(3), task(7)]

    words = span_command(tasks, Path("/store"), "openjd", program=["stmatte"], budget="2G")

    assert words == [
        *("stmatte", "span", "sh010.json", "--span", "1-3,7", "--store", "/store"),
        *("--device", "cpu", "--progress", "openjd", "--memory-budget", "2G"),
    ]


@pytest.mark.parametrize(
    "tasks", [[], [task(1), task(1, "b.json")], [task(1), task(2, device="cuda")]]
)
def test_spans_of_several_shots_or_devices_do_not(tasks: list[SpanTask]) -> None:
    with pytest.raises(StmatteError, match="one shot and one kind of device"):
        span_command(tasks, Path("/store"))


def test_a_merge_is_told_where_the_spans_are_and_how_to_write() -> None:
    words = merge_command(
        Path("a.json"),
        Path("/s"),
        "m.####.exr",
        device="cuda",
        program=["stmatte"],
        more=["--depth", "float"],
    )

    assert words == [
        *("stmatte", "merge", "a.json", "--out", "m.####.exr", "--store", "/s"),
        *("--device", "cuda", "--progress", "plain", "--depth", "float"),
    ]
