# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from shots import soft_disc, write_grey


@pytest.fixture
def shot(run: Any, place: Any) -> Path:
    """A shot that is keyed on its first frame, propagated."""
    write_grey(place.folder / "keys" / "1001.png", soft_disc(32))
    document = {
        "format": "stmatte.shot/1",
        "plate": "plate/plate.####.png",
        "keys": [{"frame": 1001, "object": "hero", "matte": {"path": "keys/1001.png"}}],
        "settings": {"model": "label-propagation", "device": "cpu"},
    }
    path: Path = place.folder / "sh010.json"
    path.write_text(json.dumps(document))
    run("propagate", path, "--out", place.out)
    return path


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "sh010.notes.json"
    note = {"object": "hero", "frames": "1003-1004", "text": "sleeve [b]chatters"}
    shot = {"shot": "sh010", "version": "v003", "frames": "1001-1005", "rate": 25, "notes": [note]}
    path.write_text(json.dumps({"format": "stmatte.notes/1", "shots": [shot]}))
    return path


def test_pages_are_written_and_named(run: Any, place: Any, shot: Path) -> None:
    ran = run("review", shot, "--mattes", place.out, "-o", place.folder / "pages")

    assert (ran.code, ran.err) == (0, "")
    page, index = ran.out.splitlines()
    assert page.startswith(f"{place.folder / 'pages' / 'sh010.html'} (")
    assert index == f"Open {place.folder / 'pages' / 'index.html'}"


def test_as_json_the_pages_are_a_list(run: Any, place: Any, shot: Path) -> None:
    ran = run("review", shot, "--mattes", place.out, "-o", place.folder / "pages", "--json")

    assert [each["shot"] for each in json.loads(ran.out)["pages"]] == ["sh010"]


def test_a_shot_with_no_frames_yet_is_refused(run: Any, place: Any, shot: Path) -> None:
    ran = run("review", shot, "--mattes", "none.####.exr", "-o", place.folder / "pages")

    assert ran.code == 2
    assert ran.err == (
        'stmatte: Shot "sh010" has no mattes yet at "none.####.exr": a review looks at mattes '
        "that are there. Make them by stmatte propagate, or name by --mattes where they are.\n"
    )


def test_notes_are_listed_as_they_were_typed(run: Any, notes: Path) -> None:
    ran = run("review", "--notes", notes)

    assert ran.code == 0
    heading, row = ran.out.splitlines()
    assert heading.split() == ["shot", "version", "frames", "object", "note"]
    assert row.rstrip().split(maxsplit=4) == [
        "sh010",
        "v003",
        "1003-1004",
        "hero",
        "sleeve [b]chatters",
    ]


def test_notes_become_markers_of_a_timeline(run: Any, notes: Path, tmp_path: Path) -> None:
    ran = run("review", "--notes", notes, "--otio", tmp_path / "notes.otio", "--json")

    assert ran.code == 0
    assert json.loads(ran.out)["notes"][0]["frames"] == "1003-1004"
    (clip,) = otio.adapters.read_from_file(str(tmp_path / "notes.otio")).find_clips()
    (marker,) = clip.markers
    assert clip.name == "sh010"
    assert marker.name == "hero: sleeve [b]chatters"
    assert marker.marked_range.start_time == otio.opentime.RationalTime(1003, 25)
    assert marker.marked_range.duration == otio.opentime.RationalTime(2, 25)


def test_a_timeline_of_somebody_else_is_not_written_over(
    run: Any, notes: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.otio"
    otio.adapters.write_to_file(otio.schema.Timeline("cut"), str(cut))

    again = [run("review", "--notes", notes, "--otio", tmp_path / "ours.otio") for _ in "12"]
    refused = run("review", "--notes", notes, "--otio", cut)

    assert [ran.code for ran in again] == [0, 0]
    assert refused.code == 2
    assert "would be written over" in refused.err


@pytest.mark.parametrize(
    "words", [["--otio", "x.otio"], ["sh010.json"], ["--notes", "n.json", "sh010.json"]]
)
def test_words_that_do_not_belong_together_are_refused(run: Any, words: list[str]) -> None:
    assert run("review", *words).code == 2
