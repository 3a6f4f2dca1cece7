# SPDX-License-Identifier: Apache-2.0
"""Where Nuke may be touched: on its main thread, and nowhere else.

Nuke hangs if `executeInMainThread` is called from the main thread itself, and without a window
there is no loop that would ever make the call. Hence one function, and no other way.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import nuke


def is_main() -> bool:
    """Whether this is the thread on which Nuke may be touched."""
    return threading.current_thread() is threading.main_thread()


def on_main(call: Callable[[], None]) -> None:
    """Have a call made on Nuke's main thread: now if this is it, else when Nuke comes to it.

    Without a window it is made at once, on whatever thread: nobody would ever come to it.
    """
    if is_main() or not nuke.GUI:
        call()
    else:
        nuke.executeInMainThread(call)
