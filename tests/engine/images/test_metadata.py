# SPDX-License-Identifier: Apache-2.0
"""What passes from a plate's header to its mattes, through real files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest

from stmatte.images import write_mattes
from stmatte.images.metadata import Metadata, read_metadata

PIXELS = np.full((4, 6, 3), 0.5, np.float32)
HOUR_ONE = 0x01000000  # 01:00:00:00 as time code has it, four bits a digit

CAMERA: dict[str, Any] = {
    "Make": "ARRI",
    "Model": "ALEXA 35",
    "cameraSerialNumber": "50123",
    "lensModel": "Signature Prime 47",
    "ExposureTime": 0.0208,
    "FNumber": 2.8,
    "focus": 3.25,
    "isoSpeed": 800.0,
    "shutterAngle": 172.8,
    "reelName": "A003R1AB",
    "imageCounter": 1042,
    "com.arri.camera.ReelName": "A003R1AB",
    "Exif:ISOSpeedRatings": 800,
    "nuke/r3d/shutter": "1/48",
}
TYPED: dict[str, tuple[Any, Any]] = {
    "smpte:TimeCode": (oiio.TypeTimeCode, (HOUR_ONE, 0)),
    "smpte:KeyCode": (oiio.TypeKeyCode, (1, 2, 3, 4, 5, 4, 64)),
    "FramesPerSecond": (oiio.TypeRational, (24000, 1001)),
    "worldToCamera": (oiio.TypeMatrix, tuple(float(i) for i in range(16))),
}
FORBIDDEN: dict[str, Any] = {
    "Software": "Nuke 15",
    "DateTime": "2024:01:01 10:00:00",
    "HostComputer": "ws-0042",
    "Artist": "mira",
    "Copyright": "A studio",
    "ImageDescription": "graded for Jon",
    "Hostname": "ws-0042",
    "com.arri.camera.Operator": "Jon",
    "com.arri.camera.UserInfo1": "Jon",
    "File": "shot.blend",
    "nuke/node_hash": "a1b2",
    "nuke/version": "15.0v4",
    "nuke/input/mtime": "2024-01-01",
    "input/timecode": "02:00:00:00",
    "cryptomatte/3ae39a5/name": "CryptoObject",
    "stmatte/digest": "of another matte",
    "oiio:ColorSpace": "lin_ap1_scene",
    "adoptedNeutral": 0.3,
    "Orientation": 6,
    "XResolution": 300.0,
    "camera/lut": "/mnt/show/luts/a.cube",
    "camera/clip": "see C:\\Users\\mira\\clip.mov",
    "camera/server": "smb://server/plates",
    "camera/lens": "~/lenses/47.json",
    "camera/contact": "mira@studio",
    "camera/table": "x" * 5000,
}


def plate(path: Path, words: dict[str, Any], typed: dict[str, tuple[Any, Any]]) -> Path:
    kind = "half" if path.suffix == ".exr" else "uint16"
    spec = oiio.ImageSpec(6, 4, 3, kind)
    for name, value in words.items():
        spec.attribute(name, value)
    for name, (kind_of_value, value) in typed.items():
        spec.attribute(name, kind_of_value, value)
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec), output.geterror()
    assert output.write_image(PIXELS), output.geterror()
    output.close()
    return path


def header(path: Path) -> dict[str, Any]:
    source = oiio.ImageInput.open(str(path))
    found = {str(word.name): word.value for word in source.spec().extra_attribs}
    source.close()
    return found


def words(metadata: Metadata) -> dict[str, Any]:
    return {entry.name: entry.value for entry in metadata}


def test_time_code_frame_rate_and_camera_come_through_to_the_matte(tmp_path: Path) -> None:
    source = plate(tmp_path / "plate.exr", CAMERA, TYPED)
    matte = tmp_path / "matte.exr"

    write_mattes(matte, {"hero": PIXELS[:, :, 0]}, metadata=read_metadata(source))

    before, after = header(source), header(matte)
    passed = (*CAMERA, *TYPED)
    assert {name: after.get(name) for name in passed} == {name: before[name] for name in passed}
    opened = oiio.ImageInput.open(str(matte))
    assert opened.spec().get_string_attribute("smpte:TimeCode") == "01:00:00:00"
    opened.close()


def test_a_matte_s_own_header_is_read_as_the_plate_s_was(tmp_path: Path) -> None:
    said = read_metadata(plate(tmp_path / "plate.exr", CAMERA, TYPED))
    write_mattes(tmp_path / "matte.exr", {"hero": PIXELS[:, :, 0]}, metadata=said)

    again = read_metadata(tmp_path / "matte.exr")

    assert [entry.words for entry in again] == [entry.words for entry in said]


@pytest.mark.parametrize("name", FORBIDDEN)
def test_nothing_of_the_file_its_maker_or_his_machine_comes_through(
    tmp_path: Path, name: str
) -> None:
    source = plate(tmp_path / "plate.exr", {name: FORBIDDEN[name], "Make": "ARRI"}, {})
    assert name in header(source)  # or the test tests nothing

    # every EXR has these two, OpenImageIO writes them
    assert set(words(read_metadata(source))) - {"screenWindowCenter", "screenWindowWidth"} == {
        "Make"
    }


def test_colours_are_not_said_of_a_matte(tmp_path: Path) -> None:
    ap1 = (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)
    typed = {"chromaticities": (oiio.TypeDesc("float[8]"), ap1)}

    said = words(read_metadata(plate(tmp_path / "plate.exr", {}, typed)))

    assert "chromaticities" not in said


def test_dpx_says_its_time_code_frame_rate_and_shutter(tmp_path: Path) -> None:
    source = plate(
        tmp_path / "plate.dpx",
        {
            "dpx:FrameRate": 23.976,
            "dpx:ShutterAngle": 180.0,
            "dpx:SourceImageFileName": "/mnt/scans/x.dpx",
            "dpx:SlateInfo": "for Mira",
            "Copyright": "A studio",
        },
        {"smpte:TimeCode": TYPED["smpte:TimeCode"], "smpte:KeyCode": TYPED["smpte:KeyCode"]},
    )

    assert words(read_metadata(source)) == {
        "FramesPerSecond": (24000, 1001),
        "shutterAngle": 180.0,
        "smpte:KeyCode": (1, 2, 3, 4, 5, 4, 64),
        "smpte:TimeCode": (HOUR_ONE, 0),
    }


@pytest.mark.parametrize(
    ("number", "fraction"),
    [
        (24.0, (24, 1)),
        (25.0, (25, 1)),
        (23.976, (24000, 1001)),
        (23.98, (24000, 1001)),
        (29.97, (30000, 1001)),
        (59.94, (60000, 1001)),
        (12.5, (25, 2)),
        (48.0, (48, 1)),
    ],
)
def test_a_frame_rate_is_a_fraction(
    tmp_path: Path, number: float, fraction: tuple[int, int]
) -> None:
    source = plate(tmp_path / "plate.dpx", {"dpx:TemporalFrameRate": number}, {})

    assert words(read_metadata(source))["FramesPerSecond"] == fraction


def test_a_plate_without_words_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "broken.exr").write_bytes(b"not a picture")

    assert read_metadata(None) == ()
    assert read_metadata(tmp_path / "broken.exr") == ()
    assert read_metadata(tmp_path / "nowhere.exr") == ()
    assert read_metadata(plate(tmp_path / "plate.png", {}, {})) == ()


def test_what_passes_can_be_said_in_json(tmp_path: Path) -> None:
    said = read_metadata(plate(tmp_path / "plate.exr", CAMERA, TYPED))

    assert json.loads(json.dumps([entry.words for entry in said]))
