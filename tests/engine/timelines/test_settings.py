# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from stmatte.errors import StmatteError
from stmatte.settings import Settings
from stmatte.timelines.settings import read_settings


def test_settings_are_what_stands_under_that_word_in_a_shot(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"working_height": 240, "reach": "all"}')

    assert read_settings(path) == Settings(working_height=240, reach="all")


def test_a_shot_document_lends_its_settings(tmp_path: Path) -> None:
    path = tmp_path / "shot.json"
    path.write_text(
        '{"format": "stmatte.shot/1", "plate": "p.####.exr", "settings": {"edges": "guided"},'
        '"keys": [{"frame": 1, "object": "hero", "matte": {"path": "k.png"}}]}'
    )

    assert read_settings(path) == Settings(edges="guided")


@pytest.mark.parametrize("text", ['{"working_hight": 240}', '{"reach": 0}', "[]", "{"])
def test_what_is_wrong_is_told_with_the_file(text: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text)

    with pytest.raises(StmatteError, match=r"settings\.json"):
        read_settings(path)
