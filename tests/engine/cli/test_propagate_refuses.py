# SPDX-License-Identifier: Apache-2.0
"""What `stmatte propagate` refuses, and in which words."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from shots import SIZE, cut_short, soft_disc, write_grey
from stmatte.images import write_mattes

FRAMES = range(1001, 1006)
NAMES = [f"out/matte.{frame}.exr" for frame in FRAMES]


class Evil:
    """What runs when a pickle of it is opened."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, ("ran",))


Change = Callable[[Any], dict[str, object]]


def _key(values: np.ndarray) -> Change:
    return lambda place: {"key": f"1003={write_grey(place.folder / 'keys' / 'bad.png', values)}"}


def _picture_without(frame: int) -> Change:
    def change(place: Any) -> dict[str, object]:
        (place.folder / "plate" / f"plate.{frame}.png").unlink()
        return {"frames": "1001-1005"}

    return change


def _key_cut_short(place: Any) -> dict[str, object]:
    cut_short(place.key)
    return {}


def _place_under_a_file(option: str) -> Change:
    def change(place: Any) -> dict[str, object]:
        name = "/matte.####.exr" if option == "out" else ""
        return {option: f"{place.key}/deeper{name}"}

    return change


def _weights(write: Callable[[Path], None], name: str) -> Change:
    def change(place: Any) -> dict[str, object]:
        write(place.folder / "keys" / name)
        return {"model": place.folder / "keys" / name}

    return change


BAD: dict[str, tuple[Change, str]] = {
    "no plate": (
        lambda place: {"plate": place.folder / "nosuch.####.png"},
        (
            'No file matches "{folder}/nosuch.####.png": "{folder}" holds no pictures. '
            "Write the pattern with as many # as the numbers have digits."
        ),
    ),
    "no frame of that number": (
        lambda _: {"frames": "1001-1009"},
        (
            'Plate frames 1006-1009 are missing in "{folder}/plate/plate.####.png": the plate has '
            "frames 1001-1005. Render or copy these frames, or choose a range without them."
        ),
    ),
    "a frame is missing": (
        _picture_without(1004),
        (
            'Plate frame 1004 is missing from "{folder}/plate/plate.####.png": the nearest '
            "that exist "
            "are 1003 and 1005. Render or copy that frame, or choose a range without it."
        ),
    ),
    "the keyed frame is missing": (
        _picture_without(1003),
        (
            'Key at frame 1003 of "object1" has no plate frame under it: frame 1003 is '
            "missing from "
            '"{folder}/plate/plate.####.png". Render or copy that frame, or key another one.'
        ),
    ),
    "frames that are no range": (
        lambda _: {"frames": "1001..1005"},
        (
            'Frame range "1001..1005" cannot be read: a range is written "1001-1080", '
            'a single frame "1001".'
        ),
    ),
    "frames that run backwards": (
        lambda _: {"frames": "1005-1001"},
        (
            "Frame range 1005-1001 runs backwards: the first frame comes before the last. "
            "Write 1001-1005."
        ),
    ),
    "a key outside the range": (
        lambda _: {"frames": "1004-1005"},
        (
            'Key at frame 1003 of "object1" is outside the frames: frames 1004-1005 are asked for. '
            "Move the key into that range, or extend the range."
        ),
    ),
    "a key outside the plate": (
        lambda place: {"key": f"987={place.key}"},
        (
            'Key at frame 987 of "object1" is outside the frames: the plate has frames 1001-1005. '
            "Move the key into that range, or extend the range."
        ),
    ),
    "a key that is no pair": (
        lambda place: {"key": str(place.key)},
        (
            'Key "{folder}/keys/key.png" cannot be read: a key is written FRAME=PATH, '
            "such as 1001=key.png."
        ),
    ),
    "a key on a frame that is no number": (
        lambda _: {"key": "first=key.png"},
        'Key "first=key.png" cannot be read: a key is written FRAME=PATH, such as 1001=key.png.',
    ),
    "a key that is not there": (
        lambda place: {"key": f"1003={place.folder}/nosuch.png"},
        'Key at frame 1003 does not exist, "{folder}/nosuch.png". Check the path.',
    ),
    "a key of another aspect": (
        _key(np.ones((64, 64), np.float32)),
        (
            'Key at frame 1003 "bad.png" is 64x64, the plate is 96x64: a key has the '
            "plate's size, "
            "or its aspect. Render the key through the plate's Reformat."
        ),
    ),
    "an empty key": (
        _key(np.zeros(SIZE, np.float32)),
        (
            'Key at frame 1003 "bad.png" is empty: a key holds at least one pixel that is not 0. '
            "Draw the object, or choose a frame where it is seen."
        ),
    ),
    "more labels than names": (
        lambda place: {"key": f"1003={place.labels}", "object": "hero"},
        (
            'Key at frame 1003 "labels.png" has label 2, but only 1 object is named: labels '
            "run from "
            "1 to the number of names (hero). "
            "Name every label with --object, in the order of the labels."
        ),
    ),
    "one object keyed twice on a frame": (
        lambda place: {"key": [f"1003={place.key}"] * 2},
        (
            'Object "object1" has two keys at frame 1003: one key per object and frame. '
            "Remove one of them."
        ),
    ),
    "an object of no possible name": (
        lambda _: {"object": "left hand"},
        (
            'Object name "left hand" cannot become a layer name: a name starts with a letter '
            "and goes on with letters, digits and underscores; Nuke would show this one as "
            '"left_hand.alpha". Rename the object, for instance "left_hand".'
        ),
    ),
    "a place under a file": (
        _place_under_a_file("out"),
        (
            'Cannot write "{folder}/keys/key.png/deeper" (Not a directory): the output '
            "folder must be "
            "writable and have room. Choose another folder, or make room."
        ),
    ),
    "a preview under a file": (
        _place_under_a_file("preview"),
        (
            'Cannot write "{folder}/keys/key.png/deeper" (Not a directory): the output '
            "folder must be "
            "writable and have room. Choose another folder, or make room."
        ),
    ),
    "no place for the frame number": (
        lambda place: {"out": place.folder / "out" / "matte.exr"},
        (
            'Output "{folder}/out/matte.exr" has no place for the frame number: '
            'the file name holds #### or %04d. Write "{folder}/out/matte.####.exr".'
        ),
    ),
    "another format than EXR": (
        lambda place: {"out": place.folder / "out" / "matte.####.png"},
        (
            'Output "{folder}/out/matte.####.png" does not end in .exr: mattes are written as EXR. '
            "Let its name end in .exr, such as matte.####.exr."
        ),
    ),
    "channels without the object's name": (
        lambda _: {"channels": "A"},
        (
            'Channels "A" are not possible: the word "object", which stands for the object\'s '
            "name and may have letters, digits and underscores about it, a dot, and letters. "
            'Write "object.A" for Nuke, "object.V" for Blender.'
        ),
    ),
    "a compression that is not known": (
        lambda _: {"compression": "bogus"},
        (
            'Compression "bogus" is not known: zips, zip, piz, none, which keep every bit, or '
            "dwaa:LEVEL with a level from 1 up."
        ),
    ),
    "an unknown token": (
        lambda place: {"out": f"{place.folder}/{{take}}.####.exr"},
        (
            'Output "{folder}/{{take}}.####.exr" asks for "{{take}}": known are {{object}}, '
            "{{shot}}, {{frame}}, which is ####, and {{frame:06}} for another number of digits. "
            "Write one of these."
        ),
    ),
    "an unknown model": (
        lambda _: {"model": "stmate"},
        (
            'Model "stmate" is not known: these ship: stmatte-s, label-propagation. '
            "Choose one of them, or give the path of a weights file."
        ),
    ),
    "a model without weights": (
        lambda _: {"model": "stm"},
        (
            'Model "stm" ships without weights: these ship with theirs: stmatte-s, '
            "label-propagation. "
            "Choose one of them, or give a weights file as stm:PATH."
        ),
    ),
    "weights that are not there": (
        lambda place: {"model": place.folder / "nosuch.pth"},
        (
            "Weights file {folder}/nosuch.pth cannot be opened (No such file or directory). "
            "Check the path and its permissions."
        ),
    ),
    "weights with code in them": (
        _weights(lambda path: torch.save({"weight": Evil()}, path), "evil.pth"),
        (
            "Weights file {folder}/keys/evil.pth is a pickle with code in it (posix.mkdir): "
            "a weights file holds named tensors and nothing else. "
            "Ask for the weights as .safetensors, and run nothing that opens this file unless you "
            "trust where it came from."
        ),
    ),
    "weights that are a bare pickle": (
        _weights(lambda path: path.write_bytes(pickle.dumps(Evil())), "evil.pth"),
        (
            "Weights file {folder}/keys/evil.pth is a bare pickle, which may have code in it: "
            "a weights file holds named tensors and nothing else. "
            "Ask for the weights as .safetensors, and run nothing that opens this file unless you "
            "trust where it came from."
        ),
    ),
    "a working height too small": (
        lambda _: {"working_height": 32},
        "Working height 32 is too small: 64 pixels or more.",
    ),
    "memory less than never": (
        lambda _: {"memory_every": -1},
        "Memory every -1 frames is not possible: 0 (never) or more.",
    ),
    "an unknown device": (
        lambda _: {"device": "tpu"},
        'Device "tpu" is not known: auto, cpu or cuda.',
    ),
}


@pytest.mark.parametrize(("change", "sentence"), BAD.values(), ids=BAD)
def test_bad_input_is_a_sentence_and_no_file(
    run: Any, place: Any, change: Change, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place.folder)

    ran = run(*place.propagate(**change(place)))

    assert ran.err == f"stmatte: {sentence.format(folder=place.folder)}\n"
    assert ran.out == ""
    assert ran.code == 2
    assert place.made() == []
    assert not (place.folder / "ran").exists()


def test_weights_of_another_layout_are_told_the_first_names_that_differ(
    run: Any, place: Any
) -> None:
    path = place.folder / "keys" / "other.safetensors"
    save_file({"layer.weight": torch.zeros(2, 2)}, path)

    ran = run(*place.propagate(model=path))

    assert ran.code == 2
    assert ran.err.startswith(f"stmatte: {path} is not a weights file of ")
    assert "missing: " in ran.err
    assert "unknown: layer.weight" in ran.err
    assert place.made() == []


def test_a_key_that_is_cut_short_is_named(run: Any, place: Any) -> None:
    ran = run(*place.propagate(**_key_cut_short(place)))

    assert ran.code == 2
    assert ran.err.startswith(f'stmatte: Key at frame 1003 cannot be read from "{place.key}" (')
    assert place.made() == []


def test_a_gpu_that_is_not_there_is_said(
    run: Any, place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "init", lambda: None)

    ran = run(*place.propagate(device="cuda"))

    assert ran.code == 2
    assert ran.err.startswith('stmatte: Device "cuda" is not there: PyTorch finds no CUDA GPU')
    assert place.made() == []


def test_the_key_is_never_written_over(run: Any, place: Any) -> None:
    key = place.folder / "keys" / "hero.1003.exr"
    write_mattes(key, {"hero": soft_disc(36)}, attributes={"Artist": "me"})
    before = key.read_bytes()

    ran = run(*place.propagate(key=f"1003={key}", out=place.folder / "keys" / "hero.####.exr"))

    assert ran.code == 2
    assert f'Output "{key}" is a picture of the plate or a key' in ran.err
    assert key.read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [["--on-error", "hope"], ["--progress", "song"], ["--memory-every", "often"], ["--nosuch"]],
)
def test_an_option_that_does_not_exist_is_explained(run: Any, place: Any, words: list[str]) -> None:
    ran = run(*place.propagate(), *words)

    assert ran.code == 2
    assert ran.err.startswith("Usage: stmatte propagate")
    assert place.made() == []


def test_what_must_be_given_is_asked_for(run: Any, place: Any) -> None:
    ran = run(*place.propagate(key=None))

    assert ran.code == 2
    assert "Missing option '--key'" in ran.err
