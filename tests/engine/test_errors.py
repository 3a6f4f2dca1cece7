# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from stmatte.errors import StmatteError


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
