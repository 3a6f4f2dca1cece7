# SPDX-License-Identifier: Apache-2.0
"""What a matte is a function of, as a digest: same digest, same bits (on one kind of device).

A digest covers the plate's pixels that a frame's passes saw, the keys within reach, the
weights, the settings and the version of the algorithm. It doesn't cover names of objects
or files, nor frame numbers, only distances: a renamed object or a shot that begins at
another number costs nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping

from stmatte.plan.said import NOTHING, Said
from stmatte.plan.spans import Pass, Span

ALGORITHM = 1
"""Raise it with every change that makes other mattes from the same things."""

PlateDigests = Mapping[int, str]
"""Plate frame number -> digest of that frame's pixels."""


def digest_of(*parts: object) -> str:
    """Return 32 hexadecimal digits for anything that JSON can say."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def pass_digests(scheme: str, way: Pass, said: Said, plate: PlateDigests) -> Iterator[str]:
    """Yield the digest of what a pass makes of each of its frames, in its order.

    scheme  digest of all that is alike for the whole shot: algorithm, weights, settings

    Each digest covers the one before it, so a pass that is made longer keeps its beginning.
    """
    heard = [
        (frame - way.start, plate[frame], said[frame].digest) for frame in (*way.heard, way.start)
    ]
    chain = digest_of("pass", scheme, heard)
    for frame in way.frames:
        chain = digest_of(chain, frame - way.start, plate[frame])
        yield chain


def span_digests(scheme: str, span: Span, said: Said, plate: PlateDigests) -> dict[int, str]:
    """Return the digest of the object's matte for every frame of a span."""
    ways = [
        dict(zip(way.frames, pass_digests(scheme, way, said, plate), strict=True))
        for way in (span.forward, span.backward)
        if way is not None
    ]
    return {
        frame: digest_of("fused", span.forward_share(frame), *(way[frame] for way in ways))
        if ways
        else NOTHING
        for frame in span.frames
    }
