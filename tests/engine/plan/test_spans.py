# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte.plan.said import NOTHING, Given, say
from stmatte.plan.spans import Pass, Span, cut_spans
from stmatte.settings import Reach
from stmatte.shot import FrameRange

KEYS = {3: "a", 6: "b", 9: "c"}


def spans(keys: dict[int, str], frames: range = range(1, 11), **more: object) -> tuple[Span, ...]:
    return cut_spans(frames, say(keys), **more)  # type: ignore[arg-type]


def test_keys_cut_the_range() -> None:
    assert [span.frames for span in spans(KEYS)] == [(1, 2), (4, 5), (7, 8), (10,)]


def test_between_two_keys_there_is_a_pass_from_either_side() -> None:
    between = spans(KEYS)[1]

    assert between.before == (3,)
    assert between.after == (6,)
    assert between.forward == Pass(3, (4, 5), heard=(6,))
    assert between.backward == Pass(6, (5, 4), heard=(3,))


def test_before_the_first_and_after_the_last_key_there_is_one_pass() -> None:
    first, *_, last = spans(KEYS)

    assert (first.forward, first.backward) == (None, Pass(3, (2, 1), heard=()))
    assert (last.forward, last.backward) == (Pass(9, (10,), heard=()), None)


def test_a_wider_reach_hears_more_keys_the_nearest_last() -> None:
    keys = {1: "a", 3: "b", 6: "c", 8: "d", 10: "e"}

    span = spans(keys, reach=2)[1]

    assert span.frames == (4, 5)
    assert span.heard == (1, 3, 6, 8)
    assert span.forward == Pass(3, (4, 5), heard=(8, 6, 1))
    assert span.backward == Pass(6, (5, 4), heard=(1, 3, 8))


def test_all_keys_are_heard_if_that_is_wanted() -> None:
    keys = {1: "a", 3: "b", 6: "c", 8: "d", 10: "e"}

    assert all(span.heard == (1, 3, 6, 8, 10) for span in spans(keys, reach="all"))


def test_nothing_is_heard_across_a_scene_cut() -> None:
    found = spans(KEYS, cuts=[5], reach="all")

    assert [(span.frames, span.heard) for span in found] == [
        ((1, 2), (3,)),
        ((4,), (3,)),
        ((5,), (6, 9)),
        ((7, 8), (6, 9)),
        ((10,), (6, 9)),
    ]


def test_a_scene_without_a_key_has_no_pass() -> None:
    last = spans(KEYS, cuts=[10])[-1]

    assert last == Span((10,), (), (), None, None)


def test_an_absence_begins_no_pass_but_is_heard_by_the_other_one() -> None:
    said = say({8: "a"}, [FrameRange(3, 4)])

    before, between, after = cut_spans(range(1, 10), said)

    assert before == Span((1, 2), (), (3,), None, None)
    assert between.forward is None
    assert between.backward == Pass(8, (7, 6, 5), heard=(4,))
    assert after.forward == Pass(8, (9,), heard=())


def test_between_two_absences_the_object_is_nowhere() -> None:
    said = say({9: "a"}, [FrameRange(2, 2), FrameRange(5, 5)])

    assert cut_spans(range(1, 10), said)[1].passes == ()


def test_the_nearer_pass_counts_more() -> None:
    span = spans({0: "a", 4: "b"}, range(5))[0]

    assert [span.forward_share(f) for f in (1, 2, 3)] == [3 / 4, 2 / 4, 1 / 4]


def test_one_pass_counts_whole() -> None:
    first, *_, last = spans(KEYS)

    assert (first.forward_share(1), last.forward_share(10)) == (0, 1)


def test_gaps_in_the_plate_stay_gaps() -> None:
    found = cut_spans([1, 2, 5, 6, 9], say({2: "a", 9: "b"}))

    assert [span.frames for span in found] == [(1,), (5, 6)]
    assert found[1].forward_share(5) == 4 / 7  # 9 - 5 of 9 - 2


def test_without_a_key_there_is_one_span_without_a_pass() -> None:
    assert spans({}) == (Span(tuple(range(1, 11)), (), (), None, None),)


@given(
    frames=st.sets(st.integers(-20, 20), min_size=1).map(sorted),
    places=st.sets(st.integers(-20, 20)),
    absent=st.sets(st.integers(-20, 20)),
    cuts=st.lists(st.integers(-20, 20), max_size=3),
    reach=st.one_of(st.integers(1, 3), st.just("all")),
)
def test_every_frame_is_given_or_in_one_span_and_no_span_crosses_anything(
    frames: list[int], places: set[int], absent: set[int], cuts: list[int], reach: Reach
) -> None:
    said = {f: Given(NOTHING if f in absent else "matte") for f in sorted(places)}

    found = cut_spans(frames, said, cuts, reach)

    computed = [frame for span in found for frame in span.frames]
    assert sorted([*computed, *(f for f in frames if f in said)]) == frames
    for span in found:
        low, high = min(span.frames + span.heard), max(span.frames + span.heard)
        assert not any(low < cut <= high for cut in cuts)
        assert not any(span.frames[0] < f < span.frames[-1] for f in said if f in frames)
        if reach != "all":
            assert max(len(span.before), len(span.after)) <= reach
        for way in span.passes:
            assert sorted(way.frames) == list(span.frames)
            assert sorted((*way.heard, way.start)) == list(span.heard)
            assert not said[way.start].absent


@pytest.mark.parametrize("reach", [1, 2])
def test_a_correction_leaves_frames_beyond_its_reach_alone(reach: int) -> None:
    keys = {1001: "a", 1025: "b", 1050: "c", 1075: "d", 1100: "e"}
    frames = range(1001, 1101)

    before = cut_spans(frames, say(keys), reach=reach)
    after = cut_spans(frames, say({**keys, 1060: "new"}), reach=reach)

    kept = {frame for span in after if span in before for frame in span.frames}
    # of 96 computed frames, one is now keyed; reach 1: 1051-1074; reach 2: 1026-1099
    stale = {1: set(range(1051, 1075)), 2: set(range(1026, 1100))}[reach]
    assert kept == set(frames) - stale - set(keys)
