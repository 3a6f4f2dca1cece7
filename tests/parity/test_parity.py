# SPDX-License-Identifier: Apache-2.0
"""Our networks give the numbers of the public ones, on files small enough to be committed."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import numpy as np
import pytest

from parity.check import choose, main
from parity.outcome import Outcome

HERE = Path(__file__).parent
SHARED = Path(__file__).parents[3] / "shared" / "parity"


def run(parity: Path, *only: str) -> int:
    return main(["--parity-dir", str(parity), *(["--only", *only] if only else [])])


@pytest.mark.parametrize("name", [file.stem for file, _ in choose(HERE, [])])
def test_a_committed_golden_file_agrees(name: str) -> None:
    assert run(HERE, name) == 0


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="no folder shared/parity beside the checkout")
def test_every_golden_file_beside_the_checkout_agrees() -> None:
    assert run(SHARED) == 0


def test_an_unknown_name_is_refused_and_the_known_ones_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(HERE, "stm_3obj", "nosuch") == 2

    told = capsys.readouterr().err
    assert "no golden file nosuch" in told
    assert "soft_aggregation" in told


def test_a_directory_where_nothing_can_run_fails(tmp_path: Path) -> None:
    assert run(tmp_path) == 2


def test_a_golden_file_that_differs_fails_and_the_others_still_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parity = copytree(HERE, tmp_path / "parity")
    aggregation = dict(np.load(parity / "golden" / "soft_aggregation.npz"))
    aggregation["case0_stm_prob"] = aggregation["case0_stm_prob"] + np.float32(1e-3)
    np.savez(parity / "golden" / "soft_aggregation_off.npz", **aggregation)
    (parity / "golden" / "stm_broken.npz").write_bytes(b"no zip")

    assert run(parity, "stm_broken", "soft_aggregation_off", "soft_aggregation") == 1

    broken, off, fine = capsys.readouterr().out.splitlines()[1:4]
    assert "FAIL" in broken
    assert "1.00e-03" in off
    assert "FAIL" in off
    assert fine.endswith("ok")


def test_a_name_may_be_given_with_its_suffix() -> None:
    assert [f.stem for f, _ in choose(HERE, ["stm_3obj.npz"])] == ["stm_3obj"]


@pytest.mark.parametrize(
    ("outcome", "agrees"),
    [
        (Outcome(2e-4, 5), True),
        (Outcome(2.1e-4, 0), False),
        (Outcome(0.0, 6), False),
        (Outcome(float("nan"), 0), False),
        (Outcome(0.0, 0, "weights are others"), False),
    ],
)
def test_the_tolerance_is_two_ten_thousandths_and_five_pixels(
    outcome: Outcome, agrees: bool
) -> None:
    assert outcome.agrees is agrees
