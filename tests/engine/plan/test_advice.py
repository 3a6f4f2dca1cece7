# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte.plan.advice import AT_A_KEY, HALFWAY, Advice, Seen, advise, distance, expected_error
from stmatte.plan.said import Said, say
from stmatte.plan.spans import cut_spans
from stmatte.shot import FrameRange

PLAIN = Seen(doubt=0.1, apart=0, area=0.2)


def advised(
    frames: range,
    said: Said,
    doubts: dict[int, Seen] | None = None,
    count: int = 1,
    cuts: tuple[int, ...] = (),
) -> list[Advice]:
    """Advice for one object that looks alike on all frames but those that are given."""
    spans = cut_spans(frames, said, cuts)
    seen = {f: PLAIN for span in spans for f in span.frames} | (doubts or {})
    return advise({"hero": spans}, {"hero": seen}, count)


def keyed(*frames: int) -> Said:
    return say(dict.fromkeys(frames, "key"))


def test_distances_of_two_passes_are_in_parallel() -> None:
    (span,) = cut_spans(range(13), keyed(0, 12))

    assert distance(span, 4) == 4 * 8 / 12
    assert distance(span, 6) == 3
    assert distance(span, 1) == pytest.approx(11 / 12)


def test_with_one_pass_the_distance_is_that_to_its_key() -> None:
    before, after = cut_spans(range(13), keyed(4))

    assert distance(before, 1) == 3
    assert distance(after, 12) == 8


def test_where_no_pass_comes_the_distance_is_infinite() -> None:
    _, silent = cut_spans(range(13), keyed(0), cuts=(6,))

    assert distance(silent, 8) == inf


def test_expected_error_grows_with_distance_and_with_the_root_of_doubt() -> None:
    at_a_key, far = expected_error(1, 0), expected_error(1, inf)

    assert far == 1
    assert at_a_key == AT_A_KEY / (AT_A_KEY + 1)
    assert expected_error(1, HALFWAY) == pytest.approx((at_a_key + far) / 2)
    assert expected_error(0.25, 3) == expected_error(1, 3) / 2
    assert expected_error(0, 3) == 0


def test_after_a_single_key_the_best_place_is_past_the_middle() -> None:
    """There, frames on both sides gain; the last frame would help one side only."""
    (advice,) = advised(range(49), keyed(0))

    assert 24 < advice.frame < 40


def test_between_two_keys_with_even_doubt_the_best_place_is_the_middle() -> None:
    (advice,) = advised(range(49), keyed(0, 48))

    assert advice.frame == 24


def test_doubt_draws_the_advice_away_from_the_middle() -> None:
    doubted = {f: Seen(0.8, 0.3, 0.2) for f in range(9, 13)}

    (advice,) = advised(range(49), keyed(0, 48), doubted)

    assert 9 <= advice.frame <= 12


def test_the_gain_is_the_part_of_the_expected_error_that_goes_away() -> None:
    # frames 1 and 2 between keys 0 and 3: 2/3 of a frame away either
    (advice,) = advised(range(4), keyed(0, 3))

    before = 2 * expected_error(0.1, 2 / 3)
    left = expected_error(0.1, 0.5)  # frame 2 between 1 and 3
    assert advice.gain == pytest.approx((before - left) / before)
    assert advice.frame == 1  # of equal ones the earlier


def test_a_single_frame_between_keys_loses_all_its_doubt() -> None:
    assert [(a.frame, a.gain) for a in advised(range(3), keyed(0, 2), count=5)] == [(1, 1)]


def test_advice_counts_on_the_advice_before_it() -> None:
    found = advised(range(49), keyed(0, 48), count=3)

    assert [a.frame for a in found] == [24, 12, 36]
    assert found[0].gain > found[1].gain == pytest.approx(found[2].gain)


def test_nothing_is_advised_where_nothing_is_doubted() -> None:
    sure = {f: Seen(0, 0, 0.2) for f in range(1, 48)}

    assert advised(range(49), keyed(0, 48), sure, count=3) == []


def test_keyed_absent_and_locked_frames_are_never_advised() -> None:
    said = say(
        {0: "key", 40: "key"},
        [FrameRange(10, 15)],
        [(FrameRange(20, 29), dict.fromkeys(range(20, 30), "locked"))],
    )

    found = advised(range(41), said, count=100)

    free = {f for f in range(41) if f not in said}
    assert {a.frame for a in found} <= free
    assert {a.frame for a in found} >= set(range(30, 40))


def test_an_object_that_left_for_good_needs_no_key() -> None:
    said = say({0: "key"}, [FrameRange(10, 15)])

    assert all(a.frame < 10 for a in advised(range(41), said, count=100))


def test_a_scene_without_a_key_comes_first() -> None:
    found = advised(range(40), keyed(0), count=1, cuts=(30,))

    assert found[0].frame in range(30, 40)
    assert found[0].reasons == ("no key speaks for frames 30-39",)


def test_objects_compete_for_the_next_key() -> None:
    spans = cut_spans(range(21), keyed(0, 20))
    seen = {f: Seen(0.1, 0, 0.2) for f in range(1, 20)}
    doubted = {f: Seen(0.3, 0, 0.2) for f in range(1, 20)}

    found = advise({"calm": spans, "wild": spans}, {"calm": seen, "wild": doubted}, 3)

    assert [a.object for a in found] == ["wild", "calm", "wild"]
    assert found[0].frame == 10
    assert sum(a.gain for a in found) < 1


def test_frames_that_were_passed_over_are_neither_counted_nor_advised() -> None:
    spans = cut_spans(range(11), keyed(0, 10))
    seen = dict.fromkeys((2, 8), PLAIN)

    assert {a.frame for a in advise({"hero": spans}, {"hero": seen}, 9)} == {2, 8}


def why(area: dict[int, float], here: Seen) -> tuple[str, ...]:
    """Reasons for frame 8 between keys 0 and 20, where all else is sure."""
    spans = cut_spans(range(21), keyed(0, 20))
    seen = {f: Seen(0, 0, a) for f, a in area.items()} | {8: here}
    (advice,) = advise({"hero": spans}, {"hero": seen}, 1)
    assert advice.frame == 8
    return advice.reasons


@pytest.mark.parametrize(
    ("area", "here", "reason"),
    [
        ({}, Seen(0.3, 0.12, 0.2), "the two passes disagree over 12 % of the object"),
        ({}, Seen(0.3, 0.01, 0.2), "30 % of its matte is doubtful"),
        ({13: 0.1}, Seen(0.1, 0, 0.2), "its area halves within 5 frames"),
        ({13: 0.4}, Seen(0.1, 0, 0.2), "its area doubles within 5 frames"),
        ({3: 0.1}, Seen(0.1, 0, 0.2), "its area has doubled within 5 frames"),
        ({3: 0.4}, Seen(0.1, 0, 0.2), "its area has halved within 5 frames"),
    ],
)
def test_the_first_reason_is_what_is_seen_there(
    area: dict[int, float], here: Seen, reason: str
) -> None:
    assert why(area, here)[0] == reason


def test_a_change_farther_away_is_no_reason() -> None:
    assert why({2: 0.1, 14: 0.1}, Seen(0.1, 0, 0.2))[0] == "8 frames from the nearest key"


def test_an_object_without_area_has_no_change() -> None:
    assert why({13: 0.4}, Seen(0.1, 0, 0))[0] == "8 frames from the nearest key"


def test_reasons_end_with_the_distance_and_with_what_a_key_would_change() -> None:
    (advice,) = advised(range(49), keyed(0, 48))

    assert advice.reasons == ("24 frames from the nearest key", "46 more frames would hear it")


@given(
    st.sets(st.integers(0, 30), min_size=1, max_size=5),
    st.lists(st.floats(0, 1), min_size=31, max_size=31),
    st.integers(1, 40),
)
def test_advice_is_never_twice_and_gains_never_take_away_more_than_there_is(
    keys: set[int], doubts: list[float], count: int
) -> None:
    doubted = {f: Seen(d, 0, 0.1) for f, d in enumerate(doubts) if f not in keys}

    found = advised(range(31), keyed(*keys), doubted, count)

    gains = [a.gain for a in found]
    assert all(gain > 0 for gain in gains)
    assert sum(gains) <= 1 + 1e-9
    assert len({a.frame for a in found}) == len(found) <= count
    assert not keys & {a.frame for a in found}
