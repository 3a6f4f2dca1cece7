# SPDX-License-Identifier: Apache-2.0
"""How a delivery brings mattes to the plate's edges: what is refined, and what never is."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from shots import Copying
from stmatte.errors import StmatteError
from stmatte.memory.bank import Bank
from stmatte.networks.protocol import Query
from stmatte.pipeline.propagate import propagate_frames
from stmatte.refine import matting
from stmatte.settings import Edges, Settings
from stmatte.shot import Key, Shot

SIZE = (192, 288)
TRUTH = np.clip(np.arange(SIZE[1]) + 1 - 150.4, 0, 1).astype(np.float32) * np.ones(
    (SIZE[0], 1), np.float32
)
DRAWN = np.random.default_rng(1).random(SIZE).astype(np.float32)  # what no network would say


class Echoing(Copying):
    """A network whose matte is the picture itself, softened."""

    def encode_query(self, image: Tensor) -> Query:
        red = torch.nn.functional.avg_pool2d(image[None, :1], 3, 1, 1, count_include_pad=False)
        return Query((image.shape[-2], image.shape[-1]), {"red": red[0, 0]})

    def segment(self, query: Query, bank: Bank) -> Tensor:
        del bank
        return torch.stack([1 - query.maps["red"], query.maps["red"]])


def matted(edges: Edges, *, raw: bool = False) -> dict[int, np.ndarray]:
    """Return mattes of two frames; the first one carries a key, the plate is the matte in red."""
    plate = (TRUTH[:, :, None] * [255, 0, 0] + 0.49).astype(np.uint8)
    how = Settings(device="cpu", working_height=64, edges=edges)
    shot = Shot({1: plate, 2: plate}, (Key(1, {"hero": DRAWN}),), None, how)
    found = propagate_frames(shot, network=Echoing(), raw=raw)
    return {each.frame: np.asarray(each.mattes["hero"]) for each in found}


def test_a_delivery_follows_the_plates_edges_unless_told_otherwise() -> None:
    assert Settings().edges == "guided"

    scaled, guided = matted("off")[2], matted("guided")[2]

    assert np.abs(guided - TRUTH).mean() < 0.5 * np.abs(scaled - TRUTH).mean()


def test_a_key_leaves_as_it_was_drawn_whatever_edges_are() -> None:
    for edges in ("off", "guided"):
        assert np.array_equal(matted(edges)[1], DRAWN)


def test_raw_probabilities_are_never_refined() -> None:
    assert np.array_equal(matted("guided", raw=True)[2], matted("off", raw=True)[2])


def test_what_lacks_for_matting_ends_a_run_before_it_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(matting, "find_spec", lambda _: None)

    with pytest.raises(StmatteError, match="PyMatting"):
        matted("matting")
