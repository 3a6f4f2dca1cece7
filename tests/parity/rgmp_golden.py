# SPDX-License-Identifier: Apache-2.0
"""Golden files of RGMP: whole clips, and in one of them the tensors of one step."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from parity.outcome import Outcome
from parity.stm_golden import WRAPPER, Settings, furthest, one_hot, pictures_of
from stmatte.networks.checkpoints import fill
from stmatte.networks.padding import crop, pad_beyond
from stmatte.networks.rgmp import RGMP, STRIDE
from stmatte.propagation.passes import KeyedMattes, run_pass, seeing

DECIDED = 4e-4  # labels must be equal where the best plane leads the second by more


def check_clip(file: Path, weights: ModuleType) -> Outcome:
    """Propagate the first mask over the clip, as a shot would be, and compare all frames.

    The public evaluation pads a clip once and propagates what it finds in the border, so the
    pass goes over pictures that have theirs.
    """
    del weights  # RGMP's test weights are of another make and lie beside the others
    golden = np.load(file)
    settings = json.loads(str(golden["settings"]))
    network = network_of(file.parents[1], settings)
    unpadded = pictures_of(golden["frames"])
    pictures = pad_beyond(unpadded, STRIDE)
    key = pad_beyond(first_mattes(golden["mask"], settings), STRIDE)
    passed = run_pass(
        network,
        seeing(network, lambda place: pictures[place]),
        range(len(pictures)),
        {0: KeyedMattes(key, (True,) * len(key))},
        len(key),
    )
    size = (unpadded.shape[-2], unpadded.shape[-1])
    ours = np.stack([crop(planes, size).numpy() for _, planes in passed], axis=1)

    theirs = golden["probabilities_u16"].astype(np.float64) / 65535
    second, best = np.sort(theirs, axis=0)[-2:]
    wrong = (ours.argmax(axis=0) != golden["labels"]) & (best - second > DECIDED)
    off = [f"{int(wrong.sum())} labels differ where they are decided"] if wrong.any() else []
    if "debug_p2" in golden.files:
        with torch.inference_mode():
            off += differences(step(network, pictures, key[0]), golden)
    return Outcome(furthest(ours, theirs), int(wrong.sum()), "; ".join(off))


def network_of(parity: Path, settings: Settings) -> RGMP:
    """Return RGMP with the test weights of a golden file."""
    make = runpy.run_path(str(parity / "weights_rgmp.py"))["state_dict"]
    arrays = make(str(parity / settings["layout"]), settings["salt"])
    aligned = settings["decoder_upsampling"] == "align_corners=True"
    network = RGMP(settings["scales"], corners=aligned, pads=False)
    state = {name.removeprefix(WRAPPER): torch.from_numpy(a) for name, a in arrays.items()}
    fill(network, state, f"test weights of salt {settings['salt']}")
    return network


def first_mattes(mask: NDArray[np.uint8], settings: Settings) -> Tensor:
    """Return (N, H, W) in {0, 1}; in single-object mode all labels are one object."""
    if settings["mode"].startswith("single"):
        return torch.from_numpy((mask != 0).astype(np.float32))[None]
    return one_hot(mask, settings["objects"])


def step(network: RGMP, pictures: Tensor, matte: Tensor) -> dict[str, Tensor]:
    """Return the tensors of the step from frame 0 to frame 1, by the names of the file."""
    reference = network.Encoder(*network._streams(pictures[0], matte[None], 1))
    target = network.Encoder(*network._streams(pictures[1], matte[None], 1))
    m5 = network.Decoder.compare(target.r5, reference.r5)
    *_, m2 = network.Decoder.refine(target, m5)
    halves, masks = network._streams(pictures[0], matte[None], 0.5)
    return {
        "ref_r5_mean": reference.r5[0].mean(dim=(1, 2)),
        "r2_mean": target.r2[0].mean(dim=(1, 2)),
        "p5": network.Decoder.pred5(m5.relu())[0],
        "p2": network.Decoder.pred2(m2.relu())[0],
        "half_frame0_mean_rows": halves[0].mean(dim=2),
        "half_mask0": masks[0, 0],
    }


def differences(ours: dict[str, Tensor], golden: Any) -> list[str]:
    """Return what is further off than 1e-4 of the largest number, in words."""
    off = []
    for name, tensor in ours.items():
        theirs = golden[f"debug_{name}"].astype(np.float64)
        distance = furthest(tensor.numpy(), theirs) / (float(np.abs(theirs).max()) or 1.0)
        if not distance <= 1e-4:
            off.append(f"{name} is {distance:.1e} off")
    unseen = {n for n in golden.files if n.startswith("debug_")} - {f"debug_{n}" for n in ours}
    return off + [f"{name} is not compared" for name in sorted(unseen)]
