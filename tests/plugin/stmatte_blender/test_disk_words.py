# SPDX-License-Identifier: Apache-2.0
"""What keeps keys from being written is said in words that name the folder and the repair."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from stmatte_blender.stmatte_host import EngineError

from stmatte_blender.disk_words import no_room, not_written

FOLDER = Path("mattes") / "keys"


def test_a_disk_without_room_is_refused_before_anything_is_rendered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    free = SimpleNamespace(free=3 << 20)
    monkeypatch.setattr("shutil.disk_usage", lambda _: free)

    no_room(FOLDER, 2 << 20)  # and 1 MiB to spare: just enough
    with pytest.raises(EngineError, match=r"need about 3.5 MiB, 3.0 MiB are free"):
        no_room(FOLDER, (5 << 20) // 2)


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "is full"), (errno.EACCES, "may not be written"), (errno.EROFS, "may not")],
)
def test_the_systems_reason_and_blenders_words_for_it_say_the_same(number: int, words: str) -> None:
    by_system = not_written(FOLDER, OSError(number, os.strerror(number)))
    by_blender = not_written(FOLDER, RuntimeError(f"Error: cannot save: {os.strerror(number)}\n"))

    assert words in str(by_system)
    assert str(by_system) == str(by_blender)
    assert str(FOLDER) in str(by_system)


def test_what_is_not_known_is_passed_on_in_one_line() -> None:
    told = str(not_written(FOLDER, RuntimeError("Error: the writer\nwas tired.\n")))

    assert 'can\'t be written to "mattes/keys": Error: the writer was tired. See' in told
