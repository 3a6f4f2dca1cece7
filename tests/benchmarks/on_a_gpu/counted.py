# SPDX-License-Identifier: Apache-2.0
"""How much arithmetic a piece of work does, and how many bytes its operations touch.

Counted operation by operation as torch runs them. Bytes are those of every tensor that an
operation takes and gives: what is kept near the processor between two of them is counted, too,
so a device may do with less.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode


@dataclass(frozen=True)
class Counted:
    """Operations on numbers (a multiply-add is two), bytes, and how many kernels are started."""

    flops: int
    bytes: int
    kernels: int


def counted(work: Callable[[], object]) -> Counted:
    """Do a piece of work twice, and count."""
    flops = FlopCounterMode(display=False)
    with flops:
        work()
    moved = _Moved()
    with moved:
        work()
    return Counted(flops.get_total_flops(), moved.bytes, moved.kernels)


class _Moved(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.bytes = self.kernels = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> object:
        del types
        kwargs = kwargs or {}
        with self:  # what is only a name for other operations is counted as those
            out = func.decompose(*args, **kwargs)
        if out is not NotImplemented:
            return out
        out = func(*args, **kwargs)
        name, given, made = func.overloadpacket.__name__, _tensors(args, kwargs), _tensors(out)
        ground = {tensor.untyped_storage().data_ptr() for tensor in given}
        looks = not func._schema.is_mutable and any(
            tensor.untyped_storage().data_ptr() in ground for tensor in made
        )
        if not looks and "empty" not in name:
            # what is copied into is not read before
            touched = given if name == "copy_" else [*given, *made]
            self.bytes += sum(_bytes(tensor) for tensor in touched)
            self.kernels += 1
        return out


def _tensors(*things: object) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(things) if isinstance(leaf, Tensor)]


def _bytes(tensor: Tensor) -> int:
    """Return the bytes of a tensor; one that is repeated by its strides has those of one."""
    return min(tensor.numel() * tensor.element_size(), tensor.untyped_storage().nbytes())
