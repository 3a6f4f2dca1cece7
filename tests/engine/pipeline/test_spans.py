# SPDX-License-Identifier: Apache-2.0
"""Spans computed apart and merged are the bytes of one delivery."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from delivering import deliver
from shots import Mixing, pictures, soft_disc
from stmatte.errors import StmatteError
from stmatte.output import Output
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.merging import Merged, merge
from stmatte.pipeline.planned import PlannedShot, plan_shot
from stmatte.pipeline.spans import Computed, Stepped, choose_spans, compute_spans, span_costs
from stmatte.plan.numbered import numbered
from stmatte.settings import Settings
from stmatte.shot import Absence, FrameRange, Key, Lock, Shot
from stmatte.store import DiskStore, RamStore, Store
from stmatte.store.entry import FRAME

FRAMES = range(1, 15)


def shot_of(**settings: Any) -> Shot:
    """Two objects with keys, an absence, a lock and a cut, each on frames of its own."""
    keys = [Key(f, {"hero": soft_disc(30 + 2 * f)}) for f in (1, 5, 14)]
    keys += [Key(f, {"car": soft_disc(70)}) for f in (3, 14)]
    locked = {f: soft_disc(32 + 2 * f) for f in (8, 9)}
    return Shot(
        pictures(FRAMES),
        tuple(keys),
        settings=Settings(device="cpu", **settings),
        absences=(Absence("car", FrameRange(6, 7)),),
        locks=(Lock("hero", FrameRange(8, 9), locked),),
        cuts=(12,),
    )


def planned(shot: Shot, store: Store) -> PlannedShot:
    return plan_shot(check_shot(shot), Mixing(), store)


def computed(shot: Shot, store: Store, *numbers: int, **how: Any) -> Computed:
    plan = planned(shot, store)
    return compute_spans(plan, Mixing(), store, choose_spans(plan, numbers), **how)


def merged(shot: Shot, out: Path, store: Store, **how: Any) -> Merged:
    return merge(shot, Output(str(out / "m.####.exr")), store, network=Mixing(), **how)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"reach": 2, "memory_every": 2, "memory_frames": 1},
        {"reach": "all", "steady": True},
        {"focus": "auto", "working_height": 64},
        {"edges": "off"},
    ],
    ids=str,
)
def test_spans_computed_apart_and_backwards_are_merged_to_the_same_bytes(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    shot = shot_of(**settings)
    deliver(shot, str(tmp_path / "whole" / "m.####.exr"), network=Mixing(), store=RamStore())

    for span in reversed(numbered(planned(shot, RamStore()).plan)):
        computed(shot, DiskStore(tmp_path / "store", 10**8), span.number)
    found = merged(shot, tmp_path / "merged", DiskStore(tmp_path / "store", 10**8))

    assert found.whole
    assert len(files(tmp_path / "whole")) == len(FRAMES)
    assert files(tmp_path / "merged") == files(tmp_path / "whole")


def test_a_span_leaves_its_own_passes_in_the_store_and_no_more() -> None:
    store = RamStore()
    plan = planned(shot_of(), store)
    first, *others = numbered(plan.plan)

    found = computed(shot_of(), store, first.number)

    stale = {cost.span.number: cost.stale for cost in span_costs(plan, store, Mixing())}
    assert found.computed == (first,)
    assert stale[first.number] == ()
    assert all(stale[span.number] in ((), span.frames) for span in others)
    assert any(stale[span.number] for span in others)


def test_a_second_run_computes_nothing() -> None:
    store = RamStore()
    every = [span.number for span in numbered(planned(shot_of(), store).plan)]
    first = computed(shot_of(), store, *every)

    again = computed(shot_of(), store, *every)

    assert first.steps > 0
    assert (again.steps, again.computed, len(again.fresh)) == (0, (), len(every))


def test_who_is_stopped_leaves_every_frame_that_was_done_and_the_next_goes_on() -> None:
    shot = Shot(pictures(FRAMES), (Key(1, {"hero": soft_disc(32)}),), settings=Settings())
    store = RamStore()
    told: list[Stepped] = []

    stopped = computed(shot, store, 1, tell=told.append, stop=lambda: len(told) == 4)
    rest = computed(shot, store, 1)

    # one pass over frames 2-14: 13 steps, of which 4 were done
    assert stopped.cancelled
    assert [(step.frame, step.done, step.steps) for step in told] == [
        (2, 1, 13),
        (3, 2, 13),
        (4, 3, 13),
        (5, 4, 13),
    ]
    assert (stopped.steps, rest.steps, rest.cancelled) == (4, 9, False)


def test_two_that_compute_the_same_spans_at_once_do_no_harm(tmp_path: Path) -> None:
    shot = shot_of()
    deliver(shot, str(tmp_path / "whole" / "m.####.exr"), network=Mixing(), store=RamStore())
    every = [span.number for span in numbered(planned(shot, RamStore()).plan)]
    store = tmp_path / "store"

    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda _: computed(shot, DiskStore(store, 10**8), *every), range(2)))
    found = merged(shot, tmp_path / "merged", DiskStore(store, 10**8))

    assert not [path for path in store.rglob(".*") if path.is_file()], "nothing half-written"
    assert found.whole
    assert files(tmp_path / "merged") == files(tmp_path / "whole")


def test_a_span_that_is_lacking_is_named_with_its_frames_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    shot = Shot(
        pictures(FRAMES), tuple(Key(f, {"hero": soft_disc(30 + 2 * f)}) for f in (1, 6, 14))
    )
    store = RamStore()
    computed(shot, store, 1)

    found = merged(shot, tmp_path / "out", store)

    assert [str(each) for each in found.lacking] == ['Span 2 ("hero") lacks frames 7-13']
    assert (found.delivery, found.whole) == (None, False)
    assert files(tmp_path / "out") == {}


def test_what_is_whole_is_written_where_that_is_asked_for(tmp_path: Path) -> None:
    shot = Shot(
        pictures(FRAMES), tuple(Key(f, {"hero": soft_disc(30 + 2 * f)}) for f in (1, 6, 14))
    )
    store = RamStore()
    computed(shot, store, 1)

    found = merged(shot, tmp_path / "out", store, partial=True)

    assert sorted(files(tmp_path / "out")) == [f"m.{f:04d}.exr" for f in (*range(1, 7), 14)]
    assert not found.whole


def test_a_frame_of_the_store_that_is_damaged_is_lacking_and_can_be_computed_again(
    tmp_path: Path,
) -> None:
    shot = Shot(pictures(FRAMES), (Key(1, {"hero": soft_disc(32)}),))
    store = DiskStore(tmp_path / "store", 10**8)
    computed(shot, store, 1)
    kept = max((tmp_path / "store").glob(f"??/*{FRAME.suffix}"), key=lambda path: path.name)
    content = bytearray(kept.read_bytes())
    content[-1] ^= 1  # as long as before: it seems to be there
    kept.write_bytes(content)

    found = merged(shot, tmp_path / "out", DiskStore(tmp_path / "store", 10**8))
    again = computed(shot, DiskStore(tmp_path / "store", 10**8), 1)

    assert not found.whole
    assert len(found.lacking) == 1
    assert again.steps == 1
    assert merged(shot, tmp_path / "out", DiskStore(tmp_path / "store", 10**8)).whole


def test_merging_needs_no_store_where_the_files_are_fresh(tmp_path: Path) -> None:
    shot = shot_of()
    deliver(shot, str(tmp_path / "m.####.exr"), network=Mixing(), store=RamStore())
    before = files(tmp_path)

    found = merged(shot, tmp_path, RamStore())

    assert found.whole
    assert found.delivery is not None
    assert found.delivery.fresh == tuple(FRAMES)
    assert files(tmp_path) == before


def test_what_another_kind_of_device_computed_is_kept_apart_and_told(tmp_path: Path) -> None:
    shot = Shot(pictures(FRAMES), (Key(1, {"hero": soft_disc(32)}),), settings=Settings())
    store = RamStore()
    elsewhere = plan_shot(check_shot(shot), Mixing(), store, kind="cuda")
    compute_spans(elsewhere, Mixing(), store, choose_spans(elsewhere, [1]))

    found = merged(shot, tmp_path, store)

    assert len(found.lacking) == 1
    assert "--device cuda" in found.hint


def test_a_span_that_does_not_exist_is_named_with_those_that_do() -> None:
    plan = planned(shot_of(), RamStore())
    count = len(numbered(plan.plan))

    with pytest.raises(StmatteError) as caught:
        choose_spans(plan, [1, count + 1])

    assert caught.value.what == f"Span {count + 1} is not in the shot"
    assert caught.value.allowed == f"it has spans 1-{count}"
