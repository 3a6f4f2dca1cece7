# SPDX-License-Identifier: Apache-2.0
"""How far a part of a network looks beyond what it works out, so that a box of it can be alone.

Counted backwards from what comes out: a 3x3 convolution looks one place further on its own grid,
n places that were enlarged twofold are made of n // 2 + 1 places, and n places that a
convolution of stride 2 made are made of 2 n + 1 places.
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


class ValueMargins(NamedTuple):
    """Places at stride 16 about a value, within which each stride has to be worked out."""

    at8: int
    at4: int


def value_margins(more16: int, more8: int) -> ValueMargins:
    """Return the margins of a value encoder that joins and mixes at strides 4, 8 and 16.

    more  residual blocks at each stride besides the first; each has two convolutions
    """
    mixed8 = 2 * (2 * (1 + more16)) + 1
    joined4 = 2 * (mixed8 + 2 * (1 + more8)) + 1
    return ValueMargins(at8=-(-mixed8 // 2), at4=-(-(joined4 + 1) // 4))
