# SPDX-License-Identifier: Apache-2.0
"""Nothing shifts between the plate and its matte: with a network that gives back what it sees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813  the name that all its documents use
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from shots import Copying
from stmatte.images import working_size
from stmatte.memory.bank import Bank
from stmatte.networks.protocol import Query
from stmatte.pipeline.propagate import propagate_frames
from stmatte.settings import Edges, Settings
from stmatte.shot import Key, Shot


class Echoing(Copying):
    """A network whose matte is the picture itself."""

    def encode_query(self, image: Tensor) -> Query:
        return Query((image.shape[-2], image.shape[-1]), {"grey": image.mean(dim=0)})

    def segment(self, query: Query, bank: Bank) -> Tensor:
        del bank
        grey = query.maps["grey"]
        return torch.stack([1 - grey, grey])


def matted(picture: np.ndarray, height: int, edges: Edges = "off") -> np.ndarray:
    """Return the matte of a grey picture (H, W) in [0, 1], seen at a working height of 64 or more.

    The first frame carries a key, the second one is the picture.
    """
    plate = {
        n: np.round(picture * 65535).astype(np.uint16)[:, :, None].repeat(3, 2) for n in (1, 2)
    }
    how = Settings(device="cpu", working_height=height, edges=edges, colorspace="sRGB")
    shot = Shot(plate, (Key(1, {"hero": np.ones(picture.shape, np.float32)}),), None, how)
    results = {r.frame: r for r in propagate_frames(shot, network=Echoing())}
    return np.asarray(results[2].mattes["hero"])


EDGES = ("off", "guided")


@pytest.mark.parametrize(("edges", "within"), [("guided", 0.1), ("off", 0.2)])
@pytest.mark.parametrize("height", [64, 67, 101, 128])
@pytest.mark.parametrize("size", [(128, 150), (129, 151), (200, 133), (541, 97)])
def test_a_half_plane_stays_where_it_is(
    size: tuple[int, int], height: int, edges: Edges, within: float
) -> None:
    """To a part of a pixel of the working size; the rest is the curve's (decisions/0005)."""
    moved = []
    for edge in 45 + np.arange(0, 1, 0.2):
        coverage = np.clip(np.arange(size[1]) + 1 - edge, 0, 1)  # of each column
        matte = matted(np.tile(coverage, (size[0], 1)), height, edges)
        assert np.ptp(matte, axis=0).max() < 1e-3
        moved.append(size[1] - float(matte[30].sum()) - edge)  # the area says where it ends

    working = size[1] / working_size(size, height)[1]
    assert np.abs(moved).max() <= within * max(1, working)


@pytest.mark.parametrize("edges", EDGES)
@pytest.mark.parametrize("size", [(128, 150), (131, 97)])
def test_a_flipped_plate_gives_the_flipped_matte(size: tuple[int, int], edges: Edges) -> None:
    picture = soft(size)
    matte = matted(picture, 64, edges)

    for axis in (0, 1):
        flipped = matted(np.flip(picture, axis), 64, edges)
        assert np.flip(flipped, axis) == pytest.approx(matte, abs=1e-3)


@pytest.mark.parametrize("edges", EDGES)
def test_a_shifted_plate_gives_the_shifted_matte(edges: Edges) -> None:
    picture = soft((192, 201))
    matte = matted(picture, 64, edges)  # a third

    for down, right in ((3, 0), (0, 6), (9, -3)):
        shifted = matted(np.roll(picture, (down, right), (0, 1)), 64, edges)
        inside = np.s_[48:-48, 48:-48]
        assert np.roll(shifted, (-down, -right), (0, 1))[inside] == pytest.approx(
            matte[inside], abs=1e-3
        )


def soft(size: tuple[int, int]) -> np.ndarray:
    """Return a picture with edges in all directions, softened over a few pixels."""
    rows, columns = np.mgrid[: size[0], : size[1]].astype(np.float64)
    middle = np.hypot(rows - 0.47 * size[0], columns - 0.52 * size[1])
    return 1 / (1 + np.exp((middle - 0.31 * min(size)) / 3))


@pytest.mark.parametrize("edges", EDGES)
def test_what_is_cut_by_the_frame_has_no_notch_there(edges: Edges) -> None:
    size, band = (131, 197), np.zeros((131, 197))
    band[:, 60:120] = 1  # leaves the picture above and below
    upright = matted(band, 64, edges)
    band = np.zeros(size)
    band[40:90] = 1
    lying = matted(band, 64, edges)

    assert upright == pytest.approx(np.tile(upright[65], (131, 1)), abs=1e-3)
    assert lying == pytest.approx(np.tile(lying[:, 98:99], (1, 197)), abs=1e-3)


@given(st.integers(65, 140), st.integers(65, 140))
@settings(max_examples=10, deadline=None)
def test_a_plate_of_one_value_has_a_matte_of_one_value(height: int, width: int) -> None:
    assert np.ptp(matted(np.full((height, width), 0.7), 64)) < 1e-5


def test_an_anamorphic_plate_is_seen_in_its_true_proportions(tmp_path: Path) -> None:
    """What is squeezed to half its width on the plate is round for the network, and comes back."""
    rows, columns = np.mgrid[:130, :90]
    disc = 1 / (1 + np.exp(np.hypot(rows - 64.5, 2 * (columns - 44.5)) / 2 - 20))
    for frame in (1, 2):
        spec = oiio.ImageSpec(90, 130, 3, "half")
        spec.attribute("PixelAspectRatio", 2.0)
        spec.attribute("oiio:ColorSpace", "lin_rec709_scene")
        output = oiio.ImageOutput.create(str(tmp_path / f"p.{frame}.exr"))
        output.open(str(tmp_path / f"p.{frame}.exr"), spec)
        output.write_image(disc[:, :, None].repeat(3, 2).astype(np.float32))
        output.close()
    shot = Shot(
        str(tmp_path / "p.#.exr"),
        (Key(1, {"hero": disc.astype(np.float32)}),),
        settings=Settings(device="cpu", working_height=65, colorspace="sRGB", edges="off"),
    )

    result = {r.frame: r for r in propagate_frames(shot, network=Echoing())}[2]

    # 130 rows of 90 double-wide pixels are 130 x 180, of which the network sees half
    assert result.display.shape == (65, 90, 3)
    seen = result.display[:, :, 0] >= 0.5
    assert abs(int(seen.any(axis=1).sum()) - int(seen.any(axis=0).sum())) <= 1
    assert result.mattes["hero"].shape == (130, 90)
    assert ((result.mattes["hero"] >= 0.5) == (disc >= 0.5)).mean() > 0.995
