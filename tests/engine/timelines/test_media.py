# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest

from cutting import span, time, touch
from shots import write_plate
from stmatte.errors import StmatteError
from stmatte.timelines import media as rules
from stmatte.timelines.folders import Folders
from stmatte.timelines.media import Media, find_media
from stmatte.timelines.references import Reference
from stmatte.timelines.times import during, seconds

PLATES = [f"a.{frame}.exr" for frame in range(1001, 1051)]


@pytest.fixture
def plates(tmp_path: Path) -> str:
    return str(touch(tmp_path, *PLATES) / "a.####.exr")


def find(reference: Reference, begins: float, before: int | None = None) -> Media:
    """Find the media of a clip that begins at a frame of 24 a second."""
    return find_media(reference, "sh010", seconds(time(begins)), Fraction(24), Folders(), before)


def first_of(media: Media, begins: float) -> tuple[int, str]:
    return media.frame_at(seconds(time(begins))), media.by


def test_a_reference_that_says_all_is_believed(plates: str) -> None:
    reference = Reference(plates, 1001, during(span(86400, 50)), Fraction(24), sure=True)

    assert first_of(find(reference, 86410), 86410) == (1011, rules.BY_REFERENCE)


def test_times_that_are_numbers_of_files_are_taken_as_such(plates: str) -> None:
    assert first_of(find(Reference(plates), 1010), 1010) == (1010, rules.BY_NUMBER)
    # of the first moment of the media, too: the clip itself may begin elsewhere
    reference = Reference(plates, available=during(span(1001, 50)))
    assert first_of(find(reference, 1040), 1040) == (1040, rules.BY_NUMBER)


@pytest.mark.parametrize("start", [0, 86400])
def test_the_first_moment_of_media_is_the_first_file(plates: str, start: int) -> None:
    reference = Reference(plates, available=during(span(start, 50)))

    assert first_of(find(reference, start + 7), start + 7) == (1008, rules.BY_FIRST)


def test_times_that_count_from_zero_begin_at_the_first_file(plates: str) -> None:
    assert first_of(find(Reference(plates), 7), 7) == (1008, rules.BY_ZERO)


def test_what_somebody_said_comes_before_any_guess(plates: str) -> None:
    assert first_of(find(Reference(plates), 90000, before=8), 90000) == (1009, rules.BY_HANDLES)


def test_a_time_that_nothing_tells_is_refused(plates: str) -> None:
    with pytest.raises(StmatteError) as refused:
        find(Reference(plates), 90000)

    assert str(refused.value).startswith(
        f'Clip "sh010" begins at frame 90000 of its media: "{plates}" has frames 1001-1050,'
    )
    assert refused.value.repair.endswith("--media-handles")


def test_the_time_code_of_the_first_file_tells(tmp_path: Path) -> None:
    for frame in (1001, 1002, 1003):
        spec = oiio.ImageSpec(8, 8, 3, oiio.HALF)
        # 01:00:00:10 and on
        spec.attribute("smpte:TimeCode", oiio.TypeTimeCode, (0x01000010 + frame - 1001, 0))
        file = oiio.ImageOutput.create(str(tmp_path / f"a.{frame}.exr"))
        assert file.open(str(tmp_path / f"a.{frame}.exr"), spec)
        assert file.write_image(np.zeros((8, 8, 3), np.float32))
        assert file.close()

    found = find(Reference(str(tmp_path / "a.####.exr")), 86412)

    assert first_of(found, 86412) == (1003, rules.BY_CODE)


def test_fewer_files_than_the_media_have_are_no_beginning(tmp_path: Path) -> None:
    touch(tmp_path, *PLATES[5:])  # from 1006 on

    with pytest.raises(StmatteError, match=r"says that its media has 50 frames: .* has 45"):
        find(Reference(str(tmp_path / "a.####.exr"), available=during(span(0, 50))), 7)


def test_a_first_frame_stands_for_its_sequence(tmp_path: Path) -> None:
    touch(tmp_path, "a.998.exr", "a.999.exr", "a.1000.exr", "b.998.exr")

    found = find(Reference(str(tmp_path / "a.998.exr"), available=during(span(0, 3))), 0)

    assert found.frames == (998, 999, 1000)
    assert first_of(found, 2) == (1000, rules.BY_FIRST)


def test_missing_media_are_named_with_what_is_nearest(plates: str) -> None:
    near = plates.replace("a.####", "aa.####")
    with pytest.raises(StmatteError) as missing:
        find(Reference(near), 1001)

    folder = Path(plates).parent
    assert str(missing.value).startswith(
        f'Media of clip "sh010" are missing: no file is "{near}"; "{folder}" holds a.####.exr.'
    )


def test_a_missing_folder_is_named_with_the_part_that_exists(tmp_path: Path) -> None:
    with pytest.raises(StmatteError, match=f'of its folder, only "{tmp_path}" exists'):
        find(Reference(str(tmp_path / "no" / "such" / "a.####.exr")), 1001)


def test_frames_on_twos_are_seen_for_two_frames(tmp_path: Path) -> None:
    touch(tmp_path, "a.0001.exr", "a.0003.exr", "a.0005.exr")
    reference = Reference(
        str(tmp_path / "a.####.exr"), 1, during(span(0, 6)), Fraction(24), step=2, sure=True
    )

    found = find(reference, 0)

    assert [found.frame_at(Fraction(i, 24)) for i in range(6)] == [1, 1, 3, 3, 5, 5]


def test_a_frame_has_the_time_at_which_it_is_seen(plates: str) -> None:
    reference = Reference(plates, 1001, during(span(86400, 50)), Fraction(24), sure=True)
    found = find(reference, 86400)

    assert found.frame_at(found.time_of(1034)) == 1034
    assert found.time_of(1001) == 3600


def test_a_missing_video_is_named(tmp_path: Path) -> None:
    write_plate(tmp_path, [1])

    with pytest.raises(StmatteError, match=r"no file is .*sh010.mov"):
        find(Reference(str(tmp_path / "sh010.mov")), 0)
