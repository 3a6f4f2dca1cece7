# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""How many bytes a step of each network takes for a moment: counted, beside the engine's table.

    python tests/benchmarks/step_memory.py

Each network runs on tensors that have shapes and no numbers, so any picture size costs
seconds and no memory. Every storage is counted while it lives; what a step begins with is
not. A kernel's own scratch memory is not seen: `memory_long.py` measures a whole process.
The exit code is 1 if the table promises less than was counted, or a third more.
"""

from __future__ import annotations

import copy
import sys
import weakref
from typing import Any

import torch
from torch import Tensor, nn
from torch.fx.experimental import _config
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.networks.registry import NETWORKS
from stmatte.networks.work import WORK

_config.meta_nonzero_assume_all_nonzero = True  # the most that could be chosen is counted

SIZES = ((256, 448), (480, 854), (1080, 1920))
FRAMES = (2, 28, 120)
MORE = 4 / 3


class Counting(TorchDispatchMode):
    """Counts the bytes of all storages that were made inside and still live.

    peak  the most there were at once
    """

    def __init__(self) -> None:
        super().__init__()
        self.live = self.peak = 0
        self._known: dict[int, int] = {}

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> object:
        del types
        out = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if isinstance(tensor, Tensor):
                self._count(tensor.untyped_storage())
        self.peak = max(self.peak, self.live)
        return out

    def _count(self, storage: torch.UntypedStorage) -> None:
        key = id(storage)
        if key not in self._known:
            self._known[key] = storage.nbytes()
            self.live += storage.nbytes()
            weakref.finalize(storage, self._gone, key)

    def _gone(self, key: int) -> None:
        self.live -= self._known.pop(key)


def hollow(network: nn.Module) -> Any:
    """Return a network whose weights have no numbers."""
    hollowed: dict[int, Tensor] = {}
    for tensor in (*network.parameters(), *network.buffers()):
        empty = tensor.detach().to("meta")
        hollowed[id(tensor)] = (
            nn.Parameter(empty, requires_grad=False) if isinstance(tensor, nn.Parameter) else empty
        )
    return copy.deepcopy(network, hollowed)


def counted(network: Any, size: tuple[int, int], frames: int) -> int:
    """Return the most bytes that any part of a step takes, with so many memory frames."""
    peaks = []
    with torch.device("meta"), torch.inference_mode(), Counting() as bytes_:
        image, planes = torch.empty(3, *size), torch.empty(2, *size)
        before = bytes_.peak = bytes_.live
        query = network.encode_query(image)
        peaks.append(bytes_.peak - before)
        before = bytes_.peak = bytes_.live
        memory = network.encode_memory(image, query, planes)
        peaks.append(bytes_.peak - before)
        bank = Bank(
            tuple(
                MemoryFrame(
                    step,
                    Origin.RESULT if step else Origin.KEY,
                    memory.maps,
                    memory.objects,
                    (True,),
                )
                for step in range(frames)
            )
        )
        before = bytes_.peak = bytes_.live
        network.segment(query, bank)
        peaks.append(bytes_.peak - before)
    return max(peaks)


def main() -> int:
    """Count every network at every size, and hold the table against it."""
    wrong = 0
    print(f"{'network':18} {'picture':>10} {'frames':>6} {'counted MB':>10} {'table MB':>9}")
    for name, work in WORK.items():
        network = hollow(NETWORKS[name].make())
        for size in SIZES:
            for frames in FRAMES:
                found, told = counted(network, size, frames), work.bytes_at(size, frames)
                off = not found <= told <= found * MORE
                wrong += off
                picture = f"{size[1]}x{size[0]}"
                print(
                    f"{name:18} {picture:>10} {frames:6} {found / 1e6:10.0f} {told / 1e6:9.0f}"
                    + "  off" * off,
                    flush=True,
                )
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
