# SPDX-License-Identifier: Apache-2.0
"""Words into a call and misuse; what a mean is is tested with training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import stmatte
from stmatte.networks.registry import NETWORKS, load_network

SHIPS = Path(stmatte.__file__).parent / "weights" / str(NETWORKS["stmatte-s"].weights)


def test_the_mean_of_weights_is_weights(run: Any, tmp_path: Path) -> None:
    out = tmp_path / "mean.safetensors"

    ran = run("average", SHIPS, SHIPS, "--out", out)

    assert (ran.code, ran.out) == (0, f"Weights: {out}\n"), ran.err
    told = run("info", out)
    assert "the mean of weights after: nothing more; nothing more" in told.out
    mean, ours = (load_network(name, "cpu") for name in (str(out), "stmatte-s"))
    assert mean.name == ours.name
    theirs = ours.state_dict()
    assert all(value.equal(theirs[name]) for name, value in mean.state_dict().items())


def test_weights_that_tell_nothing_are_not_said_to_be_as_they_began(
    run: Any, tmp_path: Path
) -> None:
    found = tmp_path / "found.safetensors"
    found.write_bytes(SHIPS.read_bytes())

    run("average", found, SHIPS, "--out", tmp_path / "mixed.safetensors")

    told = run("info", tmp_path / "mixed.safetensors")
    assert "the mean of weights after: stages that nobody told; 1850 steps" in told.out


def test_misuse_is_a_sentence_and_leaves_nothing(run: Any, tmp_path: Path) -> None:
    ran = run("average", tmp_path / "nosuch.safetensors", tmp_path / "b", "--out", tmp_path / "c")

    assert ran.code == 2
    assert "cannot be opened" in ran.err
    assert list(tmp_path.iterdir()) == []
