# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stmatte.errors import StmatteError
from stmatte.review import Note, Notes, read_notes
from stmatte.shot import FrameRange


def written(folder: Path, *notes: dict[str, Any], **more: Any) -> Path:
    shot = {"shot": "sh010", "version": "v002", "frames": "1001-1080", "rate": 25, "notes": notes}
    path = folder / "sh010.notes.json"
    path.write_text(json.dumps({"format": "stmatte.notes/1", "shots": [{**shot, **more}]}))
    return path


def test_notes_come_by_their_first_frame(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"object": "", "frames": "1050", "text": "good"},
        {"object": "hero", "frames": "1043-1051", "text": "sleeve chatters"},
    )

    assert read_notes(path) == [
        Notes(
            "sh010",
            "v002",
            FrameRange(1001, 1080),
            25.0,
            (
                Note("hero", FrameRange(1043, 1051), "sleeve chatters"),
                Note("", FrameRange(1050, 1050), "good"),
            ),
        )
    ]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{", "the file is no JSON"),
        ("[]", 'the file does not say that its format is "stmatte.notes/1"'),
        ('{"format": "stmatte.notes/1"}', "the file lacks something, or says it in another way"),
        ('{"format": "stmatte.notes/1", "shots": [7]}', "a list of objects is missing"),
    ],
)
def test_what_is_no_file_of_notes_is_refused(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "notes.json"
    path.write_text(text)

    with pytest.raises(StmatteError) as refused:
        read_notes(path)

    assert what in str(refused.value)
    assert "Press Save notes on the page again." in str(refused.value)


@pytest.mark.parametrize("more", [{"rate": 0}, {"rate": "fast"}, {"frames": "all"}])
def test_a_shot_that_says_nonsense_is_refused(tmp_path: Path, more: dict[str, Any]) -> None:
    with pytest.raises(StmatteError, match=r"notes\.json"):
        read_notes(written(tmp_path, **more))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StmatteError, match="cannot be read"):
        read_notes(tmp_path / "none.json")
