# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stmatte.scribbles.centreline import longest_paths


def drawn(*rows: str) -> NDArray[np.bool_]:
    return np.array([[place == "#" for place in row] for row in rows])


def test_a_branch_is_passed_over_for_the_longer_one() -> None:
    lines = drawn("......#......", "......#......", "#############")

    (path,) = longest_paths(lines, 4)

    assert {path[0], path[-1]} == {(2, 0), (2, 12)}


def test_a_ring_is_cut_at_its_longest_step() -> None:
    ring = drawn(".##.", "#..#", ".##.")  # the steps across corners are the longest

    (path,) = longest_paths(ring, 4)

    assert len(path) == 6
    assert sorted(path) == [tuple(p) for p in np.argwhere(ring).tolist()]
    ends = sorted((path[0], path[-1]))
    assert max(abs(a - b) for a, b in zip(*ends, strict=True)) == 1  # diagonal neighbours
    assert all(a != b for a, b in zip(*ends, strict=True))


def test_short_parts_are_left_out_and_others_come_in_reading_order() -> None:
    lines = drawn("......####", "##........", "......####")

    assert [path[0][0] for path in longest_paths(lines, 4)] == [0, 2]
    assert len(longest_paths(lines, 2)) == 3
