# SPDX-License-Identifier: Apache-2.0
"""How what other threads have to say reaches Nuke's main thread, in order and one at a time.

All of it goes into one mailbox. In a window Nuke is rung, and empties the mailbox when it comes to
it; without one, who waits empties it. It stays closed while a press is at work or Nuke renders:
Nuke may make calls in the middle of `nuke.execute`, and nothing must be changed under it then.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import nuke

from stmatte_host import Mailbox

from .main_thread import on_main

LATER = 0.25
"""Seconds until a mailbox that had to stay closed is tried again."""

_mailbox = Mailbox()
_held = 0
_put_off = False  # it is tried again soon


def deliver(call: Callable[[], None]) -> None:
    """Have a call made on Nuke's main thread, later. From any thread but that one."""
    _mailbox(call)
    _ring()


def afterwards(call: Callable[[], None]) -> None:
    """Have a call made when the press is over that asks for it; without a window, at once.

    For what would take away the very button that was pressed.
    """
    if nuke.GUI:
        threading.Thread(target=on_main, args=(call,), daemon=True).start()
    else:
        call()


def waited(seconds: float) -> None:
    """Make the calls that are due, and wait so long for the first; on the main thread only.

    For where nobody else does: without a window, or where a script wants to wait.
    """
    _mailbox.pump(seconds)


def held() -> bool:
    """Whether a press is at work."""
    return _held > 0


@contextmanager
def holding() -> Iterator[None]:
    """Keep the mailbox closed while something is at work; what came meanwhile is made then."""
    global _held
    _held += 1
    try:
        yield
    finally:
        _held -= 1
        if not _held:
            _mailbox.pump()


def _ring() -> None:
    """Have Nuke empty the mailbox when it comes to it.

    Once for each call: it costs little, and a ring that Nuke loses is made good by the next.
    """
    if nuke.GUI:
        on_main(_empty)


def _empty() -> None:
    global _put_off
    if _held:
        return  # the end of the press empties it
    if not nuke.executing():
        _mailbox.pump()
    elif not _put_off:
        _put_off = True
        later = threading.Timer(LATER, _try_again)
        later.daemon = True
        later.start()


def _try_again() -> None:
    global _put_off
    _put_off = False
    _ring()
