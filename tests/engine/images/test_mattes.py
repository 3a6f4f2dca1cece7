# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte.errors import StmatteError
from stmatte.images import Box, Windows, read_mattes, read_words, write_mattes
from stmatte.images.metadata import Entry
from stmatte.layout import COMPRESSIONS, DEPTHS, Layout
from stmatte.naming import proposed

SOFT = np.linspace(0, 1, 24, dtype=np.float32).reshape(4, 6)


def header(path: Path) -> Any:
    source = oiio.ImageInput.open(str(path))
    spec = source.spec()
    assert not source.seek_subimage(1, 0)
    source.geterror()
    return spec


@given(
    seed=st.integers(0, 99),
    size=st.tuples(st.integers(1, 20), st.integers(1, 20)),
    names=st.sets(
        st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,40}", fullmatch=True).map(proposed),
        min_size=1,
        max_size=5,
    ),
    layout=st.builds(
        Layout,
        st.sampled_from(["object.A", "object.V", "roto_object_v2.A"]),
        st.sampled_from([*COMPRESSIONS, "dwaa:45"]),
        st.sampled_from(DEPTHS),
    ),
)
def test_mattes_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    size: tuple[int, int],
    names: set[str],
    layout: Layout,
) -> None:
    path = tmp_path_factory.mktemp("law") / "m.-0005.exr"
    random = np.random.default_rng(seed)
    mattes = {name: random.random(size, np.float32) for name in names}

    write_mattes(path, mattes, layout=layout)
    back = read_mattes(path)

    assert set(back) == {layout.channel(name) for name in names}
    kept = np.float16 if layout.depth == "half" else np.float32
    for name, matte in mattes.items():
        assert np.array_equal(back[layout.channel(name)], matte.astype(kept))


def test_the_file_is_what_every_host_reads(tmp_path: Path) -> None:
    write_mattes(
        tmp_path / "m.exr",
        {"hero": SOFT, "car": SOFT},
        pixel_aspect=2.0,
        attributes={"stmatte/model": "stm"},
    )

    spec = header(tmp_path / "m.exr")

    assert set(spec.channelnames) == {"hero.A", "car.A"}
    assert (str(spec.format), len(spec.channelformats)) == ("half", 0)
    assert spec.getattribute("compression") == "zips"
    assert (spec.x, spec.y, spec.width, spec.height) == (0, 0, 6, 4)
    assert (spec.full_x, spec.full_y, spec.full_width, spec.full_height) == (0, 0, 6, 4)
    assert spec.getattribute("PixelAspectRatio") == 2.0
    assert spec.getattribute("stmatte/model") == "stm"


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("compression", [*COMPRESSIONS, "dwaa:200"])
def test_the_file_has_the_layout_that_was_asked_for(
    tmp_path: Path, compression: str, depth: str
) -> None:
    write_mattes(tmp_path / "m.exr", {"hero": SOFT}, layout=Layout("object.V", compression, depth))

    spec = header(tmp_path / "m.exr")

    assert (spec.channelnames, str(spec.format)) == (("hero.V",), depth)
    assert spec.getattribute("compression") == compression.partition(":")[0]
    level = spec.getattribute("openexr:dwaCompressionLevel")
    assert level == (200 if compression == "dwaa:200" else None)


@pytest.mark.parametrize(("ending", "exact"), [("A", True), ("V", True), ("Y", False)])
def test_dwaa_changes_what_it_takes_for_colour_and_nothing_else(
    tmp_path: Path, ending: str, exact: bool
) -> None:
    noise = np.random.default_rng(1).random((64, 64), np.float32).astype(np.float16)
    layout = Layout(f"object.{ending}", "dwaa:45")

    write_mattes(tmp_path / "m.exr", {"hero": noise}, layout=layout)

    back = read_mattes(tmp_path / "m.exr")[f"hero.{ending}"]
    assert np.array_equal(back, noise) == exact
    assert layout.lossy != exact


def test_the_same_mattes_are_the_same_bytes(tmp_path: Path) -> None:
    layouts = [Layout("object.A", kind) for kind in (*COMPRESSIONS, "dwaa:45")]
    said = (
        Entry("Make", oiio.TypeString, "ARRI"),
        Entry("FramesPerSecond", oiio.TypeRational, (24, 1)),
        Entry("smpte:TimeCode", oiio.TypeTimeCode, (0x01000000, 0)),
    )
    words = {"stmatte/model": "stm", "stmatte/keys/hero": "1"}
    for index, layout in enumerate(layouts):
        mattes = {"hero": SOFT, "car": 1 - SOFT}
        path = tmp_path / f"a{index}.exr"
        write_mattes(path, mattes, layout=layout, metadata=said, attributes=words)
    time.sleep(1.1)  # the clock of an EXR counts seconds
    for index, layout in enumerate(layouts):
        mattes = {"car": 1 - SOFT, "hero": SOFT}
        turned = dict(reversed(words.items()))
        path = tmp_path / f"b{index}.exr"
        write_mattes(path, mattes, layout=layout, metadata=said, attributes=turned)

        assert (tmp_path / f"a{index}.exr").read_bytes() == path.read_bytes(), layout


def test_a_file_holds_what_the_plate_s_data_window_holds(tmp_path: Path) -> None:
    # a display of 6 x 4 with two columns of overscan on either side, and one row above
    canvas, display = Box(-2, -1, 10, 5), Box(0, 0, 6, 4)
    data = Box(-1, -1, 4, 3)
    matte = np.arange(50, dtype=np.float32).reshape(5, 10) / 64

    write_mattes(tmp_path / "m.exr", {"hero": matte}, windows=Windows(canvas, data, display))

    spec = header(tmp_path / "m.exr")
    assert (spec.x, spec.y, spec.width, spec.height) == (-1, -1, 4, 3)
    assert (spec.full_x, spec.full_y, spec.full_width, spec.full_height) == (0, 0, 6, 4)
    whole = read_mattes(tmp_path / "m.exr", canvas)["hero.A"]
    outside = np.ones(canvas.size, bool)
    outside[0:3, 1:5] = False  # the data window, one column in from the canvas
    assert np.array_equal(whole[~outside], matte[~outside])
    assert not whole[outside].any()
    shown = read_mattes(tmp_path / "m.exr")["hero.A"]
    assert np.array_equal(shown, whole[1:, 2:8])  # the display window begins there


def test_a_data_window_may_reach_beyond_the_canvas(tmp_path: Path) -> None:
    box = Box.of_size(SOFT.shape)
    wider = Box(-1, 0, 8, 4)

    write_mattes(tmp_path / "m.exr", {"hero": 1 - SOFT}, windows=Windows(box, wider, box))

    back = read_mattes(tmp_path / "m.exr", wider)["hero.A"]
    assert not back[:, [0, -1]].any()
    assert np.array_equal(back[:, 1:-1], (1 - SOFT).astype(np.float16))


def test_words_are_those_of_stmatte_and_none_for_a_file_that_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "m.exr"
    noise = np.random.default_rng(1).random((64, 64), np.float32)
    write_mattes(path, {"hero": noise}, attributes={"stmatte/digest": "d", "Software": "us"})
    assert read_words(path) == {"stmatte/digest": "d"}

    path.write_bytes(path.read_bytes()[:-200])
    assert read_words(path) is None
    assert read_words(path, whole=False) == {"stmatte/digest": "d"}
    assert read_words(tmp_path / "nowhere.exr") is None


@pytest.mark.parametrize("tile", [0, 16])
def test_a_picture_of_somebody_else_is_whole_and_says_nothing(tmp_path: Path, tile: int) -> None:
    path = tmp_path / "theirs.exr"
    spec = oiio.ImageSpec(64, 64, 3, "half")
    spec.tile_width = spec.tile_height = tile
    noise = np.random.default_rng(1).random((64, 64, 3), np.float32)
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec)
    assert output.write_image(noise)
    output.close()

    assert read_words(path) == {}
    path.write_bytes(path.read_bytes()[:-500])
    assert read_words(path) is None


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    write_mattes(tmp_path / "new" / "m.exr", {"hero": SOFT})
    write_mattes(tmp_path / "new" / "m.exr", {"hero": 1 - SOFT})

    assert [p.name for p in tmp_path.rglob("*.exr")] == ["m.exr"]
    assert read_mattes(tmp_path / "new" / "m.exr")["hero.A"][0, 0] == 1


@pytest.mark.parametrize(
    ("mattes", "words"),
    [
        ({"hero": SOFT * 1.01}, r'Matte of "hero" .* runs from 0 to 1\.01'),
        ({"hero": SOFT - np.float32(0.01)}, r"runs from -0\.01"),
        ({"hero": np.full((4, 6), np.nan)}, "runs from nan"),
        ({"hero": SOFT, "car": SOFT[:2]}, r'Matte of "hero" .* shape|of "car" .* shape'),
        ({"hero": SOFT[None]}, "shape"),
        ({}, "no matte to write"),
        ({"he.ro": SOFT}, "cannot become a layer name"),
    ],
)
def test_what_is_no_matte_leaves_no_file(
    tmp_path: Path, mattes: dict[str, Any], words: str
) -> None:
    with pytest.raises(StmatteError, match=words):
        write_mattes(tmp_path / "m.exr", mattes)

    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    noise = np.random.default_rng(1).random((200, 200), np.float32)
    write_mattes(tmp_path / "m.exr", {"hero": SOFT})
    before = (tmp_path / "m.exr").read_bytes()

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))  # as if the disk ended there
    try:
        with pytest.raises(StmatteError, match=r'Cannot write ".*m\.exr" \(File too large\)'):
            write_mattes(tmp_path / "m.exr", {"hero": noise})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert [p.name for p in tmp_path.iterdir()] == ["m.exr"]
    assert (tmp_path / "m.exr").read_bytes() == before


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StmatteError, match=r'Cannot write ".*m\.exr"'):
        write_mattes(tmp_path / "file" / "m.exr", {"hero": SOFT})


def test_a_truncated_matte_file_is_an_error(tmp_path: Path) -> None:
    write_mattes(tmp_path / "m.exr", {"hero": np.random.default_rng(1).random((64, 64))})
    content = (tmp_path / "m.exr").read_bytes()
    (tmp_path / "m.exr").write_bytes(content[: len(content) // 2])

    with pytest.raises(StmatteError, match="Matte file cannot be read"):
        read_mattes(tmp_path / "m.exr")
