# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from stmatte.memory.bank import MemoryFrame, Origin
from stmatte.memory.matches import global_matches, read_both, read_matches
from stmatte.memory.region import UNREAD, best_of, read_region, read_rows, tiles_of

Size = tuple[int, int]


def remembered(
    seed: int, frames: int, size: Size, keys: int, objects: int = 2
) -> list[MemoryFrame]:
    """Memory frames of drawn features and masks; the first `keys` of them are keyed."""
    random = torch.Generator().manual_seed(seed)

    def drawn(*shape: int) -> Tensor:
        return torch.rand(*shape, *size, generator=random, dtype=torch.float64)

    return [
        MemoryFrame(
            step,
            Origin.KEY if step < keys else Origin.RESULT,
            {"key8": F.normalize(drawn(4) - 0.5, dim=0)},
            {"mask8": drawn(objects)},
            (True,) * objects,
        )
        for step in range(frames)
    ]


def asked(seed: int, size: Size) -> Tensor:
    random = torch.Generator().manual_seed(seed + 1000)
    return F.normalize(torch.rand(4, *size, generator=random, dtype=torch.float64) - 0.5, dim=0)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 999),
    frames=st.integers(1, 4),
    keys=st.integers(0, 2),
    size=st.tuples(st.integers(1, 20), st.integers(1, 20)),
    radius=st.integers(0, 12),
    count=st.integers(1, 12),
)
def test_a_region_reads_what_the_whole_frame_reads_there(
    seed: int, frames: int, keys: int, size: Size, radius: int, count: int
) -> None:
    memory, query = remembered(seed, frames, size, keys), asked(seed, size)
    region = torch.rand(size, generator=torch.Generator().manual_seed(seed)) < 0.05

    masks, likeness = read_region(query, memory, 3, radius, count, 0.05, region)

    all_masks, all_likeness = read_both(query, memory, 3, radius, count, 0.05)
    torch.testing.assert_close(masks[:, region], all_masks[:, region])
    torch.testing.assert_close(likeness[:, region], all_likeness[:, region])


def test_nothing_is_read_beyond_the_region() -> None:
    memory, query = remembered(1, 2, (20, 30), 1), asked(1, (20, 30))
    region = torch.zeros(20, 30, dtype=torch.bool)
    region[9, 17] = region[19, 29] = True

    masks, likeness = read_region(query, memory, 3, 2, 10, 0.05, region)

    assert (masks[:, ~region] == 0).all()
    assert (likeness[:, ~region] == UNREAD).all()
    assert (masks[:, region] > 0).all()


def test_an_empty_region_reads_nothing() -> None:
    memory, query = remembered(2, 2, (9, 9), 1), asked(2, (9, 9))

    masks, likeness = read_region(query, memory, 3, 2, 10, 0.05, torch.zeros(9, 9) > 0)

    assert masks.shape == (2, 9, 9)
    assert masks.max() == 0
    assert (likeness == UNREAD).all()


def test_tiles_are_numbered_by_row_and_those_at_the_edge_are_narrow() -> None:
    region = torch.zeros(17, 12, dtype=torch.bool)  # 3 rows of 2 tiles, the last of 1 x 4 places
    region[0, 0] = region[7, 8] = region[16, 11] = True

    assert tiles_of(region).tolist() == [0, 1, 5]


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 999),
    frames=st.integers(1, 3),
    count=st.integers(1, 12),
    budget=st.integers(1, 20_000),
)
def test_strips_find_what_the_whole_search_finds(
    seed: int, frames: int, count: int, budget: int
) -> None:
    keys = [frame.maps["key8"] for frame in remembered(seed, frames, (3, 5), 1)]
    query = asked(seed, (4, 6))

    best = best_of(query.flatten(1).T, [key.flatten(1) for key in keys], count, budget=budget)

    whole = global_matches(query, torch.stack(keys), count)
    assert torch.equal(best.places, whole.places)
    torch.testing.assert_close(best.scores, whole.scores)


@pytest.mark.parametrize("values", [1, 7])
def test_rows_are_blended_as_planes_are(values: int) -> None:
    keys = torch.stack([frame.maps["key8"] for frame in remembered(3, 2, (5, 4), 1)])
    matches = global_matches(asked(3, (5, 4)), keys, 6)
    held = torch.rand(40, values, generator=torch.Generator().manual_seed(4), dtype=torch.float64)

    read = read_rows(matches, held, 0.05)

    torch.testing.assert_close(read, read_matches(matches, held.T, 0.05).T)
