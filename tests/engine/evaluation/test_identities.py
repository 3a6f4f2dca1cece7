# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from stmatte.evaluation.identities import Identity, identities, stands_for

Labels = NDArray[np.uint8]


def pair(one: int = 4, other: int = 20, *, swapped: bool = False) -> Labels:
    """Object 1 as a box of 8 x 8 at column `one`, object 2 as another at column `other`."""
    labels = np.zeros((24, 32), np.uint8)
    labels[8:16, one : one + 8] = 2 if swapped else 1
    labels[8:16, other : other + 8] = 1 if swapped else 2
    return labels


def test_two_objects_that_swap_switch_once_each() -> None:
    masks = [pair(), pair(), pair(swapped=True), pair(swapped=True), pair(swapped=True)]

    found = identities([(mask, pair()) for mask in masks], (1, 2))

    assert found == {1: Identity(3, 1), 2: Identity(3, 1)}


def test_there_and_back_are_two_switches() -> None:
    masks = [pair(), pair(swapped=True), pair()]

    found = identities([(mask, pair()) for mask in masks], (1, 2))

    assert found == {1: Identity(1, 2), 2: Identity(1, 2)}


def test_a_mask_that_begins_on_another_object_has_switched() -> None:
    found = identities([(pair(swapped=True), pair())] * 2, (1, 2))

    assert found == {1: Identity(2, 1), 2: Identity(2, 1)}


def test_a_mask_that_is_lost_and_comes_back_to_its_own_object_never_switched() -> None:
    empty = np.zeros((24, 32), np.uint8)

    found = identities([(pair(), pair()), (empty, pair()), (pair(), pair())], (1, 2))

    assert found == {1: Identity(0, 0), 2: Identity(0, 0)}


def test_a_mask_that_is_lost_and_comes_back_on_the_other_object_switched_once() -> None:
    empty = np.zeros((24, 32), np.uint8)
    swapped = pair(swapped=True)

    found = identities([(pair(), pair()), (empty, pair()), (swapped, pair())], (1, 2))

    assert found == {1: Identity(1, 1), 2: Identity(1, 1)}


def test_specks_on_another_object_are_no_identity() -> None:
    mask = np.zeros((24, 32), np.uint8)
    mask[8, 20:26] = 1  # 6 of the 64 pixels of object 2: IoU 0.094

    assert stands_for(mask, pair(), (1, 2)) == {1: None, 2: None}
    mask[9, 20] = 1  # 7 of 64: 0.109
    assert stands_for(mask, pair(), (1, 2))[1] == 2


def test_a_mask_that_covers_its_own_object_and_part_of_a_larger_one_is_still_its_own() -> None:
    truth = np.zeros((24, 32), np.uint8)
    truth[0:4, 0:4] = 1  # 16 pixels
    truth[8:24, 0:20] = 2  # 320
    mask = np.where(truth == 1, 1, 0).astype(np.uint8)
    mask[8:10, 0:20] = 1  # 40 more: 16 / 56 of its own, 40 / 336 of the other

    assert stands_for(mask, truth, (1, 2))[1] == 1


@pytest.mark.parametrize("number", [1, 2])
def test_an_object_that_is_alone_with_its_mask_stands_for_itself(number: int) -> None:
    assert stands_for(pair(), pair(), (number,)) == {number: number}
