# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from stmatte import StmatteError
from stmatte.layout import Layout
from stmatte.output import Output


def test_an_output_is_one_file_a_frame_for_nuke_unless_more_is_said() -> None:
    plain = Output("matte.####.exr")

    assert plain.layout == Layout("object.A", "zips", "half")
    assert (plain.shot, plain.uncertainty, plain.raw, plain.cryptomatte) == (
        "",
        False,
        False,
        False,
    )


def test_files_are_written_over_or_left_alone() -> None:
    assert Output("m.####.exr", overwrite=True) != Output("m.####.exr", skip_existing=True)
    with pytest.raises(StmatteError) as error:
        Output("m.####.exr", overwrite=True, skip_existing=True)

    assert str(error.value) == (
        "Files that exist are to be written over and to be left alone: one of the two, or "
        "neither. Leave one of them out."
    )
