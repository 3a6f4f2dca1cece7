# SPDX-License-Identifier: Apache-2.0
"""What is written for a shot, and what is refused before anything is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from stmatte.errors import StmatteError
from stmatte.review import Look, Reviewed, review


def shot_of(page: Path) -> dict[str, Any]:
    """Return what the scripts of a page are told."""
    found = re.search(r'<script type="application/json" id="shot">(.*)</script>', page.read_text())
    assert found is not None
    told: dict[str, Any] = json.loads(found[1])
    return told


def test_a_page_for_each_shot_and_one_over_all(made: Any, reviewed: Reviewed) -> None:
    names = sorted(path.name for path in (made.folder / "pages").iterdir())

    assert names == ["index.html", "sh010.html"]
    assert reviewed.index.read_text().count("<tr data-shot=") == 1


def test_a_page_tells_which_frames_changed_since_the_version_before(reviewed: Reviewed) -> None:
    told = shot_of(reviewed.pages["sh010"])
    hero, ball = told["objects"]

    assert told["previous"] == "v001"
    # the lock keeps 1003-1004, and 1002 listens to what it listened to; 1009 has no file
    assert hero["changed"][0] is False
    assert hero["changed"][2:4] == [False, False]
    assert hero["changed"][6] is True
    assert hero["changed"][8] is None
    assert ball["changed"][5] is True


def test_what_is_the_same_as_before_is_carried_once(reviewed: Reviewed) -> None:
    text = reviewed.pages["sh010"].read_text()

    assert 'id="before/1003/0"' not in text
    assert 'id="before/1007/0"' in text


def test_a_page_names_no_folder_of_this_machine(made: Any, reviewed: Reviewed) -> None:
    for page in (reviewed.index, *reviewed.pages.values()):
        assert str(made.folder) not in page.read_text()


def test_advice_that_cannot_be_given_is_a_sentence(reviewed: Reviewed) -> None:
    told = shot_of(reviewed.pages["sh010"])

    assert told["advice"] == []
    assert "Run stmatte propagate on the shot first" in told["unadvised"]


def test_a_shot_without_mattes_is_refused_before_a_page_is_written(made: Any) -> None:
    out = made.folder / "nowhere"

    with pytest.raises(StmatteError) as refused:
        review([made.document], made.out("v009"), out, made.store)

    assert str(refused.value).startswith('Shot "sh010" has no mattes yet at ')
    assert not out.exists()


def test_a_version_to_compare_with_that_is_not_there_is_refused(made: Any) -> None:
    with pytest.raises(StmatteError, match="has no mattes yet"):
        review(
            [made.document], made.out("v002"), made.folder / "x", made.store, previous="v7.####.exr"
        )


def test_two_shots_of_a_name_are_refused(made: Any, tmp_path: Path) -> None:
    other = tmp_path / "sh010.json"
    other.write_text(made.document.read_text())

    with pytest.raises(StmatteError, match='Several shots are called "sh010"'):
        review([made.document, other], made.out("v002"), tmp_path / "x", made.store)


def test_mattes_of_one_shot_are_not_those_of_two(made: Any, tmp_path: Path) -> None:
    other = tmp_path / "sh020.json"
    other.write_text(made.document.read_text())

    with pytest.raises(StmatteError, match="are those of one shot, and 2 are reviewed"):
        review([made.document, other], "m.####.exr", tmp_path / "x", made.store)


@pytest.mark.parametrize("look", [{"height": 10}, {"rate": 0.5}, {"doubtful": 0.0}])
def test_what_cannot_be_shown_is_refused(look: dict[str, Any]) -> None:
    with pytest.raises(StmatteError, match=r"possible|begins"):
        Look(**look)
