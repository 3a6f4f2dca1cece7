# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from stmatte_host import EngineError
from stmatte_host.locks import keep_approved, locked_path
from stmatte_host.marking import NodeMark, marked

STATE = (NodeMark("hero", "absent", 10, 20),)


def kept(marks: Iterable[NodeMark]) -> list[tuple[str, str, int, int]]:
    return sorted((m.object, m.kind, m.first, m.last) for m in marks)


def test_a_later_mark_takes_the_place_of_an_earlier_one() -> None:
    assert kept(marked(STATE, "hero", "locked", 12, 14)) == [
        ("hero", "absent", 10, 11),
        ("hero", "absent", 15, 20),
        ("hero", "locked", 12, 14),
    ]


def test_marks_that_touch_are_one() -> None:
    assert kept(marked(STATE, "hero", "absent", 21, 25)) == [("hero", "absent", 10, 25)]


def test_ignoring_a_key_leaves_the_other_marks_and_clearing_takes_all() -> None:
    both = marked(STATE, "hero", "ignored", 15, 15)

    assert kept(both) == [("hero", "absent", 10, 20), ("hero", "ignored", 15, 15)]
    assert kept(marked(both, "hero", "clear", 10, 19)) == [("hero", "absent", 20, 20)]


def test_marks_of_other_objects_stay() -> None:
    assert kept(marked(STATE, "car", "clear", 1, 99)) == kept(STATE)


def test_a_key_is_either_added_or_ignored() -> None:
    added = marked(STATE, "hero", "keyed", 5, 5)

    assert ("hero", "keyed", 5, 5) in kept(added)
    assert kept(marked(added, "hero", "ignored", 5, 5))[-1] == ("hero", "ignored", 5, 5)
    assert kept(marked(marked(added, "hero", "ignored", 5, 5), "hero", "keyed", 5, 5)) == kept(
        added
    )


def test_an_approved_matte_outlives_what_is_written_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.1001.exr").write_bytes(b"approved")

    keep_approved(tmp_path, {1001: tmp_path / "a.1001.exr"}, "hero", [1001])
    (tmp_path / "a.1001.exr").write_bytes(b"newer")

    assert locked_path(tmp_path, "hero", 1001).read_bytes() == b"approved"
    assert locked_path(tmp_path, "hero", None).name == "hero.####.exr"


def test_what_is_not_there_cannot_be_locked(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"no matte to lock at plate frames 1001-1002\."):
        keep_approved(tmp_path, {}, "hero", [1001, 1002])
