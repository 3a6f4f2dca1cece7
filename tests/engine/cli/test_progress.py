# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from shots import cut_short
from stmatte.cli import progress
from stmatte.pipeline import Delivery


def test_json_is_a_line_for_each_frame_and_one_for_the_end(run: Any, place: Any) -> None:
    ran = run(*place.propagate(progress="json", preview=place.folder / "look"))

    events = [json.loads(line) for line in ran.out.splitlines()]
    order = [1003, 1004, 1005, 1002, 1001]
    assert [event["event"] for event in events] == ["frame"] * 5 + ["done"]
    assert [event["frame"] for event in events[:5]] == order
    assert [(event["done"], event["frames"]) for event in events[:5]] == [
        (n, 5) for n in range(1, 6)
    ]
    assert [Path(event["path"]).name for event in events[:5]] == [f"matte.{f}.exr" for f in order]
    assert all(len(event["digest"]) == 32 and not event["fresh"] for event in events[:5])
    assert all(0 <= event["uncertainty"]["object1"] <= 1 for event in events[:5])
    assert events[5] == {
        "event": "done",
        "frames": 5,
        "fresh": 0,
        "left": 0,
        "skipped": {},
        "sheet": str(place.folder / "look" / "contact_sheet.png"),
    }
    assert ran.err == ""


def test_json_names_what_was_passed_over(run: Any, place: Any) -> None:
    cut_short(place.folder / "plate" / "plate.1001.png")

    ran = run(*place.propagate(progress="json", on_error="skip"))

    end = json.loads(ran.out.splitlines()[-1])
    assert (end["frames"], end["sheet"]) == (4, None)
    assert list(end["skipped"]) == ["1001"]
    assert end["skipped"]["1001"].startswith("Plate frame 1001 cannot be read")


def test_a_log_gets_one_line(run: Any, place: Any) -> None:
    ran = run(*place.propagate(progress="log"))

    assert ran.out.count("\n") == 1
    assert ran.err == ""


def test_a_bar_can_be_had_without_a_terminal(run: Any, place: Any) -> None:
    ran = run(*place.propagate(progress="bar"))

    assert ran.code == 0
    assert "5/5" in ran.err
    assert "frames/s" in ran.err
    assert ran.out.startswith("5 frames (1001-1005) written to")


def test_a_bar_that_is_stopped_leaves_the_message_readable(run: Any, place: Any) -> None:
    cut_short(place.folder / "plate" / "plate.1005.png")

    ran = run(*place.propagate(progress="bar"))

    assert ran.code == 2
    assert ran.err.splitlines()[-1].startswith("stmatte: Plate frame 1005 cannot be read")


@pytest.mark.parametrize(("terminal", "shown"), [(True, progress.Bar), (False, progress.Log)])
def test_a_bar_is_for_terminals_and_a_line_for_logs(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, shown: type
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)

    assert type(progress.choose("auto")) is shown


def test_a_summary_says_one_frame_as_one() -> None:
    assert progress.summary(Delivery({7: (Path("out/m.0007.exr"),)}, {}, None)) == (
        "1 frame (7) written to out."
    )


def test_a_summary_tells_what_was_fresh_already() -> None:
    files = {frame: (Path(f"out/m.{frame}.exr"),) for frame in (1, 2, 3, 7)}

    assert progress.summary(Delivery(files, {}, None, fresh=(1, 2, 3))) == (
        "1 frame (7) written to out. 3 frames (1-3) were fresh already."
    )
    assert progress.summary(Delivery(files, {}, None, fresh=(1, 2, 3, 7))) == (
        "All is fresh in out."
    )


def test_a_summary_does_not_call_fresh_what_was_left_alone() -> None:
    files = {frame: (Path(f"out/m.{frame}.exr"),) for frame in (1, 2, 3, 7)}

    assert progress.summary(Delivery(files, {}, None, left=(1, 2, 3))) == (
        "1 frame (7) written to out. 3 frames (1-3) were left alone."
    )
    assert progress.summary(Delivery(files, {}, None, left=(1, 2, 3, 7))) == (
        "All is there already in out."
    )


def test_a_summary_names_every_folder_once() -> None:
    paths = tuple(Path(f"out/{name}/m.0007.exr") for name in ("hero", "car"))

    assert progress.summary(Delivery({7: paths, 8: paths}, {}, None)) == (
        f"2 frames (7-8) written to {paths[0].parent}, {paths[1].parent}."
    )


def test_a_summary_without_frames_says_so() -> None:
    assert progress.summary(Delivery({}, {7: "it is broken."}, None)) == (
        "No frame was written.\nFrame 7 was skipped: it is broken."
    )


def test_a_summary_does_not_list_a_thousand_frames() -> None:
    skipped = dict.fromkeys(range(1000), "it is missing.")

    lines = progress.summary(Delivery({}, skipped, None)).splitlines()

    assert lines[20] == "Frame 19 was skipped: it is missing."
    assert lines[21:] == ["980 more frames were skipped."]
