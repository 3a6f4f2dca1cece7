# SPDX-License-Identifier: Apache-2.0
"""A network that learns first, and spans that are computed apart: it learns once for a store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from delivering import deliver
from shots import pictures, soft_disc
from stmatte.networks.registry import load_network
from stmatte.output import Output
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.merging import merge
from stmatte.pipeline.planned import plan_shot
from stmatte.pipeline.spans import choose_spans, compute_spans, span_costs
from stmatte.settings import Settings
from stmatte.shot import Key, Shot
from stmatte.store import DiskStore, RamStore

STEPS = 2
SHOT = Shot(
    pictures(range(1, 6)),
    tuple(Key(f, {"hero": soft_disc(30 + 2 * f)}) for f in (1, 3, 5)),
    settings=Settings(device="cpu", edges="off", adapt=STEPS),
)


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Sums of floats in one order only, so that the same run gives the same bits."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def computed(store: DiskStore, number: int) -> list[int]:
    """Compute a span as a process of its own would; return the steps that it learnt."""
    network = load_network("stmatte-s", "cpu")
    planned = plan_shot(check_shot(SHOT), network, store)
    learnt: list[int] = []
    compute_spans(
        planned,
        network,
        store,
        choose_spans(planned, [number]),
        learns=lambda step, _: learnt.append(step),
    )
    return learnt


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_it_learns_for_the_first_span_and_the_bytes_are_those_of_one_process(
    tmp_path: Path,
) -> None:
    deliver(SHOT, str(tmp_path / "whole" / "m.####.exr"), store=RamStore())
    store = tmp_path / "store"

    first, second = (computed(DiskStore(store, 10**9), number) for number in (1, 2))
    found = merge(SHOT, Output(str(tmp_path / "out" / "m.####.exr")), DiskStore(store, 10**9))

    assert (first, second) == ([1, 2], [])
    assert found.whole
    assert files(tmp_path / "out") == files(tmp_path / "whole")


def test_who_learns_at_the_same_time_in_another_store_learns_the_same(tmp_path: Path) -> None:
    one, other = (DiskStore(tmp_path / name, 10**9) for name in ("one", "other"))

    computed(one, 1)
    computed(other, 1)

    kept = [
        {path.name: path.read_bytes() for path in store.folder.rglob("*.frame")}
        for store in (one, other)
    ]
    assert kept[0] == kept[1]


def test_every_span_is_told_that_it_has_to_learn_until_one_has(tmp_path: Path) -> None:
    store = DiskStore(tmp_path, 10**9)
    network = load_network("stmatte-s", "cpu")
    planned = plan_shot(check_shot(SHOT), network, store)
    before = [cost.forecast.learning for cost in span_costs(planned, store, network)]

    computed(store, 1)

    after = [cost.forecast.learning for cost in span_costs(planned, store, network)]
    assert (before, after) == ([STEPS, STEPS], [0, 0])
