# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from stmatte.plan.numbered import numbered, plan_of
from stmatte.plan.plan import ShotPlan, make_plan
from stmatte.plan.said import say


def planned(**keys: list[int]) -> ShotPlan:
    """Plan frames 1-20 for objects with keys on these frames."""
    said = {name: say({frame: f"{name}{frame}" for frame in on}) for name, on in keys.items()}
    return make_plan(range(1, 21), said, (), 1, "scheme", lambda frame: f"plate{frame}")


def test_spans_of_objects_keyed_on_the_same_frames_are_one_number() -> None:
    spans = numbered(planned(hero=[1, 10, 20], car=[1, 10, 20]))

    assert [(s.number, s.frames[0], s.frames[-1], s.objects, s.keys) for s in spans] == [
        (1, 2, 9, ("hero", "car"), (1, 10)),
        (2, 11, 19, ("hero", "car"), (10, 20)),
    ]


def test_an_object_keyed_elsewhere_has_numbers_of_its_own() -> None:
    spans = numbered(planned(hero=[1, 10, 20], car=[5]))

    assert [(s.number, s.frames[0], s.frames[-1], s.objects) for s in spans] == [
        (1, 1, 4, ("car",)),
        (2, 2, 9, ("hero",)),
        (3, 6, 20, ("car",)),
        (4, 11, 19, ("hero",)),
    ]


def test_a_shot_that_is_given_on_every_frame_has_no_span() -> None:
    assert numbered(planned(hero=list(range(1, 21)))) == ()


keyed = st.lists(st.integers(1, 20), min_size=1, max_size=6, unique=True)


@settings(deadline=None)  # a busy machine is no failure
@given(hero=keyed, car=keyed)
def test_every_computed_frame_of_every_object_is_in_one_span(
    hero: list[int], car: list[int]
) -> None:
    plan = planned(hero=hero, car=car)

    found = [(name, frame) for s in numbered(plan) for name in s.objects for frame in s.frames]

    due = {(p.name, frame) for p in plan.objects for span in p.spans for frame in span.frames}
    assert len(found) == len(set(found))
    assert set(found) == due


@settings(deadline=None)  # a busy machine is no failure
@given(hero=keyed, car=keyed)
def test_the_plan_of_some_spans_has_the_digests_of_the_whole(
    hero: list[int], car: list[int]
) -> None:
    plan = planned(hero=hero, car=car)

    for span in numbered(plan):
        part = plan_of(plan, [span])
        assert part.frames == span.frames
        assert tuple(p.name for p in part.objects) == span.objects
        for each in part.objects:
            whole = plan.object(each.name)
            assert [each.digest(f) for f in span.frames] == [whole.digest(f) for f in span.frames]
