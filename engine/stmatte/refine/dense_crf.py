# SPDX-License-Identifier: Apache-2.0
"""A dense conditional random field: every pixel asks all others of its colour for their opinion.

An add-on of RGMP's paper (Table 6), made of finished planes; nothing is propagated from it. It
hardens soft edges, which a matte wants to keep: it is for measuring, not for shots. The field
itself is pydensecrf's, which is compiled where it is installed and so is no part of this.

Source: Krähenbühl and Koltun, "Efficient Inference in Fully Connected CRFs with Gaussian Edge
Potentials", NIPS 2011.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import torch
from torch import Tensor

from stmatte.errors import StmatteError

LEAST = 1e-7  # a plane is never surer than this, or its energy would be endless


@dataclass(frozen=True)
class DenseCRF:
    """How far pixels listen, and how much. The numbers are those of the library's example.

    steps         rounds of asking
    near          pixels that neighbours listen over, whatever their colour
    near_weight   how much they count
    far           pixels over which those of a like colour listen
    colour        how far colours may differ, in 8-bit steps
    far_weight    how much they count
    """

    steps: int = 5
    near: float = 3
    near_weight: float = 3
    far: float = 80
    colour: float = 13
    far_weight: float = 10


def check_installed() -> None:
    """Raise StmatteError if pydensecrf isn't there. Looks for it, and doesn't import it."""
    if find_spec("pydensecrf") is None:
        raise StmatteError(
            "A dense CRF needs the package pydensecrf2, which is not installed",
            value="pydensecrf2",
            repair="Install it with: pip install pydensecrf2. It is compiled on the way, so a "
            "C++ compiler must be there",
        )


def by_dense_crf(planes: Tensor, picture: Tensor, field: DenseCRF | None = None) -> Tensor:
    """Return planes after all pixels have asked each other.

    planes   (N + 1, H, W) in [0, 1], sums to 1; plane 0 is the background
    picture  (3, H, W) in [0, 1], sRGB
    field    None: as it comes
    returns  (N + 1, H, W) in [0, 1], sums to 1

    Raises StmatteError if pydensecrf isn't installed.
    """
    check_installed()
    field = field or DenseCRF()
    count, height, width = planes.shape
    library = import_module("pydensecrf.densecrf")
    asking = library.DenseCRF2D(width, height, count)
    energy = -planes.detach().cpu().clamp(min=LEAST).log().flatten(1)
    asking.setUnaryEnergy(np.ascontiguousarray(energy.numpy(), dtype=np.float32))
    eight_bit = (picture.detach().cpu() * 255).round().clamp(0, 255).byte().permute(1, 2, 0)
    asking.addPairwiseGaussian(sxy=field.near, compat=field.near_weight)
    asking.addPairwiseBilateral(
        sxy=field.far,
        srgb=field.colour,
        rgbim=np.ascontiguousarray(eight_bit.numpy()),
        compat=field.far_weight,
    )
    found = np.array(asking.inference(field.steps), dtype=np.float32)
    return torch.from_numpy(found).view(count, height, width).to(planes)
