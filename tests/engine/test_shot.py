# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte import FrameRange, Key, Shot, StmatteError
from stmatte.errors import ManyError
from stmatte.shot import Absence, Lock, Matte, MatteFile, ObjectSpec

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


# --- where a matte lies ---------------------------------------------------------------


@pytest.mark.parametrize(("channel", "label"), [("", 0), ("hero.A", 0), ("", 3)])
def test_a_matte_lies_in_a_channel_or_under_a_label(channel: str, label: int) -> None:
    assert MatteFile("m.exr", channel, label).path == "m.exr"


def test_a_matte_cannot_lie_in_a_channel_and_under_a_label() -> None:
    with pytest.raises(StmatteError) as refused:
        MatteFile("m.exr", "hero.A", 3)

    assert str(refused.value) == (
        'Matte "m.exr" is asked for label 3 and channel "hero.A": a label is 1 or more, and a '
        "matte has a label or a channel, not both."
    )


def test_a_label_is_no_negative_number() -> None:
    with pytest.raises(StmatteError, match="is asked for label -1: a label is 1 or more"):
        MatteFile("m.png", label=-1)


# --- objects, absences, locks ---------------------------------------------------------


@pytest.mark.parametrize("name", ["", "2nd", "hero.A"])
def test_every_noun_checks_the_name_it_speaks_of(name: str) -> None:
    frames = FrameRange(1, 2)

    for noun in (
        lambda: ObjectSpec(name),
        lambda: Absence(name, frames),
        lambda: Lock(name, frames, MatteFile("m.####.exr")),
    ):
        with pytest.raises(StmatteError, match="cannot become a layer name"):
            noun()


def test_every_locked_frame_has_its_matte() -> None:
    mattes: dict[int, Matte] = {7: MATTE, 9: MatteFile("m.0009.exr")}

    assert Lock("hero", FrameRange(7, 7), mattes).mattes is mattes
    with pytest.raises(StmatteError) as refused:
        Lock("hero", FrameRange(7, 9), mattes)
    assert str(refused.value) == (
        'Lock of "hero" over frames 7-9 has no matte at frame 8: every locked frame has its '
        "matte. Lock only frames that are done."
    )


# --- what they have against each other ------------------------------------------------


def a_shot(
    keys: tuple[Key, ...] = (Key(7, {"hero": MATTE}),),
    specs: tuple[str, ...] = (),
    absences: tuple[Absence, ...] = (),
    locks: tuple[Lock, ...] = (),
) -> Shot:
    objects = tuple(ObjectSpec(name) for name in specs)
    return Shot("p.####.exr", keys, specs=objects, absences=absences, locks=locks)


def a_lock(first: int, last: int, name: str = "hero") -> Lock:
    return Lock(name, FrameRange(first, last), MatteFile("m.####.exr"))


def test_objects_that_are_listed_keep_their_order() -> None:
    assert a_shot(specs=("car", "hero")).objects == ("car", "hero")


def test_an_object_that_nobody_keyed_may_be_listed() -> None:
    assert a_shot(specs=("hero", "car"), absences=(Absence("car", FrameRange(1, 9)),)).objects == (
        "hero",
        "car",
    )


def test_a_lock_alone_is_enough_to_begin_with() -> None:
    assert a_shot(keys=(), specs=("hero",), locks=(a_lock(7, 9),)).keys == ()


def test_an_absence_alone_is_not_enough() -> None:
    with pytest.raises(StmatteError, match="The shot has no key: at least one frame carries"):
        a_shot(keys=(), specs=("hero",), absences=(Absence("hero", FrameRange(1, 2)),))


def test_an_object_is_listed_once() -> None:
    with pytest.raises(StmatteError) as refused:
        a_shot(specs=("hero", "car", "hero"))

    assert str(refused.value) == (
        'Object "hero" is listed twice: every object has a name of its own. Rename one of them.'
    )


@pytest.mark.parametrize("specs", [("hero", "Hero"), ()])
def test_objects_differ_in_more_than_capitals(specs: tuple[str, ...]) -> None:
    with pytest.raises(StmatteError) as refused:
        a_shot(keys=(Key(1, {"hero": MATTE}), Key(2, {"Hero": MATTE})), specs=specs)

    assert str(refused.value) == (
        'Objects "hero" and "Hero" differ in capitals only: on many disks their files would be '
        'one. Rename one of them, for instance "Hero_2".'
    )


def test_nobody_speaks_of_an_object_that_is_not_listed() -> None:
    with pytest.raises(ManyError) as refused:
        a_shot(
            specs=("car", "dog"),
            absences=(Absence("cat", FrameRange(1, 2)),),
            locks=(a_lock(3, 4, "cow"),),
        )

    repair = "objects are car, dog. Add the object, or correct the name."
    assert str(refused.value).splitlines() == [
        f'The key at frame 7 speaks of "hero", which is no object of the shot: {repair}',
        f'The absence at frames 1-2 speaks of "cat", which is no object of the shot: {repair}',
        f'The lock of frames 3-4 speaks of "cow", which is no object of the shot: {repair}',
    ]


@pytest.mark.parametrize("frames", [FrameRange(7, 7), FrameRange(1, 7), FrameRange(7, 9)])
def test_an_object_is_not_keyed_where_it_is_absent(frames: FrameRange) -> None:
    with pytest.raises(StmatteError) as refused:
        a_shot(absences=(Absence("hero", frames),))

    assert str(refused.value) == (
        'Object "hero" is keyed at frame 7 and said to be absent there: on one frame an object '
        "is there or it is not. Remove the key, or shorten the absence."
    )


def test_an_absence_leaves_other_frames_and_objects_alone() -> None:
    absences = (
        Absence("hero", FrameRange(1, 6)),
        Absence("hero", FrameRange(5, 6)),
        Absence("car", FrameRange(7, 7)),
    )

    assert a_shot(specs=("hero", "car"), absences=absences).absences == absences


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("second", [(20, 21), (12, 13), (10, 20), (1, 10)])
def test_locks_of_one_object_do_not_overlap(second: tuple[int, int], order: int) -> None:
    locks = (a_lock(10, 20), a_lock(*second))[::order]

    with pytest.raises(StmatteError) as refused:
        a_shot(locks=locks)

    assert str(refused.value) == (
        f'Object "hero" is locked twice at frame {max(10, second[0])}: locks of one object '
        "don't overlap. Shorten one of them."
    )


def test_locks_of_one_object_may_touch_and_those_of_two_may_overlap() -> None:
    locks = (a_lock(10, 20), a_lock(21, 22), a_lock(1, 9), a_lock(1, 30, "car"))

    assert a_shot(specs=("hero", "car"), locks=locks).locks == locks


def test_a_lock_may_lie_over_keys_and_absences() -> None:
    absences = (Absence("hero", FrameRange(1, 3)),)

    assert a_shot(absences=absences, locks=(a_lock(1, 9),)).absences == absences


def test_a_range_without_end_costs_nothing() -> None:
    absences = (Absence("hero", FrameRange(8, 10**12)),)

    assert a_shot(absences=absences, locks=(a_lock(8, 10**12),)).absences == absences


def test_all_that_is_wrong_with_a_shot_is_told_at_once() -> None:
    with pytest.raises(ManyError) as refused:
        a_shot(
            keys=(Key(7, {"hero": MATTE}), Key(7, {"hero": MATTE})),
            locks=(a_lock(1, 2), a_lock(2, 3)),
        )

    assert [problem.what for problem in refused.value.problems] == [
        'Object "hero" has two keys at frame 7',
        'Object "hero" is locked twice at frame 2',
    ]
