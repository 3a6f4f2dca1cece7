# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from stmatte.acceptance.limits import judged, limits_for
from stmatte.errors import StmatteError


def test_limits_in_pixels_follow_the_plates_height() -> None:
    limits = limits_for(1000)

    assert (limits.chatter, limits.pop, limits.band, limits.grey) == (4, 10, 50, 1)


def test_a_limit_that_is_named_holds_at_any_height() -> None:
    assert limits_for(1000, chatter=2).chatter == limits_for(480, chatter=2).chatter == 2


@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_a_limit_of_nothing_is_refused(value: float) -> None:
    with pytest.raises(StmatteError, match="Limit --pop"):
        limits_for(1000, pop=value)


def test_a_quarter_of_a_limit_is_told() -> None:
    assert [judged(value, 4) for value in (1, 1.1, 4, 4.1)] == [None, "warn", "warn", "fail"]
