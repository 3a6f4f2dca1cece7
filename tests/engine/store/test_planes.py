# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.store import pack_plane, unpack_plane

SMALL = np.array([[0, 1, 255], [256, 32768, 65535]], np.uint16)


def soft_disc(height: int, width: int, edge: float) -> NDArray[np.uint16]:
    """Return the matte of a disc whose edge is some pixels wide."""
    y, x = np.mgrid[:height, :width]
    inside = (height / 3 - np.hypot(x - width / 2, y - height / 2)) / edge
    return (np.clip(inside + 0.5, 0, 1) * 65535).astype(np.uint16)


@given(
    plane=arrays(np.uint16, array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=12))
    | arrays(np.uint16, st.just((7, 5)), fill=st.just(65535))
)
def test_any_plane_comes_back_to_the_bit(plane: NDArray[np.uint16]) -> None:
    again = unpack_plane(pack_plane(plane))

    assert (again.dtype, again.shape) == (np.uint16, plane.shape)
    np.testing.assert_array_equal(again, plane)


def test_a_part_of_a_plane_is_packed_as_if_it_were_whole() -> None:
    part = soft_disc(20, 30, 4.0)[2:18:3, ::-2]

    np.testing.assert_array_equal(unpack_plane(pack_plane(part)), part)


def test_an_unpacked_plane_may_be_written_to() -> None:
    plane = unpack_plane(pack_plane(SMALL))

    plane[0, 0] = 7

    assert plane[0, 0] == 7


def test_a_soft_matte_becomes_much_smaller() -> None:
    plane = soft_disc(480, 854, 20.0)

    assert len(pack_plane(plane)) < plane.nbytes / 10


@pytest.mark.parametrize(
    "plane",
    [np.zeros((2, 3), np.float32), np.zeros(6, np.uint16), np.zeros((1, 2, 3), np.uint16)],
    ids=["float", "a row", "three axes"],
)
def test_only_planes_of_16_bits_are_packed(plane: NDArray[Any]) -> None:
    with pytest.raises(StmatteError, match=r"planes are \(h, w\) of uint16"):
        pack_plane(plane)


def test_a_change_anywhere_is_found_out() -> None:
    packed = pack_plane(SMALL)

    for place in range(len(packed)):
        for bit in range(8):
            damaged = bytearray(packed)
            damaged[place] ^= 1 << bit
            with pytest.raises(StmatteError, match="A kept plane is damaged"):
                unpack_plane(bytes(damaged))


def test_height_and_width_cannot_change_places() -> None:
    packed = pack_plane(SMALL)

    with pytest.raises(StmatteError, match="its checksum differs"):
        unpack_plane(packed[:5] + packed[9:13] + packed[5:9] + packed[13:])


def test_an_early_end_is_found_out() -> None:
    packed = pack_plane(SMALL)

    for length in range(len(packed)):
        with pytest.raises(StmatteError, match="A kept plane is damaged"):
            unpack_plane(packed[:length])


@given(packed=st.binary(max_size=100))
def test_other_bytes_are_no_plane(packed: bytes) -> None:
    with pytest.raises(StmatteError, match="A kept plane is damaged"):
        unpack_plane(packed)
