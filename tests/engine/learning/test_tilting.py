# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math

import pytest
import torch

from stmatte.learning.tilting import DISTANCE, card_views, on_cards

POINTS = torch.tensor([[0.0, 0.0], [0.5, 0.0], [0.0, 0.5], [-0.5, -0.25]])
NAMES = ("turn", "grow", "x", "y", "shear", "squeeze", "yaw", "pitch")


def way(**changes: float) -> torch.Tensor:
    return torch.tensor([changes.get(name, 0.0) for name in NAMES])


def seen(points: torch.Tensor, **changes: float) -> torch.Tensor:
    """Where points of a card are in the picture."""
    there = points @ card_views(way(**changes))[:, :2].T + card_views(way(**changes))[:, 2]
    return there[:, :2] / there[:, 2:]


def test_a_card_at_rest_is_the_picture() -> None:
    torch.testing.assert_close(on_cards(card_views(way()), POINTS), POINTS)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"x": 0.5, "y": -0.25}, [1.0, -0.25]),
        ({"grow": 1.0}, [1.0, 0.0]),
        ({"turn": math.pi / 2}, [0.0, 0.5]),  # y points down: to the right becomes downwards
        ({"squeeze": 0.2}, [0.6, 0.0]),
        ({"yaw": math.pi / 3}, [0.25 / (1 + 0.5 * math.sin(math.pi / 3) / DISTANCE), 0.0]),
    ],
)
def test_the_middle_of_a_card_s_right_side_goes_where_it_should(
    changes: dict[str, float], expected: list[float]
) -> None:
    assert seen(torch.tensor([[0.5, 0.0]]), **changes)[0].tolist() == pytest.approx(
        expected, abs=1e-6
    )


def test_the_middle_stays_where_the_way_says_however_a_card_tilts() -> None:
    middle = seen(torch.zeros(1, 2), x=0.4, y=0.2, yaw=0.5, pitch=-0.4, turn=1.0)

    assert middle[0].tolist() == pytest.approx([0.4, 0.2])


def test_from_the_picture_to_the_card_is_the_way_back() -> None:
    changes = {
        "turn": 0.3,
        "grow": -0.2,
        "x": 0.4,
        "y": 0.1,
        "shear": 0.1,
        "yaw": 0.5,
        "pitch": 0.3,
    }

    back = on_cards(card_views(way(**changes)), seen(POINTS, **changes))

    torch.testing.assert_close(back, POINTS, atol=1e-5, rtol=0)


def test_what_comes_nearer_looks_larger() -> None:
    left, right = seen(torch.tensor([[-0.5, 0.0], [0.5, 0.0]]), yaw=0.5)[:, 0].tolist()

    assert abs(left) > abs(right)
