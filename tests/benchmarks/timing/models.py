# SPDX-License-Identifier: Apache-2.0
"""The networks that are measured: with the weights that ship, or random ones where none do."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Literal

import torch
from safetensors.torch import save_file

from stmatte.errors import StmatteError
from stmatte.networks.checkpoints import State, read_state
from stmatte.networks.registry import NETWORKS


@dataclass(frozen=True, eq=False)
class Model:
    """A network of the registry and its weights.

    asked  what a shot's settings say to get it
    """

    name: str
    asked: str
    state: State
    weights: Literal["shipped", "random"]


def model_of(name: str, seed: int, folder: Path) -> Model:
    """Return a model by its name; random weights are written to a file in the folder.

    Raises StmatteError if there is no such network.
    """
    if name not in NETWORKS:
        raise StmatteError(
            f'Network "{name}" is not known', value=name, allowed=f"one of {', '.join(NETWORKS)}"
        )
    entry = NETWORKS[name]
    if entry.weights is not None:
        with as_file(files("stmatte") / "weights" / entry.weights) as path:
            return Model(name, name, read_state(path), "shipped")
    torch.manual_seed(seed)
    path = folder / f"{name}.safetensors"
    save_file({n: t.contiguous() for n, t in entry.make().state_dict().items()}, path)
    return Model(name, f"{name}:{path}", read_state(path), "random")
