# SPDX-License-Identifier: Apache-2.0
"""The block that mixes what was joined, in stmatte-s and stmatte-b."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class Residual(nn.Module):
    """x + conv(relu(conv(relu(x)))), then more of these, which begin as their shortcut."""

    def __init__(self, channels: int, more: int = 0):
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.more = nn.ModuleList(shortcut(channels) for _ in range(more))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.second(F.relu(self.first(F.relu(x))))
        for block in self.more:
            x = block(x)
        return x


def shortcut(channels: int) -> Residual:
    """Return a block that changes nothing yet."""
    block = Residual(channels)
    nn.init.zeros_(block.second.weight)
    nn.init.zeros_(block.second.bias)  # type: ignore[arg-type]
    return block
