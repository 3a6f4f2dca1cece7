# SPDX-License-Identifier: Apache-2.0
"""stmatte-b: stmatte-s, wider, deeper and with a second look at the picture. For GPUs.

It begins as a stmatte-s that is there: each of its layers holds that network's channels
first, which hear nothing of the new ones, and every further block begins as its shortcut. So
it says what stmatte-s says until it learns something better. Without weights it begins as
stmatte-s does, as label propagation.

20.1 million parameters; 86 thousand million multiply-adds for a frame of 480 x 854 with one
object and eight memory frames. See engine/decisions/0021, which has the command.

Source: for widening without changing what is said, Chen et al., "Net2Net: Accelerating
Learning via Knowledge Transfer", ICLR 2016. Theirs repeats channels; here new ones begin at
random, and silent for the old.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from stmatte.networks.checkpoints import State
from stmatte.networks.stmatte_b_blocks import (
    LATER,
    Besides,
    FineDecoder,
    LaterMobileNet,
    SecondLook,
    wider_key,
)
from stmatte.networks.stmatte_s import StmatteS
from stmatte.networks.stmatte_s_blocks import Seen, Widths

NARROW = StmatteS.widths
BESIDES = Besides(s4=64, s8=128, s16=256)
KEYS = {8: (64, 128), 16: (96, 192)}  # stride: channels of stmatte-s's key, and of this one's
FAINT = 1e-4  # of new key channels: what they add to a likeness is less than rounding


class StmatteB(StmatteS):
    """The larger network of stmatte-s's kind. Implements `networks.protocol.Network`."""

    name = "stmatte-b"
    widths = Widths(
        s4=NARROW.s4 + BESIDES.s4,
        s8=NARROW.s8 + BESIDES.s8,
        s16=NARROW.s16 + BESIDES.s16,
        value=256,
        masks4=64,
        masks8=128,
        at16=256,
        at8=192,
        at4=96,
        more16=2,
        more8=1,
        more4=1,
    )
    image_encoder: LaterMobileNet
    decoder: FineDecoder

    def __init__(self) -> None:
        super().__init__()
        self.image_encoder = LaterMobileNet()
        self.beside = SecondLook(NARROW, BESIDES)
        plain, keys = KEYS[8]
        self.key8 = wider_key(plain + BESIDES.s8, keys, plain, FAINT)
        plain, keys = KEYS[16]
        self.key16 = wider_key(plain + BESIDES.s16, keys, plain, FAINT)
        self.decoder = FineDecoder(self.widths)

    def see(self, images: Tensor) -> Seen:
        """See a batch of pictures (B, 3, H, W) in [0, 1], H and W multiples of 16."""
        s4, s8, dense, s16 = self.image_encoder(images)
        s8 = torch.cat([s8, dense], dim=1)
        later = self.image_encoder.later(s16)
        beside4, beside8, beside16 = self.beside(images, s4, s8, torch.cat([s16, later], dim=1))
        s16 = torch.cat([s16, beside16], dim=1)
        return Seen(
            torch.cat([s4, beside4], dim=1),
            torch.cat([s8, beside8], dim=1),
            s16,
            F.normalize(self.key8(torch.cat([dense, beside8], dim=1)).float(), dim=1),
            F.normalize(self.key16(s16).float(), dim=1),
        )

    def begin_with(self, state: Mapping[str, Tensor]) -> None:
        """Take over what a stmatte-s has learnt; this network must be a new one.

        state  of a whole stmatte-s, or of its image encoder
        """
        own = self.state_dict()
        joined = _joined(NARROW, self.widths)
        for name, narrow in state.items():
            own[name] = _widened(narrow, own[name], joined.get(name, ()))
        self.load_state_dict(own)

    def knows_later(self, state: Mapping[str, Tensor]) -> bool:
        """Tell whether weights have all that `begin_later_with` takes."""
        return all(n in state and state[n].shape == t.shape for n, t in self._later().items())

    def begin_later_with(self, state: Mapping[str, Tensor]) -> None:
        """Take blocks 14 to 17 from the weights of a whole MobileNetV2."""
        for name, own in self._later().items():
            own.data.copy_(state[name])

    def _later(self) -> dict[str, Tensor]:
        """Return the weights of blocks 14 to 17 by their names in a backbone's file."""
        blocks = {str(block) for block in LATER}
        named = self.image_encoder.named_parameters()
        return {name: weight for name, weight in named if name.split(".")[1] in blocks}


def grows_from(state: State) -> bool:
    """Tell whether these are weights of stmatte-s."""
    with torch.device("meta"):
        return state.keys() == StmatteS().state_dict().keys()


Parts = tuple[tuple[int, int], ...]
"""Of each map that a layer joins: how many channels it had, and has."""


def _joined(narrow: Widths, wide: Widths) -> dict[str, Parts]:
    """Return the parts of layers that join several maps. All others have one."""
    return {
        "value_encoder.at4.weight": ((narrow.s4, wide.s4), (32, 32)),
        "value_encoder.nothing.weight": ((narrow.s16, wide.s16), (1, 1)),
        "decoder.at16.weight": ((narrow.value, wide.value), (narrow.s16, wide.s16), (1, 1)),
        "decoder.join8.weight": ((narrow.s8, wide.s8), (3, 3)),
        "decoder.join4.weight": ((narrow.s4, wide.s4), (1, 1)),
    }


def _widened(narrow: Tensor, wide: Tensor, parts: Parts) -> Tensor:
    """Return a layer's new weights or bias with its old ones in them.

    Old outputs hear old inputs alone; new outputs stay as they are.
    """
    if narrow.shape == wide.shape:
        return narrow
    wide = wide.clone()
    wide[: len(narrow)] = 0
    if narrow.ndim == 1:
        wide[: len(narrow)] = narrow
    else:
        wide[: len(narrow), _places(parts or ((narrow.shape[1], wide.shape[1]),))] = narrow.to(wide)
    return wide


def _places(parts: Parts) -> Tensor:
    """Return where the old channels of each part are among all of today's."""
    places, first = [], 0
    for old, new in parts:
        places.append(torch.arange(first, first + old))
        first += new
    return torch.cat(places)
