# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stmatte.images import read_words
from stmatte.networks import precision


def settings(place: Any) -> dict[str, Any]:
    """Return the settings that the matte of frame 1004 tells of."""
    words = read_words(Path(place.out.replace("####", "1004"))) or {}
    return dict(json.loads(words["stmatte/settings"]))


def document(place: Any, folder: Path, **said: object) -> Path:
    """Write a shot whose key is at 1003."""
    shot = {
        "format": "stmatte.shot/1",
        "plate": place.plate,
        "keys": [{"frame": 1003, "object": "hero", "matte": {"path": str(place.key)}}],
        "settings": {"model": "label-propagation", "device": "cpu", **said},
    }
    path = folder / "shot.json"
    path.write_text(json.dumps(shot), "utf-8")
    return path


def test_mattes_are_made_in_the_precision_that_was_asked_for(run: Any, place: Any) -> None:
    ran = run(*place.propagate(), "--precision", "bfloat16")

    assert ran.code == 0, ran.err
    assert settings(place)["precision"] == "bfloat16"


def test_a_document_says_itself_how_a_network_computes(
    run: Any, place: Any, tmp_path: Path
) -> None:
    shot = document(place, tmp_path, precision="bfloat16")

    for words in (["--precision", "float32"], ["--compile"], ["--no-compile"]):
        refused = run("propagate", shot, "--out", place.out, *words)
        assert refused.code == 2
        assert "beside the shot document" in refused.err
    ran = run("propagate", shot, "--out", place.out, "--progress", "log")

    assert ran.code == 0, ran.err
    assert settings(place)["precision"] == "bfloat16"


def test_spans_of_a_farm_compute_as_the_document_says(run: Any, place: Any, tmp_path: Path) -> None:
    shot, store = document(place, tmp_path, precision="bfloat16"), tmp_path / "store"

    for number in (1, 2):  # before the key, and after it
        assert run("span", shot, "--span", number, "--store", store).code == 0
    merged = run("merge", shot, "--out", place.out, "--store", store)

    assert merged.code == 0, merged.err
    assert settings(place)["precision"] == "bfloat16"


def test_without_a_compiler_mattes_are_made_and_a_note_says_why_it_takes_longer(
    run: Any, place: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    shot = document(place, tmp_path, compile=True)

    plan = run("plan", shot)
    ran = run("propagate", shot, "--out", place.out, "--progress", "log")

    assert "Note: Networks are not compiled: there is no C++ compiler" in plan.out
    assert ran.code == 0, ran.err
    assert settings(place)["compile"] is True


def test_what_a_cpu_has_not_is_refused_with_what_to_choose(
    run: Any, place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "_multiplies", lambda _: False)

    refused = run(*place.propagate(), "--precision", "float16")

    assert refused.code == 2
    assert "Precision float16 is not possible on this CPU" in refused.err
    assert "Choose bfloat16" in refused.err


def test_what_a_machine_computes_well_is_told(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "_multiplies", lambda half: "bfloat16" in str(half))

    lines = run("info").out.splitlines()

    assert [line.split(maxsplit=1)[1] for line in lines if line.startswith("precision")] == [
        "float32, bfloat16"
    ]
