# SPDX-License-Identifier: Apache-2.0
"""What a device can do at most: one large matrix product, and one large copy.

Knows tensors and clocks; no networks.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..timing.measure import by_turns, spread

PRECISIONS = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}


@dataclass(frozen=True)
class Ceilings:
    """What was measured.

    flops  precision -> operations a second, a multiply-add being two, in a product of square
           matrices of random numbers
    bytes  a second, read and written, of a copy within the device's memory
    """

    flops: dict[str, float]
    bytes: float

    def least_seconds(self, precision: str, flops: float, moved: float) -> float:
        """Return how long so much arithmetic and so many bytes take at least, side by side."""
        return max(flops / self.flops[precision], moved / self.bytes)


def measure_ceilings(device: torch.device, side: int, megabytes: int) -> Ceilings:
    """Measure; `side` is that of the matrices."""
    flops = {}
    for name, kind in PRECISIONS.items():
        torch.manual_seed(0)
        one, other = (torch.randn(side, side, device=device).to(kind) for _ in range(2))
        seconds = by_turns({"product": lambda a=one, b=other: a @ b}, 10, 3, device)["product"]
        flops[name] = 2 * side**3 / spread(seconds).median
    source = torch.empty(megabytes * 10**6, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    seconds = by_turns({"copy": lambda: target.copy_(source)}, 10, 3, device)["copy"]
    return Ceilings(flops, 2 * source.numel() / spread(seconds).median)
