# SPDX-License-Identifier: Apache-2.0
"""The plain path gives what the engine gives, so that their seconds may be compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor

import stmatte.memory.matches
import stmatte.networks.stmatte_s
from benchmarks.timing import plain_dot, plain_matches
from benchmarks.timing.plain import PlainReads, plain_network, twins
from stmatte.memory.bank import MemoryFrame, Origin
from stmatte.memory.dot import read_dot, recall
from stmatte.memory.kernelized import read_kernelized
from stmatte.memory.matches import global_matches, read_both, window_matches
from stmatte.memory.nearest import read_nearest
from stmatte.networks.registry import load_network

HEIGHT, WIDTH, CHANNELS = 11, 14, 16


@pytest.fixture(autouse=True)
def _as_in_a_pass() -> Iterator[None]:
    with torch.inference_mode():
        yield


def maps(*shape: int) -> Tensor:
    """Return features of unit length: among random ones no two are equally alike."""
    return torch.nn.functional.normalize(torch.randn(*shape, CHANNELS, HEIGHT, WIDTH), dim=-3)


def memory(frames: int, objects: int = 2) -> list[MemoryFrame]:
    return [
        MemoryFrame(
            step,
            Origin.RESULT if step else Origin.KEY,
            {"key8": maps()},
            {"mask8": torch.rand(objects, HEIGHT, WIDTH)},
            (True,) * objects,
        )
        for step in range(frames)
    ]


def alike(one: tuple[Tensor, Tensor], other: tuple[Tensor, Tensor]) -> None:
    torch.testing.assert_close(one[0], other[0], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(one[1], other[1], rtol=1e-5, atol=1e-5)


def test_whole_frames_are_searched_alike() -> None:
    query, keys = maps(), maps(3)

    alike(plain_matches.global_matches(query, keys, 5), global_matches(query, keys, 5))


def test_windows_are_searched_alike() -> None:
    """With so small a window that no place has too few matches: those are told apart by no one."""
    query, keys = maps(), maps(3)

    plain = plain_matches.window_matches(query, keys, 3, 5)

    alike(plain, window_matches(query, keys, 3, 5))


def test_masks_are_read_alike() -> None:
    query, frames = maps(), memory(9)

    plain = plain_matches.read_both(query, frames, 7, 3, 10, 0.05)

    alike(plain, read_both(query, frames, 7, 3, 10, 0.05))


@pytest.mark.parametrize("budget", [2**20, 4096])
def test_softmax_reads_recall_alike(budget: int) -> None:
    query, keys, values = maps(), maps(3), torch.randn(2, 3, 4, HEIGHT, WIDTH)
    asked, known = query.flatten(1).T, keys.permute(1, 0, 2, 3).flatten(1)
    stored = torch.randn(known.shape[1], 6)

    for plain, own in (
        (
            plain_dot.recall(asked, known, stored, budget),
            recall(asked, known, stored, budget),
        ),
        (
            plain_dot.read_dot(query, keys, values, budget=budget),
            read_dot(query, keys, values, budget=budget),
        ),
        (
            plain_dot.read_kernelized(query, keys, values, 7.0, budget=budget),
            read_kernelized(query, keys, values, 7.0, budget=budget),
        ),
        (
            plain_dot.read_nearest(query, keys, values, 8.0, budget=budget),
            read_nearest(query, keys, values, 8.0, budget=budget),
        ),
        (
            plain_dot.read_nearest(query, keys, values, 8.0, 7, budget=budget),
            read_nearest(query, keys, values, 8.0, 7, budget=budget),
        ),
    ):
        torch.testing.assert_close(plain, own, rtol=1e-5, atol=1e-5)


def test_plain_reads_are_in_force_for_the_length_of_a_block_and_no_longer() -> None:
    own = stmatte.memory.matches.global_matches

    with PlainReads()():
        assert stmatte.memory.matches.global_matches is plain_matches.global_matches
        assert stmatte.networks.stmatte_s.global_matches is plain_matches.global_matches

    assert stmatte.memory.matches.global_matches is own
    assert stmatte.networks.stmatte_s.global_matches is own


def test_plain_reads_go_when_something_fails_under_them() -> None:
    own = stmatte.memory.matches.global_matches

    @contextmanager
    def failing() -> Iterator[None]:
        with PlainReads()():
            yield

    with pytest.raises(ZeroDivisionError), failing():
        _ = 1 / 0

    assert stmatte.memory.matches.global_matches is own


def test_every_twin_is_another_function_than_the_engines() -> None:
    assert {name for name, (own, twin) in twins().items() if own is twin} == set()


def test_the_plain_network_is_in_float32_and_contiguous() -> None:
    state = {n: t.clone() for n, t in _own("stmatte-s").state_dict().items()}

    network = plain_network("stmatte-s", state, torch.device("cpu"))

    weights = list(network.parameters())
    assert all(w.dtype == torch.float32 and w.is_contiguous() for w in weights)


def test_the_plain_network_works_everywhere() -> None:
    own = _own("stmatte-s")

    network = plain_network("stmatte-s", own.state_dict(), torch.device("cpu"))

    held = vars(network)
    assert held["recall"].__name__ == "recall_everywhere"
    assert held["claims"].__name__ == "claims_everywhere"
    assert not {"recall", "claims"} & vars(own).keys()


def _own(name: str) -> torch.nn.Module:
    network = load_network(name, "cpu")
    assert isinstance(network, torch.nn.Module)
    return network
