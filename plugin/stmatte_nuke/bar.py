# SPDX-License-Identifier: Apache-2.0
"""Nuke's own progress bar, for as long as a press is under way.

It is made, moved and asked on a thread of its own, as Foundry's example does it: made on the
main thread it may hold the window up. Knows a share, a line of text and whom to tell of Cancel.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import nuke

LOOK = 0.1
"""Seconds between two looks whether Cancel was pressed: sooner than any frame is done."""


class Bar:
    """One bar. It is there at once and goes by `end`.

    title      what is under way
    cancelled  called once, on the bar's thread, if the artist presses its Cancel
    """

    def __init__(self, title: str, cancelled: Callable[[], None]) -> None:
        self._title = title
        self._cancelled = cancelled
        self._said = (0.0, "")
        self._over = threading.Event()
        threading.Thread(target=self._show, name="stmatte bar", daemon=True).start()

    @property
    def there(self) -> bool:
        """Whether it can still be seen, and cancelled."""
        return not self._over.is_set()

    def say(self, share: float, line: str) -> None:
        """Have it show how far it is, 0 to 1, and a line of text. Returns at once."""
        self._said = (share, line)

    def end(self) -> None:
        """Have it go. Returns at once; a second time does nothing."""
        self._over.set()

    def _show(self) -> None:
        try:
            task = nuke.ProgressTask(self._title)
            shown = None
            while not self._over.wait(LOOK):
                share, line = said = self._said
                if said != shown:
                    task.setMessage(line)
                    task.setProgress(max(0, min(100, int(100 * share))))
                    shown = said
                if task.isCancelled():
                    self._cancelled()
                    break
        except Exception:
            pass  # a bar that cannot be shown stops nothing
        finally:
            self._over.set()
