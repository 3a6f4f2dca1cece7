# SPDX-License-Identifier: Apache-2.0
"""A matte lies where its plate does: size, pixel aspect, data window. Knows numbers only."""

from __future__ import annotations

from collections.abc import Iterator

from stmatte.acceptance.finding import Finding
from stmatte.images.stored import StoredMattes
from stmatte.images.windows import Box

_ASPECT = 1e-4


def size_findings(
    stored: StoredMattes, display: Box, pixel_aspect: float, frame: int
) -> Iterator[Finding]:
    """Compare the display window and the pixel aspect with the plate's."""
    if stored.display.size != display.size:
        yield Finding(
            "size", "fail", f"{_size(stored.display)}, the plate is {_size(display)}", frame
        )
    elif stored.display != display:
        words = f"the display window is {stored.display}, the plate's is {display}"
        yield Finding("size", "fail", words, frame)
    if abs(stored.pixel_aspect - pixel_aspect) > _ASPECT * pixel_aspect:
        words = f"pixel aspect {stored.pixel_aspect:g}, the plate's is {pixel_aspect:g}"
        yield Finding("size", "fail", words, frame)


def data_findings(stored: StoredMattes, display: Box, data: Box, frame: int) -> Iterator[Finding]:
    """Compare the data window with that of the plate's frame.

    A matte without the plate's overscan is refused. One that is cropped to where it isn't
    empty, or has more than the plate, is read rightly by Nuke, but not by Blender.
    """
    if stored.data == data:
        return
    if _reaches_out(data, display) and not _reaches_out(stored.data, display):
        words = f"has no overscan: {stored.data}, the plate has {data}"
        yield Finding("data window", "fail", words, frame)
    else:
        yield Finding("data window", "warn", "not that of the plate", frame)


def _reaches_out(data: Box, display: Box) -> bool:
    return (
        data.x < display.x
        or data.y < display.y
        or data.right > display.right
        or data.bottom > display.bottom
    )


def _size(box: Box) -> str:
    return f"{box.width}x{box.height}"
