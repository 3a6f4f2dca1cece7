# SPDX-License-Identifier: Apache-2.0
"""`stmatte span` and `stmatte merge`: what a farm starts, and what it reads of them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shots import soft_disc, write_grey, write_plate

STMATTE = [sys.executable, "-m", "stmatte"]
PATIENCE = 300  # seconds until a process that hangs is a failure


def document(place: Any, *frames: int, plate: str = "plate/plate.####.png") -> Path:
    """Write a shot that is keyed on these frames."""
    keys = []
    for frame in frames:
        path = write_grey(place.folder / "keys" / f"{frame}.png", soft_disc(frame % 90))
        keys.append({"frame": frame, "object": "hero", "matte": {"path": f"keys/{path.name}"}})
    shot = {
        "format": "stmatte.shot/1",
        "plate": plate,
        "keys": keys,
        "settings": {"model": "label-propagation", "device": "cpu"},
    }
    path = Path(place.folder / "shot.json")
    path.write_text(json.dumps(shot))
    return path


@pytest.fixture
def shot(place: Any) -> Path:
    """Frames 1001-1005 with keys at both ends and in the middle: spans 1002 and 1004."""
    return document(place, 1001, 1003, 1005)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*"))}


def events(ran: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.out.splitlines()]


# --- spans ----------------------------------------------------------------------------


def test_a_plan_numbers_the_spans_and_says_what_each_lacks(run: Any, shot: Path) -> None:
    run("span", shot, "--span", 2)

    found = json.loads(run("plan", shot, "--spans", "--json").out)["spans"]
    table = run("plan", shot, "--spans").out.splitlines()

    assert [(s["span"], s["frames"], s["objects"], s["keys"], s["stale"]) for s in found] == [
        (1, "1002", ["hero"], [1001, 1003], "1002"),
        (2, "1004", ["hero"], [1003, 1005], ""),
    ]
    assert [span["forecast"]["steps"] for span in found] == [2, 0]
    assert found[0]["forecast"]["bytes"] > 0
    assert table[1].split()[:6] == ["1", "1002", "hero", "1001", "1003", "1"]
    assert "fresh" in table[2]


def test_spans_and_then_a_merge_are_a_propagation(run: Any, place: Any, shot: Path) -> None:
    assert run("propagate", shot, "--out", place.folder / "whole" / "m.####.exr").code == 0
    store = place.folder / "store"

    codes = [run("span", shot, "--span", n, "--store", store).code for n in (2, 1)]
    between = place.made()
    ran = run("merge", shot, "--out", place.out, "--store", store)

    assert codes == [0, 0]
    assert not [name for name in between if name.startswith("out/")], "a span writes no matte"
    assert ran.code == 0, ran.err
    assert [data for _, data in sorted(files(place.folder / "out").items())] == [
        data for _, data in sorted(files(place.folder / "whole").items())
    ]


def test_a_span_that_is_there_is_computed_no_second_time(run: Any, shot: Path) -> None:
    first = events(run("span", shot, "--span", "1-2", "--progress", "json"))

    again = events(run("span", shot, "--span", "1-2", "--progress", "json"))

    # two spans of one frame each, walked over from either side
    steps = [event for event in first if event["event"] == "step"]
    assert sorted(step["frame"] for step in steps) == [1002, 1002, 1004, 1004]
    assert [(step["done"], step["steps"], step["anew"]) for step in steps] == [
        (done, 4, True) for done in (1, 2, 3, 4)
    ]
    assert first[-1] == {"event": "done", "spans": [1, 2], "fresh": [], "steps": 4}
    assert again[-1] == {"event": "done", "spans": [], "fresh": [1, 2], "steps": 0}


def test_open_job_description_reads_progress_and_status(run: Any, shot: Path) -> None:
    ran = run("span", shot, "--span", 1, "--progress", "openjd")

    assert ran.out.splitlines() == [
        'openjd_status: Span 1: frames 1002-1002 of "hero"',
        "openjd_progress: 50",
        'openjd_status: frame 1002 of "hero"',
        "openjd_progress: 100",
        'openjd_status: frame 1002 of "hero"',
        "openjd_status: Done in 2 steps of the network.",
    ]


def test_open_job_description_reads_why_it_failed_on_one_line(run: Any, shot: Path) -> None:
    ran = run("span", shot, "--span", 7, "--progress", "openjd")

    assert ran.code == 2
    assert ran.out.splitlines()[-1] == (
        "openjd_fail: Span 7 is not in the shot: it has spans 1-2. See `stmatte plan --spans`; "
        "keys that were added change the numbers."
    )
    assert ran.err.startswith("stmatte: Span 7 is not in the shot: it has spans 1-2.")


@pytest.mark.parametrize("text", ["0", "two", "3-1", "1-", "", "1;2"])
def test_what_is_no_number_of_spans_is_bad_input(run: Any, shot: Path, text: str) -> None:
    ran = run("span", shot, "--span", text)

    assert ran.code == 2
    assert "spans are counted from 1 and written 4, 4-6 or 1,4-6" in ran.err


def test_without_a_store_there_is_nowhere_to_leave_a_span(run: Any, shot: Path) -> None:
    ran = run("span", shot, "--span", 1, "--store", "none")

    assert ran.code == 2
    assert "There is no store to leave spans in" in ran.err


def test_a_store_that_cannot_be_written_is_bad_input(run: Any, place: Any, shot: Path) -> None:
    (place.folder / "file").write_text("in the way")

    ran = run("span", shot, "--span", 1, "--store", place.folder / "file" / "store")

    assert ran.code == 2
    assert f'Cannot write "{place.folder / "file" / "store"}"' in ran.err


def test_a_shot_without_a_key_is_bad_input(run: Any, place: Any) -> None:
    ran = run("span", document(place), "--span", 1)

    assert ran.code == 2
    assert "has no key" in ran.err


def test_a_disk_that_fills_up_in_mid_span_is_a_failure(
    run: Any, shot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stmatte.store import disk

    def full(*_: object) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk, "replacing", full)
    ran = run("span", shot, "--span", 1, "--progress", "json")

    assert ran.code == 1
    assert "No space left on device" in ran.err
    assert events(ran)[-1]["event"] == "failed"


# --- merging --------------------------------------------------------------------------


def test_a_merge_names_what_is_lacking_and_writes_nothing(run: Any, place: Any, shot: Path) -> None:
    run("span", shot, "--span", 1)

    ran = run("merge", shot, "--out", place.out)
    told = events(run("merge", shot, "--out", place.out, "--progress", "json"))

    assert ran.code == 1
    assert 'Span 2 ("hero") lacks frame 1004.\nNothing was written.' in ran.err
    assert not [name for name in place.made() if name.startswith("out/")]
    assert told[-1]["lacking"] == [{"span": 2, "objects": ["hero"], "frames": "1004"}]


def test_a_partial_merge_writes_the_rest_and_says_that_it_is_not_all(
    run: Any, place: Any, shot: Path
) -> None:
    run("span", shot, "--span", 1)

    ran = run("merge", shot, "--out", place.out, "--partial")

    assert ran.code == 1
    assert [n for n in place.made() if n.startswith("out/")] == [
        f"out/matte.{frame}.exr" for frame in (1001, 1002, 1003, 1005)
    ]
    assert "4 frames (1001-1003,1005) written" in ran.out


# --- in a process of its own ----------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_sigterm_in_mid_span_finishes_the_frame_and_loses_none(run: Any, place: Any) -> None:
    write_plate(place.folder / "long", range(1, 61))
    shot = document(place, 1, plate="long/plate.####.png")
    store = place.folder / "store"
    words = ["span", shot, "--span", "1", "--store", store, "--progress", "json"]
    child = subprocess.Popen(
        [*STMATTE, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    next(line for line in child.stdout if '"step"' in line)
    child.send_signal(signal.SIGTERM)
    rest, complaint = child.communicate(timeout=PATIENCE)

    told = [json.loads(line) for line in rest.splitlines()]
    assert (child.returncode, complaint) == (130, "")
    assert told[-1]["event"] == "cancelled"
    done = told[-1]["steps"]
    assert 1 <= done < 59
    assert not [path for path in store.rglob(".*") if path.is_file()], "nothing half-written"
    again = events(run(*words))
    assert again[-1] == {"event": "done", "spans": [1], "fresh": [], "steps": 59 - done}


def test_two_processes_may_compute_the_same_span(run: Any, place: Any, shot: Path) -> None:
    store = place.folder / "store"
    words = ["span", shot, "--span", "1-2", "--store", store]
    children = [subprocess.Popen([*STMATTE, *map(str, words)]) for _ in range(2)]

    codes = [child.wait(timeout=PATIENCE) for child in children]

    assert codes == [0, 0]
    run("propagate", shot, "--out", place.folder / "whole" / "matte.####.exr", "--store", "none")
    assert run("merge", shot, "--out", place.out, "--store", store).code == 0
    assert files(place.folder / "out") == files(place.folder / "whole")
