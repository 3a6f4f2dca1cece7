# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from cutting import clip, sequence, span, timeline, touch
from stmatte.errors import StmatteError
from stmatte.shot import FrameRange, MatteFile
from stmatte.timelines.clips import UsedClip, used_clips
from stmatte.timelines.keys import FoundKey, KeyFolder, marked_keys, within
from stmatte.timelines.media import Media

MEDIA = Media("a.####.exr", tuple(range(1001, 1051)), 1001, Fraction(3600), Fraction(24))


def told(keys: list[FoundKey]) -> list[tuple[int, str, str]]:
    return [(key.frame, key.object, Path(key.matte.path).name) for key in keys]


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ("sh010/hero.1034.png", (1034, "hero", "hero.1034.png")),
        ("sh010.hero.1034.exr", (1034, "hero", "sh010.hero.1034.exr")),
        ("sh010/1034.png", (1034, "", "1034.png")),
        ("sh010.1034.tif", (1034, "", "sh010.1034.tif")),
        ("sh010/hero.-0005.png", (-5, "hero", "hero.-0005.png")),
    ],
)
def test_keys_are_found_by_what_they_are_usually_called(
    file: str, found: tuple[int, str, str], tmp_path: Path
) -> None:
    path = tmp_path / file
    touch(path.parent, path.name, ".hidden.1034.png", "notes.txt")

    folder = KeyFolder(tmp_path, (), ["sh010", "sh020"])

    assert told(folder.keys("sh010")) == [found]
    assert folder.keys("sh020") == []


def test_a_shot_whose_name_begins_as_another_s_keeps_its_keys(tmp_path: Path) -> None:
    touch(tmp_path, "sh010.1001.png", "sh010_2.1002.png", "sh010_2_hero.1003.png")

    folder = KeyFolder(
        tmp_path, ("{shot}_{object}.{frame}.png", "{shot}.####.{ext}"), ["sh010", "sh010_2"]
    )

    assert told(folder.keys("sh010")) == [(1001, "", "sh010.1001.png")]
    assert told(folder.keys("sh010_2")) == [
        (1002, "", "sh010_2.1002.png"),
        (1003, "hero", "sh010_2_hero.1003.png"),
    ]


def test_a_name_may_stand_twice_in_a_pattern(tmp_path: Path) -> None:
    touch(tmp_path / "sh010", "sh010_hero.1001.png", "sh020_hero.1001.png")

    folder = KeyFolder(tmp_path, ("{shot}/{shot}_{object}.{frame}.{ext}",), ["sh010", "sh020"])

    assert told(folder.keys("sh010")) == [(1001, "hero", "sh010_hero.1001.png")]


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        ("{shot}/{frmae}.png", "has {frmae}: a pattern has {shot}, {frame}"),
        ("{shot}/{object}.png", "does not say which shot and which frame"),
        ("{frame}.png", "does not say which shot and which frame"),
    ],
)
def test_a_pattern_that_cannot_be_one_is_refused(pattern: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(StmatteError) as refused:
        KeyFolder(tmp_path, (pattern,), ["sh010"])

    assert what in str(refused.value)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StmatteError, match=r"Folder of keys .* does not exist"):
        KeyFolder(tmp_path / "no", (), [])


def test_a_shot_without_keys_hears_what_is_there(tmp_path: Path) -> None:
    touch(tmp_path / "sh01", "hero.1001.png")

    told = str(KeyFolder(tmp_path, (), ["sh010"]).none_for("sh010"))

    assert told.startswith(f'Shot "sh010" has no key in "{tmp_path}": keys are sh010/{{object}}')
    assert "it holds sh01/hero.1001.png." in told


# --- markers --------------------------------------------------------------------------


def marked(**said: Any) -> UsedClip:
    marker = otio.schema.Marker("m", span(86410, 1), metadata={"stmatte": said})
    made = clip("a", sequence(1001, span(86400, 50)), span(86405, 20), markers=[marker])
    (used,) = used_clips(timeline([made]))
    return used


def test_a_marker_is_a_key_on_the_frame_under_it() -> None:
    (key,) = marked_keys(marked(key="keys/hero.png", object="hero"), MEDIA, Path("/cut"))

    assert key == FoundKey(1011, MatteFile("/cut/keys/hero.png"), "hero")


def test_a_marker_may_say_frame_channel_and_label() -> None:
    used = marked(key="/k/all.exr", object="hero", channel="hero.A", frame=1020)
    assert marked_keys(used, MEDIA, Path("/cut")) == [
        FoundKey(1020, MatteFile("/k/all.exr", "hero.A"), "hero")
    ]
    used = marked(key="/k/all.png", object="hero", label=2)
    assert marked_keys(used, MEDIA, Path("/cut")) == [
        FoundKey(1011, MatteFile("/k/all.png", label=2), "hero")
    ]


def test_other_markers_are_no_keys() -> None:
    assert marked_keys(marked(note="look"), MEDIA, Path("/cut")) == []


@pytest.mark.parametrize("said", [{"key": 3}, {"key": "a", "frame": "x"}, {"key": "a", "at": 1}])
def test_a_marker_that_is_half_a_key_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(StmatteError, match='Marker "m" of clip "a" has '):
        marked_keys(marked(**said), MEDIA, Path("/cut"))


# --- which keys are heard -------------------------------------------------------------


def key(frame: int, name: str = "hero") -> FoundKey:
    return FoundKey(frame, MatteFile(f"{name}.{frame}.png"), name)


def test_keys_on_the_frames_are_heard_and_others_are_named() -> None:
    heard, frames, notes = within([key(1001), key(1010), key(1030)], FrameRange(1005, 1020), "a")

    assert [k.frame for k in heard] == [1010]
    assert frames == FrameRange(1005, 1020)
    assert notes == ["a: keys of hero at 1001, 1030 are outside 1005-1020"]


def test_an_object_that_has_no_key_on_the_frames_hears_its_nearest() -> None:
    keys = [key(1010), key(990, "car"), key(1001, "car")]

    heard, frames, notes = within(keys, FrameRange(1005, 1020), "a")

    assert [(k.frame, k.object) for k in heard] == [(1001, "car"), (1010, "hero")]
    assert frames == FrameRange(1001, 1020)
    assert notes[0].startswith("a: the nearest key of car is at frame 1001, outside 1005-1020")
