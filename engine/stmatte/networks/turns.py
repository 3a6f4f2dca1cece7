# SPDX-License-Identifier: Apache-2.0
"""A batch in one go, or one after the other: whichever its device likes better.

A GPU wants much at once. On a CPU the maps of one object are what caches can hold, and blocks
of several are so large that the system hands them out anew each time; nothing is won by them,
since one object keeps all cores busy.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def by_turns(work: Callable[[Tensor], Tensor], batch: Tensor) -> Tensor:
    """Do work that is done to each of a batch (B, ...) by itself; returns (B, ...).

    All at once where something is learnt, or elsewhere than on a CPU.
    """
    if len(batch) < 2 or batch.device.type != "cpu" or torch.is_grad_enabled():
        return work(batch)
    return torch.cat([work(one) for one in torch.split(batch, 1)])
