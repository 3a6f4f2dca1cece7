# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from shots import Mixing, cut_short, pictures, soft_disc, write_plate
from stmatte.errors import StmatteError
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.frames import FrameMattes, frame_mattes
from stmatte.pipeline.planned import plan_shot
from stmatte.pipeline.propagate import propagate_frames, walk
from stmatte.propagation.sights import Sights
from stmatte.settings import Settings
from stmatte.shot import FrameRange, Key, Shot
from stmatte.store import RamStore

FRAMES = range(1, 14)
KEYS = {1: 32.0, 7: 44.0, 13: 56.0}


def shot_of(keys: Mapping[int, float] = KEYS, *, steady: bool = True, plate: Any = None) -> Shot:
    """A disc whose mattes flicker, as `Mixing` hears all that it was told."""
    return Shot(
        plate or pictures(FRAMES),
        tuple(Key(frame, {"hero": soft_disc(x)}) for frame, x in keys.items()),
        settings=Settings(device="cpu", steady=steady),
    )


def made(shot: Shot, **options: Any) -> dict[int, FrameMattes]:
    return {each.frame: each for each in propagate_frames(shot, network=Mixing(), **options)}


def mattes(shot: Shot, **options: Any) -> dict[int, NDArray[np.float32]]:
    return {frame: each.mattes["hero"] for frame, each in made(shot, **options).items()}


def test_a_steadied_frame_is_another_and_those_beside_keys_are_not() -> None:
    plain, steady = mattes(shot_of(steady=False)), mattes(shot_of())

    changed = {frame for frame in FRAMES if not np.array_equal(plain[frame], steady[frame])}

    assert changed == {3, 4, 5, 9, 10, 11}
    assert all(0 <= matte.min() <= matte.max() <= 1 for matte in steady.values())


def test_a_still_plate_with_a_still_matte_is_untouched_to_the_last_bit() -> None:
    still = dict.fromkeys(FRAMES, pictures([1])[1])
    shot = shot_of({1: 40.0}, plate=still)

    class Same(Mixing):
        def segment(self, query: Any, bank: Any) -> Any:
            bank = replace(bank, frames=bank.frames[:1])
            return super().segment(query, bank)

    plain = replace(shot, settings=replace(shot.settings, steady=False))
    one = {each.frame: each.mattes["hero"] for each in propagate_frames(shot, network=Same())}
    other = {each.frame: each.mattes["hero"] for each in propagate_frames(plain, network=Same())}

    assert (one[5] == one[6]).all()
    assert all((one[frame] == other[frame]).all() for frame in FRAMES)


def test_every_frame_comes_once_with_its_digest() -> None:
    shot = shot_of()
    found = list(propagate_frames(shot, network=Mixing()))

    assert sorted(each.frame for each in found) == list(FRAMES)
    assert len({each.digest for each in found}) == len(FRAMES)


def test_the_frame_under_the_playhead_and_single_frames_are_the_same_bits() -> None:
    whole = mattes(shot_of())

    for first, wanted in ((10, FRAMES), (4, (4,)), (3, (3, 11)), (None, (12, 5))):
        checked, network, store = check_shot(shot_of()), Mixing(), RamStore()
        planned = plan_shot(checked, network, store)
        walks = walk(planned, network, store, Sights(network), wanted, first=first)
        found = [frame_mattes(planned, each) for each in walks if each is not None]

        assert sorted(each.frame for each in found) == sorted(wanted)
        assert all((each.mattes["hero"] == whole[each.frame]).all() for each in found)


def test_an_edit_gives_the_same_bits_as_from_scratch_and_stays_in_its_span() -> None:
    before, edited = made(shot_of()), shot_of({**KEYS, 10: 52.0})
    network, store = Mixing(), RamStore()
    for shot in (shot_of(), edited):  # the second finds in the store what the first left there
        checked = check_shot(shot)
        planned = plan_shot(checked, network, store)
        walks = walk(planned, network, store, Sights(network), FRAMES)
        found = [frame_mattes(planned, each) for each in walks if each is not None]
        after = {each.frame: each.mattes["hero"] for each in found}

    scratch = mattes(edited)

    assert all((after[frame] == scratch[frame]).all() for frame in FRAMES)
    same = {frame for frame in FRAMES if np.array_equal(after[frame], before[frame].mattes["hero"])}
    assert same >= set(range(1, 8)) | {13}
    assert not same & {9, 10, 11}


def test_a_frame_that_cannot_be_read_leaves_those_beside_it_as_they_are(tmp_path: Path) -> None:
    plate = write_plate(tmp_path, FRAMES)
    cut_short(Path(plate.replace("####", "0004")))
    skipped: list[int] = []

    def skip(frame: int, error: StmatteError) -> None:
        del error
        skipped.append(frame)

    steady = mattes(shot_of(plate=plate), skipped=skip)
    plain = mattes(shot_of(plate=plate, steady=False), skipped=skip)

    assert set(skipped) == {4}
    assert sorted(steady) == [frame for frame in FRAMES if frame != 4]
    assert all((steady[frame] == plain[frame]).all() for frame in (2, 3, 5, 6))
    assert not np.array_equal(steady[10], plain[10])


@pytest.mark.parametrize("frames", [FrameRange(1, 3), FrameRange(2, 12)])
def test_frames_outside_the_range_steady_nothing(frames: FrameRange) -> None:
    shot = replace(shot_of({2: 34.0}), frames=frames)

    assert sorted(mattes(shot)) == list(frames)
