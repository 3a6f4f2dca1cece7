# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stmatte.errors import StmatteError
from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.memory.policies import Policy, number_policy

FIRST = Policy(keys=True, previous=0, every=0)
PREVIOUS = Policy(keys=False, previous=1, every=0)
BOTH = Policy(keys=True, previous=1, every=0)


def reads(policy: Policy, steps: int, keyed: frozenset[int] = frozenset({0})) -> list[list[int]]:
    """The steps that each query from step 1 on reads, if every frame is remembered."""
    bank, read = Bank(), []
    for step in range(steps - 1):
        origin = Origin.KEY if step in keyed else Origin.RESULT
        frame = MemoryFrame(step, origin, {}, {}, (True,))
        bank = policy.forget(Bank((*bank.frames, frame)))
        read.append([f.step for f in bank.frames])
    return read


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (FIRST, [[0], [0], [0], [0], [0]]),
        (PREVIOUS, [[0], [1], [2], [3], [4]]),
        (BOTH, [[0], [0, 1], [0, 2], [0, 3], [0, 4]]),
        (Policy(every=2), [[0], [0, 1], [0, 2], [0, 2, 3], [0, 2, 4]]),
        # 0, 1.5, 3, 4.5 of 6 frames, halves to even: 0, 2, 3, 4
        (number_policy(6, 3), [[0], [0, 1], [0, 2], [0, 2, 3], [0, 2, 3, 4]]),
    ],
    ids=["first", "previous", "both", "every 2", "number 3"],
)
def test_the_rules_of_the_paper_read_these_steps(policy: Policy, expected: list[list[int]]) -> None:
    assert reads(policy, 6) == expected


def test_every_fifth_counts_the_previous_frame_once() -> None:
    assert reads(Policy(), 9)[5] == [0, 5]  # the query at step 6
    assert reads(Policy(), 9)[7] == [0, 5, 7]  # the query at step 8


def test_a_key_stays_whatever_its_step() -> None:
    assert reads(BOTH, 8, keyed=frozenset({0, 3}))[-1] == [0, 3, 6]


def test_what_stays_beyond_the_most_is_spread_over_all_that_was_seen() -> None:
    later = reads(Policy(previous=0, every=1, most=4), 10)[5:]

    # each that goes leaves a gap of 2 (1 between 0 and 2, 3 between 2 and 4, ...)
    assert later == [[0, 2, 3, 4, 5], [0, 2, 4, 5, 6], [0, 2, 4, 6, 7], [0, 2, 4, 6, 8]]


POLICIES = st.builds(
    Policy,
    keys=st.booleans(),
    previous=st.integers(0, 3),
    every=st.integers(0, 4),
    most=st.none() | st.integers(1, 4),
)
STEPS = 24


@settings(deadline=None)
@given(policy=POLICIES, keyed=st.frozensets(st.integers(0, STEPS)))
def test_no_more_own_results_than_the_most_stay_besides_the_latest(
    policy: Policy, keyed: frozenset[int]
) -> None:
    for step, read in enumerate(reads(policy, STEPS, keyed)):
        latest = set(range(step + 1 - policy.previous, step + 1))
        own = [at for at in read if at not in latest and at not in keyed]

        assert policy.most is None or len(own) <= policy.most


@settings(deadline=None)
@given(policy=POLICIES, keyed=st.frozensets(st.integers(0, STEPS)))
def test_keys_and_the_latest_frames_always_stay(policy: Policy, keyed: frozenset[int]) -> None:
    for step, read in enumerate(reads(policy, STEPS, keyed)):
        latest = set(range(max(0, step + 1 - policy.previous), step + 1))
        keys = {at for at in keyed if at <= step} if policy.keys else set()

        assert latest | keys <= set(read)


@settings(deadline=None)
@given(policy=POLICIES, keyed=st.frozensets(st.integers(0, STEPS)), stop=st.integers(1, STEPS - 1))
def test_which_frames_stay_follows_from_steps_and_origins_alone(
    policy: Policy, keyed: frozenset[int], stop: int
) -> None:
    # a pass that goes on where another was stopped walks over the same steps, with other tensors
    assert reads(policy, stop, keyed) == reads(policy, STEPS, keyed)[: max(0, stop - 1)]


@settings(deadline=None)
@given(steps=st.sets(st.integers(1, 500), min_size=1), most=st.integers(1, 30))
def test_thinning_never_takes_the_latest_and_no_more_than_it_must(
    steps: set[int], most: int
) -> None:
    own = sorted(steps)

    stay = Policy(most=most).thinned(own)

    assert len(stay) == min(most, len(own))
    assert stay[-1] == own[-1]
    assert set(stay) <= steps


@settings(deadline=None)
@given(most=st.integers(2, 20), seen=st.integers(1, 400))
def test_no_gap_grows_beyond_a_few_times_the_smallest_there_could_be(most: int, seen: int) -> None:
    policy = Policy(previous=0, every=1, most=most)
    stay: tuple[int, ...] = ()
    for step in range(1, seen + 1):
        stay = policy.thinned((*stay, step))

    gaps = [after - before for before, after in zip((0, *stay), stay, strict=False)]
    assert max(gaps) <= max(1, 4 * seen / most)


@settings(deadline=None)
@given(policy=POLICIES, keyed=st.frozensets(st.integers(0, 12)))
def test_not_encoding_what_no_query_reads_changes_no_read(
    policy: Policy, keyed: frozenset[int]
) -> None:
    sparse = Bank()
    for step, everything in enumerate(reads(policy, 13, keyed)):
        origin = Origin.KEY if step in keyed else Origin.RESULT
        if policy.remembers(step, origin):
            frame = MemoryFrame(step, origin, {}, {}, (True,))
            sparse = policy.forget(Bank((*sparse.frames, frame)))

        assert [f.step for f in sparse.frames] == everything


def test_a_policy_cannot_look_back_less_than_not_at_all() -> None:
    with pytest.raises(StmatteError, match="is not possible: both are 0 or more"):
        Policy(previous=-1)


def test_a_policy_keeps_one_own_result_at_least() -> None:
    with pytest.raises(StmatteError, match="is not possible: 1 or more, or None for all of them"):
        Policy(most=0)
