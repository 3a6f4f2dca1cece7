# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stmatte.errors import StmatteError
from stmatte.images import read_labels

LABELS = np.array([[0, 1, 2], [3, 255, 0]], np.uint8)


def test_labels_are_palette_indices_or_grey_numbers(
    tmp_path: Path, write_picture: Any, write_palette_png: Any
) -> None:
    palette = write_palette_png(tmp_path / "palette.png", LABELS)
    grey = write_picture(tmp_path / "grey.png", LABELS)

    assert np.array_equal(read_labels(palette), LABELS)
    assert np.array_equal(read_labels(grey), LABELS)


def test_a_colour_picture_holds_no_labels(tmp_path: Path, write_picture: Any) -> None:
    path = write_picture(tmp_path / "c.png", np.arange(12, dtype=np.uint8).reshape(2, 2, 3))

    with pytest.raises(StmatteError, match="holds no labels"):
        read_labels(path)
