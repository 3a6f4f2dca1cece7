# SPDX-License-Identifier: Apache-2.0
"""Words into a call and misuse; what a mean is is tested with training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stmatte.networks.registry import NETWORKS, load_network


def test_the_mean_of_weights_is_weights(run: Any, tmp_path: Path) -> None:
    import stmatte

    ships = Path(stmatte.__file__).parent / "weights" / str(NETWORKS["stmatte-s"].weights)
    out = tmp_path / "mean.safetensors"

    ran = run("average", ships, ships, "--out", out)

    assert (ran.code, ran.out) == (0, f"Weights: {out}\n"), ran.err
    told = run("info", out)
    assert "the mean of weights after: nothing more; nothing more" in told.out
    mean, ours = (load_network(name, "cpu") for name in (str(out), "stmatte-s"))
    assert mean.name == ours.name
    theirs = ours.state_dict()
    assert all(value.equal(theirs[name]) for name, value in mean.state_dict().items())


def test_misuse_is_a_sentence_and_leaves_nothing(run: Any, tmp_path: Path) -> None:
    ran = run("average", tmp_path / "nosuch.safetensors", tmp_path / "b", "--out", tmp_path / "c")

    assert ran.code == 2
    assert "cannot be opened" in ran.err
    assert list(tmp_path.iterdir()) == []
