# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte import FrameRange, Key, Settings, Shot, StmatteError

MATTE = np.ones((4, 6), np.float32)
NUMBERS = st.integers(-(10**6), 10**6)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1001-1080", 1001, 1080),
        ("1001", 1001, 1001),
        ("-5", -5, -5),
        ("-5-10", -5, 10),
        ("-10--5", -10, -5),
        (" 1 - 3 ", 1, 3),
        ("0008-0010", 8, 10),
    ],
)
def test_a_range_is_read_as_an_artist_writes_it(text: str, first: int, last: int) -> None:
    assert FrameRange.parse(text) == FrameRange(first, last)


@pytest.mark.parametrize("text", ["", "-", "1-", "a-b", "1-2-3", "1,2", "1.5", "1001 1080"])
def test_a_range_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(StmatteError) as refused:
        FrameRange.parse(text)

    assert str(refused.value) == (
        f'Frame range "{text}" cannot be read: a range is written "1001-1080", '
        'a single frame "1001".'
    )
    assert refused.value.value == text


@given(ends=st.tuples(NUMBERS, NUMBERS).map(sorted))
def test_a_range_reads_what_it_writes(ends: list[int]) -> None:
    frames = FrameRange(ends[0], ends[1])

    assert FrameRange.parse(str(frames)) == frames


def test_a_single_frame_is_written_as_one_number() -> None:
    assert (str(FrameRange(7, 7)), str(FrameRange(-3, -3)), str(FrameRange(7, 8))) == (
        "7",
        "-3",
        "7-8",
    )


def test_a_range_holds_both_of_its_ends() -> None:
    frames = FrameRange(-1, 2)

    assert list(frames) == [-1, 0, 1, 2]
    assert len(frames) == 4
    assert -1 in frames
    assert 2 in frames
    assert 3 not in frames
    assert "1" not in frames


def test_a_range_that_runs_backwards_is_told_how_to_turn() -> None:
    with pytest.raises(StmatteError) as refused:
        FrameRange.parse("1080-1001")

    assert str(refused.value) == (
        "Frame range 1080-1001 runs backwards: the first frame comes before the last. "
        "Write 1001-1080."
    )


@pytest.mark.parametrize("name", ["hero", "H", "car_2", "LeftHand"])
def test_an_object_has_a_name_that_can_be_a_layer(name: str) -> None:
    assert dict(Key(1, {name: MATTE}).mattes) == {name: MATTE}


@pytest.mark.parametrize(
    "name", ["", "2nd", "_hero", "left hand", "hero.A", "h\u00e9ros", "hero\n"]
)
def test_a_name_that_no_layer_can_have_is_refused(name: str) -> None:
    with pytest.raises(StmatteError, match="cannot become a layer name: a name starts with"):
        Key(1, {name: MATTE})


def test_a_key_without_an_object_is_refused() -> None:
    with pytest.raises(StmatteError, match="Key at frame 7 names no object"):
        Key(7, {})


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"working_height": 63}, "Working height 63 is too small: 64 pixels or more."),
        ({"memory_every": -1}, "Memory every -1 frames is not possible: 0 (never) or more."),
        ({"device": "tpu"}, 'Device "tpu" is not known: auto, cpu or cuda.'),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_setting_that_cannot_be_is_refused(setting: dict[str, object], sentence: str) -> None:
    with pytest.raises(StmatteError) as refused:
        Settings(**setting)  # type: ignore[arg-type]

    assert str(refused.value) == sentence


def test_the_least_settings_that_can_be_are_taken() -> None:
    assert Settings(working_height=64, memory_every=0, device="cpu").memory_every == 0


def test_a_shot_without_a_key_is_refused() -> None:
    with pytest.raises(StmatteError, match="The shot has no key: at least one frame carries"):
        Shot("plate.####.exr", ())


def test_an_object_has_one_key_on_a_frame() -> None:
    with pytest.raises(StmatteError) as refused:
        Shot("plate.####.exr", (Key(7, {"hero": MATTE}), Key(7, {"hero": MATTE})))

    assert str(refused.value) == (
        'Object "hero" has two keys at frame 7: one key per object and frame. Remove one of them.'
    )


def test_several_keys_may_share_a_frame_for_other_objects() -> None:
    keys = (Key(9, {"car": MATTE}), Key(7, {"hero": MATTE}), Key(7, {"car": MATTE}))

    assert Shot("plate.####.exr", keys).objects == ("car", "hero")


def test_a_shot_cannot_be_changed() -> None:
    shot = Shot("plate.####.exr", (Key(7, {"hero": MATTE}),))

    with pytest.raises(dataclasses.FrozenInstanceError):
        shot.frames = FrameRange(1, 2)  # type: ignore[misc]
