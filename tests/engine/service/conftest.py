# SPDX-License-Identifier: Apache-2.0
"""A conversation with the service on threads of this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from desks import Gate, StubDesk
from talking import InProcess


@pytest.fixture
def talk() -> Iterator[InProcess]:
    """A client that has said hello."""
    with InProcess(StubDesk) as talk:
        talk.hello()
        yield talk


@pytest.fixture
def gate() -> Gate:
    """Every frame of every job waits here until it is let through."""
    return Gate()


@pytest.fixture
def gated(gate: Gate) -> Iterator[InProcess]:
    """A client whose jobs wait at the gate before each frame."""
    with InProcess(lambda: StubDesk(gate)) as talk:
        talk.hello()
        yield talk
        gate.let(10_000)
