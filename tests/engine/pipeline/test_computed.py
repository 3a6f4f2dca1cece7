# SPDX-License-Identifier: Apache-2.0
"""What depends on how a network computes: its mattes, and nothing that was made before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from delivering import deliver
from shots import Copying, pictures, soft_disc
from stmatte import Key, Settings, Shot
from stmatte.errors import StmatteError
from stmatte.images.colour import config_identity
from stmatte.networks import precision
from stmatte.networks.identity import fingerprint
from stmatte.networks.precision import precision_of
from stmatte.networks.registry import load_for, load_network
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.header import SETTINGS, made_from
from stmatte.pipeline.planned import PlannedShot, plan_shot
from stmatte.pipeline.report import stale_mattes
from stmatte.plan.digest import ALGORITHM, digest_of
from stmatte.store import DiskStore, RamStore

PLATE = pictures(range(1, 4))


def shot(**settings: Any) -> Shot:
    said = {"device": "cpu", "edges": "off", **settings}
    return Shot(PLATE, (Key(1, {"hero": soft_disc(32)}),), None, Settings(**said))


def planned(network: Any, **settings: Any) -> PlannedShot:
    return plan_shot(check_shot(shot(**settings)), network, RamStore())


def test_stores_of_before_there_was_a_choice_stay_fresh() -> None:
    network = Copying()

    found = planned(network)

    space = found.checked.plate.colorspace.name
    seen = [space, config_identity(space), found.checked.exposure]
    weights = fingerprint(network)
    assert found.view == digest_of(ALGORITHM, "copying", weights, found.size, "cpu", seen)


def test_every_way_of_computing_has_mattes_of_its_own() -> None:
    ways: list[dict[str, Any]] = [
        {},
        {"precision": "bfloat16"},
        {"precision": "float16"},
        {"compile": True},
        {"precision": "bfloat16", "compile": True},
    ]

    plans = [planned(Copying(), **way).plan.objects[0] for way in ways]

    for frame in (2, 3):
        assert len({plan.digest(frame) for plan in plans}) == len(ways)
    assert len({plan.digest(1) for plan in plans}) == 1, "a key is what was given"


def test_a_file_says_how_it_was_computed_where_that_was_chosen() -> None:
    plain, half = planned(Copying()), planned(Copying(), precision="bfloat16")

    words = [json.loads(made_from(each, each.plan.objects, 2)[SETTINGS]) for each in (plain, half)]

    assert not {"precision", "compile"} & words[0].keys(), "files of before stay fresh"
    assert words[1]["precision"] == "bfloat16"
    assert "compile" not in words[1]


def test_what_was_made_in_one_precision_is_no_answer_in_another(tmp_path: Path) -> None:
    store, network = DiskStore(tmp_path / "store", 10**8), load_network("label-propagation", "cpu")

    def stale(**settings: Any) -> tuple[int, ...]:
        of = shot(model="label-propagation", **settings)
        return stale_mattes(plan_shot(check_shot(of), network, store), store)["hero"]

    def made(**settings: Any) -> None:
        out = str(tmp_path / "m.####.exr")
        deliver(shot(model="label-propagation", **settings), out, store=store)

    made()
    assert (stale(), stale(precision="bfloat16")) == ((), (2, 3))
    made(precision="bfloat16")
    assert (stale(), stale(precision="bfloat16")) == ((), ())


def test_a_network_is_loaded_as_settings_ask() -> None:
    network = load_for(Settings(device="cpu", precision="bfloat16"))

    assert precision_of(network) == "bfloat16"
    assert fingerprint(network) == fingerprint(load_network("stmatte-s", "cpu"))


def test_what_a_machine_does_slowly_or_not_at_all_is_said_beforehand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(precision, "_multiplies", lambda _: False)
    monkeypatch.setenv("CXX", "no-such-compiler")

    notes = check_shot(shot(precision="bfloat16", compile=True)).notes

    assert any("This CPU doesn't multiply in bfloat16" in note for note in notes)
    assert any("there is no C++ compiler no-such-compiler" in note for note in notes)
    assert check_shot(shot()).notes == ()


def test_settings_that_cannot_be_are_refused() -> None:
    with pytest.raises(StmatteError, match='Precision "float64" is not known: float32, bfloat16'):
        Settings(precision="float64")  # type: ignore[arg-type]
