# SPDX-License-Identifier: Apache-2.0
"""Words into calls and misuse; what training does is tested in its own room."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nosuch", "--data", "d"], 'Recipe "nosuch" does not exist'),
        (["stage1"], "Nothing to train on is named: either --data with a folder, or --corpus."),
        (["stage1", "--data", "d", "--corpus", "c"], "Two things to train on are named"),
        (["stage1", "--corpus", "c"], "No folder for the run is named: --out names it."),
        (["stage1", "--corpus", "c", "--pack", "p"], "There is nothing to pack: --data names"),
        (["stage1", "--data", "d", "--pack", "p"], "d holds nothing to train on"),
        (["stage1", "--corpus", "c", "--out", "o", "--steps", "0"], 'Entry "steps" of the recipe'),
        (["stage1", "--corpus", "c", "--out", "o"], "c is not a packed corpus"),
        (["stage1", "--corpus", "c", "--out", "o", "--room", "60M"], "--room is about a corpus"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_misuse_is_a_sentence_and_leaves_nothing(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)

    ran = run("train", *words)

    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith(f"stmatte: {said}")
    assert list(tmp_path.iterdir()) == []
