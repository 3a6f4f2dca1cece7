# SPDX-License-Identifier: Apache-2.0
"""All frames are there, none too many, none twice. Knows frame numbers only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from stmatte.acceptance.finding import Finding


def frame_findings(there: Iterable[int], wanted: Iterable[int]) -> Iterator[Finding]:
    """Compare the frames of a delivery with those that it should have.

    there    the frame that each file is for; one that two files are for stands there twice
    wanted   the frames of the plate, or of the range that was asked for
    """
    files, expected = Counter(there), set(wanted)
    for frame in sorted(expected - files.keys()):
        yield Finding("frames", "fail", "missing", frame)
    for frame in sorted(files.keys() - expected):
        yield Finding("frames", "fail", "more than was asked for", frame)
    for frame in sorted(frame for frame, count in files.items() if count > 1):
        yield Finding("frames", "fail", "there twice", frame)
