# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.propagation.both_ways import fuse, propagate
from stmatte.propagation.passes import KeyedMattes


def image_of(place: int) -> Tensor:
    return torch.full((3, 1, 1), float(place))


def key(*mattes: float | None) -> KeyedMattes:
    planes = torch.tensor([0.0 if m is None else m for m in mattes]).view(-1, 1, 1)
    return KeyedMattes(planes, tuple(m is not None for m in mattes))


def run(network: Any, places: Any, keyed: dict[int, KeyedMattes]) -> dict[int, Any]:
    objects = len(next(iter(keyed.values())).said)
    done: dict[int, Any] = {}
    for place, planes in propagate(network, image_of, places, keyed, objects):
        assert place not in done
        done[place] = pytest.approx([float(p) for p in planes.flatten()], abs=1e-3)
    return done


def test_one_key_goes_forward_then_backward_and_nothing_is_held(echo: Any) -> None:
    done = run(echo, range(10, 16), {12: key(0.25)})

    assert list(done) == [12, 13, 14, 15, 11, 10]
    assert all(planes == [0.75, 0.25] for planes in done.values())


def test_a_key_on_the_first_place_needs_no_way_back(echo: Any) -> None:
    assert list(run(echo, [1, 2, 3], {1: key(1.0)})) == [1, 2, 3]
    assert echo.encoded == [1, 2]


def test_a_key_on_the_last_place_needs_no_way_forward(echo: Any) -> None:
    assert list(run(echo, [1, 2, 3], {3: key(1.0)})) == [3, 2, 1]
    assert echo.encoded == [3, 2]


def test_between_two_keys_the_nearer_one_counts_more_on_log_odds(echo: Any) -> None:
    done = run(echo, range(-1, 6), {0: key(0.2), 4: key(0.8)})

    # log-odds -ln 4 at place 0 and ln 4 at place 4: -ln 2 at 1, 0 at 2, ln 2 at 3
    assert done == {
        -1: [0.8, 0.2],
        0: [0.8, 0.2],
        1: [2 / 3, 1 / 3],
        2: [1 / 2, 1 / 2],
        3: [1 / 3, 2 / 3],
        4: [0.2, 0.8],
        5: [0.2, 0.8],
    }


def test_frames_that_no_later_key_changes_come_out_first(echo: Any) -> None:
    done = run(echo, range(7), {1: key(0.2), 4: key(0.8)})

    assert list(done) == [1, 4, 5, 6, 3, 2, 0]


def test_the_way_back_ends_where_nothing_waits_any_more(echo: Any) -> None:
    run(echo, [0, 1, 2, 3], {0: key(0.2), 3: key(0.8)})

    # forward 0, 1, 2; backward 3, 2, and 1 is its last; the key at 0 is not seen again
    assert echo.encoded == [0, 1, 2, 3, 2]


def test_neighbouring_keys_leave_nothing_to_fuse(echo: Any) -> None:
    assert list(run(echo, [5, 6], {5: key(0.2), 6: key(0.8)})) == [5, 6]
    assert echo.encoded == [5]


def test_distances_count_places_not_steps(echo: Any) -> None:
    done = run(echo, [0, 3, 4], {0: key(0.2), 4: key(0.8)})

    assert done[3] == [1 / 3, 2 / 3]  # three quarters of the way


def test_objects_keyed_on_different_frames_listen_each_to_their_own_keys(echo: Any) -> None:
    done = run(echo, range(5), {0: key(0.2, None), 2: key(None, 0.1), 4: key(0.8, None)})

    # At 2 the second object is exact and leaves 0.9: the first has 0.2 * 0.9 from before and
    # 0.8 * 0.9 from behind, half way between on log-odds.
    odds = (0.18 / 0.82 * 0.72 / 0.28) ** 0.5
    first = odds / (1 + odds)
    assert done[2] == [0.9 - first, first, 0.1]
    # At 0 the second object comes from behind, where the first has 0.72, the background 0.18;
    # the first object's key leaves 0.8 to these two.
    assert done[0] == [0.8 * 0.18 / 0.28, 0.2, 0.8 * 0.1 / 0.28]
    # At 4 it comes from before, where the first has 0.18 and the background 0.72.
    assert done[4] == [0.2 * 0.72 / 0.82, 0.8, 0.2 * 0.1 / 0.82]


def test_an_object_that_is_never_keyed_stays_nothing(echo: Any) -> None:
    done = run(echo, range(5), {0: key(0.2, None), 4: key(0.8, None)})

    assert [float(planes.expected[2]) for planes in done.values()] == [0.0] * 5


def test_a_key_comes_out_exactly_as_it_was_given(echo: Any) -> None:
    mattes = torch.tensor([0.1, 0.7]).view(2, 1, 1)  # neither has an exact half-precision number
    keyed = {
        0: KeyedMattes(mattes, (True, True)),
        2: KeyedMattes(mattes, (True, False)),
        4: KeyedMattes(mattes, (False, True)),
    }

    planes = dict(propagate(echo, image_of, range(5), keyed, 2))

    assert torch.equal(planes[0][1:], mattes)
    assert torch.equal(planes[2][1], mattes[0])
    assert torch.equal(planes[4][2], mattes[1])


def test_a_key_that_says_nothing_is_no_key(echo: Any) -> None:
    assert list(run(echo, [0, 1, 2], {1: key(0.5), 2: key(None)})) == [1, 2, 0]


@pytest.mark.parametrize("keyed", [{}, {1: key(None)}])
def test_without_a_key_there_is_nothing_to_propagate(
    echo: Any, keyed: dict[int, KeyedMattes]
) -> None:
    with pytest.raises(StmatteError, match="There is nothing to propagate"):
        propagate(echo, image_of, [1], keyed, 1)


def test_a_key_outside_the_places_is_refused(echo: Any) -> None:
    with pytest.raises(StmatteError, match=r"Key at place 9 is outside .* they go from 1 to 3"):
        propagate(echo, image_of, [1, 2, 3], {9: key(1.0)}, 1)


@settings(deadline=None)
@given(
    forward=st.lists(st.floats(-16, 16), min_size=3, max_size=3),
    backward=st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(lambda p: sum(p) > 0.01),
    shares=st.lists(st.none() | st.floats(0, 1), min_size=3, max_size=3),
)
def test_what_is_fused_sums_to_one(
    forward: list[float], backward: list[float], shares: list[float | None]
) -> None:
    planes = torch.tensor(backward).view(4, 1, 1)

    fused = fuse(torch.tensor(forward).view(3, 1, 1), planes / planes.sum(), shares).flatten()

    assert float(fused.sum()) == pytest.approx(1, abs=1e-5)
    assert float(fused.min()) >= 0


@settings(deadline=None)
@given(
    planes=st.lists(st.floats(0.001, 1), min_size=3, max_size=3),
    shares=st.lists(st.floats(0, 1), min_size=2, max_size=2),
)
def test_two_passes_that_agree_are_not_changed(planes: list[float], shares: list[float]) -> None:
    agreed = (torch.tensor(planes) / sum(planes)).view(3, 1, 1)

    fused = fuse(torch.logit(agreed[1:]), agreed, shares)

    torch.testing.assert_close(fused, agreed, atol=1e-5, rtol=0)
