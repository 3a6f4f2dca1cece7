# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from stmatte.networks.margins import Margins, ValueMargins, margins, value_margins
from stmatte.networks.stmatte_b import StmatteB
from stmatte.networks.stmatte_s import StmatteS


def test_margins_are_counted_backwards_from_the_logits() -> None:
    """By hand: at stride 4 two places beyond, two convolutions, one to join: 5, so 2 of 16.

    Four places at stride 4 are made of 3 at stride 8; two convolutions and one to join: 6, so
    3 of 16. Five at stride 8 are made of 3 at stride 16, and three convolutions are before these.
    """
    assert margins(2, 0, 0, 0) == Margins(at16=6, at8=3, at4=2)


@pytest.mark.parametrize("kind", [StmatteS, StmatteB])
def test_further_blocks_look_further(kind: type[StmatteS]) -> None:
    w = kind.widths
    now = margins(2, w.more16, w.more8, w.more4)

    finer = margins(2, w.more16, w.more8, w.more4 + 4)  # eight convolutions at stride 4 more
    assert finer == Margins(now.at16 + 2, now.at8 + 2, now.at4 + 2)
    assert margins(2, w.more16 + 1, w.more8, w.more4) == now._replace(at16=now.at16 + 2)


def test_margins_of_values_are_counted_backwards_from_them() -> None:
    """By hand: two convolutions at stride 16; one of stride 2 makes 2 of 5 places at stride 8: 3.

    With two convolutions there 7, made of 15 at stride 4; one more to join: 16, so 4 of 16.
    """
    assert value_margins(0, 0) == ValueMargins(at8=3, at4=4)
    assert value_margins(1, 0) == ValueMargins(at8=5, at4=6)
    assert value_margins(0, 2) == ValueMargins(at8=3, at4=6)
