# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import csv
import hashlib
import json
from importlib.resources import files
from pathlib import Path
from typing import cast

import pytest
import torch
from torch import nn

from stmatte.errors import StmatteError
from stmatte.networks import registry
from stmatte.networks.identity import check_whole, fingerprint, parameters, provenance
from stmatte.networks.protocol import Network
from stmatte.networks.registry import NETWORKS, load_network

WEIGHTS = Path(str(files("stmatte"))) / "weights"


def network(seed: int = 0) -> Network:
    torch.manual_seed(seed)
    return cast(Network, nn.Linear(3, 2))


def test_parameters_are_counted_one_by_one() -> None:
    assert parameters(network()) == 8  # 2 x 3 weights and 2 biases


def test_the_same_weights_have_the_same_fingerprint_and_others_another() -> None:
    one = fingerprint(network())

    assert len(one) == 12
    assert set(one) <= set("0123456789abcdef")
    assert fingerprint(network()) == one
    assert fingerprint(network(1)) != one


def test_the_least_change_of_one_weight_changes_the_fingerprint() -> None:
    changed = network()
    before = fingerprint(changed)
    with torch.no_grad():
        weight = cast(nn.Linear, changed).weight
        weight[0, 0] = torch.nextafter(weight[0, 0], torch.tensor(9.0))

    assert fingerprint(changed) != before


def test_a_weight_under_another_name_is_another_network() -> None:
    one, other = nn.Module(), nn.Module()
    one.a = nn.Parameter(torch.ones(2))
    other.b = nn.Parameter(torch.ones(2))

    assert fingerprint(cast(Network, one)) != fingerprint(cast(Network, other))


@pytest.mark.parametrize("name", [n for n, e in NETWORKS.items() if e.weights is not None])
def test_weights_that_ship_say_where_they_are_from(name: str) -> None:
    weights = NETWORKS[name].weights
    assert weights is not None
    told = provenance(weights)

    assert told["summary"]
    assert told["licence"]
    assert told["sha256"] == hashlib.sha256((WEIGHTS / weights).read_bytes()).hexdigest()
    assert len(fingerprint(load_network(name, "cpu"))) == 12


def test_weights_of_which_one_bit_was_changed_are_refused(tmp_path: Path) -> None:
    whole = (WEIGHTS / "stmatte-s.safetensors").read_bytes()
    copy = tmp_path / "copy.safetensors"
    copy.write_bytes(whole)
    told = provenance("stmatte-s.safetensors")

    check_whole(copy, told)
    copy.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(StmatteError, match=r"copy\.safetensors is damaged, or was changed"):
        check_whole(copy, told)
    check_whole(copy, {})  # of which nothing is told


def test_no_network_that_ships_runs_on_damaged_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "provenance", lambda _: {"sha256": "0" * 64})

    with pytest.raises(StmatteError, match=r"is damaged, or was changed.*Install STMatte again"):
        load_network("stmatte-s", "cpu")


def test_every_picture_that_stmatte_s_was_trained_on_is_credited() -> None:
    with (WEIGHTS / "stmatte-s.credits.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    trained_on = json.loads((WEIGHTS / "stmatte-s.json").read_text("utf-8"))["trained_on"]
    # rendered clips are our own
    others = [counts for kind, counts in trained_on.items() if "rendered clips" not in kind]
    assert len(others) == len(trained_on) - 7
    assert len(rows) == sum(sum(counts.values()) for counts in others)
    assert all(row["licence"] and row["source"] for row in rows)
    assert not any("NC" in row["licence"] for row in rows)
