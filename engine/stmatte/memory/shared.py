# SPDX-License-Identifier: Apache-2.0
"""Matches that several objects ask for: where they remember the same frames, one search does.

What matches depends on pictures alone. Objects that come by a frame one after the other, each
with a memory of its own, compare the same keys; only what their memories hold there differs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from stmatte.memory.matches import Matches


class LatestMatches:
    """The matches that were found last, and between which keys.

    The keys are held until others are asked for, so that no other tensor can lie where they lay.
    May be asked from several threads.
    """

    def __init__(self) -> None:
        self._latest: tuple[tuple[Tensor, ...], Matches] | None = None

    def __reduce__(self) -> tuple[type[LatestMatches], tuple[()]]:
        """Let a copy of a network begin with none."""
        return LatestMatches, ()

    def between(self, keys: Sequence[Tensor], find: Callable[[], Matches]) -> Matches:
        """Return what was found between these very keys, or find it now.

        keys  the query's, and those of memory in their order. Views of the same numbers are
              the same keys; they must not be written into
        """
        latest = self._latest
        # tensors without numbers lie nowhere, all of them
        if latest is not None and _places(latest[0]) == _places(keys) and keys[0].data_ptr():
            return latest[1]
        found = find()
        self._latest = tuple(keys), found
        return found


def _places(keys: Sequence[Tensor]) -> list[tuple[int, tuple[int, ...], tuple[int, ...]]]:
    """Return where tensors lie in memory, and how."""
    return [(key.data_ptr(), tuple(key.shape), key.stride()) for key in keys]
