# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from stmatte.plan.said import NOTHING
from stmatte.plan.why import Heard, why

BEFORE = Heard(21, 39, {20: "a", 40: "b"}, "scheme")


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (Heard(41, 59, {40: "b", 60: "c"}, "scheme"), "not made yet"),
        (Heard(21, 39, {20: "a", 40: "b"}, "other"), "the model or a setting changed"),
        (Heard(21, 29, {20: "a", 30: "n"}, "scheme"), "key at 30 is new"),
        (Heard(21, 29, {20: "a", 30: NOTHING}, "scheme"), "absence at 30 is new"),
        (Heard(21, 39, {20: "A", 40: "b"}, "scheme"), "key at 20 changed"),
        (BEFORE, "not finished, or the plate or the files changed"),
    ],
)
def test_a_person_reads_why(now: Heard, words: str) -> None:
    assert why(now, [BEFORE], there=(20, 30, 40, 60)) == words


def test_a_key_that_went_is_named() -> None:
    before = [BEFORE, Heard(41, 59, {40: "b", 60: "c"}, "scheme")]

    assert why(Heard(21, 59, {20: "a", 60: "c"}, "scheme"), before, (20, 60)) == "key at 40 is gone"
