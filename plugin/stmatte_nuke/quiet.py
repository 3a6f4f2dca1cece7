# SPDX-License-Identifier: Apache-2.0
"""Changes to a script that an artist did not make, and must not find again.

What is written onto knobs by itself is no step of undo; and where nothing of it is saved, the
script does not count as modified by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import nuke


@contextmanager
def quietly(*, saved: bool = False) -> Iterator[None]:
    """Let changes within be no step of undo.

    saved  some of it is saved with the script, so that it does count as modified
    """
    root = nuke.root()
    modified = root.modified()
    disabled = nuke.Undo.disabled()
    if not disabled:
        nuke.Undo.disable()
    try:
        yield
    finally:
        if not disabled:
            nuke.Undo.enable()
        if not saved and not modified:
            root.setModified(False)
