# SPDX-License-Identifier: Apache-2.0
"""A matte is a pure function: whatever was edited, stopped or thrown away before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shots import SIZE, Mixing, pictures, soft_disc
from stmatte import FrameRange, Key, Settings, Shot
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.frames import frame_mattes
from stmatte.pipeline.planned import plan_shot
from stmatte.pipeline.propagate import walk
from stmatte.plan.plan import changed
from stmatte.propagation.sights import Sights
from stmatte.shot import Absence, Lock, ObjectSpec
from stmatte.store import RamStore

FRAMES = range(1, 9)
PLATE = pictures(FRAMES)
CPU = Settings(device="cpu", memory_every=2, memory_frames=2)
Bytes = dict[tuple[int, str], bytes]


def made(
    shot: Shot, store: RamStore, network: Mixing, *, steps: int | None = None, first: int = 1
) -> Bytes:
    """Propagate, and stop after some steps; return the bits of every frame that was done."""
    planned = plan_shot(check_shot(shot), network, store)
    sights = Sights(network, budget=200_000)
    mattes: Bytes = {}
    frames = planned.plan.frames
    for step, found in enumerate(walk(planned, network, store, sights, frames, first=first)):
        if found is not None:
            result = frame_mattes(planned, found)
            mattes.update({(result.frame, n): m.tobytes() for n, m in result.mattes.items()})
        if steps is not None and step >= steps:
            break
    return mattes


def from_scratch(shot: Shot) -> Bytes:
    return made(shot, RamStore(), Mixing())


places = st.sampled_from(FRAMES)
names = st.sampled_from(["hero", "car"])
ranges = st.tuples(places, places).map(lambda ends: FrameRange(min(ends), max(ends)))
edits = st.one_of(
    st.tuples(st.just("key"), places, names, st.integers(20, 70)),
    st.tuples(st.just("unkey"), places, names),
    st.tuples(st.just("absent"), ranges, names),
    st.tuples(st.just("there"), names),
    st.tuples(st.just("lock"), ranges, names, st.integers(20, 70)),
    st.tuples(st.just("cut"), places),
    st.tuples(st.just("reach"), st.sampled_from([1, 2, "all"])),
)


def edited(shot: Shot, edit: Sequence[object]) -> Shot:
    """Return the shot after an edit; edits that a shot refuses change nothing."""
    keys = {(key.frame, name): matte for key in shot.keys for name, matte in key.mattes.items()}
    changes: dict[str, object] = {}
    match edit:
        case ("key", frame, name, x):
            keys[frame, name] = soft_disc(x)
        case ("unkey", frame, name):
            keys.pop((frame, name), None)
        case ("absent", frames, name):
            changes["absences"] = (Absence(name, frames),)
        case ("there", name):
            changes["absences"] = tuple(a for a in shot.absences if a.object != name)
        case ("lock", frames, name, x):
            mattes = {frame: soft_disc(x + frame) for frame in frames}
            changes["locks"] = (Lock(name, frames, mattes),)
        case ("cut", frame):
            changes["cuts"] = (frame,)
        case ("reach", reach):
            changes["settings"] = replace(shot.settings, reach=reach)
    absent = {(f, a.object) for a in changes.get("absences", shot.absences) for f in a.frames}
    kept = tuple(Key(f, {n: m}) for (f, n), m in keys.items() if (f, n) not in absent)
    return replace(shot, keys=kept, **changes) if kept else shot


START = Shot(
    PLATE,
    (Key(1, {"hero": soft_disc(30)}), Key(8, {"car": soft_disc(60)})),
    None,
    CPU,
    (ObjectSpec("hero"), ObjectSpec("car")),
)


@settings(max_examples=25, deadline=None)
@given(edits=st.lists(st.tuples(edits, st.integers(0, 30), places), max_size=6))
def test_any_edits_in_any_order_stopped_anywhere_give_the_bits_of_a_run_from_scratch(
    edits: list[tuple[Sequence[object], int, int]],
) -> None:
    store, shot = RamStore(), START
    for edit, steps, first in edits:
        shot = edited(shot, edit)
        made(shot, store, Mixing(), steps=steps, first=first)

    assert made(shot, store, Mixing()) == from_scratch(shot)


@settings(max_examples=15, deadline=None)
@given(edits=st.lists(edits, min_size=1, max_size=4))
def test_frames_that_an_edit_doesn_t_reach_keep_their_bits(edits: list[Sequence[object]]) -> None:
    store, network = RamStore(), Mixing()
    before = START
    for edit in edits:
        after = edited(before, edit)
        plans = [plan_shot(check_shot(s), network, store).plan for s in (before, after)]
        stale = changed(plans[0], plans[1])
        old, new = made(before, store, network), made(after, store, network)
        for frame in FRAMES:
            reached = any(frame in frames for frames in stale.values())
            for name in after.objects:
                if not reached and (frame, name) in old:
                    assert new[frame, name] == old[frame, name]
        before = after


def test_undo_costs_nothing_but_reading() -> None:
    store, network = RamStore(), Mixing()
    first = made(START, store, network)
    corrected = edited(START, ("key", 4, "hero", 50))
    made(corrected, store, network)
    network.read.clear()

    assert made(START, store, network) == first
    assert network.read == []


def test_a_correction_runs_the_network_for_its_two_spans_only() -> None:
    keys = tuple(Key(frame, {"hero": soft_disc(30 + frame)}) for frame in (1, 6, 8))
    store, network = RamStore(), Mixing()
    shot = Shot(PLATE, keys, None, CPU)
    made(shot, store, network)
    network.read.clear()

    made(edited(shot, ("key", 3, "hero", 40)), store, network)

    # the span 2-5 becomes 2 and 4-5; each frame is walked over from either side
    assert len(network.read) == 2 * 3


def test_a_stopped_run_goes_on_where_it_was() -> None:
    store, network = RamStore(), Mixing()
    made(START, store, network, steps=4)
    stopped_after = len(network.read)
    made(START, store, network)

    whole = Mixing()
    made(START, RamStore(), whole)
    assert stopped_after > 0
    assert len(network.read) == len(whole.read)  # no frame twice


def test_a_store_that_forgets_changes_nothing() -> None:
    tiny = RamStore(limit=60_000)  # a few planes of 64 x 96

    assert made(START, tiny, Mixing()) == from_scratch(START)


def test_what_is_locked_stays_whatever_is_keyed_beside_it() -> None:
    locked = edited(START, ("lock", FrameRange(3, 5), "hero", 40))

    mattes = from_scratch(edited(locked, ("key", 4, "hero", 70)))

    for frame in (3, 4, 5):
        assert mattes[frame, "hero"] == soft_disc(40 + frame).tobytes()


def test_an_absent_object_is_exactly_nothing_and_its_neighbours_learn_it() -> None:
    absent = edited(START, ("absent", FrameRange(4, 5), "hero"))

    mattes = from_scratch(absent)

    nothing = np.zeros(SIZE, np.float32).tobytes()
    assert mattes[4, "hero"] == mattes[5, "hero"] == nothing
    assert mattes[6, "hero"] == nothing  # until the next key, which never comes
    assert mattes[3, "hero"] != from_scratch(START)[3, "hero"]


def test_nothing_crosses_a_cut() -> None:
    cut = edited(START, ("cut", 5))

    mattes = from_scratch(cut)

    nothing = np.zeros(SIZE, np.float32).tobytes()
    assert all(mattes[frame, "hero"] == nothing for frame in range(5, 9))
    assert all(mattes[frame, "car"] == nothing for frame in range(1, 5))
    assert mattes[4, "hero"] != nothing
