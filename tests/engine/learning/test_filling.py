# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
import torch

from stmatte.learning.filling import MARGIN, borrowed, filled


def test_what_is_seen_stays_as_it_is() -> None:
    picture = torch.rand(3, 21, 34, generator=torch.Generator().manual_seed(1))
    hole = torch.zeros(1, 21, 34)
    hole[:, 5:12, 8:20] = 1

    found = filled(picture, hole)

    assert torch.equal(found * (1 - hole), picture * (1 - hole))


def test_a_hole_in_one_colour_gets_that_colour() -> None:
    colour = torch.tensor([0.2, 0.5, 0.9])[:, None, None]
    picture = colour.expand(3, 32, 48).clone()
    hole = torch.zeros(1, 32, 48)
    hole[:, 8:24, 8:40] = 1
    picture = torch.where(hole > 0, 0.0, picture)

    assert filled(picture, hole) == pytest.approx(colour.expand(3, 32, 48), abs=1e-3)


def test_a_hole_between_two_colours_is_between_them() -> None:
    picture = torch.zeros(3, 16, 64)
    picture[:, :, 32:] = 1
    hole = torch.zeros(1, 16, 64)
    hole[:, :, 16:48] = 1

    row = filled(picture, hole)[0, 8]

    assert row[18] < 0.2 < 0.8 < row[45]
    assert (row.diff() > -1e-4).all(), "from left to right it only grows brighter"


def test_a_picture_that_is_all_hole_is_no_error() -> None:
    assert torch.isfinite(filled(torch.rand(3, 7, 9), torch.ones(1, 7, 9))).all()


def test_what_lies_beside_is_borrowed() -> None:
    """Columns say where they are from: those of the hole come from one side of it."""
    picture = (torch.arange(64.0) / 64).expand(3, 16, 64).clone()
    hole = torch.zeros(1, 16, 64)
    hole[:, 4:12, 24:34] = 1
    away = 10 + MARGIN

    for seed in range(4):
        found = borrowed(picture, hole, torch.Generator().manual_seed(seed))
        inside = found[0, 4:12, 24:34] * 64
        from_one_side = torch.arange(24.0, 34.0) - away, torch.arange(24.0, 34.0) + away
        assert any(torch.equal(inside, side.expand(8, 10)) for side in from_one_side)
        assert torch.equal(found * (1 - hole), picture * (1 - hole))


def test_where_nothing_lies_beside_it_is_filled_smoothly() -> None:
    picture = torch.full((3, 24, 24), 0.5)
    hole = torch.zeros(1, 24, 24)
    hole[:, 2:22, 2:22] = 1

    found = borrowed(picture, hole, torch.Generator().manual_seed(1))

    assert found == pytest.approx(picture, abs=1e-3)
