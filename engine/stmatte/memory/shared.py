# SPDX-License-Identifier: Apache-2.0
"""What several objects ask for of the same maps: the first has it made, the others share it.

What matches, and how keys are held, depends on pictures alone. Objects that come by a frame one
after the other, each with a memory of its own, ask for the same of it; only what their memories
hold there differs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from torch import Tensor

_T = TypeVar("_T")


class Latest(Generic[_T]):
    """What was made last, and of which tensors.

    The tensors are held until something is made of others, so that no other one can lie where
    they lay. May be asked from several threads.
    """

    def __init__(self) -> None:
        self._latest: tuple[tuple[Tensor, ...], _T] | None = None

    def __reduce__(self) -> tuple[type[Latest[_T]], tuple[()]]:
        """Let a copy of a network begin with none."""
        return Latest, ()

    def of(self, tensors: Sequence[Tensor], make: Callable[[], _T]) -> _T:
        """Return what was made of these very tensors, or make it now.

        tensors  at least one. Views of the same numbers are the same tensors; they must not be
                 written into
        """
        latest = self._latest
        # tensors without numbers lie nowhere, all of them
        if latest is not None and _places(latest[0]) == _places(tensors) and tensors[0].data_ptr():
            return latest[1]
        made = make()
        self._latest = tuple(tensors), made
        return made


def _places(tensors: Sequence[Tensor]) -> list[tuple[int, tuple[int, ...], tuple[int, ...]]]:
    """Return where tensors lie in memory, and how."""
    return [(tensor.data_ptr(), tuple(tensor.shape), tensor.stride()) for tensor in tensors]
