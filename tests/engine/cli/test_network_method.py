# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np

from stmatte.cli.network_method import network_method, strongest
from stmatte.networks.registry import load_network
from stmatte.settings import Settings


def test_one_object_has_to_cover_half() -> None:
    assert strongest({3: np.array([[0.49, 0.5]])}).tolist() == [[0, 3]]


def test_the_background_competes_with_several() -> None:
    mattes = {1: np.array([[0.3, 0.6, 0.4]]), 2: np.array([[0.3, 0.4, 0.45]])}

    # what is left for the background: 0.4, 0 and 0.15
    assert strongest(mattes).tolist() == [[0, 1, 2]]


def test_an_object_that_begins_later_is_not_there_before() -> None:
    """Two boxes on grey: one is given on frame 0, the other on frame 2."""
    boxes = {1: np.zeros((64, 96), np.float32), 2: np.zeros((64, 96), np.float32)}
    boxes[1][16:48, 8:40] = 1
    boxes[2][16:48, 56:88] = 1
    picture = np.full((64, 96, 3), 90, np.uint8)
    picture[boxes[1] == 1] = (220, 60, 40)
    picture[boxes[2] == 1] = (40, 80, 230)
    settings = Settings("stmatte-s", 64, device="cpu")
    method = network_method(load_network("stmatte-s", "cpu"), settings)

    found = list(method([picture] * 4, {0: {1: boxes[1]}, 2: {2: boxes[2]}}))

    assert [sorted(set(np.unique(labels).tolist())) for labels in found] == [
        [0, 1],
        [0, 1],
        [0, 1, 2],
        [0, 1, 2],
    ]
    assert np.array_equal(found[2] == 2, boxes[2] == 1)  # a key is what was given
