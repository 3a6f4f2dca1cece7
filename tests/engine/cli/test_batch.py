# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import opentimelineio as otio
import pytest

from cutting import clip, external, gap, save, sequence, span, timeline
from shots import cut_short, write_grey, write_plate
from stmatte.cli.batch import batch
from stmatte.images import read_mattes
from stmatte.timelines.opening import open_cut
from stmatte.timelines.written import SURE

OUT = "mattes/{shot}/{shot}.####.exr"


@pytest.fixture
def show(place: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with cut.otio: shots a (1001-1003), b (1002-1004); and a key of each."""
    monkeypatch.chdir(place.folder)
    labels = place.labels.read_bytes()
    for shot in ("a", "b"):
        place.folder.joinpath("keys", f"{shot}.1002.png").write_bytes(labels)
    media = external("plate/plate.####.png", span(1001, 5))
    second = clip("b", sequence(1001, span(86400, 5)), span(86401, 3))
    save(timeline([clip("a", media, span(1001, 3)), gap(4), second]), Path("cut.otio"))
    return Path(place.folder)


def words(*more: object, **options: object) -> list[object]:
    """Return the words of a command that works."""
    given: dict[str, object] = {
        "keys": "keys",
        "out": OUT,
        "model": "label-propagation",
        "device": "cpu",
        "progress": "log",
    }
    given |= options
    found: list[object] = ["batch", "cut.otio", "--object", "hero", "--object", "car", *more]
    for name, value in given.items():
        found += [] if value is None else [f"--{name.replace('_', '-')}", value]
    return found


def test_a_timeline_becomes_mattes_and_a_timeline_with_them(run: Any, show: Path) -> None:
    ran = run(*words())

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "[1/2] a, frames 1001-1003",
        "3 frames (1001-1003) written to mattes/a.",
        "[2/2] b, frames 1002-1004",
        "3 frames (1002-1004) written to mattes/b.",
        "2 of 2 shots are done.",
        "Timeline: mattes/cut.mattes.otio",
    ]
    assert sorted(read_mattes(show / "mattes/b/b.1004.exr")) == ["car.A", "hero.A"]
    read = open_cut(show / "mattes/cut.mattes.otio")
    assert [track.name for track in read.timeline.tracks] == ["V1", "STMatte"]


def test_a_second_run_has_nothing_to_do(run: Any, show: Path) -> None:
    run(*words())
    before = (show / "mattes/cut.mattes.otio").read_bytes()

    ran = run(*words())

    assert ran.code == 0
    assert ran.out.count("All is fresh") == 2
    assert (show / "mattes/cut.mattes.otio").read_bytes() == before


def test_one_shot_that_fails_is_told_and_the_others_are_done(run: Any, show: Path) -> None:
    cut_short(show / "plate" / "plate.1001.png")  # only shot a shows it

    ran = run(*words())

    assert ran.code == 1
    assert "Failed. Plate frame 1001 cannot be read" in ran.err
    assert ran.out.splitlines()[-3:] == [
        "1 of 2 shots are done.",
        "Failed: a.",
        "Timeline: mattes/cut.mattes.otio",
    ]
    assert (show / "mattes/b/b.1004.exr").is_file()


def test_a_dry_run_shows_the_shots_and_writes_nothing(run: Any, show: Path) -> None:
    before = sorted(show.rglob("*"))
    (show / "keys" / "b.1002.png").rename(show / "keys" / "z.1002.png")

    ran = run(*words("--dry-run", handles=1))

    lines = [line.split() for line in ran.out.splitlines()]
    plate = str(show / "plate" / "plate.####.png")
    assert ran.code == 1
    assert lines[1] == ["a", "1001-1003", "1001-1004", "1002", plate, "frame", "numbers"]
    assert lines[2] == ["b", "1002-1004", "1001-1005", "none", plate, "the", "reference"]
    assert ran.out.splitlines()[3].startswith('b: Shot "b" has no key in "keys": ')
    assert len(sorted(show.rglob("*"))) == len(before)


def test_a_batch_of_which_nothing_can_be_made_is_misuse(run: Any, show: Path) -> None:
    for frame in range(1001, 1006):
        (show / "plate" / f"plate.{frame}.png").unlink()

    for more in ([], ["--dry-run"]):
        ran = run(*words(*more))
        assert ran.code == 2
        assert 'Media of clip "a" are missing' in ran.err + ran.out
        assert 'Media of clip "b" are missing' in ran.err + ran.out
    assert not (show / "mattes").exists()


def test_only_one_shot_is_made_where_one_is_asked_for(run: Any, show: Path) -> None:
    ran = run(*words(only="b"))

    assert ran.code == 0
    assert not (show / "mattes" / "a").exists()
    assert "1 of 1 shot is done." in ran.out


def test_programs_hear_of_shots_and_frames_in_json(run: Any, show: Path) -> None:
    (show / "keys" / "b.1002.png").unlink()

    ran = run(*words(progress="json"))

    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 1
    assert [line["event"] for line in lines] == [
        *("shot", "frame", "frame", "frame", "done"),
        *("shot", "failed", "end"),
    ]
    assert lines[0] == {
        "event": "shot",
        "shot": "a",
        "frames": "1001-1003",
        "number": 1,
        "shots": 2,
    }
    assert (lines[-1]["shots"], lines[-1]["failed"]) == (1, ["b"])


def test_settings_come_from_a_file_and_options_change_them(run: Any, show: Path) -> None:
    (show / "s.json").write_text('{"model": "stmatte-s", "working_height": 64, "reach": 2}')

    run(*words(settings="s.json", device=None))

    read = open_cut(show / "mattes/cut.mattes.otio")
    said = dict(read.timeline.tracks[1][0].metadata["stmatte"]["settings"])
    assert (said["model"], said["working_height"], said["reach"]) == ("label-propagation", 64, 2)


def test_an_edl_goes_through_with_its_rate_and_its_plates(run: Any, show: Path) -> None:
    # 00:00:41:17 at 24 is frame 1001
    event = "001  A001 V C 00:00:41:17 00:00:41:20 01:00:00:00 01:00:00:03"
    (show / "cut.edl").write_text(f"TITLE: cut\n\n{event}\n* FROM CLIP NAME: a\n")
    said = words(media="plate/plate.####.png", rate=24)
    said[1] = "cut.edl"

    ran = run(*said)

    assert ran.code == 0, ran.err
    assert "3 frames (1001-1003) written to mattes/a." in ran.out


def test_the_timeline_that_was_read_is_never_written_over(run: Any, show: Path) -> None:
    before = (show / "cut.otio").read_bytes()

    ran = run(*words(timeline="cut.otio"))

    assert ran.code == 2
    assert "would be written over" in ran.err
    assert (show / "cut.otio").read_bytes() == before
    assert not (show / "mattes").exists()


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"keys": "nowhere"}, 'Folder of keys "nowhere" does not exist'),
        ({"key_pattern": "{shot}.png"}, "does not say which shot and which frame"),
        ({"out": "mattes/x.####.exr"}, "is the same for all 2 shots"),
        ({"only": "aa"}, 'Shot "aa" is not in the timeline: it has a'),
        ({"rate": 24}, "only an EDL needs it"),
        ({"settings": "nowhere.json"}, "nowhere.json"),
        ({"working_height": 3}, "Working height 3 is too small"),
        ({"channels": "A"}, 'Channels "A" are not possible'),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_written(
    options: dict[str, object], what: str, run: Any, show: Path
) -> None:
    ran = run(*words(**options))

    assert ran.code == 2
    assert what in ran.err
    assert not (show / "mattes").exists()


def test_a_retime_that_nobody_can_follow_is_told_by_name(run: Any, show: Path) -> None:
    media = external("plate/plate.####.png", span(1001, 5))
    ramp = otio.schema.TimeEffect(effect_name="Speed ramp")
    plain = clip("b", media.clone(), span(1002, 3))
    save(timeline([clip("a", media, span(1001, 3), effects=[ramp]), plain]), show / "cut.otio")

    ran = run(*words())

    assert ran.code == 1
    assert 'Failed. Clip "a" has the retime "Speed ramp"' in ran.err


def test_a_key_of_another_size_fails_its_shot_alone(run: Any, show: Path) -> None:
    write_plate(show / "plate", range(1001, 1006))
    write_grey(show / "keys" / "a.1002.png", np.full((10, 10), 255, np.uint8))

    ran = run(*words())

    assert ran.code == 1
    assert "Failed: a." in ran.out


@pytest.mark.usefixtures("show")
def test_who_stops_it_hears_where_and_can_go_on(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("stmatte.timelines.batch.deliver", Mock(side_effect=KeyboardInterrupt))
        stopped = run(*words())
    gone_on = run(*words())

    assert (stopped.code, gone_on.code) == (130, 0)
    assert stopped.err.startswith("Stopped in shot 1 of 2. What is done is kept")


@pytest.mark.usefixtures("show")
def test_a_bar_is_drawn_for_each_shot(run: Any) -> None:
    ran = run(*words(progress="bar"))

    assert ran.code == 0
    assert ran.err.count("frames/s") >= 2
    assert "2 of 2 shots are done." in ran.out


def test_markers_begin_where_the_library_says() -> None:
    defaults = {parameter.name: parameter.default for parameter in batch.params}

    assert defaults["unsure"] == SURE
