# SPDX-License-Identifier: Apache-2.0
"""Which files a delivery writes, what is in them, and what it leaves alone."""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest

import stmatte
from delivering import deliver
from shots import SIZE, Copying, cut_short, picture, pictures, soft_disc, write_plate
from stmatte import FrameRange, Key, Settings, Shot, StmatteError
from stmatte.images import Box, read_mattes, read_words, to_working
from stmatte.layout import Layout
from stmatte.output import Output
from stmatte.pipeline import Delivery
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.matte_files import MatteFiles
from stmatte.pipeline.planned import plan_shot
from stmatte.pipeline.report import stale_mattes
from stmatte.shot import Absence, Lock
from stmatte.store import RamStore, Store

CPU = Settings(device="cpu")
FRAMES = range(1, 6)
HERO, CAR = soft_disc(30), soft_disc(70)
BOTH = Key(2, {"hero": HERO, "car": CAR})
SIX = Shot(pictures(FRAMES), (BOTH,), None, CPU)


def delivered(given: Shot, out: Path, **how: Any) -> Delivery:
    return deliver(given, out, network=Copying(), **how)


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """Return what changes if a file is written again, even with the same bytes."""
    found = {}
    for path in folder.rglob("*.exr"):
        status = path.stat()
        found[str(path.relative_to(folder))] = (status.st_ino, status.st_mtime_ns)
    return found


def touched(folder: Path, before: dict[str, tuple[int, int]]) -> list[str]:
    return sorted(name for name, stamp in stamps(folder).items() if before.get(name) != stamp)


def header(path: Path) -> dict[str, Any]:
    source = oiio.ImageInput.open(str(path))
    found = {str(word.name): word.value for word in source.spec().extra_attribs}
    source.close()
    return found


# --- windows and the plate's words ----------------------------------------------------

DISPLAY = Box.of_size(SIZE)  # 96 x 64
OVERSCAN = Box(-8, -4, 112, 72)  # eight columns and four rows more on every side
TIME = (0x01000000, 0)


def write_frame(path: Path, data: Box, pixels: np.ndarray, *, time: tuple[int, int] = TIME) -> None:
    """Write a half float frame with a data window, a time code and a camera."""
    path.parent.mkdir(parents=True, exist_ok=True)
    spec = oiio.ImageSpec(data.width, data.height, 3, "half")
    spec.x, spec.y = data.x, data.y
    spec.full_x, spec.full_y, spec.full_width, spec.full_height = 0, 0, SIZE[1], SIZE[0]
    spec.attribute("smpte:TimeCode", oiio.TypeTimeCode, time)
    spec.attribute("FramesPerSecond", oiio.TypeRational, (24, 1))
    spec.attribute("PixelAspectRatio", 2.0)
    spec.attribute("Make", "ARRI")
    spec.attribute("Artist", "mira")
    spec.attribute("oiio:ColorSpace", "srgb_rec709_scene")
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec)
    assert output.write_image(np.ascontiguousarray(pixels, np.float32))
    output.close()


def overscan_plate(folder: Path, frames: Iterable[int] = FRAMES) -> str:
    for frame in frames:
        wide = np.pad(picture(frame) / 255, ((4, 4), (8, 8), (0, 0)), mode="reflect")
        write_frame(folder / f"plate.{frame:04d}.exr", OVERSCAN, wide)
    return str(folder / "plate.####.exr")


def test_mattes_of_an_overscan_plate_have_its_windows_and_its_words(tmp_path: Path) -> None:
    plate = overscan_plate(tmp_path / "plate")
    matte = np.random.default_rng(1).random(OVERSCAN.size, np.float32)

    delivery = delivered(
        Shot(plate, (Key(2, {"hero": matte}),), None, CPU), tmp_path / "out" / "m.####.exr"
    )

    for path in delivery.mattes.values():
        source = oiio.ImageInput.open(str(path))
        spec = source.spec()
        source.close()
        assert (spec.x, spec.y, spec.width, spec.height) == (-8, -4, 112, 72)
        assert (spec.full_x, spec.full_y, spec.full_width, spec.full_height) == (0, 0, 96, 64)
        assert spec.get_string_attribute("smpte:TimeCode") == "01:00:00:00"
        words = header(path)
        assert words["FramesPerSecond"] == (24, 1)
        assert words["PixelAspectRatio"] == 2.0
        assert words["Make"] == "ARRI"
        assert "Artist" not in words
        assert "oiio:ColorSpace" not in words
    there = read_mattes(delivery.mattes[2], OVERSCAN)["hero.A"]
    assert np.array_equal(there, matte.astype(np.float16))


def test_where_a_frame_has_no_pixels_its_matte_has_none(tmp_path: Path) -> None:
    plate = overscan_plate(tmp_path / "plate")
    small = Box(10, 6, 40, 30)
    write_frame(tmp_path / "plate" / "plate.0003.exr", small, picture(3)[6:36, 10:50] / 255)
    shot = Shot(plate, (Key(2, {"hero": np.ones(OVERSCAN.size)}),), None, CPU)

    delivery = delivered(shot, tmp_path / "out" / "m.####.exr")

    matte = read_mattes(delivery.mattes[3], OVERSCAN)["hero.A"]
    inside = OVERSCAN.slices(small)
    assert matte[inside].min() > 0
    matte[inside] = 0
    assert not matte.any()


def test_a_key_that_reaches_beyond_the_plate_s_pixels_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plate = overscan_plate(tmp_path / "plate", [1, 2])
    small = Box(10, 6, 40, 30)
    write_frame(tmp_path / "plate" / "plate.0002.exr", small, picture(2)[6:36, 10:50] / 255)
    inside = np.zeros(OVERSCAN.size, np.float32)
    inside[OVERSCAN.slices(small)] = 1
    wide = np.ones(OVERSCAN.size, np.float32)

    with caplog.at_level(logging.WARNING, "stmatte"):
        keys = (Key(1, {"hero": wide}), Key(2, {"hero": inside}))
        delivered(Shot(plate, keys, None, CPU), tmp_path / "a.####.exr")
        assert caplog.messages == []
        delivered(Shot(plate, (Key(2, {"hero": wide}),), None, CPU), tmp_path / "b.####.exr")

    assert caplog.messages == [
        (
            'The matte given at frame 2 for "hero" reaches beyond the plate\'s data window, which '
            "is 40x30 at 10,6: what lies outside is not written."
        )
    ]


def test_overlays_and_the_sheet_lie_on_the_plate_s_canvas(tmp_path: Path) -> None:
    plate = overscan_plate(tmp_path / "plate", [2])
    left = np.zeros(OVERSCAN.size, np.float32)
    left[:, :8] = 1  # the overscan on the left, and nothing else

    delivery = delivered(
        Shot(plate, (Key(2, {"hero": left}),), None, CPU),
        tmp_path / "out" / "m.####.exr",
        preview=tmp_path / "look",
    )

    seen = cv2.imread(str(tmp_path / "look" / "overlay.0002.png")).astype(int)
    wide = np.pad(picture(2), ((4, 4), (8, 8), (0, 0)), mode="reflect").astype(np.float32)
    plain = to_working(wide, seen.shape[:2])[:, :, ::-1]
    columns = np.abs(seen - plain).max(axis=(0, 2))
    edge = round(8 * seen.shape[1] / OVERSCAN.width)
    assert (columns[: edge - 2] > 10).all()  # tinted
    assert (columns[edge + 3 :] < 3).all()
    assert delivery.sheet is not None


def test_a_mended_time_code_makes_the_file_anew_and_computes_nothing(tmp_path: Path) -> None:
    plate, store = overscan_plate(tmp_path / "plate"), RamStore()
    shot = Shot(plate, (Key(2, {"hero": np.ones(OVERSCAN.size)}),), None, CPU)
    out = tmp_path / "out"
    delivered(shot, out / "m.####.exr", store=store)
    before = stamps(out)

    wide = np.pad(picture(3) / 255, ((4, 4), (8, 8), (0, 0)), mode="reflect")
    write_frame(tmp_path / "plate" / "plate.0003.exr", OVERSCAN, wide, time=(0x02000000, 0))
    network = Copying()
    deliver(shot, str(out / "m.####.exr"), network=network, store=store)

    assert touched(out, before) == ["m.0003.exr"]
    assert network.read == []
    assert header(out / "m.0003.exr")["smpte:TimeCode"] == (0x02000000, 0)


# --- what STMatte says of a file ------------------------------------------------------


def test_the_header_s_words_are_these_and_no_others(tmp_path: Path) -> None:
    shot = Shot(
        pictures(FRAMES),
        (BOTH, Key(5, {"hero": HERO})),
        settings=Settings(device="cpu", reach=2),
        absences=(Absence("car", FrameRange(4, 5)),),
    )

    delivery = delivered(shot, tmp_path / "m.####.exr", shot="sh010")

    words = header(delivery.mattes[3])
    assert sorted(words) == [
        *("DateTime", "PixelAspectRatio", "Software", "compression"),
        *("oiio:subimages", "openexr:lineOrder"),
        *("screenWindowCenter", "screenWindowWidth"),
        *("stmatte/digest", "stmatte/keys/car", "stmatte/keys/hero", "stmatte/model"),
        *("stmatte/object/car", "stmatte/object/hero", "stmatte/plate", "stmatte/settings"),
        *("stmatte/uncertainty/car", "stmatte/uncertainty/hero"),
        *("stmatte/version", "stmatte/weights"),
    ]
    assert words["Software"] == "STMatte"
    assert words["stmatte/version"] == stmatte.__version__
    assert words["stmatte/model"] == "stmatte-s"
    assert words["stmatte/keys/hero"] == "2,5"
    assert words["stmatte/keys/car"] == "2,4-5"
    said = json.loads(words["stmatte/settings"])
    assert (said["reach"], said["device"], said["model"]) == (2, "cpu", "stmatte-s")
    assert words["stmatte/settings"] == json.dumps(said, sort_keys=True, separators=(",", ":"))
    assert header(delivery.mattes[5])["stmatte/keys/car"] == "absent"
    assert header(delivery.mattes[5])["stmatte/keys/hero"] == "5"
    assert "stmatte/plate" not in header(delivery.mattes[5])  # what was given is not of the plate


def test_no_path_and_no_name_of_a_person_is_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "mira_secret"
    weights = secret / "mine.safetensors"
    secret.mkdir()
    shipped = Path(stmatte.__file__).parent / "weights" / "label-propagation.safetensors"
    shutil.copy(shipped, weights)
    plate = write_plate(secret, [1, 2])
    lock = Lock("hero", FrameRange(1, 1), {1: HERO})
    shot = Shot(plate, (BOTH,), None, Settings(str(weights), device="cpu"), locks=(lock,))

    delivery = deliver(shot, str(secret / "m.####.exr"))

    for path in delivery.mattes.values():
        data = path.read_bytes()
        assert b"secret" not in data
        assert b"mine.safetensors" in data
    assert header(delivery.mattes[1])["stmatte/keys/hero"] == "locked"


def test_the_same_inputs_are_the_same_bytes_in_any_folder(tmp_path: Path) -> None:
    made = []
    for name in ("first", "second"):
        plate = overscan_plate(tmp_path / name / "plate", [1, 2])
        shot = Shot(plate, (Key(2, {"hero": np.ones(OVERSCAN.size)}),), None, CPU)
        delivery = delivered(shot, tmp_path / name / "m.####.exr")
        made.append([path.read_bytes() for path in delivery.mattes.values()])

    assert made[0] == made[1]


# --- names of files, and a file for every object --------------------------------------


def test_every_object_has_a_file_of_its_own_where_the_pattern_says_so(tmp_path: Path) -> None:
    out = tmp_path / "{object}" / "{shot}_{object}.{frame}.exr"

    delivery = delivered(SIX, out, shot="sh010", uncertainty=True, layout=Layout("object.V"))

    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.exr")) == [
        f"{name}/sh010_{name}.000{frame}.exr"
        for name in ("car", "hero", "uncertainty")
        for frame in FRAMES
    ]
    for name in ("car", "hero", "uncertainty"):
        path = tmp_path / name / f"sh010_{name}.0003.exr"
        assert list(read_mattes(path)) == [f"{name}.V"]
    assert [path.parent.name for path in delivery.files[3]] == ["hero", "car", "uncertainty"]
    assert delivery.mattes[3] == delivery.files[3][0]
    words = read_words(tmp_path / "hero" / "sh010_hero.0003.exr") or {}
    assert {word for word in words if "car" in word} == set()


def test_files_apart_hold_the_same_pixels_as_one_for_all(tmp_path: Path) -> None:
    delivered(SIX, tmp_path / "one.####.exr")
    delivered(SIX, tmp_path / "{object}.####.exr")

    for frame in FRAMES:
        together = read_mattes(tmp_path / f"one.000{frame}.exr")
        for name in ("hero", "car"):
            apart = read_mattes(tmp_path / f"{name}.000{frame}.exr")
            assert np.array_equal(apart[f"{name}.A"], together[f"{name}.A"])


def test_only_the_file_that_is_lacking_is_written(tmp_path: Path) -> None:
    store = RamStore()
    delivered(SIX, tmp_path / "{object}.####.exr", store=store)
    (tmp_path / "car.0003.exr").unlink()
    before = stamps(tmp_path)

    delivery = delivered(SIX, tmp_path / "{object}.####.exr", store=store)

    assert touched(tmp_path, before) == ["car.0003.exr"]
    assert delivery.fresh == (1, 2, 4, 5)


def test_a_given_matte_s_file_does_not_hear_of_other_objects(tmp_path: Path) -> None:
    keys = (Key(1, {"hero": HERO}), Key(2, {"hero": HERO}), Key(1, {"car": CAR}))
    given, store = Shot(pictures([1, 2, 3]), keys, None, CPU), RamStore()
    delivered(given, tmp_path / "{object}.####.exr", store=store)
    before = stamps(tmp_path)

    more = Shot(pictures([1, 2, 3]), (*keys, Key(3, {"car": CAR})), None, CPU)
    delivered(more, tmp_path / "{object}.####.exr", store=store)

    # hero is keyed at 1 and 2; at 3 it shares its pixels with the car
    assert touched(tmp_path, before) == ["car.0002.exr", "car.0003.exr", "hero.0003.exr"]


def test_a_shot_is_called_as_its_plate_unless_it_is_said(tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "plate", [2], "sh020_bg.{:04d}.png")

    delivery = delivered(Shot(plate, (BOTH,), None, CPU), tmp_path / "{shot}.####.exr")

    assert [path.name for path in delivery.mattes.values()] == ["sh020_bg.0002.exr"]
    with pytest.raises(StmatteError, match="asks for the name of a shot that has none"):
        delivered(SIX, tmp_path / "{shot}.####.exr")


def test_what_is_stale_is_told_per_object_with_files_apart(tmp_path: Path) -> None:
    store: Store = RamStore()
    files = MatteFiles(Output(str(tmp_path / "{object}.####.exr")))
    delivered(SIX, Path(files.output.out), store=store)
    (tmp_path / "car.0003.exr").unlink()
    planned = plan_shot(check_shot(SIX), Copying(), store)

    assert stale_mattes(planned, store, files) == {"hero": (), "car": (3,)}


def test_another_layout_is_another_file(tmp_path: Path) -> None:
    store, out = RamStore(), tmp_path / "m.####.exr"
    changes: list[dict[str, Any]] = [
        {},
        {"layout": Layout("object.V")},
        {"layout": Layout("object.V", "piz")},
        {"layout": Layout("object.V", "piz", "float")},
        {"layout": Layout("object.V", "piz", "float"), "raw": True},
    ]
    for change in changes:
        assert delivered(SIX, out, store=store, **change).fresh == ()
        assert delivered(SIX, out, store=store, **change).fresh == tuple(FRAMES)


def test_a_lossy_compression_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "stmatte"):
        delivered(SIX, tmp_path / "a.####.exr", layout=Layout("object.A", "dwaa:45"))
        assert caplog.messages == []
        delivered(SIX, tmp_path / "y.####.exr", layout=Layout("object.Y", "dwaa:45"))

    (message,) = caplog.messages
    assert message.startswith("dwaa:45 is lossy in channels such as hero.Y: mattes will differ")


# --- what is there already ------------------------------------------------------------


def foreign(path: Path, *, frames: Iterable[int] = (3,)) -> dict[Path, bytes]:
    """Write pictures as somebody else would, and return their bytes."""
    found = {}
    for frame in frames:
        there = Path(str(path).replace("####", f"{frame:04d}"))
        there.parent.mkdir(parents=True, exist_ok=True)
        buffer = oiio.ImageBuf(np.full((*SIZE, 3), 0.25, np.float32))
        assert buffer.write(str(there))
        found[there] = there.read_bytes()
    return found


def test_what_others_wrote_is_refused_before_work_starts(tmp_path: Path) -> None:
    theirs = foreign(tmp_path / "m.####.exr", frames=(3, 4))
    unknown = Shot(SIX.plate, SIX.keys, None, Settings("no such model", device="cpu"))

    with pytest.raises(StmatteError) as error:
        deliver(unknown, str(tmp_path / "m.####.exr"))

    assert str(error.value) == (
        f'Output "{tmp_path / "m.0003.exr"}" is there already, and not from STMatte, as is 1 '
        "more: only what STMatte wrote is brought up to date. Choose another name or folder, "
        "or ask for --overwrite or --skip-existing."
    )
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == theirs


def test_what_others_wrote_may_be_written_over_if_that_is_asked_for(tmp_path: Path) -> None:
    foreign(tmp_path / "m.####.exr")

    delivery = delivered(SIX, tmp_path / "m.####.exr", overwrite=True)

    assert delivery.fresh == ()
    assert sorted(read_mattes(tmp_path / "m.0003.exr")) == ["car.A", "hero.A"]


def test_an_empty_file_is_no_loss(tmp_path: Path) -> None:
    (tmp_path / "m.0003.exr").touch()

    assert sorted(delivered(SIX, tmp_path / "m.####.exr").mattes) == list(FRAMES)


def test_a_file_of_ours_that_lost_its_end_is_mended_unasked(tmp_path: Path) -> None:
    delivered(SIX, tmp_path / "m.####.exr")
    cut_short(tmp_path / "m.0003.exr")
    before = stamps(tmp_path)

    delivered(SIX, tmp_path / "m.####.exr")

    assert touched(tmp_path, before) == ["m.0003.exr"]


def test_whatever_is_there_and_whole_is_skipped_and_the_rest_is_made(tmp_path: Path) -> None:
    out = tmp_path / "out" / "m.####.exr"
    theirs = foreign(out, frames=(3,))
    foreign(out, frames=(4,))
    cut_short(tmp_path / "out" / "m.0004.exr")
    stale = Shot(SIX.plate, (Key(2, {"hero": CAR}),), FrameRange(2, 2), CPU)
    delivered(stale, out, skip_existing=True)
    before = stamps(tmp_path)

    delivery = delivered(SIX, out, skip_existing=True, preview=tmp_path / "look")

    assert delivery.left == (2, 3)
    assert delivery.fresh == ()
    assert touched(tmp_path, before) == [f"out/m.000{frame}.exr" for frame in (1, 4, 5)]
    assert {path: path.read_bytes() for path in theirs} == theirs
    assert len(list((tmp_path / "look").glob("overlay.*.png"))) == len(FRAMES)


def test_to_write_over_and_to_leave_alone_contradict_each_other(tmp_path: Path) -> None:
    with pytest.raises(StmatteError, match="to be written over and to be left alone"):
        delivered(SIX, tmp_path / "m.####.exr", overwrite=True, skip_existing=True)


@pytest.mark.parametrize("how", [{}, {"overwrite": True}, {"skip_existing": True}])
def test_a_folder_at_the_place_is_an_error(tmp_path: Path, how: dict[str, bool]) -> None:
    (tmp_path / "m.0003.exr").mkdir()

    with pytest.raises(StmatteError, match=r'Output ".*m\.0003\.exr" is a folder'):
        delivered(SIX, tmp_path / "m.####.exr", **how)

    assert [path.name for path in tmp_path.iterdir()] == ["m.0003.exr"]


def test_a_write_protected_file_is_left_alone_while_it_is_fresh_and_refused_else(
    tmp_path: Path,
) -> None:
    out, store = tmp_path / "m.####.exr", RamStore()
    delivered(SIX, out, store=store)
    protected = tmp_path / "m.0003.exr"
    protected.chmod(0o444)
    before = stamps(tmp_path)

    assert delivered(SIX, out, store=store).fresh == tuple(FRAMES)
    with pytest.raises(StmatteError, match=r"m\.0003\.exr\" \(the file is write-protected\)"):
        delivered(SIX, out, store=store, layout=Layout("object.V"))

    assert touched(tmp_path, before) == []


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o500)

    with pytest.raises(StmatteError, match="Permission denied"):
        delivered(SIX, tmp_path / "out" / "m.####.exr")


def test_a_disk_that_fills_up_is_named_and_leaves_whole_files_only(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    noise = np.random.default_rng(1).random(SIZE, np.float32)
    flat = Shot(SIX.plate, (Key(2, {"hero": np.zeros(SIZE, np.float32)}),), None, CPU)
    out, store = tmp_path / "m.####.exr", RamStore()
    delivered(flat, out, store=store)  # a black matte is small
    old = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    grainy = Shot(SIX.plate, (Key(2, {"hero": noise}),), None, CPU)

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, limits[1]))  # as if the disk ended there
    try:
        with pytest.raises(StmatteError, match=r'Cannot write ".*m\.0002\.exr" \('):
            delivered(grainy, out, store=store)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == old
