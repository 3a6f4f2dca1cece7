# SPDX-License-Identifier: Apache-2.0
"""An EXR on disk, whole or not at all.

OpenImageIO says that it closed a file which a full disk cut short. So what was written is
opened again and its last line read, then brought to the disk and renamed. Why something was
not written is asked of the system, for OpenImageIO doesn't say it. Knows nothing of what the
channels mean.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import OpenImageIO as oiio  # noqa: N813  the name that all its documents use
from numpy.typing import NDArray

from stmatte.placing import placed, unwritable

_MORE = 2**16  # bytes; more than what OpenImageIO holds back until a file is closed


def write_exr(path: Path, spec: Any, pixels: NDArray[Any]) -> None:
    """Write one part of scan lines.

    spec     an OpenImageIO ImageSpec: windows, channels, header
    pixels   (H, W, C) float16 or float32, C-contiguous, of the data window

    Without a clock in the header, the same pixels are the same bytes.

    Raises StmatteError if the place cannot be written or the disk is full; what stood there
    before stays, and nothing else is left.
    """
    spec.attribute("DateTime", "1970:01:01 00:00:00")
    with placed(path) as beside:
        _write(beside, spec, pixels, path)


def _write(beside: Path, spec: Any, pixels: NDArray[Any], path: Path) -> None:
    oiio.geterror()
    output: Any = oiio.ImageOutput.create("openexr")
    opened = output.open(str(beside), spec)
    written = opened and output.write_image(pixels)
    reason = output.geterror()
    closed = output.close() if opened else True
    source = oiio.ImageInput.open(str(beside)) if written and closed else None
    if source is not None:
        last = spec.y + spec.height - 1
        whole = source.read_scanlines(last, last + 1, 0, 0, spec.nchannels, "half") is not None
        reason = reason or source.geterror()
        source.close()
        if whole:
            return
    said = reason or oiio.geterror() or "the disk may be full"
    raise unwritable(path, _why(beside) or said.strip().splitlines()[0].rstrip("."))


def _why(beside: Path) -> str:
    """Return why the system takes no more of a file that is not whole; "" if it takes more."""
    try:
        with beside.open("ab") as file:
            file.write(bytes(_MORE))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error.strerror or str(error)
    return ""
