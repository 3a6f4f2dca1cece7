# SPDX-License-Identifier: Apache-2.0
"""What is asked of the library, and, where it is installed, what comes of it."""

from __future__ import annotations

from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
import torch

from stmatte.errors import StmatteError
from stmatte.refine import dense_crf
from stmatte.refine.dense_crf import DenseCRF, by_dense_crf

INSTALLED = pytest.mark.skipif(
    find_spec("pydensecrf") is None, reason="pydensecrf2 is not installed"
)


class Listening:
    """A field that notes what it is given, and answers with the unary alone."""

    given: ClassVar[dict[str, Any]] = {}

    def __init__(self, width: int, height: int, labels: int):
        Listening.given = {"size": (width, height, labels)}

    def setUnaryEnergy(self, energy: Any) -> None:  # noqa: N802  # the library's name
        self.given["energy"] = energy

    def addPairwiseGaussian(self, **given: Any) -> None:  # noqa: N802
        self.given["near"] = given

    def addPairwiseBilateral(self, **given: Any) -> None:  # noqa: N802
        self.given["far"] = given

    def inference(self, steps: int) -> list[list[float]]:
        self.given["steps"] = steps
        answer: list[list[float]] = np.exp(-self.given["energy"]).tolist()
        return answer


def test_planes_and_picture_reach_the_library_in_its_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dense_crf, "check_installed", lambda: None)
    monkeypatch.setattr(dense_crf, "import_module", lambda _: SimpleNamespace(DenseCRF2D=Listening))
    object_ = torch.tensor([[0.25, 0.5, 1.0], [0.0, 0.5, 0.75]])
    picture = torch.zeros(3, 2, 3)
    picture[2, 1, 0] = 0.5  # blue, second row

    planes = by_dense_crf(torch.stack([1 - object_, object_]), picture, DenseCRF(steps=7, far=60))

    given = Listening.given
    assert given["size"] == (3, 2, 2)
    assert given["energy"].shape == (2, 6)
    assert given["energy"][1, 0] == pytest.approx(-np.log(0.25))
    assert given["energy"][1, 3] == pytest.approx(-np.log(1e-7))  # a 0 has no endless energy
    assert given["far"]["rgbim"].tolist()[1][0] == [0, 0, 128]
    assert (given["steps"], given["far"]["sxy"], given["near"]["sxy"]) == (7, 60, 3)
    torch.testing.assert_close(planes[1], object_)


def test_without_the_library_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense_crf, "find_spec", lambda _: None)

    with pytest.raises(StmatteError, match="needs the package pydensecrf2, which is not") as told:
        by_dense_crf(torch.full((2, 4, 4), 0.5), torch.zeros(3, 4, 4))

    assert "pip install pydensecrf2" in str(told.value)


@INSTALLED
def test_a_claim_spreads_to_where_the_colour_ends() -> None:
    picture = torch.zeros(3, 48, 64)
    picture[:, :, 32:] = 0.8
    object_ = torch.full((48, 64), 0.3)
    object_[:, 36:] = 0.7  # four columns short of the edge

    planes = by_dense_crf(torch.stack([1 - object_, object_]), picture, DenseCRF(far=20))

    assert planes[1, :, :31].max() < 0.5
    assert planes[1, :, 32:].min() > 0.5
    torch.testing.assert_close(planes.sum(dim=0), torch.ones(48, 64), atol=1e-5, rtol=0)
