# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stmatte.acceptance.completeness import frame_findings

frames = st.lists(st.integers(-3, 12))


def found(there: list[int], wanted: list[int]) -> list[tuple[str, int | None]]:
    return [(finding.words, finding.frame) for finding in frame_findings(there, wanted)]


def test_missing_extra_and_double_frames_are_named() -> None:
    assert found([1001, 1002, 1002, 1005], [1001, 1002, 1003]) == [
        ("missing", 1003),
        ("more than was asked for", 1005),
        ("there twice", 1002),
    ]


@given(wanted=frames)
def test_a_complete_delivery_passes_in_any_order(wanted: list[int]) -> None:
    assert not found(sorted(set(wanted), reverse=True), wanted)


@given(there=frames, wanted=frames)
def test_what_passes_is_the_same_frames_once(there: list[int], wanted: list[int]) -> None:
    assert (not found(there, wanted)) == (sorted(there) == sorted(set(wanted)))
