# SPDX-License-Identifier: Apache-2.0
"""The command line in this process, where torch is loaded once, and a shot on disk."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from shots import SIZE, soft_disc, write_grey, write_plate
from stmatte.cli import main


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code, and what it said on either stream."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `stmatte` with these words."""

    def words(*words: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["stmatte", *map(str, words)])
        code = 0
        capsys.readouterr()
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        return Ran(code, *capsys.readouterr())

    return words


@dataclass(frozen=True)
class Place:
    """A folder with plate/plate.1001-1005.png, a soft key, and labels of two objects."""

    folder: Path
    plate: str
    key: Path
    labels: Path

    @property
    def out(self) -> str:
        return str(self.folder / "out" / "matte.####.exr")

    def propagate(self, **options: object) -> list[object]:
        """Return the words of a command that works; None takes an option away."""
        given: dict[str, object] = {
            "plate": self.plate,
            "key": f"1003={self.key}",
            "out": self.out,
            "model": "label-propagation",
            "device": "cpu",
            "progress": "log",
        }
        given |= options
        words: list[object] = ["propagate", given.pop("plate")]
        for name, value in given.items():
            for one in value if isinstance(value, list) else [value]:
                words += [] if one is None else [f"--{name.replace('_', '-')}", one]
        return words

    def made(self) -> list[str]:
        """Return every file that is neither plate nor key, hidden ones too."""
        return sorted(
            path.relative_to(self.folder).as_posix()
            for path in self.folder.rglob("*")
            if path.is_file() and path.parent.name not in ("plate", "keys")
        )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    labels = np.zeros(SIZE, np.uint8)
    labels[20:44, 20:44] = 1
    labels[20:44, 60:80] = 2
    return Place(
        tmp_path,
        write_plate(tmp_path / "plate", range(1001, 1006)),
        write_grey(tmp_path / "keys" / "key.png", soft_disc(36)),
        write_grey(tmp_path / "keys" / "labels.png", labels),
    )
