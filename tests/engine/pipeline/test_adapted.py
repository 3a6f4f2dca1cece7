# SPDX-License-Identifier: Apache-2.0
"""A shot that is adapted: a pure function still, local still, and the weights that ship stay."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from delivering import deliver
from shots import Copying, pictures, soft_disc
from stmatte import Key, Settings, Shot
from stmatte.errors import StmatteError
from stmatte.networks.identity import fingerprint
from stmatte.networks.protocol import Network
from stmatte.networks.registry import load_network
from stmatte.output import Output
from stmatte.pipeline import Delivery
from stmatte.pipeline.adapted import learning_size, learnt_beside
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.deliver import deliver_planned
from stmatte.pipeline.header import SETTINGS, WEIGHTS, made_from
from stmatte.pipeline.matte_files import MatteFiles
from stmatte.pipeline.planned import plan_shot
from stmatte.pipeline.propagate import propagate_frames, walk
from stmatte.pipeline.report import Forecast, forecast, stale_mattes
from stmatte.plan.plan import changed
from stmatte.propagation.sights import Sights
from stmatte.shot import Absence, FrameRange
from stmatte.store import DiskStore, RamStore, Store

pytestmark = pytest.mark.usefixtures("one_thread")

PLATE = pictures(range(1, 6))
STEPS = 2


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Sums of floats in one order only, so that the same run gives the same bits."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network("stmatte-s", "cpu")


def shot(*keys: int, adapt: int = STEPS, **settings: Any) -> Shot:
    said = {"device": "cpu", "edges": "off", "adapt": adapt, **settings}
    given = tuple(Key(f, {"hero": soft_disc(30 + 2 * f)}) for f in keys or (1,))
    return Shot(PLATE, given, None, Settings(**said))


def mattes(of: Shot, network: Network) -> dict[int, bytes]:
    found = propagate_frames(of, network=network)
    return {result.frame: result.mattes["hero"].tobytes() for result in found}


def planned(of: Shot, network: Network, store: Store | None = None) -> Any:
    return plan_shot(check_shot(of), network, store or RamStore())


def delivered(of: Shot, out: Path, network: Network, store: Store, **how: Any) -> Delivery:
    return deliver(of, str(out / "m.####.exr"), network=network, store=store, **how)


def test_mattes_are_those_of_a_network_that_learnt_and_the_same_again(network: Network) -> None:
    before = fingerprint(network)

    one, again, plain = (mattes(s, network) for s in (shot(), shot(), shot(adapt=0)))

    assert one == again
    assert one != plain
    assert one[1] == plain[1], "a key is what was given"
    assert fingerprint(network) == before


def test_without_adapting_nothing_knows_of_it(network: Network) -> None:
    plan = planned(shot(adapt=0, adapt_on=(1,)), network)

    assert plan.adapting is None
    assert plan.plan.scheme == planned(shot(adapt=0), network).plan.scheme


def test_a_correction_stays_local(network: Network) -> None:
    """A key after the first changes only its own span; one that is learnt from changes all."""
    alone, corrected, earlier = (planned(shot(*k), network) for k in ((2, 5), (2, 4, 5), (1, 2, 5)))

    assert changed(alone.plan, corrected.plan) == {"hero": (3, 4)}
    assert changed(alone.plan, earlier.plan) == {"hero": (1, 3, 4)}


def test_named_frames_keep_all_other_keys_from_mattering(network: Network) -> None:
    plans = [planned(shot(*keys, adapt_on=(2,)), network).plan for keys in ((2, 5), (1, 2, 5))]

    assert changed(*plans) == {"hero": (1,)}


def test_recording_what_was_found_makes_nothing_stale(network: Network) -> None:
    open_, recorded = (planned(s, network).plan for s in (shot(2, 5), shot(2, 5, adapt_on=(2,))))

    assert changed(open_, recorded) == {"hero": ()}


def test_a_note_says_what_all_mattes_hang_on() -> None:
    assert "adapted to the key at 2" in check_shot(shot(2, 5)).notes[0]
    assert check_shot(shot(2, 5, adapt_on=(2,))).notes == ()
    assert check_shot(shot(2, 5, adapt=0)).notes == ()


def test_what_was_learnt_is_kept_and_found_again(network: Network, tmp_path: Path) -> None:
    store = DiskStore(tmp_path / "store", 10**8)
    steps: list[tuple[int, int]] = []

    def learns(*now: int) -> None:
        steps.append(now)  # type: ignore[arg-type]

    delivered(shot(1, 5), tmp_path, network, store, learns=learns)
    once = list(steps)
    delivered(shot(1, 4, 5), tmp_path, network, store, learns=learns)

    assert once == steps == [(1, STEPS), (2, STEPS)]


def test_a_lost_or_damaged_entry_costs_time_only(network: Network, tmp_path: Path) -> None:
    """Whatever happens to what was learnt, the bits are the same."""
    outs = [tmp_path / name for name in ("first", "damaged", "lost")]
    for out in outs:
        store = DiskStore(tmp_path / "store", 10**8)
        shelf = learnt_beside(store)
        assert isinstance(shelf, DiskStore)
        for kept in shelf.folder.rglob("*.frame"):
            kept.unlink() if out.name == "lost" else kept.write_bytes(b"no weights")
        for frame in (tmp_path / "store").glob("??/*.frame"):
            frame.unlink()
        delivered(shot(), out, network, store)

    for frame in range(1, 6):
        assert len({(out / f"m.{frame:04d}.exr").read_bytes() for out in outs}) == 1


def test_learning_can_be_cancelled_and_leaves_nothing(network: Network, tmp_path: Path) -> None:
    store, steps = DiskStore(tmp_path / "store", 10**8), []
    plan = planned(shot(adapt=5), network, store)

    delivery = deliver_planned(
        plan,
        MatteFiles(Output(str(tmp_path / "m.####.exr"))),
        network,
        store,
        Sights(network),
        tell=lambda _: None,
        skipped={},
        stop=lambda: len(steps) == 2,
        learns=lambda step, _: steps.append(step),
    )

    shelf = learnt_beside(store)
    assert delivery.cancelled
    assert steps == [1, 2]
    assert list(delivery.mattes) == [1], "the key, which is not computed"
    assert shelf is not None
    assert not shelf.has(plan.adapting.digest)


def test_the_forecast_counts_it_until_it_is_learnt(network: Network, tmp_path: Path) -> None:
    store = DiskStore(tmp_path / "store", 10**8)

    def cost(of: Shot) -> Forecast:
        plan = planned(of, network, store)
        return forecast(plan, store, stale_mattes(plan, store), network)

    assert cost(shot(1, 5)).learning == STEPS
    assert cost(shot(adapt=0)).learning == 0
    delivered(shot(1, 5), tmp_path, network, store)
    assert cost(shot(1, 5)).learning == 0
    assert cost(shot(1, 3, 5)).learning == 0, "a correction learns nothing anew"


def test_a_shot_that_is_all_given_learns_nothing(network: Network) -> None:
    def learns(*_: int) -> None:
        raise AssertionError

    of = replace(shot(1), absences=(Absence("hero", FrameRange(2, 5)),))

    assert len(deliver_in_memory(of, network, learns)) == 5


def deliver_in_memory(of: Shot, network: Network, learns: Any) -> list[int]:

    store = RamStore()
    plan = planned(of, network, store)
    walks = walk(plan, network, store, Sights(network), plan.plan.frames, learns=learns)
    return [found.frame for found in walks if found is not None]


def test_a_file_says_what_its_network_learnt_from(network: Network) -> None:

    plain, taught = (planned(s, network) for s in (shot(adapt=0), shot(2, 5)))
    words, said = (made_from(p, p.plan.objects, 3) for p in (plain, taught))

    assert words[WEIGHTS] == fingerprint(network)
    assert "adapt" not in words[SETTINGS], "files of before there was adapting stay fresh"
    assert said[WEIGHTS].startswith(f"{fingerprint(network)}+")
    assert json.loads(said[SETTINGS])["adapt"] == STEPS
    assert json.loads(said[SETTINGS])["adapt_on"] == [2]


def test_what_cannot_learn_is_refused_before_any_work() -> None:
    with pytest.raises(StmatteError, match='"copying" cannot be adapted'):
        propagate_frames(shot(), network=Copying())


def test_several_objects_are_learnt_together(network: Network) -> None:
    two = {"hero": soft_disc(30), "car": soft_disc(70)}
    of = Shot(PLATE, (Key(1, two),), None, shot().settings)

    found = list(propagate_frames(of, network=network))

    assert [set(result.mattes) for result in found] == [{"hero", "car"}] * 5


def test_learning_takes_memory_that_the_forecast_knows_of(network: Network) -> None:
    def needed(of: Shot) -> int:
        plan, store = planned(of, network), RamStore()
        return forecast(plan, store, stale_mattes(plan, store), network).bytes or 0

    weights = sum(p.numel() * 4 for p in network.parameters())  # type: ignore[attr-defined]
    assert needed(shot()) > needed(shot(adapt=0)) + 4 * weights


def test_large_pictures_are_learnt_from_at_the_height_of_training() -> None:
    assert learning_size((240, 428)) == (240, 428)
    assert learning_size((1080, 1920)) == (256, 455)
