# SPDX-License-Identifier: Apache-2.0
"""What a host needs to speak to STMatte's engine. Standard library only, Python 3.9 and later.

The engine is another process, in an environment of its own; nothing of it is imported here, and
nothing of a host either. Imports are relative, so that a host's plug-in may carry this folder
inside its own, under whatever name the host gives it. A plug-in makes one `Session`, pumps it by
a timer (or gives it a dispatch), makes one `Propagation` for each shot with its `HostPort`, and
closes both before it is unloaded.
"""

from __future__ import annotations

from .errors import EngineError
from .frames import frames_in, frames_text
from .keys import DrawnKey, key_files, key_path
from .mailbox import Dispatch, Mailbox
from .patience import Patience
from .port import HostPort, Progress, State
from .program import words_in
from .propagation import Propagation
from .session import Session
from .shot import AbsentFrames, HostShot, KeyFile, LockedFrames
from .strip import Mark, Marks, marks

__all__ = [
    "AbsentFrames",
    "Dispatch",
    "DrawnKey",
    "EngineError",
    "HostPort",
    "HostShot",
    "KeyFile",
    "LockedFrames",
    "Mailbox",
    "Mark",
    "Marks",
    "Patience",
    "Progress",
    "Propagation",
    "Session",
    "State",
    "frames_in",
    "frames_text",
    "key_files",
    "key_path",
    "marks",
    "words_in",
]
