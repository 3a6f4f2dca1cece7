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
from collections.abc import Callable, Iterator

from stmatte.plan.said import NOTHING, Said
from stmatte.plan.spans import Pass, Span

ALGORITHM = 4
"""Raise it with every change that makes other mattes from the same things."""

PlateDigest = Callable[[int], str]
"""Plate frame number -> digest of that frame's pixels. Asked for only as far as it is needed."""


def digest_of(*parts: object) -> str:
    """Return 32 hexadecimal digits for anything that JSON can say."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def pass_digests(scheme: str, way: Pass, said: Said, plate: PlateDigest) -> Iterator[str]:
    """Yield the digest of what a pass makes of each of its frames, in its order.

    scheme  digest of all that is alike for the whole shot: algorithm, weights, settings

    Each digest covers the one before it, so a pass that is made longer keeps its beginning.
    """
    heard = [
        (frame - way.start, plate(frame), said[frame].digest) for frame in (*way.heard, way.start)
    ]
    chain = digest_of("pass", scheme, heard)
    for frame in way.frames:
        chain = digest_of(chain, frame - way.start, plate(frame))
        yield chain


def matte_digest(span: Span, frame: int, *ways: str, finish: str = "") -> str:
    """Return the digest of an object's matte on a frame of a span.

    ways    the frame's digests in the span's passes, the forward one first
    finish  digest of what is done to the matte after the passes
    """
    return digest_of("fused", span.forward_share(frame), *ways, finish) if ways else NOTHING
