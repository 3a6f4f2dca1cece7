# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte_host import EngineError
from stmatte_host.errors import error_from

PLAIN = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
JSON = PLAIN | st.lists(PLAIN, max_size=3) | st.dictionaries(st.text(max_size=5), PLAIN, max_size=3)


def test_a_sentence_of_ours_has_the_same_form_as_the_engines() -> None:
    error = EngineError("The disk is full", allowed="1 GiB is needed", repair="Make room")

    assert str(error) == "The disk is full: 1 GiB is needed. Make room."
    assert str(EngineError("The disk is full")) == "The disk is full."


def test_an_engines_sentence_is_shown_as_it_is() -> None:
    data = {"what": "a", "allowed": "b", "repair": "c", "problems": ["One.", "Two."]}
    error = error_from({"code": 1001, "message": "One.\nTwo.", "data": data})

    assert str(error) == "One.\nTwo."
    assert (error.code, error.what, error.allowed, error.repair) == (1001, "a", "b", "c")
    assert error.problems == ("One.", "Two.")


@pytest.mark.parametrize("said", [None, "no", 3, [], {}, {"message": None}, {"data": [1]}])
def test_an_odd_error_still_says_something(said: Any) -> None:
    assert str(error_from(said)).startswith("The engine reports")


@given(JSON, JSON, JSON, JSON)
def test_whatever_an_error_holds_it_can_be_shown(
    code: Any, message: Any, data: Any, p: Any
) -> None:
    for more in (data, {"what": data, "problems": p}):
        error = error_from({"code": code, "message": message, "data": more})
        assert isinstance(str(error), str)
        assert str(error)
