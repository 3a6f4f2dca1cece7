# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from stmatte.errors import StmatteError
from stmatte.networks.identity import digest_of
from stmatte.training.corpus import Corpus
from stmatte.training.lineage import begun, entered, went_on, write_beside
from stmatte.training.loop import train
from stmatte.training.recipe import Recipe

pytestmark = pytest.mark.usefixtures("one_thread")


def told(weights: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(weights.with_suffix(".json").read_text())
    return said


def trained(recipe: Recipe, corpus: Corpus, folder: Path, **more: Any) -> Path:
    cpu = torch.device("cpu")
    return train(
        recipe, corpus, folder, device=cpu, tell=lambda *_: None, **{"resume": False, **more}
    )


def test_a_run_that_goes_on_by_another_recipe_has_two_stages() -> None:
    quick, slow = Recipe(steps=10), Recipe(steps=20, rate=1e-5)

    first = went_on(entered([], quick, "c0", 0), 7)
    same = went_on(entered(first, quick, "c0", 7), 10)
    other = went_on(entered(same, slow, "c0", 10), 20)
    moved = entered(other, slow, "c1", 20)

    assert [(s["first_step"], s["last_step"]) for s in same] == [(0, 10)]
    assert [(s["first_step"], s["last_step"]) for s in other] == [(0, 10), (10, 20)]
    assert [s["corpus"] for s in moved] == ["c0", "c0", "c1"]
    assert other[1]["recipe"] == {**vars(quick), "steps": 20, "rate": 1e-5}


def test_weights_tell_what_made_them_and_what_those_were_made_of(
    tiny: Recipe, corpus: Corpus, tmp_path: Path
) -> None:
    one = trained(replace(tiny, steps=1), corpus, tmp_path / "one")
    two = trained(replace(tiny, steps=2, seed=8), corpus, tmp_path / "two", weights=one)

    said = told(two)
    assert said["sha256"] == digest_of(two)
    assert said["network"] == "stmatte-s"
    assert [s["last_step"] for s in said["stages"]] == [1, 2]
    assert [s["recipe"]["seed"] for s in said["stages"]] == [3, 8]
    assert {s["corpus"] for s in said["stages"]} == {corpus.digest}


def test_a_resumed_run_stays_in_its_stage(tiny: Recipe, corpus: Corpus, tmp_path: Path) -> None:
    trained(replace(tiny, steps=2), corpus, tmp_path)
    again = trained(replace(tiny, steps=3), corpus, tmp_path, resume=True)
    more = told(trained(replace(tiny, steps=3), corpus, tmp_path, resume=True))

    assert [(s["first_step"], s["last_step"]) for s in told(again)["stages"]] == [(0, 2), (2, 3)]
    assert more == told(again)


def test_weights_without_a_json_are_named_by_their_digest(tmp_path: Path) -> None:
    weights = tmp_path / "found.safetensors"
    weights.write_bytes(b"numbers")

    assert begun(None) == []
    assert begun(weights) == [{"weights": digest_of(weights), "from": "found.safetensors"}]


def test_a_backbone_is_named_after_the_weights_that_it_joins(tmp_path: Path) -> None:
    weights, backbone = tmp_path / "small.safetensors", tmp_path / "wide.safetensors"
    weights.write_bytes(b"numbers")
    backbone.write_bytes(b"more numbers")
    later = {"backbone": digest_of(backbone), "from": "wide.safetensors"}

    assert begun(None, backbone) == [later]
    assert begun(weights, backbone) == [*begun(weights), later]
    write_beside(weights, entered([], Recipe(), "c", 0), {})
    assert begun(weights, backbone) == [*begun(weights), later]


def test_a_json_about_other_weights_is_refused(tmp_path: Path) -> None:
    weights = tmp_path / "w.safetensors"
    weights.write_bytes(b"numbers")
    write_beside(weights, entered([], Recipe(), "c", 0), {})
    weights.write_bytes(b"other numbers")

    with pytest.raises(StmatteError, match=r"w\.safetensors is damaged, or was changed"):
        begun(weights)
    weights.with_suffix(".json").write_text("{")
    with pytest.raises(StmatteError, match=r"w\.json is not JSON"):
        begun(weights)
