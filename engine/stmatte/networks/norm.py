# SPDX-License-Identifier: Apache-2.0
"""Batch norm whose statistics stay as they were loaded, also while the rest learns.

Space-time memory networks learn from a few frames at a time, of which no statistics can be
made; so do their papers. Weight and bias are parameters as any other.

Source: Oh et al., "Video Object Segmentation using Space-Time Memory Networks", ICCV 2019,
whose training disables batch norm in this sense.
"""

from __future__ import annotations

from torch import nn


class FrozenNorm(nn.BatchNorm2d):
    """`nn.BatchNorm2d` that training mode does not reach: same names, same numbers."""

    def train(self, mode: bool = True) -> FrozenNorm:
        """Stay in evaluation mode."""
        del mode
        super().train(False)
        return self
