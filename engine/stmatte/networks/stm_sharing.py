# SPDX-License-Identifier: Apache-2.0
"""STM whose two encoders share weights, late or early.

Late: stages after the mattes have entered are the same ones in both encoders. That saves
weights and no work. Early: the stages before they enter are the same ones and are gone
through once for each frame; what the mattes have to say is added after them. That saves work.

Source: Oh et al., "Space-Time Memory Networks for Video Object Segmentation with User
Guidance", TPAMI 2020, Table 7. It leaves open how mattes enter after shared stages; ours
is in engine/decisions/0018.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stmatte.errors import StmatteError
from stmatte.memory.dot import AFFINITY_BUDGET
from stmatte.networks.norm import FrozenNorm
from stmatte.networks.resnet import EXPANSION, IMAGENET_MEAN, IMAGENET_STD, bottlenecks
from stmatte.networks.stm import SpaceTimeMemory
from stmatte.networks.turns import by_turns

STAGES: dict[str, Callable[[], nn.Module]] = {
    "res2": lambda: bottlenecks(64, 64, count=3, stride=1),
    "res3": lambda: bottlenecks(256, 128, count=4, stride=2),
    "res4": lambda: bottlenecks(512, 256, count=6, stride=2),
}
WIDTHS = (32, 64, 128, 256)  # of the mask branch: its stem, and as the stages' bottlenecks

SHARED = {
    "stm-late-r2-r4": ("res2", "res3", "res4"),
    "stm-late-r3-r4": ("res3", "res4"),
    "stm-early-r2": ("stem", "res2"),
    "stm-early-r2-r3": ("stem", "res2", "res3"),
    "stm-early-r2-r4": ("stem", "res2", "res3", "res4"),
}
"""What both encoders have in common, in each row of the table. With the stem it is early."""


class SharedSTM(SpaceTimeMemory):
    """STM with shared stages. Weights of one row of the table fit no other.

    row     a name of `SHARED`
    budget  bytes of affinity that a read may hold at once

    Raises StmatteError if there is no such row.
    """

    def __init__(self, row: str, budget: int = AFFINITY_BUDGET):
        super().__init__(budget)
        if row not in SHARED:
            raise StmatteError(
                f'No stages are shared as "{row}" says', value=row, allowed=", ".join(SHARED)
            )
        shared = SHARED[row]
        self.row = row
        self.early = "stem" in shared
        self.last = shared[-1]
        self.kept = (_features(self.last),) if self.early else ()
        own = [name for name in STAGES if name not in shared]
        self.Shared = nn.ModuleDict({name: STAGES[name]() for name in shared if name in STAGES})
        self.Encoder_M = nn.ModuleDict({name: STAGES[name]() for name in own})
        self.Encoder_Q = nn.ModuleDict({name: STAGES[name]() for name in own})
        if self.early:
            self.Shared["stem"] = Stem()
            self.Encoder_M["masks"] = MaskBranch(self.last)
        else:
            self.Encoder_M["stem"] = MemoryStem()
            self.Encoder_Q["stem"] = Stem()
        self.eval()

    @property
    def name(self) -> str:
        return self.row

    def see(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """See pictures as a query; see `SpaceTimeMemory.see`."""
        x = self._part("stem", self.Encoder_Q)(pictures)
        r2 = self._part("res2", self.Encoder_Q)(x)
        r3 = self._part("res3", self.Encoder_Q)(r2)
        return self._part("res4", self.Encoder_Q)(r3), r3, r2

    def remember(
        self, picture: Tensor, own: Tensor, others: Tensor, seen: Mapping[str, Tensor]
    ) -> Tensor:
        """See one picture with its mattes; see `SpaceTimeMemory.remember`."""
        if self.early:
            features = seen[_features(self.last)][None]
            x: Tensor = self.Encoder_M["masks"](features, own, others)
            ahead = [name for name in STAGES if name not in self.Shared]
        else:
            x = self.Encoder_M["stem"](picture, own, others)
            ahead = list(STAGES)
        stages = nn.Sequential(*(self._part(name, self.Encoder_M) for name in ahead))
        return by_turns(stages, x)

    def _part(self, name: str, encoder: nn.ModuleDict) -> nn.Module:
        return self.Shared[name] if name in self.Shared else encoder[name]


def _features(stage: str) -> str:
    """Return the name of what a stage gives."""
    return stage.replace("res", "r")


class Stem(nn.Module):
    """ResNet-50 before its first stage.

    input    (B, 3, H, W) in [0, 1]; normalised in here, after padding
    returns  (B, 64, H/4, W/4)
    """

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(IMAGENET_STD).view(1, 3, 1, 1))
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = FrozenNorm(64)

    def forward(self, pictures: Tensor) -> Tensor:
        return self._halved(self.conv1((pictures - self.mean) / self.std))

    def _halved(self, x: Tensor) -> Tensor:
        return F.max_pool2d(F.relu(self.bn1(x)), 3, stride=2, padding=1)


class MemoryStem(Stem):
    """The same with mattes: one more first convolution each for the object and the others."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1_m = nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)
        self.conv1_o = nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)

    def forward(  # type: ignore[override]  # a stem with mattes is called with mattes
        self, pictures: Tensor, own: Tensor, others: Tensor
    ) -> Tensor:
        seen = self.conv1((pictures - self.mean) / self.std)
        return self._halved(seen + self.conv1_m(own) + self.conv1_o(others))


class MaskBranch(nn.Module):
    """Brings mattes to the features of shared stages: a stem and one convolution a stage.

    last      the last stage that is shared
    features  (1, C, h, w) of the picture after that stage
    own       (N, 1, H, W) in [0, 1], and others alike
    returns   (N, C, h, w)

    Where all stages are shared nothing would come after the sum that could join picture and
    mattes; one more convolution does.
    """

    def __init__(self, last: str):
        super().__init__()
        stages = list(STAGES)[: list(STAGES).index(last) + 1]
        widths = WIDTHS[: len(stages) + 1]
        channels = EXPANSION * widths[-1]
        self.stem = _normed(2, widths[0], 7, stride=2)
        self.stages = nn.Sequential(
            *(
                _normed(inputs, width, 3, stride=1 if name == "res2" else 2)
                for name, inputs, width in zip(stages, widths, widths[1:], strict=False)
            )
        )
        self.out = nn.Conv2d(widths[-1], channels, 1)
        self.join = _normed(channels, channels, 1, stride=1) if last == "res4" else None

    def forward(self, features: Tensor, own: Tensor, others: Tensor) -> Tensor:
        x = self.stem(torch.cat([own, others], dim=1))
        x = self.stages(F.max_pool2d(x, 3, stride=2, padding=1))
        joined: Tensor = features + self.out(x)
        return joined if self.join is None else self.join(joined)


def _normed(inputs: int, outputs: int, size: int, stride: int) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False)
    return nn.Sequential(convolution, FrozenNorm(outputs), nn.ReLU())
