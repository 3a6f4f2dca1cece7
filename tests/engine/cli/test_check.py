# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.acceptance.conftest import write_exr_file
from shots import cut_short, soft_disc, write_plate
from stmatte.acceptance import CHECKS
from stmatte.images.mattes import write_mattes

FRAMES = range(1001, 1006)


@pytest.fixture
def shot(tmp_path: Path) -> tuple[str, str]:
    """Write a plate and its true mattes, and return the patterns of both."""
    for frame in FRAMES:
        hero = soft_disc(30 + 2 * (frame % 20))
        write_mattes(tmp_path / "out" / f"m.{frame}.exr", {"hero": hero})
    plate = write_plate(tmp_path / "plate", FRAMES)
    return str(tmp_path / "out" / "m.####.exr"), plate


WIDER = ("--band", "8", "--progress", "log")  # a disc of 12 pixels is soft over 4


def test_a_table_says_of_every_check_that_it_is_ok(run: Any, shot: Any) -> None:
    ran = run("check", shot[0], "--plate", shot[1], *WIDER)

    lines = ran.out.splitlines()
    assert (ran.code, ran.err) == (0, "")
    assert lines[0].endswith("5 frames, hero")
    assert [line.split("  ")[0].strip() for line in lines[2:-1]] == list(CHECKS)
    assert all(" ok " in f"{line} " for line in lines[2:-1])
    assert lines[-1] == "Accepted."


def test_a_delivery_that_is_refused_exits_with_1(run: Any, shot: Any) -> None:
    cut_short(Path(shot[0].replace("####", "1003")))

    ran = run("check", shot[0], "--plate", shot[1], *WIDER, "--frames", "1001-1008")

    assert ran.code == 1
    assert "missing (1006-1008)" in ran.out
    assert "The file cannot be read" in ran.out
    assert "(1003)" in ran.out
    assert ran.out.splitlines()[-1] == "Refused."


def test_json_says_the_same_to_a_farm(run: Any, shot: Any) -> None:
    ran = run("check", shot[0], "--plate", shot[1], *WIDER, "--frames", "1001-1007", "--json")

    said = json.loads(ran.out)
    (delivery,) = said["deliveries"]
    assert (ran.code, said["accepted"], delivery["objects"]) == (1, False, ["hero"])
    assert [check["check"] for check in delivery["checks"]] == list(CHECKS)
    assert delivery["checks"][0]["found"] == [
        {
            "verdict": "fail",
            "words": "missing",
            "object": None,
            "frames": "1006-1007",
            "worst": None,
            "at": None,
            "unit": None,
        }
    ]
    assert said["limits"]["band"] == 8
    assert said["limits"]["chatter"] == pytest.approx(0.004 * 64)


def test_json_of_numbers_that_are_none_is_json(run: Any, shot: Any) -> None:
    matte = soft_disc(40).copy()
    matte[0, 0], matte[1, 0] = np.nan, np.inf
    write_exr_file(Path(shot[0].replace("####", "1003")), matte)

    ran = run("check", shot[0], "--plate", shot[1], *WIDER, "--json")

    assert ran.code == 1
    assert json.loads(ran.out, parse_constant=pytest.fail)


def test_a_file_for_every_object_is_checked_with_the_others(
    run: Any, shot: Any, tmp_path: Path
) -> None:
    for name, frames in (("hero", FRAMES), ("car", FRAMES[:4])):
        for frame in frames:
            path = tmp_path / "each" / f"{name}.{frame}.exr"
            write_mattes(path, {name: soft_disc(30 + 2 * (frame % 20))})

    ran = run("check", tmp_path / "each" / "{object}.####.exr", "--plate", shot[1], *WIDER)

    assert ran.code == 1
    assert ran.out.count("Accepted.") == ran.out.count("Refused.") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--frames", "x"), 'Frame range "x" cannot be read'),
        (("--pop", "0"), "Limit --pop 0 is not possible"),
        (("--plate", "nothing"), 'Plate "nothing" does not exist'),
    ],
)
def test_what_cannot_be_checked_exits_with_2(
    run: Any, shot: Any, words: tuple[str, str], said: str
) -> None:
    ran = run("check", shot[0], "--plate", shot[1], *words)

    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_mattes_that_are_not_there_are_not_called_a_plate(run: Any, shot: Any) -> None:
    ran = run("check", "nothing", "--plate", shot[1])

    assert (ran.code, ran.out) == (2, "")
    assert 'Mattes "nothing" do not exist' in ran.err


def test_it_writes_nothing(run: Any, shot: Any, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}

    run("check", shot[0], "--plate", shot[1], *WIDER)

    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_bar_leaves_standard_output_to_the_table(run: Any, shot: Any) -> None:
    ran = run("check", shot[0], "--plate", shot[1], "--json", "--progress", "bar")

    assert json.loads(ran.out)
    assert "Checking" in ran.err


def test_the_help_states_the_limits_that_hold(run: Any) -> None:
    from stmatte.acceptance.limits import BAND, CHATTER, GREY, POP

    words = " ".join(run("check", "--help").out.split())

    for share in (CHATTER, POP, BAND):
        assert f"{100 * share:g} % of the" in words
    assert f"[default: {GREY:g}]" in words
