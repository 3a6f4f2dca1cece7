# SPDX-License-Identifier: Apache-2.0
"""How this process asks the system for memory: what it gave up a moment ago it keeps for itself.

Every frame asks for the same large blocks and gives them up again. The C library of Linux
hands them back to the system each time, which then fills them with zeros anew, page by page:
a fifth of a frame's time. So it is told to keep them. All threads share one heap, or each
would keep a hoard of its own. A process that imports STMatte decides that for itself. Elsewhere
than on Linux with glibc nothing is done. Knows no torch.
"""

from __future__ import annotations

import ctypes
import os
import sys

KEPT = 512 * 2**20
"""Bytes at the end of the heap that are kept for what comes next."""

APART = 32 * 2**20
"""Bytes of a block from which on it is asked of the system by itself: more than a step needs."""

EVERY = 50
"""Frames after which holes are given back."""

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # malloc.h


def keep_what_is_freed() -> bool:
    """Set up this process, before it has threads; return whether there was anything to set.

    What the environment says of malloc stands: then nothing is set.
    """
    libc = _glibc()
    if libc is None or _told_already():
        return False
    chosen = ((_M_TRIM_THRESHOLD, KEPT), (_M_MMAP_THRESHOLD, APART), (_M_ARENA_MAX, 1))
    return all(libc.mallopt(what, value) for what, value in chosen)


def give_back_holes(frames: int) -> bool:
    """Give back to the system, every so many frames, the pages in which nothing lies any more.

    frames   how many are done
    returns  whether it was time, and there was anything to give back

    Memory frames lie between what comes and goes: the holes that they leave grow with a shot. What
    is kept at the heap's end stays.
    """
    libc = None if frames % EVERY else _glibc()
    return libc is not None and bool(libc.malloc_trim(ctypes.c_size_t(KEPT)))


def _glibc() -> ctypes.CDLL | None:
    """Return the C library if it is the one whose heap this file knows."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "gnu_get_libc_version") else None


def _told_already() -> bool:
    tunables = os.environ.get("GLIBC_TUNABLES", "")
    return "glibc.malloc" in tunables or any(name.startswith("MALLOC_") for name in os.environ)
