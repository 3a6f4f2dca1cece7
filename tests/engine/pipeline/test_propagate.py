# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import stmatte
from shots import SIZE, Copying, picture, pictures, soft_disc
from stmatte import FrameRange, Key, Settings, Shot, StmatteError
from stmatte.pipeline import FrameMattes, propagate, propagate_frames

CPU = Settings(device="cpu")


def soft_noise(seed: int, size: tuple[int, int] = SIZE) -> NDArray[np.float32]:
    """Return a matte in which hardly a number is one that 8 or 16 bits could hold."""
    return np.random.default_rng(seed).random(size, np.float32)


def copied(shot: Shot, **how: Any) -> dict[int, FrameMattes]:
    """Propagate by copying; a frame that comes twice is a failure."""
    results: dict[int, FrameMattes] = {}
    for result in propagate_frames(shot, network=Copying(), **how):
        assert result.frame not in results
        results[result.frame] = result
    return results


# --- what comes out -------------------------------------------------------------------


def test_the_model_that_needs_no_training_gives_named_mattes_of_the_plate_s_size() -> None:
    key = soft_disc(30 + 2 * 1)
    settings = Settings("label-propagation", device="cpu")

    mattes = dict(
        stmatte.propagate(Shot(pictures(range(1, 4)), (Key(1, {"hero": key}),), None, settings))
    )

    assert list(mattes) == [1, 2, 3]
    for matte in mattes.values():
        assert list(matte) == ["hero"]
        assert matte["hero"].dtype == np.float32
        assert matte["hero"].shape == SIZE
        assert 0 <= matte["hero"].min() <= matte["hero"].max() <= 1
    assert mattes[3]["hero"][32, 36] > 0.9  # the disc's middle is at 30 + 2 * 3
    assert mattes[3]["hero"][4, 90] < 0.1


def test_from_a_middle_key_frames_come_upwards_and_then_downwards() -> None:
    shot = Shot(pictures(range(1, 6)), (Key(3, {"hero": soft_disc(36)}),), None, CPU)

    assert list(copied(shot)) == [3, 4, 5, 2, 1]


def test_what_the_artist_keyed_leaves_bit_for_bit() -> None:
    key = soft_noise(1)

    results = copied(Shot(pictures(range(1, 4)), (Key(2, {"hero": key}),), None, CPU))

    assert np.array_equal(results[2].mattes["hero"], key)
    assert results[2].keyed == ("hero",)
    assert results[1].keyed == ()


def test_a_key_keeps_its_detail_where_the_network_sees_less() -> None:
    size = (128, 192)
    key = soft_noise(1, size)
    plate = {frame: picture(frame, size) for frame in (1, 2)}
    settings = Settings(working_height=64, device="cpu")

    results = copied(Shot(plate, (Key(1, {"hero": key}),), None, settings))

    assert np.array_equal(results[1].mattes["hero"], key)
    assert results[2].mattes["hero"].shape == size
    assert results[2].display.shape == (64, 96, 3)


def test_a_plate_lower_than_the_working_height_is_not_enlarged() -> None:
    results = copied(Shot(pictures([1]), (Key(1, {"hero": soft_disc(32)}),), None, CPU))

    assert results[1].display.shape == (*SIZE, 3)
    assert np.array_equal(results[1].display, picture(1).astype(np.float32) / np.float32(255))


def test_a_linear_plate_is_seen_as_a_display_shows_it() -> None:
    linear = np.full((*SIZE, 3), 0.2140411, np.float32)  # sRGB 0.5

    as_recorded = replace(CPU, exposure=0.0)
    results = copied(Shot({1: linear}, (Key(1, {"hero": soft_disc(32)}),), None, as_recorded))

    assert results[1].display == pytest.approx(0.5, abs=1e-4)  # OpenColorIO's precision


def test_a_linear_plate_without_a_recorded_exposure_is_seen_with_a_grey_middle() -> None:
    dark = {frame: np.full((*SIZE, 3), 0.18 / 16, np.float32) for frame in (1, 2)}

    results = copied(Shot(dark, (Key(1, {"hero": soft_disc(32)}),), None, CPU))

    # four stops brighter it is 0.18, which sRGB shows as 0.4614
    assert results[2].display == pytest.approx(0.46136, abs=1e-4)


def test_outside_two_keys_the_nearer_one_is_copied_and_between_them_they_mix() -> None:
    left, right = np.full(SIZE, 0.1, np.float32), np.full(SIZE, 0.1, np.float32)
    left[:, :60] = 0.9
    right[:, 30:] = 0.9
    keys = (Key(2, {"hero": left}), Key(4, {"hero": right}))

    results = copied(Shot(pictures(range(1, 6)), keys, None, CPU), raw=True)

    mattes = {frame: result.mattes["hero"] for frame, result in results.items()}
    assert sorted(mattes) == [1, 2, 3, 4, 5]
    for frame, key in ((1, left), (2, left), (4, right), (5, right)):
        assert mattes[frame] == pytest.approx(key, abs=1e-5)
    # halfway, the log-odds of 0.9 and 0.1 cancel out: -2.197 + 2.197 = 0
    assert mattes[3][0, [10, 45, 90]] == pytest.approx([0.5, 0.9, 0.5], abs=1e-3)


def test_objects_keyed_on_different_frames_are_each_exact_on_their_own() -> None:
    hero, car = soft_disc(30), soft_disc(44)
    keys = (Key(1, {"hero": hero}), Key(3, {"car": car}))

    results = copied(Shot(pictures(range(1, 5)), keys, None, CPU))

    assert sorted(results) == [1, 2, 3, 4]
    assert all(list(result.mattes) == ["hero", "car"] for result in results.values())
    assert np.array_equal(results[1].mattes["hero"], hero)
    assert np.array_equal(results[3].mattes["car"], car)
    for frame, other in ((1, "car"), (3, "hero")):
        both = results[frame].mattes["hero"] + results[frame].mattes["car"]
        assert both.max() <= 1 + 1e-6, f"{other} gets only what the keyed object leaves"


def test_a_key_of_zeros_says_that_the_object_is_absent() -> None:
    keys = (Key(1, {"hero": soft_disc(32)}), Key(3, {"hero": np.zeros(SIZE, np.float32)}))

    results = copied(Shot(pictures(range(1, 5)), keys, None, CPU))

    assert results[3].mattes["hero"].max() == 0
    assert results[4].mattes["hero"].max() == 0


def test_a_shot_of_one_frame_is_its_key() -> None:
    key = soft_noise(1)

    results = copied(Shot(pictures([1001]), (Key(1001, {"hero": key}),), None, CPU))

    assert list(results) == [1001]
    assert np.array_equal(results[1001].mattes["hero"], key)


@pytest.mark.parametrize("size", [(1, 1), (3, 90), (70, 2)])
def test_a_plate_smaller_than_any_network_s_grid_has_mattes_too(size: tuple[int, int]) -> None:
    plate = {frame: picture(frame, size) for frame in (1, 2)}
    settings = Settings("label-propagation", device="cpu")
    shot = Shot(plate, (Key(1, {"hero": np.ones(size, np.float32)}),), None, settings)

    assert [result.mattes["hero"].shape for result in propagate_frames(shot)] == [size, size]


def test_frame_numbers_may_be_negative() -> None:
    key = Key(-2, {"hero": soft_disc(32)})

    results = copied(Shot(pictures(range(-4, 2)), (key,), FrameRange(-3, 0), CPU))

    assert list(results) == [-2, -1, 0, -3]


@settings(deadline=None)
@given(frames=st.sets(st.integers(-9, 9), min_size=1), data=st.data())
def test_every_frame_comes_once_wherever_the_keys_are(
    frames: set[int], data: st.DataObject
) -> None:
    spots = st.tuples(st.sampled_from(sorted(frames)), st.sampled_from(["hero", "car"]))
    keyed = data.draw(st.sets(spots, min_size=1))
    keys = tuple(Key(frame, {name: soft_noise(frame + 9, (8, 8))}) for frame, name in keyed)
    plate = {frame: picture(frame, (8, 8)) for frame in frames}

    results = copied(Shot(plate, keys, None, CPU))

    assert set(results) == frames
    for key in keys:
        for name, matte in key.mattes.items():
            assert np.array_equal(results[key.frame].mattes[name], matte)


def test_the_artist_says_how_often_a_result_is_remembered() -> None:
    shot = Shot(pictures(range(1, 8)), (Key(1, {"hero": soft_disc(32)}),), None, CPU)
    read = {}
    for every in (0, 2):
        network = Copying()
        settings = Settings(device="cpu", memory_every=every)
        list(propagate_frames(Shot(shot.plate, shot.keys, None, settings), network=network))
        read[every] = network.read

    assert read[0] == [1, 2, 2, 2, 2, 2]  # the key and the previous frame
    assert read[2] == [1, 2, 2, 3, 3, 4]  # and every second frame, which may be the previous


def test_the_caller_s_arrays_stay_as_they_are() -> None:
    plate, key = pictures(range(1, 4)), soft_noise(1)
    before = {frame: array.copy() for frame, array in plate.items()}, key.copy()

    copied(Shot(plate, (Key(2, {"hero": key}),), None, CPU))

    assert all(np.array_equal(plate[frame], before[0][frame]) for frame in plate)
    assert np.array_equal(key, before[1])


# --- what cannot be -------------------------------------------------------------------


def test_a_shot_that_cannot_be_made_is_refused_at_once_and_before_a_network_loads() -> None:
    key = Key(9, {"hero": soft_disc(32)})
    settings = Settings("no such model", device="cpu")

    with pytest.raises(StmatteError, match='Key at frame 9 of "hero" is outside the frames'):
        propagate(Shot(pictures(range(1, 4)), (key,), None, settings))


def test_an_unknown_model_is_refused_before_the_first_frame_is_asked_for() -> None:
    key = Key(1, {"hero": soft_disc(32)})

    with pytest.raises(StmatteError, match='Model "no such model" is not known'):
        propagate(Shot(pictures([1]), (key,), None, Settings("no such model", device="cpu")))


def with_nan(frame: int, frames: range) -> dict[int, Any]:
    """Return a plate with one pixel of one frame that is no number."""
    plate: dict[int, Any] = {f: picture(f).astype(np.float32) / 255 for f in frames}
    plate[frame][5, 7, 1] = np.nan
    return plate


def test_a_frame_with_nan_ends_it_and_those_before_are_out() -> None:
    shot = Shot(with_nan(3, range(1, 6)), (Key(1, {"hero": soft_disc(32)}),), None, CPU)
    done = []

    with pytest.raises(StmatteError) as stopped:
        done.extend(result.frame for result in propagate_frames(shot, network=Copying()))

    assert str(stopped.value) == (
        "Plate frame 3 has 1 pixels that are NaN or infinite: every number of a plate is finite; "
        "the first such pixel is x 7, y 5 from the top left. "
        "Mend the plate, for instance by clamping or by an expression on NaN."
    )
    assert done == [1, 2]


def test_a_frame_that_is_passed_over_is_told_once_though_two_passes_meet_it() -> None:
    keys = (Key(1, {"hero": soft_disc(32)}), Key(5, {"hero": soft_disc(40)}))
    told: list[tuple[int, str]] = []

    results = copied(
        Shot(with_nan(3, range(1, 6)), keys, None, CPU),
        skipped=lambda frame, error: told.append((frame, error.what)),
    )

    assert sorted(results) == [1, 2, 4, 5]
    assert told == [(3, "Plate frame 3 has 1 pixels that are NaN or infinite")]


def test_missing_frames_are_passed_over_too_if_that_is_asked() -> None:
    plate = {frame: picture(frame) for frame in (1, 2, 5)}
    told: list[int] = []

    results = copied(
        Shot(plate, (Key(2, {"hero": soft_disc(34)}),), FrameRange(1, 6), CPU),
        skipped=lambda frame, _: told.append(frame),
    )

    assert list(results) == [2, 1, 5]  # the span nearer to the key comes first
    assert told == [3, 4, 6]
