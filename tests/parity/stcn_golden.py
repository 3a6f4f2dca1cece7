# SPDX-License-Identifier: Apache-2.0
"""Golden files of STCN: whole clips, objects that appear late, and the tensors of one step.

The public evaluation keeps probabilities on the padded grid, so that a memory frame has what
was decoded in the border. Networks here hand out planes of the picture's size, and forget
the border. So pictures are padded beforehand, in the grey that the network takes for 0:
then there is no border, and all else is the same.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from parity.outcome import Outcome
from parity.stm_golden import Settings, furthest, loaded, one_hot, pictures_of, tensors_off
from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.memory.policies import Policy
from stmatte.networks.aggregation import soft_aggregate
from stmatte.networks.padding import crop, pad
from stmatte.networks.resnet import IMAGENET_MEAN
from stmatte.networks.stcn import SCALE, STCN, STRIDE, normalised
from stmatte.networks.stcn_blocks import with_mattes
from stmatte.propagation.passes import KeyedMattes, run_pass, seeing


def check_clip(file: Path, weights: ModuleType) -> Outcome:
    """Propagate the given masks over the clip and compare all frames."""
    golden = np.load(file)
    settings = json.loads(str(golden["settings"]))
    network, trouble = loaded(STCN(settings["top_k"]), weights, "stcn", settings)
    pictures = grey_bordered(pictures_of(golden["frames"]))
    if settings["protocol"] == "youtube":
        masks = dict(zip(golden["mask_frames"].tolist(), golden["masks"], strict=True))
    else:
        masks = {0: golden["init_mask"]}
    keyed = {at: pad(one_hot(mask, settings["num_objects"]), STRIDE) for at, mask in masks.items()}
    size = golden["init_mask"].shape
    planes = crop(torch.stack(propagated(network, pictures, keyed, settings)), size).numpy()
    labels = planes.argmax(axis=1)
    theirs = golden["probs_u16"].astype(np.float64) / 65535
    return Outcome(furthest(planes, theirs), int((labels != golden["labels"]).sum()), trouble)


def propagated(
    network: STCN, pictures: Tensor, masks: dict[int, Tensor], settings: Settings
) -> list[Tensor]:
    """Return the planes of every frame as the public evaluation makes them.

    Where objects appear a new pass begins, whose key is what is there already together with
    the new masks, aggregated once more; what lasted in memory is heard from then on.
    """
    policy = Policy(previous=int(settings["include_last"]), every=settings["memory_every"])
    starts = [*sorted(masks), len(pictures) - 1]
    planes: list[Tensor] = []
    heard: dict[int, KeyedMattes] = {}
    said = (False,) * settings["num_objects"]
    for start, end in pairwise(starts):
        new = masks[start]
        before = planes.pop()[1:] if planes else torch.zeros_like(new)
        said = tuple(s or bool(mask.any()) for s, mask in zip(said, new, strict=True))
        among = torch.where(new.sum(dim=0) > 0.5, 0, before)
        appeared = new.flatten(1).any(dim=1)[:, None, None]
        mattes = soft_aggregate(torch.where(appeared, new, among))[1:]
        passed = run_pass(
            network,
            seeing(network, lambda place: pictures[place]),
            range(start, end + 1),
            heard | {start: KeyedMattes(mattes, said)},
            len(new),
            policy,
            heard=sorted(heard),
        )
        planes += [result for _, result in passed]
        lasted = range(start, end, settings["memory_every"])
        heard |= {at: KeyedMattes(planes[at][1:], said) for at in lasted}
    return planes


def check_internals(file: Path, weights: ModuleType) -> Outcome:
    """Compare the tensors of one step, relative to the largest number in each."""
    golden = np.load(file)
    settings = json.loads(str(golden["settings"]))
    network, trouble = loaded(STCN(settings["top_k"]), weights, "stcn", settings)
    with torch.inference_mode():
        ours = step(network, golden["frames"], golden["init_mask"], settings["num_objects"])
    off = tensors_off(golden, ours, ("frames", "init_mask", "settings"))
    worst = max(furthest(ours[n].numpy(), golden[n]) for n in ("probs_padded", "object_probs"))
    return Outcome(worst, trouble="; ".join(filter(None, [trouble, *off])))


def step(
    network: STCN, frames: NDArray[np.uint8], mask: NDArray[np.uint8], objects: int
) -> dict[str, Tensor]:
    """Return the tensors of one step, by the names of the golden file: frame 0 is remembered
    with its mask, frame 1 is asked for."""
    first, second = grey_bordered(pictures_of(frames))
    planes = soft_aggregate(pad(one_hot(mask, objects), STRIDE))
    remembered, query = network.encode_query(first), network.encode_query(second)
    memory = network.encode_memory(first, remembered, planes)
    bank = Bank((MemoryFrame(0, Origin.KEY, memory.maps, memory.objects, (True,) * objects),))

    encoder = network.value_encoder
    trunk = encoder.see(with_mattes(normalised(first), planes[1:]))[2]
    f16 = remembered.maps["f16"]
    joined = torch.cat([trunk, f16.expand(objects, -1, -1, -1)], dim=1)
    block1 = encoder.fuser.block1(joined)
    known, asked = memory.maps["key"].flatten(1), query.maps["key"].flatten(1)
    similarity = SCALE * (2 * known.T @ asked - known.square().sum(dim=0)[:, None])
    best = similarity.topk(min(network.nearest, len(similarity)), dim=0)
    affinity = torch.zeros_like(similarity).scatter(0, best.indices, best.values.softmax(dim=0))
    recalled = network.recall(query, bank.frames)
    f16_asked, f8, f4 = network.key_encoder(normalised(second)[None])
    claims = network.claims(query, recalled)
    return {
        "value_in_masks": with_mattes(first, planes[1:])[:, 3:],
        "query_normalised_padded": normalised(second),
        "mem_k16": memory.maps["key"][None],
        "mem_f16": f16[None],
        "value_res18": trunk,
        "fuser_block1": block1,
        "fuser_attention": encoder.fuser.attention(block1),
        "mem_v16": memory.objects["value"][:, :, None],
        "q_k16": query.maps["key"][None],
        "q_f16": query.maps["f16"][None],
        "q_f8": f8,
        "q_f4": f4,
        "q_thin": network.key_comp(f16_asked),
        "similarity": similarity[None],
        "affinity": affinity[None],
        "read": recalled,
        "object_probs": claims[:, None],
        "probs_padded": network.segment(query, bank)[:, None],
    }


def grey_bordered(pictures: Tensor) -> Tensor:
    """Return pictures (T, 3, H, W) with the border that the network would have given them."""
    mean = torch.tensor(IMAGENET_MEAN).view(3, 1, 1)
    return torch.stack([pad(picture - mean, STRIDE) + mean for picture in pictures])
