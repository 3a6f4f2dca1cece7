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


@settings(deadline=None)
@given(
    policy=st.builds(
        Policy, keys=st.booleans(), previous=st.integers(0, 3), every=st.integers(0, 4)
    ),
    keyed=st.frozensets(st.integers(0, 12)),
)
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
