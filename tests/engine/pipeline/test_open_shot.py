# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from shots import soft_disc, write_grey, write_plate
from stmatte.output import Output
from stmatte.pipeline.desk import Desk
from stmatte.store import DiskStore

DOCUMENT = {
    "format": "stmatte.shot/1",
    "plate": "plate/plate.####.png",
    "keys": [{"frame": 2, "object": "hero", "matte": {"path": "key.png"}}],
    "settings": {"model": "label-propagation", "device": "cpu"},
}


def test_an_edit_leaves_the_files_where_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_plate(tmp_path / "sh010" / "plate", range(1, 4))
    write_grey(tmp_path / "sh010" / "key.png", soft_disc(30))
    monkeypatch.chdir(tmp_path)
    desk = Desk(DiskStore(tmp_path / "store", 10**8))

    shot = desk.open(DOCUMENT, Path("sh010"), Output("mattes/m.####.exr"))
    later = shot.changed(DOCUMENT).changed(DOCUMENT)

    assert shot.files.output.out == str(Path("sh010/mattes/m.####.exr"))
    assert later.files == shot.files
