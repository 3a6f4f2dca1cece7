# SPDX-License-Identifier: Apache-2.0
"""OpenTimelineIO, where it is installed: an extra, since most work needs no timeline.

The rest of this room takes it from here, so that its absence is a sentence for a person.
"""

from __future__ import annotations

from stmatte.errors import StmatteError

try:
    import opentimelineio as otio
except ImportError:
    raise StmatteError(
        "Timelines cannot be read here",
        value="opentimelineio",
        allowed="they need the package opentimelineio, which is not installed",
        repair="Run: pip install 'stmatte[timelines]', or 'stmatte[edl]' for EDL files, too",
    ) from None

__all__ = ["otio"]
