# SPDX-License-Identifier: Apache-2.0
"""How far a decoder looks beyond what it decides, so that a part of a picture can be decided alone.

Counted backwards from the logits: a 3x3 convolution looks one place further on its own grid, and
n places that were enlarged twofold are made of n // 2 + 1 places.
"""

from __future__ import annotations

from typing import NamedTuple


class Margins(NamedTuple):
    """Places at stride 16 about what is decided, within which each stride has to be worked out."""

    at16: int
    at8: int
    at4: int


def margins(beyond4: int, more16: int, more8: int, more4: int) -> Margins:
    """Return the margins of a decoder that joins and mixes at strides 16, 8 and 4.

    beyond4  places at stride 4 that the logits look beyond their own
    more     residual blocks at each stride besides the first; each has two convolutions
    """
    mixed4 = beyond4 + 2 * (1 + more4)
    joined4 = mixed4 + 1
    mixed8 = _enlarged(mixed4) + 2 * (1 + more8)
    mixed16 = _enlarged(mixed8) + 2 * (1 + more16)
    # what was read at stride 8 is enlarged and joined at stride 4, too
    at4 = max(-(-joined4 // 4), -(-_enlarged(joined4) // 2))
    return Margins(at16=mixed16 + 1, at8=-(-(mixed8 + 1) // 2), at4=at4)


def _enlarged(places: int) -> int:
    return places // 2 + 1
