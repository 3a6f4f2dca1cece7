# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from stmatte.memory.products import products


@given(
    rows=st.integers(0, 5),
    channels=st.integers(1, 4),
    places=st.integers(1, 6),
    last=st.booleans(),
    half=st.booleans(),
)
def test_products_are_those_of_matrices(
    rows: int, channels: int, places: int, last: bool, half: bool
) -> None:
    """Small whole numbers, so every order of adding gives the same."""
    random = torch.Generator().manual_seed(rows + 7 * channels + 31 * places)
    asked = torch.randint(-9, 10, (rows, channels), generator=random).float()
    key = torch.randint(-9, 10, (channels, places), generator=random).float()
    expected = (asked[:, :, None] * key[None]).sum(dim=1)
    if half:
        asked, key, expected = asked.bfloat16(), key.bfloat16(), expected.bfloat16()

    found = products(asked, key.T.contiguous().T if last else key)

    assert torch.equal(found, expected)
    assert found.is_contiguous()


def test_rows_of_a_map_are_asked_as_well_as_copies() -> None:
    map_ = torch.rand(1, 8, 5, 7).to(memory_format=torch.channels_last)[0]
    rows = map_.flatten(1).T

    torch.testing.assert_close(products(rows, map_.flatten(1)), rows @ rows.T)
    torch.testing.assert_close(products(rows[3:9], map_.flatten(1)), rows[3:9] @ rows.T)
