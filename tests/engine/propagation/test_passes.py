# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.memory.policies import Policy
from stmatte.propagation.passes import KeyedMattes, around_key, run_pass, seeing


def image_of(place: int) -> Tensor:
    return torch.full((3, 1, 1), float(place))


def key(*mattes: float | None) -> KeyedMattes:
    """One pixel; None where the artist says nothing."""
    planes = torch.tensor([0.0 if m is None else m for m in mattes]).view(-1, 1, 1)
    return KeyedMattes(planes, tuple(m is not None for m in mattes))


def pixel(planes: Tensor) -> list[float]:
    return [float(p) for p in planes.flatten()]


def run(network: Any, places: Any, keyed: dict[int, KeyedMattes], **more: Any) -> dict[int, Any]:
    objects = len(next(iter(keyed.values())).said)
    passed = run_pass(network, seeing(network, image_of), places, keyed, objects, **more)
    return {place: pytest.approx(pixel(planes)) for place, planes in passed}


def test_places_come_in_the_order_of_the_pass_each_with_planes_from_memory(echo: Any) -> None:
    assert run(echo, [7, 5, 4], {7: key(0.25)}) == {
        7: [0.75, 0.25],
        5: [0.75, 0.25],
        4: [0.75, 0.25],
    }
    assert echo.read == [[0], [0, 1]]


def test_the_last_place_is_not_remembered(echo: Any) -> None:
    run(echo, [1, 2, 3], {1: key(1.0)})

    assert echo.encoded == [1, 2]


def test_a_frame_that_the_policy_never_reads_is_not_encoded(echo: Any) -> None:
    run(echo, [1, 2, 3, 4], {1: key(1.0)}, policy=Policy(previous=0, every=0))

    assert echo.encoded == [1]


def test_frames_come_out_before_the_next_one_is_looked_at(echo: Any) -> None:
    looked = []

    def noting(place: int) -> Tensor:
        looked.append(place)
        return image_of(place)

    passed = run_pass(echo, seeing(echo, noting), [1, 2, 3], {1: key(1.0)}, 1)
    next(passed)

    assert looked == []  # what is keyed needs no look before something else reads it
    next(passed)
    assert looked == [2, 1]  # the frame that is asked for, and the key that it reads
    assert echo.encoded == [1]


def test_an_object_that_is_keyed_later_takes_no_part_before(echo: Any) -> None:
    assert run(echo, range(4), {0: key(0.5, None), 2: key(None, 0.25)}) == {
        0: [0.5, 0.5, 0],
        1: [0.5, 0.5, 0],
        2: [0.375, 0.375, 0.25],  # 0.75 is left, shared 1 : 1 as memory had it
        3: [0.375, 0.375, 0.25],
    }


def test_a_second_key_is_exact_and_heard_from_then_on(echo: Any) -> None:
    assert run(echo, range(3), {0: key(0.5), 1: key(0.1)}) == {
        0: [0.5, 0.5],
        1: [0.9, 0.1],
        2: [0.9, 0.1],
    }


def test_a_key_of_nothing_says_that_the_object_is_gone(echo: Any) -> None:
    assert run(echo, range(3), {0: key(1.0), 1: key(0.0)})[2] == [1.0, 0.0]


def test_a_key_at_a_place_outside_the_pass_is_not_heard(echo: Any) -> None:
    assert run(echo, [1, 2], {1: key(0.5), 9: key(1.0)})[2] == [0.5, 0.5]


def test_keys_that_overlap_stay_exact_but_memory_sees_planes_that_sum_to_one(echo: Any) -> None:
    assert run(echo, [0, 1], {0: key(1.0, 0.6)})[0] == [0.0, 1.0, 0.6]
    assert pixel(echo.planes[0]) == pytest.approx([0.0, 1 / 1.6, 0.6 / 1.6])


@settings(deadline=None)
@given(
    claims=st.lists(st.floats(0, 1), min_size=3, max_size=3),
    mattes=st.lists(st.floats(0, 1), min_size=3, max_size=3),
    said=st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
def test_around_a_key_all_sums_to_one_unless_the_keys_themselves_are_more(
    claims: list[float], mattes: list[float], said: tuple[bool, ...]
) -> None:
    total = max(1.0, sum(claims))
    planes = torch.tensor([1 - sum(claims) / total, *(c / total for c in claims)])
    keyed = KeyedMattes(torch.tensor(mattes).view(3, 1, 1), said)

    around = around_key(planes.clamp(min=0).view(4, 1, 1), keyed).flatten()

    given_away = sum(m for m, s in zip(mattes, said, strict=True) if s)
    assert float(around.sum()) == pytest.approx(max(1.0, given_away), abs=1e-5)
    assert float(around.min()) >= 0
    for n in range(3):
        if said[n]:
            assert float(around[n + 1]) == pytest.approx(mattes[n], abs=1e-7)


def test_around_a_key_the_others_keep_their_proportions() -> None:
    planes = torch.tensor([0.1, 0.6, 0.1, 0.2]).view(4, 1, 1)

    around = around_key(planes, key(0.2, None, None))

    # 0.8 is left for background 0.1, second 0.1, third 0.2 of 0.4
    assert pixel(around) == pytest.approx([0.2, 0.2, 0.2, 0.4])


def test_what_is_handed_out_is_free_of_the_pass(echo: Any) -> None:
    for _ in run_pass(echo, seeing(echo, image_of), [0, 1], {0: key(1.0)}, 1):
        assert not torch.is_inference_mode_enabled()


@pytest.mark.parametrize(
    ("places", "keyed"),
    [([], {0: key(1.0)}), ([1, 0], {0: key(1.0)}), ([0, 1], {0: key(None)})],
)
def test_a_pass_has_to_begin_at_a_key(
    echo: Any, places: list[int], keyed: dict[int, KeyedMattes]
) -> None:
    with pytest.raises(StmatteError, match="A pass begins at a place without a key"):
        run_pass(echo, seeing(echo, image_of), places, keyed, 1)


def test_a_key_of_another_shape_is_refused(echo: Any) -> None:
    wrong = KeyedMattes(torch.zeros(1, 2, 2), (True,))

    with pytest.raises(StmatteError, match=r"Key at place 4 has mattes of shape \(1, 2, 2\)"):
        list(run_pass(echo, seeing(echo, image_of), [4, 5], {4: wrong}, 1))
