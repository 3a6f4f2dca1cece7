# SPDX-License-Identifier: Apache-2.0
"""The plain path: what everything made quicker is held against.

Float32, weights laid out as files hold them (contiguous, not channels last), reads one obvious
step after another, nothing kept from call to call, one object at a time. A network is
made and filled here, and not by the engine's `load_network`, which may make it quicker. Then
the plain twins of the reads are put in place of the engine's wherever it uses them: a benchmark
may do that, and nothing else may.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any, cast

import torch
from torch import nn

from stmatte.networks.checkpoints import State, fill
from stmatte.networks.protocol import Network
from stmatte.networks.registry import NETWORKS, exact_float32

from . import plain_dot, plain_matches

TWINS: tuple[tuple[str, ModuleType, tuple[str, ...]], ...] = (
    (
        "stmatte.memory.matches",
        plain_matches,
        ("global_matches", "window_matches", "join_matches", "read_matches", "read_both"),
    ),
    ("stmatte.memory.dot", plain_dot, ("read_dot", "recall")),
    ("stmatte.memory.kernelized", plain_dot, ("read_kernelized",)),
    ("stmatte.memory.nearest", plain_dot, ("read_nearest",)),
)
"""Where the engine's reads are, where their twins are, and which they are."""

EVERYWHERE = {
    "recall": "recall_everywhere",
    "claims": "claims_everywhere",
    "write_about": "write_everywhere",
}
"""Methods of a network that work where objects can be alone -> those that work everywhere."""

Read = Callable[..., Any]


def plain_network(name: str, state: State, device: torch.device) -> Network:
    """Return a network of the registry in float32 with contiguous weights.

    state  its weights, as `stmatte.networks.checkpoints.read_state` reads them
    """
    exact_float32()
    network: nn.Module = NETWORKS[name].make()
    fill(network, state, name)
    network = network.to(device, torch.float32, memory_format=torch.contiguous_format)
    for method, everywhere in EVERYWHERE.items():
        if hasattr(network, everywhere):
            vars(network)[method] = getattr(network, everywhere)  # on this one object alone
    return cast(Network, network)


class PlainReads:
    """Puts the plain twins of reads in place of the engine's, for the length of a block.

    Made when the networks are loaded: it finds then which modules hold the reads, so that to
    enter and to leave it costs next to nothing.
    """

    def __init__(self) -> None:
        self._places = _places()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        for module, name, _, twin in self._places:
            setattr(module, name, twin)
        try:
            yield
        finally:
            for module, name, own, _ in self._places:
                setattr(module, name, own)


def twins() -> dict[str, tuple[Read, Read]]:
    """Return name -> the engine's own read, and its twin.

    Raises AttributeError where the engine has no such read any more: what is called the plain
    path would be another one.
    """
    return {
        name: (getattr(import_module(module), name), getattr(plain, name))
        for module, plain, names in TWINS
        for name in names
    }


def _places() -> list[tuple[ModuleType, str, Read, Read]]:
    """Return every module of the engine that holds one of the reads, under which name."""
    twin_of = {id(own): (own, twin) for own, twin in twins().values()}
    found = []
    for module in [m for name, m in sys.modules.items() if name.startswith("stmatte.")]:
        for name, held in vars(module).items():
            if id(held) in twin_of:
                found.append((module, name, *twin_of[id(held)]))
    return found
