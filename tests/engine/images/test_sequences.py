# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte.errors import StmatteError
from stmatte.images import expand, find_sequence, is_video
from stmatte.images.sequences import has_place, named_by, pattern_of


def touch(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder


@pytest.mark.parametrize("name", ["plate.####.exr", "plate.%04d.exr", "", "plate.1002.exr"])
def test_a_plate_is_found_by_pattern_folder_or_one_of_its_frames(tmp_path: Path, name: str) -> None:
    touch(tmp_path, "plate.1001.exr", "plate.1002.exr", "plate.1004.exr", "notes.txt")

    found = find_sequence(str(tmp_path / name))

    assert found.frames == (1001, 1002, 1004)
    assert found.files[1004] == tmp_path / "plate.1004.exr"
    assert found.label == str(tmp_path / (name if "%" in name else "plate.####.exr"))


def test_frame_numbers_may_be_negative_in_either_spelling(tmp_path: Path) -> None:
    touch(tmp_path, "p.-0005.exr", "p.-004.exr", "p.0000.exr", "p.0001.exr")

    assert find_sequence(str(tmp_path)).frames == (-5, -4, 0, 1)
    assert find_sequence(str(tmp_path / "p.####.exr")).frames == (-5, -4, 0, 1)


def test_a_minus_after_a_letter_is_a_separator(tmp_path: Path) -> None:
    touch(tmp_path, "shot-0001.png", "shot-0002.png")

    assert find_sequence(str(tmp_path)).frames == (1, 2)


def test_only_the_last_number_of_a_name_counts(tmp_path: Path) -> None:
    touch(tmp_path, "sh010_v002.0007.exr", "sh010_v002.0008.exr", "sh010_v003.0007.exr")

    found = find_sequence(str(tmp_path / "sh010_v002.0007.exr"))

    assert found.frames == (7, 8)


def test_padding_grows_past_its_width_and_no_further_zeros_are_taken(tmp_path: Path) -> None:
    touch(tmp_path, "p.0999.exr", "p.9999.exr", "p.10000.exr", "p.00001.exr", "p.12.exr")

    assert find_sequence(str(tmp_path / "p.####.exr")).frames == (999, 9999, 10000)


def test_unpadded_numbers_sort_as_numbers(tmp_path: Path) -> None:
    touch(tmp_path, "p9.jpg", "p10.jpg", "p11.jpg")

    found = find_sequence(str(tmp_path))

    assert (found.frames, Path(found.label).name) == ((9, 10, 11), "p#.jpg")


def test_a_lone_picture_without_number_is_frame_one(tmp_path: Path) -> None:
    touch(tmp_path, "still.png")

    assert find_sequence(str(tmp_path / "still.png")).frames == (1,)


def test_hidden_and_half_written_files_are_no_frames(tmp_path: Path) -> None:
    touch(tmp_path, "p.1.exr", ".p.2.77-0.exr", "p.3.exr.tmp", "p.4.exr.part", "Thumbs.db")

    assert find_sequence(str(tmp_path)).frames == (1,)


def test_a_folder_with_two_sequences_names_them(tmp_path: Path) -> None:
    touch(tmp_path, "beauty.0001.exr", "depth.0001.exr")

    with pytest.raises(StmatteError, match=r"2 picture sequences: beauty\.####\.exr, depth\.####"):
        find_sequence(str(tmp_path))


def test_two_files_for_one_frame_are_an_error(tmp_path: Path) -> None:
    touch(tmp_path, "p.1.exr", "p.0001.exr")

    with pytest.raises(StmatteError, match=r'Frame 1 exists twice, as "p\.0001\.exr" and "p\.1\.'):
        find_sequence(str(tmp_path))


def test_a_pattern_that_matches_nothing_says_what_is_there(tmp_path: Path) -> None:
    touch(tmp_path, "plate.00001.exr", "plate.00002.exr")

    with pytest.raises(StmatteError, match=r"holds plate\.#####\.exr"):
        find_sequence(str(tmp_path / "plate.####.exr"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere", "does not exist"),
        ("nowhere/p.####.exr", "does not exist"),
        ("empty", "holds no picture sequences"),
        ("empty/p.####.exr", "holds no pictures"),
        ("empty/notes.txt", "is not a picture"),
    ],
)
def test_what_is_not_there_is_said(tmp_path: Path, name: str, words: str) -> None:
    touch(tmp_path / "empty", "notes.txt")

    with pytest.raises(StmatteError, match=words):
        find_sequence(str(tmp_path / name))


@pytest.mark.parametrize(
    ("pattern", "frame", "name"),
    [
        ("out/m.####.exr", 7, "out/m.0007.exr"),
        ("out/m.%04d.exr", 12345, "out/m.12345.exr"),
        ("m.%d.exr", 7, "m.7.exr"),
        ("m#.exr", 10, "m10.exr"),
        ("m.####.exr", -5, "m.-0005.exr"),
        ("####/m.####.exr", 3, "0003/m.0003.exr"),
    ],
)
def test_a_pattern_names_the_file_of_a_frame(pattern: str, frame: int, name: str) -> None:
    assert expand(pattern, frame) == Path(name)


def test_an_output_without_a_place_for_the_number_is_an_error() -> None:
    with pytest.raises(StmatteError, match=r'Write "out/matte\.####\.exr"'):
        expand("out/matte.exr", 1)


@given(frames=st.sets(st.integers(-99999, 999999), min_size=1, max_size=5), width=st.integers(1, 7))
def test_what_expand_names_is_what_find_sequence_finds(
    tmp_path_factory: pytest.TempPathFactory, frames: set[int], width: int
) -> None:
    pattern = str(tmp_path_factory.mktemp("law") / f"p.{'#' * width}.exr")
    for frame in frames:
        expand(pattern, frame).touch()

    assert find_sequence(pattern).frames == tuple(sorted(frames))


def test_videos_are_known_by_their_extension() -> None:
    assert is_video("a/b.MOV")
    assert not is_video("a/b.####.exr")


def test_file_names_are_matched_without_a_folder() -> None:
    names = ["a.0999.exr", "a.1000.exr", "a.10000.exr", "b.1000.exr", "a.100.exr"]

    assert named_by("a.####.exr", names) == [
        (999, "a.0999.exr"),
        (1000, "a.1000.exr"),
        (10000, "a.10000.exr"),
    ]


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("plate.1001.exr", ("plate.####.exr", 1001)),
        ("plate_7.exr", ("plate_#.exr", 7)),
        ("still.exr", None),
    ],
)
def test_a_file_name_says_its_pattern(name: str, pattern: tuple[str, int] | None) -> None:
    assert pattern_of(name) == pattern
    assert has_place(name) is False
