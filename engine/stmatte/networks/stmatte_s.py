# SPDX-License-Identifier: Apache-2.0
"""stmatte-s: STM's scheme at a fraction of its cost, built upon label propagation.

Label propagation is a memory read whose value is the mask itself. Here that read is
made first, at stride 8; a learned value is read at stride 16 beside it; and the decoder
adds its correction to the logit of the read mask. With the last layer at zero the
network *is* label propagation, in a smaller window, so training can only start from there.

The key encoder sees pictures only and is shared by query and memory; masks are added
after it (early sharing of Oh et al., TPAMI 2020, Table 7). See engine/decisions/0002.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.memory.matches import (
    Matches,
    global_matches,
    read_both,
    read_matches,
    weights_of,
    weights_of_both,
)
from stmatte.memory.policies import Policy
from stmatte.memory.region import best_of, read_region, read_rows
from stmatte.memory.shared import Latest
from stmatte.networks.aggregation import soft_aggregate
from stmatte.networks.boxes import Box, boxes_around
from stmatte.networks.compiling import is_compiled
from stmatte.networks.mobilenet import MobileNet
from stmatte.networks.padding import crop, pad
from stmatte.networks.precision import as_held
from stmatte.networks.protocol import Memory, Query
from stmatte.networks.saying import by_what_is_said
from stmatte.networks.stmatte_s_blocks import (
    Decoder,
    Recalled,
    Seen,
    ValueEncoder,
    Widths,
    for_each,
)
from stmatte.networks.tracing import Trace, among, place_of

STRIDE = 16
MASK_MATCHES = 10  # best matches for the mask at stride 8
VALUE_MATCHES = 20  # best matches for the learned value at stride 16
WINDOW = 8  # places at stride 8 that an object may move between near frames
NEAR = 7  # latest frames whose masks are read within the window
LATEST = 2  # of these, how many of the latest are read at stride 16, too: others look alike
PRESENT = 0.05  # coverage read at stride 16 from which on an object may be in a place
RETURNED = 0.25  # the same of places that it cannot have moved to
MASK_READ = (NEAR, WINDOW, MASK_MATCHES)


class StmatteS(nn.Module):
    """The network that ships. Implements `networks.protocol.Network`."""

    name = "stmatte-s"
    policy = Policy(keys=True, previous=NEAR, every=5)
    aggregates = True
    widths = Widths()

    def __init__(self) -> None:
        super().__init__()
        self.image_encoder = MobileNet()
        self.key8 = _identity(64)
        self.key16 = _identity(96)
        self.temperature8 = nn.Parameter(torch.tensor(0.05).log())
        self.temperature16 = nn.Parameter(torch.tensor(0.05).log())
        self.value_encoder = ValueEncoder(self.widths)
        self.decoder = Decoder(self.widths)
        self._latest16: Latest[Matches] = Latest()

    def see(self, images: Tensor) -> Seen:
        """See a batch of pictures (B, 3, H, W) in [0, 1], H and W multiples of 16."""
        s4, s8, dense, s16 = self.image_encoder(images)
        return Seen(
            s4,
            torch.cat([s8, dense], dim=1),
            s16,
            F.normalize(self.key8(dense).float(), dim=1),
            F.normalize(self.key16(s16).float(), dim=1),
        )

    def recall(self, seen: Seen, memory: tuple[MemoryFrame, ...]) -> Recalled:
        """Read what frames that all speak of the same N objects hold.

        seen     of one picture (B = 1)
        memory   at least one frame, in the order in which the pass saw them
        returns  batch of N objects

        At stride 8 only what lies about the objects is read, unless gradients are asked for.
        """
        if torch.is_grad_enabled():
            return self.recall_everywhere(seen, memory)
        read = coarse(memory)
        held = [frame.objects["value16"].permute(2, 3, 0, 1).flatten(0, 1) for frame in read]
        compared = (seen.key16, *(as_held(frame.maps, "key16") for frame in read))
        matches = self._latest16.of(compared, lambda: _match16(seen, read))
        read16 = read_rows(matches, torch.cat(held).flatten(1), self.temperature16.exp())
        read16 = self._by_object(read16.T, seen)
        near16 = _near(read16[:, 0], memory[-1].objects["mask8"])
        region = near16.any(dim=0).repeat_interleave(2, dim=0).repeat_interleave(2, dim=1)
        read8 = read_region(seen.key8[0], memory, *MASK_READ, self.temperature8.exp(), region)
        return _recalled(*read8, read16, near16)

    def recall_everywhere(self, seen: Seen, memory: tuple[MemoryFrame, ...]) -> Recalled:
        """Read as `recall` does, with every place compared. Slow, and what `recall` must equal."""
        read = coarse(memory)
        values = torch.cat([frame.objects["value16"].flatten(2) for frame in read], dim=2)
        keys = torch.stack([frame.maps["key16"] for frame in read])
        read16 = read_matches(
            global_matches(seen.key16[0], keys, VALUE_MATCHES),
            values.flatten(0, 1),
            self.temperature16.exp(),
        )
        read16 = self._by_object(read16, seen)
        read8 = read_both(seen.key8[0], memory, *MASK_READ, self.temperature8.exp())
        return _recalled(*read8, read16, _near(read16[:, 0], memory[-1].objects["mask8"]))

    def _by_object(self, read16: Tensor, seen: Seen) -> Tensor:
        """Return (N, 1 + widths.value, H / 16, W / 16) of what was read."""
        return read16.reshape(-1, 1 + self.widths.value, *seen.key16.shape[-2:])

    def trace(
        self, query: Query, bank: Bank, index: int, pixel: tuple[int, int]
    ) -> tuple[Trace, ...]:
        """Tell what both reads were made of, the mask's first. See `tracing.Explains`."""
        seen, memory = Seen(**query.maps), bank.speaking_of(index)
        place8, place16 = (place_of(pixel, query.size, stride, STRIDE) for stride in (8, 16))
        weights8 = weights_of_both(
            seen.key8[0], memory, *MASK_READ, self.temperature8.exp(), place8
        )
        read = coarse(memory)
        height16, width16 = seen.key16.shape[-2:]
        counted = weights_of(
            _match16(seen, read),
            place16[0] * width16 + place16[1],
            len(read) * height16 * width16,
            self.temperature16.exp(),
        ).reshape(len(read), height16, width16)
        weights16 = counted.new_zeros(len(memory), height16, width16)
        weights16[[memory.index(frame) for frame in read]] = counted
        return (
            Trace("matte", place8, among(bank, index, weights8), 8),
            Trace("features", place16, among(bank, index, weights16), 16),
        )

    def write(self, seen: Seen, masks: Tensor, others: Tensor) -> dict[str, Tensor]:
        """Make the per-object maps of a memory frame.

        seen    of the pictures, one for each mask
        masks   (B, 1, H, W) coverage of one object each; `others` the rest of the objects
        """
        return _written(masks, self.value_encoder(seen, masks, others))

    def write_about(self, seen: Seen, masks: Tensor, others: Tensor) -> dict[str, Tensor]:
        """Make what `write` does of the objects of one picture, about each of them alone.

        seen    of the picture (B = 1)

        On a CPU, that is, unless gradients are asked for: a GPU would rather have all at once.
        """
        if masks.device.type != "cpu" or torch.is_grad_enabled() or is_compiled(self):
            return self.write_everywhere(seen, masks, others)
        return _written(masks, self.value_encoder.about_objects(seen, masks, others))

    def write_everywhere(self, seen: Seen, masks: Tensor, others: Tensor) -> dict[str, Tensor]:
        """Make what `write_about` does, with every place worked out. What that must equal."""
        return self.write(for_each(seen, len(masks)), masks, others)

    def decode(self, seen: Seen, recalled: Recalled) -> Tensor:
        """Return the claims (B, 1, H, W) in [0, 1] of a batch of objects, one picture each."""
        return self.decoder(seen, recalled).sigmoid()  # type: ignore[no-any-return]

    def claims(self, seen: Seen, recalled: Recalled) -> Tensor:
        """Return the claims (N, H, W) in [0, 1] of objects that were recalled of one picture.

        Where an object cannot be, its claim is 0: what the decoder says there is a haze of one
        part in two hundred that nobody asked for. So it does not work there either, unless
        gradients are asked for.
        """
        if recalled.near16 is None or torch.is_grad_enabled():
            return self.decode(for_each(seen, len(recalled.mask8)), recalled)[:, 0]
        if is_compiled(self):  # for one size of pictures; boxes are of many
            return self.claims_everywhere(seen, recalled)
        height, width = (STRIDE * side for side in seen.s16.shape[-2:])
        claims = recalled.mask8.new_zeros(len(recalled.mask8), height, width)
        for n, near16 in enumerate(recalled.near16):
            for box in self._decided_in(near16):
                logits = self.decoder.inside(box, seen, recalled.of_object(n))
                box.of(claims[n])[...] = logits[0, 0].sigmoid()
        return claims

    def claims_everywhere(self, seen: Seen, recalled: Recalled) -> Tensor:
        """Return what `claims` does, with the decoder at work everywhere; see there."""
        claims = self.decode(for_each(seen, len(recalled.mask8)), recalled)[:, 0]
        kept = torch.zeros_like(claims)
        for n, near16 in enumerate(cast(Tensor, recalled.near16)):
            for box in self._decided_in(near16):
                box.of(kept[n])[...] = box.of(claims[n])
        return kept

    def _decided_in(self, near16: Tensor) -> list[Box]:
        """Return where an object is decided, that can be at (H / 16, W / 16)."""
        return boxes_around(near16, self.decoder.margins.at8)

    def encode_query(self, image: Tensor) -> Query:
        """See one frame; (3, H, W) in [0, 1]. See the protocol."""
        seen = self.see(pad(image, STRIDE, mode="reflect")[None])
        return Query((image.shape[-2], image.shape[-1]), seen._asdict())

    def encode_memory(self, image: Tensor, query: Query, planes: Tensor) -> Memory:
        """Remember one frame with its planes (N + 1, H, W). See the protocol."""
        del image  # the query's features say all that is needed: keys are shared
        masks = pad(planes[1:], STRIDE, mode="reflect")[:, None]
        others = masks.sum(dim=0, keepdim=True) - masks
        keys = {name: query.maps[name][0] for name in ("key8", "key16")}
        return Memory(keys, self.write_about(Seen(**query.maps), masks, others))

    def segment(self, query: Query, bank: Bank) -> Tensor:
        """Tell the objects of a frame apart: planes (N + 1, H, W). See the protocol."""
        seen = Seen(**query.maps)
        height, width = query.size
        claims = seen.key16.new_zeros(len(bank.frames[0].said), height, width)
        groups = [(objects, self.recall(seen, m)) for objects, m in by_what_is_said(bank)]
        covered = sum(recalled.mask8.sum(dim=0, keepdim=True) for _, recalled in groups)
        for objects, recalled in groups:
            # an object's others are all others, also those that other frames speak of
            recalled = recalled._replace(others8=covered - recalled.mask8)
            claims[objects] = crop(self.claims(seen, recalled), query.size)
        return soft_aggregate(claims)


def _recalled(masks8: Tensor, likeness8: Tensor, read16: Tensor, near16: Tensor) -> Recalled:
    """Put together what was read of N objects: (N, H / 8, W / 8), (1, ...), (N, C, H / 16, ...)."""
    mask8 = masks8[:, None]
    return Recalled(
        mask8,
        mask8.sum(dim=0, keepdim=True) - mask8,
        likeness8.expand_as(mask8),
        read16[:, :1],
        read16[:, 1:],
        near16,
    )


def _written(masks: Tensor, value16: Tensor) -> dict[str, Tensor]:
    """Put together what a memory frame holds of objects: (B, 1, H, W), (B, C, H / 16, W / 16)."""
    mask8, mask16 = F.avg_pool2d(masks, 8), F.avg_pool2d(masks, 16)
    return {"mask8": mask8[:, 0], "value16": torch.cat([mask16, value16], dim=1)}


def coarse(memory: Sequence[MemoryFrame]) -> tuple[MemoryFrame, ...]:
    """Return the frames that are read at stride 16, over the whole frame, in their order.

    memory  at least one frame, in the order in which the pass saw them
    returns  keys, what lasts, and the LATEST. The others of the NEAR ones are like these
    """
    near = Bank(tuple(memory)).latest(NEAR)
    passed_over = {id(frame) for frame in near[:-LATEST] if frame.origin is not Origin.KEY}
    return tuple(frame for frame in memory if id(frame) not in passed_over)


def _match16(seen: Seen, memory: tuple[MemoryFrame, ...]) -> Matches:
    keys = [frame.maps["key16"].flatten(1) for frame in memory]
    return best_of(seen.key16[0].flatten(1).T, keys, VALUE_MATCHES)


def _near(mask16: Tensor, latest8: Tensor) -> Tensor:
    """Tell where each object can be, (N, H / 16, W / 16): about what was found of it coarsely.

    mask16   (N, H / 16, W / 16) what was read of the objects, over the whole frame
    latest8  (N, H / 8, W / 8) where they were in the latest memory frame

    Within the window that near frames are read in it may have moved; elsewhere it may be back. What
    is fainter there, most of it, is a haze of look-alikes that no decision hangs on.
    """
    last = F.max_pool2d(latest8, 2)
    reach = WINDOW // 2
    moved = F.max_pool2d(last, 2 * reach + 1, stride=1, padding=reach) > PRESENT
    found = torch.maximum(mask16, last).where(moved | (mask16 > RETURNED), 0)
    return F.max_pool2d(found, 3, stride=1, padding=1) > PRESENT


def _identity(channels: int) -> nn.Conv2d:
    """Return a 1x1 convolution that changes nothing yet: matching starts from plain features."""
    layer = nn.Conv2d(channels, channels, 1, bias=False)
    nn.init.dirac_(layer.weight)
    return layer
