# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest
from torch import Tensor

from delivering import deliver
from shots import SIZE, Copying, cut_short, picture, pictures, soft_disc, write_plate
from stmatte import FrameRange, Key, Settings, Shot, StmatteError
from stmatte.images import read_mattes
from stmatte.layout import Layout
from stmatte.memory.bank import Bank
from stmatte.networks.protocol import Query
from stmatte.pipeline import Delivery, Progress

CPU = Settings(device="cpu")
KEY = Key(3, {"hero": soft_disc(36)})
UNKNOWN = Settings("no such model", device="cpu")


def copied(shot: Shot, folder: Path, **how: Any) -> Delivery:
    return deliver(shot, str(folder / "matte.####.exr"), network=Copying(), **how)


def files(folder: Path) -> list[str]:
    """Return everything below a folder, hidden files too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def refused(shot: Shot, folder: Path, **how: Any) -> str:
    """Return the sentence of a delivery that must end before it wrote anything."""
    before = files(folder)
    with pytest.raises(StmatteError) as error:
        copied(shot, folder, **how)
    assert files(folder) == before
    return str(error.value)


# --- what is written ------------------------------------------------------------------


def test_one_exr_a_frame_with_a_channel_per_object(tmp_path: Path) -> None:
    keys = (KEY, Key(4, {"car": soft_disc(50)}))

    delivery = copied(Shot(pictures(range(2, 6)), keys, None, CPU), tmp_path)

    assert files(tmp_path) == [f"matte.000{frame}.exr" for frame in (2, 3, 4, 5)]
    assert delivery.mattes == {f: tmp_path / f"matte.000{f}.exr" for f in (2, 3, 4, 5)}
    assert delivery.skipped == {}
    assert delivery.sheet is None
    for path in delivery.mattes.values():
        mattes = read_mattes(path)
        assert sorted(mattes) == ["car.A", "hero.A"]
        assert all(matte.shape == SIZE for matte in mattes.values())


def test_a_keyed_frame_s_file_holds_the_key_as_half_float(tmp_path: Path) -> None:
    key = np.random.default_rng(1).random(SIZE, np.float32)

    delivery = copied(Shot(pictures([3, 4]), (Key(3, {"hero": key}),), None, CPU), tmp_path)

    written = read_mattes(delivery.mattes[3])["hero.A"]
    assert np.array_equal(written, key.astype(np.float16).astype(np.float32))


def test_the_names_of_the_channels_are_the_caller_s(tmp_path: Path) -> None:
    layout = Layout("object.V")

    delivery = copied(Shot(pictures([3]), (KEY,), None, CPU), tmp_path, layout=layout)

    assert list(read_mattes(delivery.mattes[3])) == ["hero.V"]


def test_files_bear_the_plate_s_frame_numbers_negative_ones_too(tmp_path: Path) -> None:
    shot = Shot(pictures(range(-3, 2)), (Key(-1, {"hero": soft_disc(68)}),), None, CPU)

    copied(shot, tmp_path)

    assert files(tmp_path) == sorted(
        [
            "matte.-0003.exr",
            "matte.-0002.exr",
            "matte.-0001.exr",
            "matte.0000.exr",
            "matte.0001.exr",
        ]
    )


def test_the_plate_s_pixel_aspect_goes_into_the_mattes(tmp_path: Path) -> None:
    spec = oiio.ImageSpec(SIZE[1], SIZE[0], 3, "half")
    spec.attribute("PixelAspectRatio", 2.0)
    plate = tmp_path / "plate.0003.exr"
    output = oiio.ImageOutput.create(str(plate))
    assert output.open(str(plate), spec)
    assert output.write_image(picture(3).astype(np.float32) / 255)
    output.close()

    delivery = copied(Shot(str(plate), (KEY,), None, CPU), tmp_path / "out")

    opened = oiio.ImageInput.open(str(delivery.mattes[3]))
    assert opened.spec().get_float_attribute("PixelAspectRatio") == 2.0
    assert opened.spec().get_string_attribute("stmatte/model") == "stmatte-s"
    opened.close()


def test_the_same_shot_gives_the_same_bytes(tmp_path: Path) -> None:
    keys = (KEY, Key(5, {"hero": soft_disc(40), "car": soft_disc(80)}))
    settings = Settings("label-propagation", device="cpu")
    shot = Shot(pictures(range(2, 7)), keys, None, settings)
    for name in ("first", "second"):
        deliver(shot, str(tmp_path / name / "m.####.exr"), preview=tmp_path / name)

    first, second = (tmp_path / name for name in ("first", "second"))
    assert files(first) == files(second)
    assert len(files(first)) == 11  # five mattes, five overlays, a contact sheet
    for name in files(first):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_progress_counts_what_is_done(tmp_path: Path) -> None:
    told: list[Progress] = []

    copied(Shot(pictures(range(2, 6)), (KEY,), None, CPU), tmp_path, tell=told.append)

    assert [(p.frame, p.done, p.frames) for p in told] == [
        (3, 1, 4),
        (4, 2, 4),
        (5, 3, 4),
        (2, 4, 4),
    ]
    assert [p.path.name for p in told] == [f"matte.000{f}.exr" for f in (3, 4, 5, 2)]
    seconds = [p.seconds for p in told]
    assert seconds == sorted(seconds)


def test_previews_are_an_overlay_a_frame_and_one_sheet(tmp_path: Path) -> None:
    shot = Shot(pictures(range(2, 6)), (KEY,), None, CPU)

    delivery = copied(shot, tmp_path / "out", preview=tmp_path / "look")

    overlays = [f"overlay.000{frame}.png" for frame in (2, 3, 4, 5)]
    assert files(tmp_path / "look") == ["contact_sheet.png", *overlays]
    assert delivery.sheet == tmp_path / "look" / "contact_sheet.png"
    seen = cv2.imread(str(tmp_path / "look" / "overlay.0003.png"))[:, :, ::-1]
    assert seen.shape == (*SIZE, 3)
    assert np.array_equal(seen[2:10, 2:10], picture(3)[2:10, 2:10])  # far from the object
    assert not np.array_equal(seen[30:34, 34:38], picture(3)[30:34, 34:38])  # inside it
    sheet = cv2.imread(str(delivery.sheet))
    assert sheet.shape[0] > 4 * 200  # four rows of 216


def test_a_long_shot_s_sheet_has_eight_rows(tmp_path: Path) -> None:
    frames = range(1, 41)
    keys = tuple(Key(frame, {"hero": soft_disc(32)}) for frame in (7, 8, 9, 10, 11, 12))

    delivery = copied(Shot(pictures(frames), keys, None, CPU), tmp_path, preview=tmp_path)

    assert delivery.sheet is not None
    assert cv2.imread(str(delivery.sheet)).shape[0] == 8 * (216 + 4)  # and a gap below each


# --- what goes wrong on the way -------------------------------------------------------


def test_frames_done_before_a_broken_one_are_kept_whole(tmp_path: Path) -> None:
    pattern = write_plate(tmp_path / "plate", range(1, 6))
    cut_short(tmp_path / "plate" / "plate.0004.png")
    shot = Shot(pattern, (Key(2, {"hero": soft_disc(34)}),), None, CPU)

    with pytest.raises(StmatteError, match="Plate frame 4 cannot be read"):
        copied(shot, tmp_path / "out", preview=tmp_path / "look")

    assert files(tmp_path / "out") == ["matte.0002.exr", "matte.0003.exr"]
    assert read_mattes(tmp_path / "out" / "matte.0003.exr")["hero.A"].shape == SIZE
    assert files(tmp_path / "look") == ["contact_sheet.png", "overlay.0002.png", "overlay.0003.png"]


def test_a_broken_frame_can_be_passed_over_and_is_listed(tmp_path: Path) -> None:
    pattern = write_plate(tmp_path / "plate", (1, 2, 4, 5))
    cut_short(tmp_path / "plate" / "plate.0004.png")
    shot = Shot(pattern, (Key(2, {"hero": soft_disc(34)}),), FrameRange(1, 5), CPU)

    told: list[Progress] = []
    delivery = copied(shot, tmp_path / "out", skip_errors=True, tell=told.append)

    assert files(tmp_path / "out") == [f"matte.000{frame}.exr" for frame in (1, 2, 5)]
    assert list(delivery.skipped) == [3, 4]
    assert delivery.skipped[3].startswith("Plate frame 3 is missing")
    assert delivery.skipped[4].startswith("Plate frame 4 cannot be read")
    assert (told[-1].done, told[-1].frames) == (3, 5)


def test_a_first_frame_that_is_empty_can_be_passed_over(tmp_path: Path) -> None:
    pattern = write_plate(tmp_path / "plate", range(1, 4))
    (tmp_path / "plate" / "plate.0001.png").write_bytes(b"")
    shot = Shot(pattern, (Key(2, {"hero": soft_disc(34)}),), None, CPU)

    delivery = copied(shot, tmp_path / "out", skip_errors=True)

    assert list(delivery.mattes) == [2, 3]
    assert list(delivery.skipped) == [1]


def test_a_frame_is_told_while_the_network_is_still_at_the_next_one(tmp_path: Path) -> None:
    there = threading.Event()

    class Waiting(Copying):
        def segment(self, query: Query, bank: Bank) -> Tensor:
            assert there.wait(10)  # the key's file was told of; nothing else would tell
            return super().segment(query, bank)

    shot = Shot(pictures([3, 4]), (KEY,), None, CPU)

    deliver(shot, str(tmp_path / "m.####.exr"), network=Waiting(), tell=lambda _: there.set())

    assert there.is_set()


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
def test_what_is_done_stays_whatever_ends_it(tmp_path: Path, stop: type[BaseException]) -> None:
    def end(now: Progress) -> None:
        if now.done == 2:
            raise stop

    with pytest.raises(stop):
        copied(
            Shot(pictures(range(1, 6)), (KEY,), None, CPU),
            tmp_path / "out",
            preview=tmp_path / "look",
            tell=end,
        )

    # those that were told, and none but whole ones beside
    there = files(tmp_path / "out")
    assert {"matte.0003.exr", "matte.0004.exr"} <= set(there)
    for name in there:
        assert read_mattes(tmp_path / "out" / name)
    assert "contact_sheet.png" in files(tmp_path / "look")


def test_a_sheet_that_cannot_be_made_does_not_hide_why_it_ended(tmp_path: Path) -> None:
    pattern = write_plate(tmp_path / "plate", range(1, 6))

    def end(now: Progress) -> None:
        if now.done == 2:
            cut_short(tmp_path / "plate" / "plate.0004.png")
            raise KeyboardInterrupt

    shot = Shot(pattern, (KEY,), None, CPU)
    with pytest.raises(KeyboardInterrupt):
        copied(shot, tmp_path / "out", preview=tmp_path / "look", tell=end)


def test_a_file_that_stood_there_before_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    pattern = write_plate(tmp_path / "plate", range(1, 4))
    cut_short(tmp_path / "plate" / "plate.0002.png")
    old = tmp_path / "out" / "matte.0002.exr"
    old.parent.mkdir()
    old.write_bytes(b"an older matte")
    shot = Shot(pattern, (Key(1, {"hero": soft_disc(32)}),), None, CPU)

    with pytest.raises(StmatteError, match="Plate frame 2 cannot be read"):
        copied(shot, tmp_path / "out", overwrite=True)

    assert old.read_bytes() == b"an older matte"


# --- what is refused before anything starts -------------------------------------------


def test_a_missing_frame_stops_it_before_any_work(tmp_path: Path) -> None:
    plate = {frame: picture(frame) for frame in (1, 2, 3, 5)}

    assert refused(Shot(plate, (KEY,), FrameRange(1, 5), CPU), tmp_path).startswith(
        "Plate frame 4 is missing"
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"out": "matte.exr"}, 'Output "{}" has no place for the frame number'),
        ({"out": "matte.####.png"}, 'Output "{}" does not end in .exr'),
        ({"out": "matte.####"}, 'Output "{}" does not end in .exr'),
        ({"out": "{take}.####.exr"}, 'Output "{}" asks for "{{take}}"'),
    ],
    ids=lambda value: next(iter(value.values())) if isinstance(value, dict) else "",
)
def test_what_can_be_checked_is_checked_before_the_network_loads(
    tmp_path: Path, change: dict[str, str], sentence: str
) -> None:
    shot = Shot(pictures(range(1, 6)), (KEY,), None, UNKNOWN)
    out = str(tmp_path / change.pop("out", "matte.####.exr"))

    with pytest.raises(StmatteError) as error:
        deliver(shot, out, **change)  # type: ignore[arg-type]

    assert str(error.value).startswith(sentence.format(out))
    assert files(tmp_path) == []


@pytest.mark.parametrize("which", ["out", "preview"])
def test_a_place_under_a_file_is_refused_before_the_network_loads(
    tmp_path: Path, which: str
) -> None:
    (tmp_path / "file").write_bytes(b"no folder")
    shot = Shot(pictures(range(1, 6)), (KEY,), None, UNKNOWN)
    places = {"out": tmp_path / "out", "preview": tmp_path / "look"}
    places[which] = tmp_path / "file" / "deeper"

    with pytest.raises(StmatteError, match=r'Cannot write ".*deeper" \((Not a directory|.*)\)'):
        deliver(shot, str(places["out"] / "matte.####.exr"), preview=places["preview"])

    assert files(tmp_path) == ["file"]


def test_the_plate_is_never_written_over(tmp_path: Path) -> None:
    frame = tmp_path / "plate.0003.exr"
    assert cv2.imwrite(str(tmp_path / "p.png"), picture(3))
    oiio.ImageBuf(str(tmp_path / "p.png")).write(str(frame))
    before = frame.read_bytes()
    around = os.path.relpath(tmp_path)  # the same place in other words

    with pytest.raises(StmatteError) as error:
        deliver(
            Shot(str(tmp_path / "plate.####.exr"), (KEY,), None, CPU),
            f"{around}/plate.%04d.exr",
            network=Copying(),
        )

    assert str(error.value) == (
        f'Output "{Path(around) / "plate.0003.exr"}" is a picture of the plate or a key: '
        "what mattes are made from is never written over. "
        "Choose another name or folder for the output."
    )
    assert frame.read_bytes() == before


def test_overlays_never_replace_the_plate(tmp_path: Path) -> None:
    pattern = write_plate(tmp_path, [3], "overlay.{:04d}.png")

    assert 'overlay.0003.png" is a picture of the plate' in refused(
        Shot(pattern, (KEY,), None, CPU), tmp_path, preview=tmp_path
    )


def test_keys_that_the_caller_names_are_spared(tmp_path: Path) -> None:
    key = tmp_path / "matte.0003.exr"
    key.write_bytes(b"the artist's own")

    sentence = refused(Shot(pictures([3]), (KEY,), None, CPU), tmp_path, spare=[key])

    assert "is a picture of the plate or a key" in sentence
    assert key.read_bytes() == b"the artist's own"


def test_an_unknown_model_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(StmatteError, match='Model "no such model" is not known'):
        deliver(Shot(pictures([3]), (KEY,), None, UNKNOWN), str(tmp_path / "m.####.exr"))

    assert files(tmp_path) == []
