# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from stmatte.evaluation.plain import plain_method
from stmatte.memory.bank import Bank
from stmatte.memory.policies import Policy
from stmatte.networks.protocol import Memory, Query


class Repeats:
    """A network that gives every frame what its newest memory frame held."""

    name = "repeats"
    policy = Policy(keys=True, previous=1, every=5)
    aggregates = False

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []
        self.read: list[list[int]] = []

    def encode_query(self, image: Tensor) -> Query:
        self.seen.append((image.shape[1], image.shape[2]))
        return Query((image.shape[1], image.shape[2]), {})

    def encode_memory(self, image: Tensor, query: Query, planes: Tensor) -> Memory:
        del image, query
        return Memory({}, {"planes": planes[1:]})

    def segment(self, query: Query, bank: Bank) -> Tensor:
        del query
        self.read.append([frame.step for frame in bank.frames])
        newest = bank.frames[-1].objects["planes"]
        return torch.cat([1 - newest.sum(dim=0, keepdim=True), newest])


def box(columns: slice) -> np.ndarray:
    mask = np.zeros((64, 96), np.float32)
    mask[16:48, columns] = 1
    return mask


def run(
    network: Repeats, starts: Mapping[int, Mapping[int, np.ndarray]], **how: object
) -> list[np.ndarray]:
    frames = [np.zeros((64, 96, 3), np.uint8)] * 4
    return list(plain_method(network, 32, **how)(frames, starts))  # type: ignore[arg-type]


def test_pictures_are_seen_at_the_working_height_and_labels_come_at_theirs() -> None:
    network = Repeats()

    found = run(network, {0: {2: box(slice(16, 48))}})

    assert set(network.seen) == {(32, 48)}
    assert [labels.shape for labels in found] == [(64, 96)] * 4
    assert np.array_equal(found[0] == 2, box(slice(16, 48)) == 1)  # the very mask
    assert np.count_nonzero((found[3] == 2) != (box(slice(16, 48)) == 1)) < 100  # but for its edge


def test_an_object_is_nowhere_before_it_begins() -> None:
    found = run(Repeats(), {1: {1: box(slice(0, 32))}, 2: {3: box(slice(64, 96))}})

    assert [sorted(set(np.unique(labels).tolist())) for labels in found] == [
        [0],
        [0, 1],
        [0, 1, 3],
        [0, 1, 3],
    ]


def test_memory_is_kept_by_the_rule_that_is_asked_for() -> None:
    network = Repeats()

    run(network, {0: {1: box(slice(0, 32))}}, policy=Policy(keys=True, previous=0, every=0))

    assert network.read == [[0], [0], [0]]


def test_what_finishes_planes_is_given_their_picture_and_memory_does_not_hear_of_it() -> None:
    network, asked = Repeats(), list[tuple[tuple[int, ...], tuple[int, ...]]]()

    def nothing(planes: Tensor, picture: Tensor) -> Tensor:
        asked.append((tuple(planes.shape), tuple(picture.shape)))
        return torch.cat([torch.ones_like(planes[:1]), torch.zeros_like(planes[1:])])

    found = run(network, {0: {1: box(slice(0, 32))}}, finish=nothing)

    assert set(asked) == {((2, 32, 48), (3, 32, 48))}
    assert not found[3].any()
    assert network.read[-1] == [0, 2]
