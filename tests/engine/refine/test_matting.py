# SPDX-License-Identifier: Apache-2.0
"""Alpha by matting: it needs its package, stays a partition, and leaves no seams."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest
import torch
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.refine import Guide, check_edges, matting, refine

# looked for and not imported: that changes the threads of the whole process
needs_pymatting = pytest.mark.skipif(
    find_spec("pymatting") is None, reason="PyMatting is not installed"
)


def shows(plate: Tensor) -> Guide:
    return lambda rows, columns: plate[rows, columns]


def disc(side: int, radius: float) -> Tensor:
    away = torch.arange(side) + 0.5 - side / 2
    return (radius - torch.hypot(away[:, None], away) + 0.5).clamp(0, 1)


def lit(matte: Tensor) -> Tensor:
    """Return a plate in which the object has one colour and all else another."""
    inside, outside = torch.tensor([0.8, 0.3, 0.2]), torch.tensor([0.1, 0.4, 0.6])
    return matte[..., None] * inside + (1 - matte[..., None]) * outside


def test_what_lacks_for_matting_is_told_before_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matting, "find_spec", lambda _: None)

    check_edges("guided")
    with pytest.raises(StmatteError, match=r"PyMatting.*stmatte\[matting\]"):
        check_edges("matting")


@needs_pymatting
def test_alpha_comes_near_the_truth_where_colours_tell() -> None:
    truth = disc(96, 30)
    rough = torch.nn.functional.avg_pool2d(truth[None], 3, 1, 1)  # blurred: the network's

    found = refine(rough, (96, 96), shows(lit(truth)), "matting")[0]

    assert (found - truth).abs().mean() < 0.3 * (rough[0] - truth).abs().mean()
    assert found[48, 48] == 1
    assert found[0, 0] == 0


@needs_pymatting
def test_objects_stay_shares_of_a_pixel_when_matted() -> None:
    one = disc(80, 25)
    left = (torch.arange(80) < 40).float()
    mattes = torch.stack([one * left, one * (1 - left), 1 - one])
    plate = torch.rand(80, 80, 3, generator=torch.Generator().manual_seed(1))

    found = refine(mattes, (80, 80), shows(plate), "matting")

    assert found.min() >= 0
    assert torch.allclose(found.sum(dim=0), torch.ones(80, 80), atol=1e-3)


@needs_pymatting
@pytest.mark.parametrize("value", [0.0, 1.0, 0.5])
def test_an_empty_full_or_grey_matte_stays_as_it_is(value: float) -> None:
    mattes = torch.full((1, 40, 50), value)
    plate = torch.full((40, 50, 3), 0.5)

    found = refine(mattes, (40, 50), shows(plate), "matting")

    assert torch.allclose(found, mattes, atol=1e-3)


@needs_pymatting
def test_crops_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = disc(200, 70)
    grain = 0.05 * torch.rand(200, 200, 3, generator=torch.Generator().manual_seed(2))
    rough = torch.nn.functional.avg_pool2d(truth[None], 5, 1, 2)
    whole = refine(rough, (200, 200), shows(lit(truth) + grain), "matting")

    monkeypatch.setattr(matting, "CROP", 64)
    cropped = refine(rough, (200, 200), shows(lit(truth) + grain), "matting")

    assert (cropped - whole).abs().max() < 0.01


@needs_pymatting
def test_matting_keeps_to_the_threads_that_torch_was_given() -> None:
    script = (
        "import torch\n"
        "from stmatte.refine import refine\n"
        "mattes = torch.full((1, 20, 20), 0.5)\n"
        "refine(mattes, (20, 20), lambda y, x: torch.ones(20, 20, 3)[y, x], 'matting')\n"
        "print(torch.get_num_threads())\n"
    )
    # in a process of its own: the first import of Numba is what changes them
    told = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert (told.stdout, told.returncode) == ("1\n", 0), told.stderr
