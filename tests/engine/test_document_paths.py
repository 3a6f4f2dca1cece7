# SPDX-License-Identifier: Apache-2.0
"""Paths in shot documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stmatte.document import as_document, parse_shot, read_shot
from stmatte.document.paths import WEIGHTS, model_alone
from stmatte.model_names import split_model
from stmatte.networks.registry import SUFFIXES

BASE = Path("shots/sh010").absolute()
SHOT: dict[str, Any] = {
    "format": "stmatte.shot/1",
    "plate": "plate.####.exr",
    "keys": [{"frame": 7, "object": "hero", "matte": {"path": "hero.exr"}}],
}


def test_paths_are_those_of_the_documents_folder(tmp_path: Path) -> None:
    path = tmp_path / "shots" / "sh010.json"
    path.parent.mkdir()
    path.write_text(json.dumps(SHOT))

    assert read_shot(path).plate == str(tmp_path / "shots" / "plate.####.exr")


@pytest.mark.parametrize("path", ["~/plate.####.exr", "$SHOW/plate.####.exr", "../p.####.exr"])
def test_nothing_in_a_path_is_expanded_or_resolved(path: str) -> None:
    shot = parse_shot({**SHOT, "plate": path}, BASE)

    assert shot.plate == str(BASE / path)
    assert as_document(shot, BASE)["plate"] == path


def test_a_path_from_the_root_stays_one() -> None:
    path = (BASE.parent / "plate.####.exr").as_posix()

    shot = parse_shot({**SHOT, "plate": path}, BASE)

    assert shot.plate == str(Path(path))
    assert as_document(shot, BASE)["plate"] == path


def test_a_path_from_the_working_folder_is_still_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shot = parse_shot(SHOT, Path("shots"))

    assert shot.plate == str(Path("shots/plate.####.exr"))
    assert as_document(shot, Path("shots"))["plate"] == "plate.####.exr"
    assert as_document(shot, tmp_path / "shots")["plate"] == "plate.####.exr"
    assert (
        as_document(shot, tmp_path / "b")["plate"] == (tmp_path / "shots/plate.####.exr").as_posix()
    )


@pytest.mark.parametrize(
    ("model", "read"),
    [
        ("stmatte-s", "stmatte-s"),
        ("mine.safetensors", str(BASE / "mine.safetensors")),
        ("models/mine", str(BASE / "models/mine")),
        ("./mine", str(BASE / "mine")),
        ("kmn:mine.pth", f"kmn:{BASE / 'mine.pth'}"),
        ("kmn:./mine", f"kmn:{BASE / 'mine'}"),
        ("kmn:mine", "kmn:mine"),
    ],
)
def test_a_model_is_a_name_or_a_path(model: str, read: str) -> None:
    shot = parse_shot({**SHOT, "settings": {"model": model}}, BASE)

    assert shot.settings.model == read
    assert as_document(shot, BASE)["settings"]["model"] == model


@pytest.mark.parametrize(
    ("model", "network"),
    [
        ("kmn:mine.pth", "kmn"),
        ("label-propagation:/models/mine.pth", "label-propagation"),
        (r"kmn:C:\models\mine.pth", "kmn"),
        (r"C:\models\mine.pth", ""),
        ("c:/models/mine.pth", ""),
        ("./kmn:mine.pth", ""),
        ("kmn", ""),
    ],
)
def test_a_network_is_named_before_a_colon_where_no_drive_is(model: str, network: str) -> None:
    assert split_model(model) == (network, model.removeprefix(f"{network}:"))


@pytest.mark.parametrize(
    ("model", "alone"),
    [
        ("stmatte-s", "stmatte-s"),
        ("/shows/anna/mine.pth", "mine.pth"),
        (r"kmn:C:\models\mine.pth", "kmn:mine.pth"),
        ("kmn:models/mine.pth", "kmn:mine.pth"),
    ],
)
def test_what_a_file_says_of_its_model_names_no_folder(model: str, alone: str) -> None:
    assert model_alone(model) == alone


def test_endings_that_make_a_model_a_path_are_those_of_the_registry() -> None:
    assert WEIGHTS == SUFFIXES
