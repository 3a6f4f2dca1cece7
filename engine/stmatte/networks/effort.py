# SPDX-License-Identifier: Apache-2.0
"""How much arithmetic a network does: multiply-adds, counted operation by operation.

Counted as the papers of this family print them: a convolution or matrix product has one for
each number that it multiplies, batch norm two for each number that it gives, ReLU one; pooling,
sums and scaling have none. Shapes are all that it takes: tensors may be on "meta".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

ATEN = torch.ops.aten


def multiply_adds(work: Callable[[], object]) -> int:
    """Return the multiply-adds of everything that a call does."""
    counting = _Counting()
    with torch.no_grad(), counting:
        work()
    return counting.total


class _Counting(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch says no types
    """Adds up what each operation takes; those that are not in the table take nothing."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.total: int = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> object:
        del types
        out = func(*args, **(kwargs or {}))
        each = EACH.get(func.overloadpacket)
        if each is not None:
            given: Tensor = out[0] if isinstance(out, tuple) else out
            self.total += each(args) * given.numel()
        return out


def _kernel(args: Any) -> int:
    """Return how many numbers a convolution multiplies for each one that it gives."""
    weight: Tensor = args[1]
    return weight[0].numel()


EACH: dict[Any, Callable[[Any], int]] = {
    ATEN.convolution: _kernel,
    ATEN.mm: lambda args: int(args[0].shape[-1]),
    ATEN.bmm: lambda args: int(args[0].shape[-1]),
    ATEN.addmm: lambda args: int(args[1].shape[-1]),
    ATEN.baddbmm: lambda args: int(args[1].shape[-1]),
    ATEN.native_batch_norm: lambda _: 2,
    ATEN.cudnn_batch_norm: lambda _: 2,
    ATEN._native_batch_norm_legit_no_training: lambda _: 2,
    ATEN.relu: lambda _: 1,
    ATEN.relu_: lambda _: 1,
}
"""Operation -> multiply-adds for each number that it gives."""
