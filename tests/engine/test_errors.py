# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from stmatte.errors import ManyError, StmatteError, raise_all


def test_an_error_is_what_was_wrong_what_is_allowed_and_what_to_do() -> None:
    error = StmatteError("Frame 7 is missing", value=7, allowed="there are 1-5", repair="Copy it")

    assert str(error) == "Frame 7 is missing: there are 1-5. Copy it."


def test_a_part_that_is_not_known_leaves_no_trace() -> None:
    assert str(StmatteError("Frame 7 is missing")) == "Frame 7 is missing."
    assert str(StmatteError("Frame 7 is missing", repair="Copy it")) == (
        "Frame 7 is missing. Copy it."
    )
    assert str(StmatteError("Frame 7 is missing", allowed="there are 1-5")) == (
        "Frame 7 is missing: there are 1-5."
    )


def test_programs_read_the_parts() -> None:
    error = StmatteError("Frame 7 is missing", value=7, allowed="there are 1-5", repair="Copy it")

    assert (error.what, error.value, error.allowed, error.repair) == (
        "Frame 7 is missing",
        7,
        "there are 1-5",
        "Copy it",
    )


ONE = StmatteError("Frame 7 is missing", value=7, allowed="there are 1-5", repair="Copy it")
TWO = StmatteError("Frame 8 is damaged", value=8)


def test_several_problems_are_one_error_with_a_line_for_each() -> None:
    many = ManyError([ONE, TWO])

    assert str(many) == "Frame 7 is missing: there are 1-5. Copy it.\nFrame 8 is damaged."
    assert many.problems == (ONE, TWO)
    assert (many.what, many.value) == ("2 problems", (7, 8))


def test_who_catches_one_error_catches_several() -> None:
    with pytest.raises(StmatteError):
        raise_all([ONE, TWO])


def test_a_single_problem_is_raised_as_itself() -> None:
    with pytest.raises(StmatteError) as raised:
        raise_all([ONE])

    assert raised.value is ONE


def test_no_problem_raises_nothing() -> None:
    raise_all([])


def test_problems_are_collected_before_the_first_is_raised() -> None:
    with pytest.raises(ManyError) as raised:
        raise_all(error for error in (ONE, TWO))

    assert raised.value.problems == (ONE, TWO)
