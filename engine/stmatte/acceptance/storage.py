# SPDX-License-Identifier: Apache-2.0
"""A matte is stored so that every bit of it arrives: EXR, half or float, lossless."""

from __future__ import annotations

from collections.abc import Iterator

from stmatte.acceptance.finding import Finding
from stmatte.images.stored import StoredMattes

LOSSLESS = frozenset(("none", "rle", "zips", "zip", "piz", "htj2k32", "htj2k256"))
"""Compressions of OpenEXR that keep every bit; pxr24 does so for half numbers."""


def storage_findings(stored: StoredMattes, frame: int) -> Iterator[Finding]:
    """Look at the file format, the kind of numbers and the compression."""
    if stored.format != "openexr":
        yield Finding("storage", "fail", f"a file of format {stored.format}, not EXR", frame)
        return
    for name, matte in stored.mattes.items():
        if matte.kind not in ("half", "float"):
            yield Finding("storage", "fail", f"numbers are {matte.kind}", frame, name)
    compression = stored.compression.partition(":")[0]
    halves = all(matte.kind == "half" for matte in stored.mattes.values())
    if compression not in LOSSLESS and not (compression == "pxr24" and halves):
        yield Finding("storage", "fail", f"compression {compression} loses bits", frame)
