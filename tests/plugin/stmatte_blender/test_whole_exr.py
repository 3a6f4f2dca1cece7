# SPDX-License-Identifier: Apache-2.0
"""An EXR that a full disk cut off is told from a whole one."""

from __future__ import annotations

from pathlib import Path

import pytest

from stmatte_blender.exr_header import blank, read_header
from stmatte_blender.whole_exr import is_whole

WHOLE = blank(["V"], (40, 40), {})  # three chunks of up to 16 lines


def test_a_file_that_was_written_to_its_end_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "key.exr"
    path.write_bytes(WHOLE)

    assert is_whole(path)


@pytest.mark.parametrize("kept", [0, 4, 100, len(WHOLE) // 2, len(WHOLE) - 1])
def test_a_file_that_was_cut_off_is_not(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "key.exr"
    path.write_bytes(WHOLE[:kept])

    assert not is_whole(path)


def test_a_file_whose_writer_was_not_done_is_not(tmp_path: Path) -> None:
    path = tmp_path / "key.exr"
    path.write_bytes(WHOLE)
    table = read_header(path).end
    path.write_bytes(WHOLE[:table] + bytes(24) + WHOLE[table + 24 :])  # where three chunks lie

    assert not is_whole(path)
