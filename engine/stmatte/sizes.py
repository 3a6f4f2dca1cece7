# SPDX-License-Identifier: Apache-2.0
"""Bytes as people write and read them: "4G", "500 MiB". Knows no file and no memory."""

from __future__ import annotations

import re

from stmatte.errors import StmatteError

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT])(i?)B?", re.IGNORECASE | re.ASCII)
_POWERS = {"K": 1, "M": 2, "G": 3, "T": 4}


def parse_size(text: str, name: str, repair: str = "") -> int:
    """Return the bytes that a text such as "50G" (10^9) or "500 MiB" (2^20) means.

    name    what the text was given for, as the artist calls it

    Raises StmatteError if it is no size above 0.
    """
    match = _SIZE.fullmatch(text.strip())
    number = float(match[1]) if match else 0.0
    if match is None or number == 0:
        raise StmatteError(
            f'{name} is "{text}"',
            value=text,
            allowed="a number above 0 and its unit K, M, G or T, such as 50G",
            repair=repair,
        )
    step = 1024.0 if match[3] else 1000.0
    return int(number * step ** _POWERS[match[2].upper()])


def rounded_up(size: int) -> int:
    """Return the next size that `written_size` tells exactly: what is named is then enough."""
    step = 10**8 if size >= 10**9 else 10**6
    return -(-size // step) * step


def written_size(size: float) -> str:
    """Return bytes in words: "3.2 GB", "640 MB"; 1 GB is 10^9 bytes."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
