# SPDX-License-Identifier: Apache-2.0
"""Digests: what makes a matte another one, and what doesn't."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from stmatte.plan.plan import ShotPlan, changed, make_plan
from stmatte.plan.said import NOTHING, say
from stmatte.settings import Reach
from stmatte.shot import FrameRange

FRAMES = range(1, 21)
KEYS = {5: "a", 10: "b", 15: "c"}


def plate(frame: int) -> str:
    return f"pixels of {frame}"


def plan_of(
    keys: dict[int, str],
    frames: range = FRAMES,
    *,
    name: str = "hero",
    scheme: str = "scheme",
    plate: Callable[[int], str] = plate,
    cuts: tuple[int, ...] = (),
    reach: Reach = 1,
) -> ShotPlan:
    return make_plan(frames, {name: say(keys)}, cuts, reach, scheme, plate)


def stale(before: ShotPlan, after: ShotPlan, name: str = "hero") -> list[int]:
    return list(changed(before, after)[name])


def test_the_same_shot_has_the_same_digests() -> None:
    assert stale(plan_of(KEYS), plan_of(dict(KEYS))) == []


def test_a_new_key_makes_its_span_stale_and_no_frame_more() -> None:
    assert stale(plan_of(KEYS), plan_of({**KEYS, 12: "new"})) == [11, 12, 13, 14]


def test_a_key_that_changed_makes_the_spans_on_both_sides_stale() -> None:
    assert stale(plan_of(KEYS), plan_of({**KEYS, 10: "B"})) == list(range(6, 15))


def test_a_key_that_is_gone_makes_its_neighbours_one_span() -> None:
    assert stale(plan_of(KEYS), plan_of({5: "a", 15: "c"})) == list(range(6, 15))


def test_a_wider_reach_makes_more_stale() -> None:
    before, after = plan_of(KEYS, reach=2), plan_of({**KEYS, 10: "B"}, reach=2)

    assert stale(before, after) == [f for f in FRAMES if f not in (5, 15)]


def test_the_plate_is_covered_where_a_pass_saw_it() -> None:
    def mended(frame: int) -> str:
        return "mended" if frame == 12 else plate(frame)

    # between the keys at 10 and 15 both passes come by at 12, or begin on the other side of it
    assert stale(plan_of(KEYS), plan_of(KEYS, plate=mended)) == [11, 12, 13, 14]


def test_after_the_last_key_a_change_of_the_plate_is_felt_from_there_on() -> None:
    def mended(frame: int) -> str:
        return "mended" if frame == 18 else plate(frame)

    assert stale(plan_of(KEYS), plan_of(KEYS, plate=mended)) == [18, 19, 20]


def test_the_plate_under_a_key_is_felt_on_both_sides_and_the_key_stays() -> None:
    def mended(frame: int) -> str:
        return "mended" if frame == 10 else plate(frame)

    assert stale(plan_of(KEYS), plan_of(KEYS, plate=mended)) == [6, 7, 8, 9, 11, 12, 13, 14]


def test_model_and_settings_are_covered() -> None:
    after = plan_of(KEYS, scheme="another")

    assert stale(plan_of(KEYS), after) == [f for f in FRAMES if f not in KEYS]


def test_a_longer_shot_keeps_what_it_had() -> None:
    assert stale(plan_of(KEYS), plan_of(KEYS, range(-3, 25))) == [-3, -2, -1, 0, 21, 22, 23, 24]


def test_other_frame_numbers_are_the_same_mattes() -> None:
    here = plan_of(KEYS).objects[0]
    there = plan_of(
        {f + 1000: digest for f, digest in KEYS.items()},
        range(1001, 1021),
        plate=lambda frame: plate(frame - 1000),
    ).objects[0]

    assert [here.digest(f) for f in FRAMES] == [there.digest(f + 1000) for f in FRAMES]


def test_a_renamed_object_has_the_same_mattes_in_another_file() -> None:
    hero, villain = plan_of(KEYS), plan_of(KEYS, name="villain")

    assert [hero.objects[0].digest(f) for f in FRAMES] == [
        villain.objects[0].digest(f) for f in FRAMES
    ]
    assert hero.digest(7) != villain.digest(7)


def test_another_object_makes_nothing_stale() -> None:
    one = plan_of(KEYS)
    two = make_plan(FRAMES, {"hero": say(KEYS), "car": say({12: "x"})}, (), 1, "scheme", plate)

    assert changed(one, two) == {"hero": (), "car": tuple(FRAMES)}


def test_a_cut_is_felt_only_in_the_span_that_it_cuts() -> None:
    assert stale(plan_of(KEYS), plan_of(KEYS, cuts=(12,))) == [11, 12, 13, 14]


def test_where_nothing_shows_the_object_it_is_absent() -> None:
    plan = make_plan(FRAMES, {"hero": say({}, [FrameRange(3, 4)])}, (), 1, "scheme", plate)

    assert {plan.objects[0].digest(f) for f in FRAMES} == {NOTHING}


def test_nothing_of_the_plate_is_read_before_a_digest_is_asked_for() -> None:
    read: list[int] = []

    def noting(frame: int) -> str:
        read.append(frame)
        return plate(frame)

    plan = make_plan(FRAMES, {"hero": say({5: "a"})}, (), 1, "scheme", noting)
    assert read == []

    plan.objects[0].digest(7)
    assert set(read) == {5, 6, 7}


keys_of_shots = st.dictionaries(st.sampled_from(FRAMES), st.sampled_from("abc"), min_size=1)


@given(before=keys_of_shots, after=keys_of_shots, reach=st.sampled_from([1, 2, 3, "all"]))
def test_undo_makes_the_same_frames_stale_and_brings_the_same_digests_back(
    before: dict[int, str], after: dict[int, str], reach: Reach
) -> None:
    one, two = plan_of(before, reach=reach), plan_of(after, reach=reach)

    assert stale(one, two) == stale(two, one)
    again = plan_of(before, reach=reach)
    assert [one.digest(f) for f in FRAMES] == [again.digest(f) for f in FRAMES]


@given(keys=keys_of_shots, frame=st.sampled_from(FRAMES), reach=st.integers(1, 3))
def test_an_edit_is_felt_between_the_keys_within_reach_and_nowhere_else(
    keys: dict[int, str], frame: int, reach: int
) -> None:
    edited = {**keys, frame: "another"}

    found = stale(plan_of(keys, reach=reach), plan_of(edited, reach=reach))

    others = sorted(k for k in keys if k != frame)
    low = ([FRAMES[0] - 1] * reach + [k for k in others if k < frame])[-reach]
    high = ([k for k in others if k > frame] + [FRAMES[-1] + 1] * reach)[reach - 1]
    assert frame in found
    assert all(low < f < high for f in found)


def steady_plan(keys: dict[int, str], plate: Callable[[int], str] = plate) -> ShotPlan:
    return make_plan(FRAMES, {"hero": say(keys)}, (), 1, "scheme", plate, steady=True)


def test_a_steadied_frame_is_made_of_those_right_beside_it_in_its_span() -> None:
    (plan,) = steady_plan(KEYS).objects

    assert plan.beside(12) == (11, 13)
    assert plan.beside(11) == plan.beside(14) == ()  # a key is beside
    assert plan.beside(10) == plan.beside(1) == plan.beside(20) == ()


def test_nothing_is_beside_a_frame_across_a_gap_of_the_plate() -> None:
    frames = [1, 2, 3, 4, 6, 7, 8]
    (plan,) = make_plan(
        frames, {"hero": say({1: "a"})}, (), 1, "scheme", plate, steady=True
    ).objects

    assert [frame for frame in frames if plan.beside(frame)] == [3, 7]


def test_nothing_is_beside_a_frame_that_is_not_steadied_or_that_nothing_shows() -> None:
    (plan,) = plan_of(KEYS).objects
    absent = say({}, absences=[FrameRange(5, 5)])
    (gone,) = make_plan(FRAMES, {"hero": absent}, (), 1, "scheme", plate, steady=True).objects

    assert not any(plan.beside(frame) for frame in FRAMES)
    assert not any(gone.beside(frame) for frame in FRAMES)


@given(st.dictionaries(st.sampled_from(FRAMES), st.sampled_from("ab"), min_size=1), st.data())
def test_a_steadied_shot_has_the_same_stale_frames_as_another(
    keys: dict[int, str], data: st.DataObject
) -> None:
    edited = {**keys, data.draw(st.sampled_from(FRAMES)): "new"}

    assert stale(steady_plan(keys), steady_plan(edited)) == stale(plan_of(keys), plan_of(edited))


def test_the_plate_beside_a_steadied_frame_is_covered() -> None:
    def mended(frame: int) -> str:
        return "mended" if frame == 18 else plate(frame)

    # a pass alone is another from 18 on; 17 is steadied by it
    assert stale(steady_plan(KEYS), steady_plan(KEYS, mended)) == [17, 18, 19, 20]
