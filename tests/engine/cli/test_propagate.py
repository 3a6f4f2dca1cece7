# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from shots import SIZE, cut_short, soft_disc, write_grey, write_plate
from stmatte.images import read_mattes, write_mattes

FRAMES = range(1001, 1006)
NAMES = [f"out/matte.{frame}.exr" for frame in FRAMES]

# --- what it makes --------------------------------------------------------------------


def test_one_key_becomes_a_matte_for_every_frame(run: Any, place: Any) -> None:
    ran = run(*place.propagate(object="hero"))

    assert ran.code == 0
    assert ran.out == f"5 frames (1001-1005) written to {place.folder / 'out'}.\n"
    assert ran.err == ""
    assert place.made() == NAMES
    for name in NAMES:
        mattes = read_mattes(place.folder / name)
        assert list(mattes) == ["hero.A"]
        assert mattes["hero.A"].shape == SIZE


def test_the_keyed_frame_keeps_the_key_s_softness(run: Any, place: Any) -> None:
    run(*place.propagate())

    key = cv2.imread(str(place.key), cv2.IMREAD_UNCHANGED).astype(np.float32) / np.float32(255)
    written = read_mattes(place.folder / "out" / "matte.1003.exr")["object1.A"]
    assert np.array_equal(written, key.astype(np.float16).astype(np.float32))
    assert len(np.unique(written)) > 10


def test_frames_choose_and_objects_name(run: Any, place: Any) -> None:
    ran = run(
        *place.propagate(
            frames="1002-1004",
            key=f"1002={place.labels}",
            object=["hero", "car"],
            channels="object.V",
        )
    )

    assert ran.code == 0, ran.err
    assert place.made() == NAMES[1:4]
    assert sorted(read_mattes(place.folder / NAMES[3])) == ["car.V", "hero.V"]


def test_a_key_per_object_may_lie_on_frames_of_their_own(run: Any, place: Any) -> None:
    keys = []
    for frame, name in ((1001, "hero"), (1004, "car")):
        path = place.folder / "keys" / f"{name}.exr"
        write_mattes(path, {name: soft_disc(20 if name == "hero" else 70)})
        keys.append(f"{frame}={path}")

    ran = run(*place.propagate(key=keys))

    assert ran.code == 0, ran.err
    assert sorted(read_mattes(place.folder / NAMES[4])) == ["car.A", "hero.A"]
    hero = read_mattes(place.folder / NAMES[0])["hero.A"]
    assert np.array_equal(hero, soft_disc(20).astype(np.float16).astype(np.float32))


def test_negative_frames_are_words_like_others(run: Any, place: Any) -> None:
    plate = write_plate(place.folder / "plate", range(-2, 2), "minus.{:04d}.png")

    ran = run(*place.propagate(plate=plate, frames="-2-0", key=f"-1={place.key}"))

    assert ran.code == 0, ran.err
    assert place.made() == ["out/matte.-0001.exr", "out/matte.-0002.exr", "out/matte.0000.exr"]


@pytest.mark.parametrize("words", ["plate.%04d.png", "plate.1002.png", ""])
def test_a_plate_is_a_pattern_a_frame_or_a_folder(run: Any, place: Any, words: str) -> None:
    ran = run(*place.propagate(plate=place.folder / "plate" / words))

    assert ran.code == 0, ran.err
    assert place.made() == NAMES


def test_a_cryptomatte_is_written_beside_where_it_is_asked_for(run: Any, place: Any) -> None:
    ran = run(*place.propagate(frames="1002-1003"), "--cryptomatte")

    assert ran.code == 0, ran.err
    assert sorted(path.name for path in (place.folder / "out").iterdir()) == [
        *("matte.1002.exr", "matte.1003.exr"),
        *("matte_crypto.1002.exr", "matte_crypto.1003.exr"),
    ]


def test_previews_are_written_where_they_are_wanted(run: Any, place: Any) -> None:
    ran = run(*place.propagate(preview=place.folder / "look"))

    assert (
        ran.out.splitlines()[1] == f"Contact sheet: {place.folder / 'look' / 'contact_sheet.png'}"
    )
    assert place.made() == sorted(
        ["look/contact_sheet.png", *(f"look/overlay.{f}.png" for f in FRAMES), *NAMES]
    )


def test_the_same_command_twice_gives_the_same_bytes(run: Any, place: Any) -> None:
    kept = []
    for _ in range(2):
        assert run(*place.propagate(preview=place.folder / "out")).code == 0
        kept.append({name: (place.folder / name).read_bytes() for name in place.made()})

    assert len(kept[0]) == 11
    assert kept[0] == kept[1]


def test_a_weights_file_is_a_model_too(run: Any, place: Any) -> None:
    weights = Path("engine/stmatte/weights/label-propagation.safetensors")
    copy = place.folder / "keys" / "mine.safetensors"
    copy.write_bytes((Path(__file__).parents[3] / weights).read_bytes())
    named = run(*place.propagate(out=place.folder / "a.####.exr"))
    by_path = run(*place.propagate(out=place.folder / "b.####.exr", model=copy))

    assert (named.code, by_path.code) == (0, 0), by_path.err
    for frame in FRAMES:
        first, second = (read_mattes(place.folder / f"{n}.{frame}.exr") for n in "ab")
        assert np.array_equal(first["object1.A"], second["object1.A"])


# --- what it says while it works ------------------------------------------------------


def test_a_scaled_key_is_said(run: Any, place: Any, caplog: pytest.LogCaptureFixture) -> None:
    write_grey(place.key, soft_disc(18, (32, 48), 6))

    with caplog.at_level(logging.WARNING, "stmatte"):
        ran = run(*place.propagate())

    assert ran.code == 0
    assert caplog.messages == [
        'Key at frame 1003 "key.png" is 48x32 and is scaled to the plate\'s 96x64'
    ]


def test_a_name_that_no_key_shows_is_said(
    run: Any, place: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "stmatte"):
        ran = run(*place.propagate(key=f"1003={place.labels}", object=["hero", "car", "dog"]))

    assert ran.code == 0
    assert caplog.messages == ["No key shows dog: there will be no matte of that name"]


def test_passing_over_lists_what_was_left_out(run: Any, place: Any) -> None:
    cut_short(place.folder / "plate" / "plate.1002.png")
    (place.folder / "plate" / "plate.1004.png").unlink()

    ran = run(*place.propagate(frames="1001-1005", on_error="skip"))

    lines = ran.out.splitlines()
    assert ran.code == 0
    assert lines[0] == f"3 frames (1001,1003,1005) written to {place.folder / 'out'}."
    assert lines[1].startswith("Frame 1002 was skipped: Plate frame 1002 cannot be read from ")
    assert lines[2].startswith("Frame 1004 was skipped: Plate frame 1004 is missing from ")
    assert place.made() == [NAMES[0], NAMES[2], NAMES[4]]


# --- what goes wrong on the way -------------------------------------------------------


def test_stopping_at_a_broken_frame_keeps_those_that_are_done(run: Any, place: Any) -> None:
    cut_short(place.folder / "plate" / "plate.1005.png")

    ran = run(*place.propagate())

    lines = ran.err.splitlines()
    assert ran.code == 2
    assert ran.out == ""
    assert lines[0] == f"Stopped: 2 of 5 frames are done and kept in {place.folder / 'out'}."
    assert lines[1].startswith("stmatte: Plate frame 1005 cannot be read from ")
    assert lines[1].endswith("Copy or render this file again.")
    assert len(lines) == 2
    assert place.made() == NAMES[2:4]


def test_a_plate_frame_that_is_no_number_is_named(run: Any, place: Any) -> None:
    for frame in (1, 2):
        pixels = np.full((*SIZE, 3), 0.5, np.float32)
        if frame == 2:
            pixels[9, 4] = np.inf
        assert cv2.imwrite(str(place.folder / "plate" / f"float.{frame:04d}.tif"), pixels)

    ran = run(*place.propagate(plate=place.folder / "plate/float.####.tif", key=f"1={place.key}"))

    assert ran.code == 2
    assert "Plate frame 2 has 1 pixels that are NaN or infinite" in ran.err
    assert "the first such pixel is x 4, y 9 from the top left" in ran.err
    assert place.made() == ["out/matte.0001.exr"]


# --- shot documents and the store -----------------------------------------------------


def document(place: Any, **more: object) -> Path:
    """Write the shot of `place` as a document beside its plate."""
    key = {"path": place.key.relative_to(place.folder).as_posix()}
    shot = {
        "format": "stmatte.shot/1",
        "plate": "plate/plate.####.png",
        "keys": [{"frame": 1003, "object": "hero", "matte": key}],
        "settings": {"model": "label-propagation", "device": "cpu"},
    }
    path = place.folder / "shot.json"
    path.write_text(json.dumps({**shot, **more}))
    return path


def test_a_shot_document_gives_the_mattes_of_the_same_options(run: Any, place: Any) -> None:
    by_options = run(*place.propagate(out=place.folder / "a.####.exr", object="hero"))
    by_document = run("propagate", document(place), "--out", place.folder / "b.####.exr")

    assert (by_options.code, by_document.code) == (0, 0), by_document.err
    for frame in FRAMES:
        first, second = (place.folder / f"{name}.{frame}.exr" for name in "ab")
        assert first.read_bytes() == second.read_bytes()


def test_options_that_contradict_a_document_are_refused(run: Any, place: Any) -> None:
    out = place.folder / "b.####.exr"

    ran = run("propagate", document(place), "--out", out, "--reach", "2", "--frames", "1001-1002")

    assert ran.code == 2
    assert ran.err.startswith("stmatte: --frames, --reach beside the shot document")


def test_a_wrong_document_tells_all_that_is_wrong_at_once(run: Any, place: Any) -> None:
    wrong = document(place, cuts=["soon"], absences=[{"object": "nobody", "frames": "5-1"}])

    ran = run("propagate", wrong, "--out", place.folder / "b.####.exr")

    assert ran.code == 2
    assert len(ran.err.splitlines()) >= 2
    assert "cuts[0]" in ran.err
    assert "absences[0]" in ran.err


def test_what_was_computed_is_found_again_in_the_store(run: Any, place: Any) -> None:
    store = place.folder / "kept"
    run(*place.propagate(out=place.folder / "a.####.exr", store=store))
    (place.folder / "a.1001.exr").unlink()

    ran = run(*place.propagate(out=place.folder / "a.####.exr", store=store))

    assert ran.out.startswith("1 frame (1001) written to")
    assert len(list(store.rglob("*.*"))) > 0


def test_nothing_is_kept_if_that_is_wanted(run: Any, place: Any) -> None:
    ran = run(*place.propagate(store="none"))

    assert ran.code == 0
    assert not Path(os.environ["STMATTE_STORE"]).exists()


def test_a_reach_that_is_none_is_refused(run: Any, place: Any) -> None:
    ran = run(*place.propagate(reach="far"))

    assert ran.code == 2
    assert ran.err == 'stmatte: Reach "far" cannot be read: a number from 1 up, or all.\n'
