# SPDX-License-Identifier: Apache-2.0
"""What will be asked for next is made beforehand, in threads of its own.

A pass knows long before which frames it will look at. While the network works on one, the
next are read. Only a few are made beforehand and only a few are held, so a plate of any
length takes the same memory. Results are the same with or without it. Knows frame numbers,
not what is made of them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Generic, TypeVar

import torch

AHEAD = 2
"""Frames that are made beforehand."""

_SIGHT = 64  # how far along the order somebody may skip frames, as passes do that find results

_T = TypeVar("_T")

# On two cores a second thread takes them from the network: at 4K the first frame was there after
# 2.9 s instead of 2.1 s, and each further one after 0.5 s instead of 0.45 s.
_threads = ThreadPoolExecutor(
    max(1, min(AHEAD, torch.get_num_threads() // 2)), thread_name_prefix="stmatte-ahead"
)


class Ahead(Generic[_T]):
    """Makes something of frames, the coming ones beforehand.

    make       called with a frame, in whatever thread; what it raises, `get` raises
    held       how many frames are held that were asked for
    complete   called with what was made beforehand, to make more of it at once

    `get` may be called in several threads.
    """

    def __init__(self, make: Callable[[int], _T], held: int, complete: Callable[[_T], object]):
        self._make = make
        self._complete = complete
        self._most = held
        self._lock = Lock()
        self._made: OrderedDict[int, Future[_T]] = OrderedDict()
        self._order: Sequence[int] = ()
        self._next = 0

    def expect(self, order: Sequence[int]) -> None:
        """Say in which order frames will be asked for; others may be asked for in between."""
        with self._lock:
            self._order, self._next = order, 0

    def get(self, frame: int) -> _T:
        """Return what is made of a frame: now, if nobody did it beforehand."""
        with self._lock:
            future = self._made.get(frame)
            mine = future is None
            if future is None:
                future = self._made[frame] = Future()
            self._made.move_to_end(frame)
            self._move_to(frame)
            self._give_up({frame, *self._coming(frame)})
        if mine:  # before the coming ones: somebody waits for it
            _run(future, self._make, frame)
        with self._lock:  # others may have moved on meanwhile
            for each in self._coming(frame):
                if each not in self._made:
                    self._made[each] = _threads.submit(self._beforehand, each)
        try:
            return future.result()
        except BaseException:
            with self._lock:  # it is tried again when it is asked for again
                if self._made.get(frame) is future:
                    del self._made[frame]
            raise

    def _beforehand(self, frame: int) -> _T:
        made = self._make(frame)
        self._complete(made)
        return made

    def _move_to(self, frame: int) -> None:
        """Go on in the order to the frame that is asked for.

        A frame that isn't near in the order was asked for in between: the order stays.
        """
        near = self._order[self._next : self._next + _SIGHT]
        if frame in near:
            self._next += near.index(frame)

    def _coming(self, frame: int) -> tuple[int, ...]:
        """Return the next frames of the order, without the one that is asked for."""
        following = self._order[self._next : self._next + _SIGHT]
        return tuple(each for each in dict.fromkeys(following) if each != frame)[:AHEAD]

    def _give_up(self, needed: set[int]) -> None:
        """Let go what was asked for longest ago, as far as it isn't needed."""
        for frame in tuple(self._made):
            if len(self._made) - len(needed & self._made.keys()) < self._most:
                return
            if frame not in needed:
                del self._made[frame]


def _run(future: Future[_T], make: Callable[[int], _T], frame: int) -> None:
    try:
        future.set_result(make(frame))
    except BaseException as error:  # whoever asks hears of it
        future.set_exception(error)
