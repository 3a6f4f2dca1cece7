# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from shots import SIZE, Copying, pictures, soft_disc
from stmatte import FrameRange, Key, Settings, Shot
from stmatte.errors import StmatteError
from stmatte.memory.bank import Bank
from stmatte.networks.protocol import Query
from stmatte.networks.tracing import Trace
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.explaining import Explanation, explain, heading, in_words, picture
from stmatte.pipeline.planned import PlannedShot, plan_shot
from stmatte.pipeline.propagate import walk
from stmatte.propagation.sights import Sights
from stmatte.shot import Absence, ObjectSpec
from stmatte.store import RamStore

FRAMES = range(1, 9)
PLATE = pictures(FRAMES)
SHOT = Shot(
    PLATE,
    (Key(2, {"hero": soft_disc(30)}), Key(6, {"hero": soft_disc(40), "car": soft_disc(80)})),
    None,
    Settings(device="cpu", memory_every=2),
    (ObjectSpec("hero"), ObjectSpec("car")),
)
KEYED = (
    'Object "hero" is keyed at frame 2: its matte there is what was given, nothing was read for '
    "it. Choose a frame between keys."
)


class Telling(Copying):
    """Copies, and says that it read a quarter from each frame's corner and the rest from keys."""

    def trace(
        self, query: Query, bank: Bank, index: int, pixel: tuple[int, int]
    ) -> tuple[Trace, ...]:
        del query, index
        weights = torch.zeros(len(bank.frames), SIZE[0] // 8, SIZE[1] // 8)
        weights[:, 0, 0] = 0.25 / len(bank.frames)
        weights[0, pixel[0] // 8, pixel[1] // 8] += 0.75
        return (Trace("matte", (pixel[0] // 8, pixel[1] // 8), weights, 8),)


def propagated(
    shot: Shot = SHOT, network: Copying | None = None, wanted: range = FRAMES
) -> tuple[PlannedShot, Copying, RamStore, Sights]:
    network, store = network or Telling(), RamStore()
    planned, sights = plan_shot(check_shot(shot), network, store), Sights(network)
    for _ in walk(planned, network, store, sights, wanted):
        pass
    return planned, network, store, sights


def told(frame: int, pixel: tuple[int, int] = (30, 32), name: str | None = "hero") -> Explanation:
    return explain(*propagated(), frame, pixel, name)


def test_both_passes_tell_what_they_read_the_largest_share_first() -> None:
    forward, backward = told(5).passes

    assert (forward.start, forward.forward, forward.share) == (2, True, 0.25)
    assert (backward.start, backward.forward, backward.share) == (6, False, 0.75)
    # memory before frame 5: the other key, its own key, and steps 2 (and 3, the latest)
    (read,) = forward.reads
    sources = {source.frame: (source.key, source.share) for source in read.sources}
    assert sources == {
        6: (True, pytest.approx(0.75 + 0.25 / 3)),
        2: (True, pytest.approx(0.25 / 3)),
        4: (False, pytest.approx(0.25 / 3)),
    }
    assert read.sources[0].frame == 6


def test_before_the_first_key_there_is_one_pass_and_it_counts_fully() -> None:
    (only,) = told(1).passes

    assert (only.start, only.forward, only.share) == (2, False, 1)


def test_heat_lies_over_the_pixels_that_were_read() -> None:
    source = told(5, (30, 35)).passes[0].reads[0].sources[0]

    assert source.heat.shape == SIZE
    assert source.heat[35, 30] == pytest.approx(0.75)
    assert source.heat[35, 30] == source.heat.max()
    assert np.count_nonzero(source.heat) == 2 * 8 * 8  # this place and the corner


def test_memory_frames_come_with_the_mattes_that_memory_holds() -> None:
    sources = {s.frame: s for s in told(5).passes[0].reads[0].sources}

    assert np.array_equal(sources[2].matte, soft_disc(30))
    # the copying network gave the frames after 2 the matte of the latest frame before them
    assert np.abs(sources[4].matte - soft_disc(30)).max() < 1e-4


def test_a_pixel_is_found_at_the_size_that_the_network_sees() -> None:
    big = {frame: np.repeat(np.repeat(p, 2, 0), 2, 1) for frame, p in PLATE.items()}
    shot = replace(
        SHOT,
        plate=big,
        keys=(Key(2, {"hero": soft_disc(30)}),),
        specs=(),
        settings=Settings(device="cpu", working_height=64),
    )

    explanation = explain(*propagated(shot), 5, (61, 70), "hero")

    assert explanation.pixel == (61, 70)
    assert explanation.seen == (30, 35)
    assert explanation.passes[0].reads[0].sources[0].heat[35, 30] > 0.7


def test_without_a_name_the_object_that_claims_most_is_meant() -> None:
    assert told(5, (30, 32), None).object == "hero"
    assert told(5, (80, 32), None).object == "car"


def test_the_matte_at_the_pixel_is_told() -> None:
    assert told(3, (30, 32)).matte == pytest.approx(1, abs=1e-3)
    assert told(3, (0, 0)).matte == pytest.approx(0, abs=1e-3)


def test_explaining_changes_nothing_in_the_store() -> None:
    planned, network, store, sights = propagated()
    before = dict(store._entries)

    explain(planned, network, store, sights, 5, (30, 32), "hero")

    assert store._entries == before


def test_a_picture_shows_a_row_for_each_pass() -> None:
    planned, network, store, sights = propagated()
    one = picture(planned, explain(planned, network, store, sights, 1, (30, 32), "hero"))
    two = picture(planned, explain(planned, network, store, sights, 5, (30, 32), "hero"))

    assert two.shape[0] > one.shape[0]
    assert two.dtype == np.uint8


def test_words_say_what_counted_how_much() -> None:
    forward, only = told(5).passes[0], told(1).passes[0]

    assert heading(only) == "Backward from the key at 2"
    assert heading(forward) == "Forward from the key at 2, counts 25 %"
    assert in_words(forward.reads[0].sources[0]) == "key 6: 83.3 %"


@pytest.mark.parametrize(
    ("frame", "pixel", "name", "message"),
    [
        (9, (0, 0), "hero", "Frame 9 is not in the shot: it has frames 1-8."),
        (
            3,
            (96, 0),
            "hero",
            "Pixel 96,0 is outside the plate: x is 0 to 95, y is 0 to 63, from the top left.",
        ),
        (
            3,
            (0, -1),
            "hero",
            "Pixel 0,-1 is outside the plate: x is 0 to 95, y is 0 to 63, from the top left.",
        ),
        (3, (0, 0), "dog", 'The shot has no object "dog": it has hero, car.'),
        (
            2,
            (0, 0),
            "hero",
            KEYED,
        ),
    ],
)
def test_what_cannot_be_explained_is_told(
    frame: int, pixel: tuple[int, int], name: str, message: str
) -> None:
    with pytest.raises(StmatteError) as refused:
        told(frame, pixel, name)

    assert str(refused.value) == message


def test_a_stale_frame_has_to_be_propagated_first() -> None:
    with pytest.raises(StmatteError, match=r"^Frame 3 is stale: .* Run stmatte propagate"):
        explain(*propagated(wanted=range(1, 3)), 3, (30, 32), "hero")


def test_a_network_that_cannot_tell_is_named() -> None:
    with pytest.raises(StmatteError, match=r'^Model "copying" cannot tell where it reads\.$'):
        explain(*propagated(network=Copying()), 3, (30, 32), "hero")


def test_an_absent_object_was_read_from_nowhere() -> None:
    shot = replace(SHOT, absences=(Absence("hero", FrameRange(7, 8)),))

    with pytest.raises(StmatteError, match=r'^Object "hero" is said to be absent at frame 8'):
        explain(*propagated(shot), 8, (30, 32), "hero")


def test_a_frame_that_no_key_speaks_for_was_read_from_nowhere() -> None:
    shot = replace(SHOT, cuts=(7,))

    with pytest.raises(StmatteError, match=r'^No key shows object "hero" around frame 8'):
        explain(*propagated(shot), 8, (30, 32), "hero")
