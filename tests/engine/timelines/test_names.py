# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte.timelines.names import named_after, unique


@pytest.mark.parametrize(
    ("clip", "shot"),
    [
        ("sh010", "sh010"),
        ("sh010.[1001-1100].exr", "sh010"),
        ("sh010.%04d.exr", "sh010"),
        ("sh010_####.dpx", "sh010"),
        ("sh010.1001.exr", "sh010"),
        ("A001_C003.mov", "A001_C003"),
        ("sc 12/take#2", "sc_12_take_2"),
        ("../secret", "secret"),
        ("v1.2", "v1.2"),
        ("镜头", "clip"),
        ("", "clip"),
    ],
)
def test_a_clip_s_name_becomes_one_that_files_can_have(clip: str, shot: str) -> None:
    assert named_after(clip) == shot


def test_a_name_that_is_there_twice_gets_a_number_that_no_other_has() -> None:
    assert unique(["a", "b", "a", "a_2", "a"]) == ["a", "b", "a_3", "a_2", "a_4"]


@given(st.lists(st.sampled_from(["a", "b", "a_2", "a_3"])))
def test_names_are_unique_and_the_first_of_each_stays(names: list[str]) -> None:
    found = unique(names)

    assert len(set(found)) == len(names)
    assert all(found[names.index(name)] == name for name in names)
