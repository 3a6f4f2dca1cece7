# SPDX-License-Identifier: Apache-2.0
"""Golden files of STM: whole clips, the tensors of one step, and soft aggregation."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from parity.outcome import Outcome
from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.memory.policies import Policy, number_policy
from stmatte.networks.aggregation import soft_aggregate
from stmatte.networks.checkpoints import fill
from stmatte.networks.padding import crop, pad
from stmatte.networks.protocol import Network
from stmatte.networks.stm import GUIDES, STM
from stmatte.propagation.passes import KeyedMattes, run_pass, seeing

VOID = 255
WRAPPER = "module."
Settings = dict[str, Any]


def policy_of(settings: Settings) -> Policy:
    """Return the memory policy that a golden file was made with."""
    rule = settings["policy"]
    if rule == "number":
        return number_policy(settings["num_frames"], settings["memory_number"])
    return {
        "first": lambda: Policy(keys=True, previous=0, every=0),
        "previous": lambda: Policy(keys=False, previous=1, every=0),
        "both": lambda: Policy(keys=True, previous=1, every=0),
        "every": lambda: Policy(keys=True, previous=1, every=settings["memory_every"]),
    }[rule]()


def check_clip(file: Path, weights: ModuleType) -> Outcome:
    """Propagate the first mask over the clip, as a shot would be, and compare all frames."""
    return run_clip(file, lambda settings: network_of(weights, settings))


def run_clip(file: Path, made: Callable[[Settings], tuple[Network, str]]) -> Outcome:
    """Propagate the first mask over a clip with the network that is made for its settings."""
    golden = np.load(file)
    settings = json.loads(str(golden["settings"]))
    labels = first_labels(golden["init_mask"], settings["num_objects"])
    pictures = pictures_of(golden["frames"])
    network, trouble = made(settings)

    key = one_hot(labels, settings["num_objects"])
    planes = np.stack(
        [
            p.numpy()
            for _, p in run_pass(
                network,
                seeing(network, lambda place: pictures[place]),
                range(len(pictures)),
                {0: KeyedMattes(key, (True,) * len(key))},
                len(key),
                policy_of(settings),
            )
        ]
    )
    # A void pixel of the first mask belongs to nobody there, and to the background here.
    planes[0, 0] = labels == 0
    ours = planes.argmax(axis=1)  # the first of equals
    ours[0] = np.where(labels == VOID, 0, labels)
    theirs = golden["probs_u16"].astype(np.float64) / 65535
    return Outcome(furthest(planes, theirs), int((ours != golden["labels"]).sum()), trouble)


def check_internals(file: Path, weights: ModuleType) -> Outcome:
    """Compare the tensors of one step, relative to the largest number in each.

    `probs` and `object_probs` count as probabilities; any other tensor that is further off
    than its stored precision allows is named.
    """
    golden = np.load(file)
    settings = json.loads(str(golden["settings"]))
    network, trouble = network_of(weights, settings)
    with torch.inference_mode():
        ours = step(network, golden["frames"], golden["init_mask"], settings["num_objects"])
    off = tensors_off(golden, ours, ("frames", "init_mask", "settings"))
    worst = max(furthest(ours[n].numpy(), golden[n]) for n in ("probs", "object_probs"))
    return Outcome(worst, trouble="; ".join(filter(None, [trouble, *off])))


def tensors_off(
    golden: Mapping[str, NDArray[Any]], ours: Mapping[str, Tensor], given: Collection[str]
) -> list[str]:
    """Return what is wrong with tensors of one step, in words; nothing if all agree.

    given  names of the golden file that are no results
    """
    off = []
    for name, tensor in ours.items():
        theirs = golden[name]
        if tensor.shape != theirs.shape:
            off.append(f"{name} has shape {tuple(tensor.shape)}, not {theirs.shape}")
            continue
        allowed = 1e-3 if theirs.dtype == np.float16 else 1e-4
        size = float(np.abs(theirs.astype(np.float64)).max()) or 1.0
        distance = furthest(tensor.numpy(), theirs.astype(np.float64)) / size
        if not distance <= allowed:
            off.append(f"{name} is {distance:.1e} off")
    unseen = set(golden) - set(ours) - set(given)
    return off + [f"{name} is not compared" for name in sorted(unseen)]


def check_aggregation(file: Path, weights: ModuleType) -> Outcome:
    """Compare soft aggregation, also where a claim is exactly 0 or 1.

    The public STM code carries ten objects always; its empty planes hold about 1e-7 each.
    """
    del weights
    golden = np.load(file)
    cases = sorted(name.removesuffix("_p") for name in golden.files if name.endswith("_p"))
    worst = 0.0
    for case in cases:
        planes = soft_aggregate(torch.from_numpy(golden[f"{case}_p"])).numpy()
        for kind in ("stm", "stcn"):
            theirs = golden[f"{case}_{kind}_prob"][: len(planes)]
            worst = max(worst, furthest(planes, theirs))
    return Outcome(worst if cases else math.nan)


def step(
    network: STM, frames: NDArray[np.uint8], mask: NDArray[np.uint8], objects: int
) -> dict[str, Tensor]:
    """Return the tensors of one step, by the names of the golden file: frame 0 is remembered
    with its mask, frame 1 is asked for."""
    pictures = pictures_of(frames)
    claims = one_hot(first_labels(mask, objects), objects)
    planes = torch.cat([1 - claims.sum(dim=0, keepdim=True), claims])
    size = (int(pictures.shape[-2]), int(pictures.shape[-1]))

    own = pad(claims, 16)
    others = (own.sum(dim=0) - own).clamp(0, 1)
    padded = pad(pictures[0], 16).expand(objects, -1, -1, -1)
    asked = pad(pictures[1], 16)[None]
    r4 = network.Encoder_M(padded, own[:, None], others[:, None])
    q4, r3, r2 = network.Encoder_Q(asked)
    q_value = network.KV_Q_r4(q4)[1]
    query = network.encode_query(pictures[1])
    memory = network.encode_memory(pictures[0], network.encode_query(pictures[0]), planes)
    bank = Bank((MemoryFrame(0, Origin.KEY, {}, memory.objects, (True,) * objects),))

    similar = torch.einsum(
        "npd,dq->npq",
        memory.objects["key"].flatten(2).transpose(1, 2),
        query.maps["key"].flatten(1),
    ) / math.sqrt(128)
    read = torch.stack([network.recall(query, bank, index) for index in range(objects)])
    value = q_value.expand(objects, -1, -1, -1)
    decoder = network.Decoder
    m4 = decoder.ResMM(decoder.convFM(torch.cat([read, value], dim=1)))
    m3 = decoder.RF3(decoder.RF3.guide(r3), m4)
    m2 = decoder.RF2(decoder.RF2.guide(r2), m3)
    p2 = decoder.pred2(m2.relu())
    logits = decoder(read, [query.maps[name][None] for name in GUIDES])
    claimed = logits.softmax(dim=1)[:, 1]
    odds = aggregated_log_odds(claimed)
    return {
        "mem_in_mask": own,
        "mem_in_others": others,
        "query_normalised_padded": (asked - network.Encoder_Q.mean) / network.Encoder_Q.std,
        "mem_r4": r4,
        "mem_k4": memory.objects["key"],
        "mem_v4": memory.objects["value"],
        "q_r4": q4,
        "q_r3": r3,
        "q_r2_ch0_63": r2[:, :64],
        "q_k4": query.maps["key"][None],
        "q_v4": q_value,
        "attention": similar.softmax(dim=1),
        "read": read,
        "dec_m4": m4,
        "dec_m3": m3,
        "dec_m2_obj1": m2[:1],
        "dec_p2": p2,
        "dec_logits": logits,
        "object_probs": claimed,
        "aggregated_logits_padded": odds,
        "logits": crop(odds, size),
        "probs": network.segment(query, bank),
    }


def aggregated_log_odds(claims: Tensor) -> Tensor:
    """Return the log-odds that soft aggregation normalises, planes (N + 1, H, W)."""
    planes = torch.cat([(1 - claims).prod(dim=0, keepdim=True), claims])
    return torch.logit(planes.clamp(1e-7, 1 - 1e-7))


def network_of(weights: ModuleType, settings: Settings) -> tuple[STM, str]:
    """Return STM with the test weights, and a complaint if they are not the file's."""
    return loaded(STM(), weights, "stm", settings)


Made = TypeVar("Made", bound=nn.Module)


def loaded(network: Made, weights: ModuleType, layout: str, settings: Settings) -> tuple[Made, str]:
    """Return a network filled with the test weights, and a complaint if they are not the file's.

    layout  a name of layouts.json
    """
    state, crc32 = _salted(weights, layout, settings["salt"])
    fill(network, state, f"test weights of salt {settings['salt']}")
    expected = settings["weights_crc32"]
    return network, "" if crc32 == expected else f"weights are {crc32}, not {expected}"


@lru_cache(maxsize=1)  # files of one salt often follow each other; a state is 160 MB
def _salted(weights: ModuleType, layout: str, salt: int) -> tuple[dict[str, Tensor], str]:
    arrays = weights.make_state(layout, salt)
    state = {name.removeprefix(WRAPPER): torch.from_numpy(a) for name, a in arrays.items()}
    return state, f"{weights.digest(arrays):08x}"


def first_labels(mask: NDArray[np.uint8], objects: int) -> NDArray[np.uint8]:
    """Return the labels of frame 0: one object alone takes every label that is not void."""
    if objects > 1:
        return mask
    return np.where((mask > 0) & (mask < VOID), 1, mask).astype(np.uint8)


def one_hot(labels: NDArray[np.uint8], objects: int) -> Tensor:
    """Return (N, H, W) in {0, 1}; void is 0 in all planes."""
    numbers = np.arange(1, objects + 1).reshape(-1, 1, 1)
    return torch.from_numpy((labels == numbers).astype(np.float32))


def pictures_of(frames: NDArray[np.uint8]) -> Tensor:
    """Return (T, 3, H, W) in [0, 1]."""
    return torch.from_numpy(frames).permute(0, 3, 1, 2).float() / 255


def furthest(ours: NDArray[Any], theirs: NDArray[Any]) -> float:
    """Return the largest difference; infinite where the shapes differ, NaN where a number is."""
    return float(np.abs(ours - theirs).max()) if ours.shape == theirs.shape else math.inf
