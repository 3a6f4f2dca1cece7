# SPDX-License-Identifier: Apache-2.0
"""What plain tests say instead of pytest's words; they run on a host's Python with nothing else."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from typing import Any


@contextlib.contextmanager
def refused(text: str = "", kind: type[BaseException] = Exception) -> Iterator[list[BaseException]]:
    """Want an error of a kind whose words contain `text`; it is the list's one item afterwards."""
    caught: list[BaseException] = []
    try:
        yield caught
    except kind as error:
        if text not in str(error):
            raise AssertionError(f"refused, but with other words: {error}") from error
        caught.append(error)
    else:
        raise AssertionError(f"nothing was refused; wanted: {text or kind.__name__}")


def close(got: float | Sequence[Any], wanted: float | Sequence[Any], within: float = 1e-6) -> bool:
    """Whether two numbers, or two lists of them, are as near as `within`."""
    if isinstance(got, (int, float)) and isinstance(wanted, (int, float)):
        return math.isclose(got, wanted, rel_tol=0, abs_tol=within)
    assert not isinstance(got, (int, float))
    assert not isinstance(wanted, (int, float))
    return len(got) == len(wanted) and all(close(a, b, within) for a, b in zip(got, wanted))


class Skip(Exception):  # noqa: N818 (it is no error)
    """This test cannot run here; the words say why."""


def skip(why: str) -> None:
    """Leave the test, which counts as skipped."""
    import sys

    pytest = sys.modules.get("pytest")
    if pytest is not None:
        pytest.skip(why)
    raise Skip(why)
