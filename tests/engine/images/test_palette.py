# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte.images.palette import palette_indices


@given(depth=st.sampled_from([1, 2, 4, 8]), seed=st.integers(0, 99), width=st.integers(1, 19))
def test_indices_come_back_even_where_labels_share_a_colour(
    tmp_path_factory: pytest.TempPathFactory,
    write_palette_png: Any,
    depth: int,
    seed: int,
    width: int,
) -> None:
    indices = np.random.default_rng(seed).integers(0, 2**depth, (5, width), np.uint8)
    path = write_palette_png(tmp_path_factory.mktemp("law") / "k.png", indices, depth=depth)

    found = palette_indices(path)

    assert found is not None
    assert np.array_equal(found, indices)


@pytest.mark.parametrize("name", ["k.png", "k.jpg", "k.exr"])
def test_a_picture_without_palette_has_no_indices(
    tmp_path: Path, write_picture: Any, name: str
) -> None:
    path = write_picture(
        tmp_path / name,
        np.full((4, 4, 3), 0.5, np.float32),
        kind="uint8" if name != "k.exr" else "half",
    )

    assert palette_indices(path) is None
