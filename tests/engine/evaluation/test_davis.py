# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stmatte.errors import StmatteError
from stmatte.evaluation.davis import OFFICIAL_SPLITS, open_davis

from .conftest import FRAMES, box, box_frame


def names(root: Path, split: str) -> list[str]:
    return [sequence.name for sequence in open_davis(root).sequences(split)]


def test_the_own_layout_has_the_splits_of_its_lists(own_layout: Path) -> None:
    assert names(own_layout, "train") == ["bear", "train"]
    assert names(own_layout, "val") == ["camel"]
    assert names(own_layout, "all") == ["bear", "camel", "train"]


def test_the_lists_of_the_2017_release_hold_names_alone(own_layout: Path) -> None:
    sets = own_layout / "ImageSets"
    (sets / "480p").rename(sets / "2016")
    (sets / "2016" / "val.txt").write_text("bear\n")

    assert names(own_layout, "val") == ["bear"]


def test_the_plain_layout_keeps_the_order_of_its_list(plain_layout: Path) -> None:
    assert names(plain_layout, "all") == ["camel", "bear"]


def test_without_lists_the_halves_of_davis_2016_hold_as_far_as_they_are_there(
    plain_layout: Path,
) -> None:
    assert names(plain_layout, "train") == ["bear"]
    assert names(plain_layout, "val") == ["camel"]


def test_the_halves_of_davis_2016_have_thirty_and_twenty_sequences() -> None:
    train, val = set(OFFICIAL_SPLITS["train"]), set(OFFICIAL_SPLITS["val"])

    assert (len(train), len(val), len(train & val)) == (30, 20, 0)


def test_sequences_come_in_the_order_in_which_they_are_named(own_layout: Path) -> None:
    assert names(own_layout, "camel, bear") == ["camel", "bear"]


def test_the_sequence_train_is_told_from_the_split_by_a_comma(own_layout: Path) -> None:
    assert names(own_layout, "train,") == ["train"]


@pytest.mark.parametrize("layout", ["own_layout", "plain_layout"])
def test_frames_and_truths_are_the_same_in_either_layout(
    layout: str, request: pytest.FixtureRequest
) -> None:
    (sequence,) = open_davis(request.getfixturevalue(layout)).sequences("bear")

    assert len(sequence) == FRAMES
    assert sequence.frame_names == ("00000", "00001", "00002", "00003", "00004", "00005")
    np.testing.assert_array_equal(sequence.frame(2), box_frame(6))
    np.testing.assert_array_equal(sequence.truth(2), box(6))
    assert len(list(sequence.frames())) == len(list(sequence.truths())) == FRAMES


def test_an_unknown_sequence_lists_those_that_exist(own_layout: Path) -> None:
    with pytest.raises(StmatteError, match=r'"bare" is not in .*there are bear, camel, train'):
        open_davis(own_layout).sequences("bare")


def test_a_split_without_sequences_lists_those_that_exist(plain_layout: Path) -> None:
    (plain_layout / "JPEGImages" / "camel").rename(plain_layout / "JPEGImages" / "dromedary")

    with pytest.raises(StmatteError, match=r'"val" has no sequence.*has bear, dromedary'):
        open_davis(plain_layout).sequences("val")


def test_a_missing_annotation_names_its_frame(own_layout: Path) -> None:
    (own_layout / "Annotations" / "480p" / "camel" / "00003.png").unlink()

    with pytest.raises(StmatteError, match='Frame 00003 of sequence "camel" has no annotation'):
        open_davis(own_layout).sequences("val")


def test_a_missing_picture_names_its_frame(own_layout: Path) -> None:
    (own_layout / "JPEGImages" / "480p" / "camel" / "00003.png").unlink()

    with pytest.raises(StmatteError, match='Frame 00003 of sequence "camel" has no picture'):
        open_davis(own_layout).sequences("val")


def test_a_folder_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StmatteError, match="not a DAVIS folder, it has no JPEGImages"):
        open_davis(tmp_path)


def test_the_development_sequences_open(davis_dev: Path) -> None:
    lengths = {sequence.name: len(sequence) for sequence in open_davis(davis_dev).sequences("all")}

    assert lengths == {
        "car-turn": 50,
        "dance-jump": 50,
        "flamingo": 50,
        "motorbike": 43,
        "rollerblade": 35,
        "stroller": 50,
        "tennis": 50,
    }
    (tennis,) = open_davis(davis_dev).sequences("tennis")
    assert tennis.frame(0).shape == (480, 854, 3)
    assert tennis.truth(0).shape == (480, 854)
