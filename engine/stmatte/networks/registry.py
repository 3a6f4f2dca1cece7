# SPDX-License-Identifier: Apache-2.0
"""Which networks there are, and where the weights of those that ship lie.

The table is all that a new network needs besides its own file: a class that can be made
without arguments, or with the name of a variant, is an `nn.Module`, and keeps the promises of
`networks.protocol`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from stmatte.errors import StmatteError
from stmatte.model_names import split_model
from stmatte.networks.checkpoints import COUNTER, State, fill, read_state
from stmatte.networks.compiling import compiled
from stmatte.networks.gpu import tell_if_mendable, why_no_gpu
from stmatte.networks.identity import check_whole, provenance
from stmatte.networks.precision import check_precision, readied
from stmatte.networks.protocol import Network
from stmatte.settings import Precision, Settings

SUFFIXES = (".pth", ".pt", ".ckpt", ".safetensors")
"""What makes a model's name a path even where no such file is."""


@dataclass(frozen=True)
class Entry:
    """One network: where its class is, and which weights ship with it.

    module   file in this folder
    cls      class in it
    weights  file in `stmatte/weights`, or None where weights can't be shipped
    variant  what the class is made with, where it has several
    like     networks of which any may lend the class its layers, and so its weights
    """

    module: str
    cls: str
    weights: str | None = None
    variant: str | None = None
    like: tuple[str, ...] = ()

    def make(self, like: nn.Module | None = None) -> nn.Module:
        """Return the network without its weights; its file is imported only now.

        like  the network that lends its layers; None: the class knows which
        """
        module = importlib.import_module(f"stmatte.networks.{self.module}")
        made = cast(Callable[..., nn.Module], getattr(module, self.cls))
        return made(*(given for given in (self.variant, like) if given is not None))


STM_FAMILY = (
    *("stm", "stm-late-r2-r4", "stm-late-r3-r4"),
    *("stm-early-r2", "stm-early-r2-r3", "stm-early-r2-r4", "stm-interactive"),
)

NETWORKS: dict[str, Entry] = {
    "stmatte-s": Entry("stmatte_s", "StmatteS", "stmatte-s.safetensors"),
    "stmatte-b": Entry("stmatte_b", "StmatteB"),
    "label-propagation": Entry(
        "label_propagation", "LabelPropagation", "label-propagation.safetensors"
    ),
    "stm": Entry("stm", "STM"),
    "stm-late-r2-r4": Entry("stm_sharing", "SharedSTM", variant="stm-late-r2-r4"),
    "stm-late-r3-r4": Entry("stm_sharing", "SharedSTM", variant="stm-late-r3-r4"),
    "stm-early-r2": Entry("stm_sharing", "SharedSTM", variant="stm-early-r2"),
    "stm-early-r2-r3": Entry("stm_sharing", "SharedSTM", variant="stm-early-r2-r3"),
    "stm-early-r2-r4": Entry("stm_sharing", "SharedSTM", variant="stm-early-r2-r4"),
    "stm-interactive": Entry("stm_interactive", "InteractiveSTM"),
    "kmn": Entry("kmn", "KMN", like=STM_FAMILY),
    "stcn": Entry("stcn", "STCN"),
    "lmrc": Entry("lmrc", "LMRC"),
    "rgmp": Entry("rgmp", "RGMP"),
    "rgmp-gru": Entry("rgmp_gru", "RGMPWithPast"),
}
"""Of networks with the same layout, the first is the one that a file alone is taken for."""


def names_that_ship() -> tuple[str, ...]:
    """Return the names of the networks that come with weights."""
    return tuple(name for name, entry in NETWORKS.items() if entry.weights is not None)


def load_for(settings: Settings) -> Network:
    """Return the network that a shot's settings ask for; see `load_network`."""
    return load_network(
        settings.model, settings.device, settings.precision, compile=settings.compile
    )


def load_network(
    model: str,
    device: str = "auto",
    precision: Precision = "float32",
    *,
    compile: bool = False,  # noqa: A002  the word of the settings
) -> Network:
    """Return a network that is ready to run.

    model   a name that ships; or the path of a weights file, where the network follows from
            the names of its tensors; or both as NAME:PATH, for a network that shares its
            layout with another
    device  "auto" (a CUDA GPU if there is one), "cpu" or "cuda"
    precision, compile  see `precision.readied` and `compiling.compiled`

    Raises StmatteError if there is no such name, file or device, or the file is of a layout
    that no network has, or not the named one; or if the device cannot compute in the precision.
    """
    place = choose_device(device)
    check_precision(precision, place)
    named, path = split_model(model)
    if model in NETWORKS:
        network = _shipped(model)
    elif named and not Path(model).exists():
        network = _named(named, path)
    elif Path(model).exists() or model.endswith(SUFFIXES):
        network = _recognised(read_state(Path(model)), model)
    else:
        raise StmatteError(
            f'Model "{model}" is not known',
            value=model,
            allowed=f"these ship: {', '.join(names_that_ship())}",
            repair="Choose one of them, or give the path of a weights file",
        )
    ready = readied(cast(Network, network.to(place)), precision, place)
    return compiled(ready, place) if compile else ready


def choose_device(device: str) -> torch.device:
    """Return the device for "auto", "cpu" or "cuda".

    On CUDA, TF32 is turned off for this process: it is quicker, but no longer the numbers
    that the networks were published with. "auto" takes the CPU also where a GPU is there and
    cannot be used, such as with a driver that is too old, and warns of it.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise StmatteError(
            f'Device "{device}" is not known', value=device, allowed="auto, cpu or cuda"
        )
    if device == "cpu":
        return torch.device("cpu")
    why = why_no_gpu()
    if not why:
        exact_float32()
        return torch.device("cuda")
    if device == "cuda":
        raise StmatteError(
            'Device "cuda" is not there',
            value=device,
            allowed=why,
            repair="Choose the device cpu or auto, or install a driver and a PyTorch with CUDA "
            "that fit each other and the GPU",
        )
    tell_if_mendable(why)
    return torch.device("cpu")


def exact_float32() -> None:
    """Turn TF32 off for convolutions and matrix products. The one place that decides it."""
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False


def _shipped(name: str) -> nn.Module:
    entry = NETWORKS[name]
    if entry.weights is None:
        raise StmatteError(
            f'Model "{name}" ships without weights',
            value=name,
            allowed=f"these ship with theirs: {', '.join(names_that_ship())}",
            repair=f"Choose one of them, or give a weights file as {name}:PATH",
        )
    network = entry.make()
    with as_file(files("stmatte") / "weights" / entry.weights) as path:
        check_whole(path, provenance(entry.weights))
        fill(network, read_state(path), str(path))
    return network


def _named(name: str, path: str) -> nn.Module:
    """Return a network by its name, filled with a file."""
    if name not in NETWORKS:
        raise StmatteError(
            f'Network "{name}" is not known', value=name, allowed=f"one of {', '.join(NETWORKS)}"
        )
    entry, state = NETWORKS[name], read_state(Path(path))
    network = entry.make(_nearest(entry.like, state).make() if entry.like else None)
    fill(network, state, path)
    return network


def _recognised(state: State, source: str) -> nn.Module:
    """Return the network whose names are nearest to the state's, filled with it."""
    network = _nearest(NETWORKS, state).make()
    fill(network, state, source)
    return network


def _nearest(names: Iterable[str], state: State) -> Entry:
    """Return the first of those networks whose names are nearest to the state's."""
    return max((NETWORKS[name] for name in names), key=lambda entry: _likeness(entry, state))


def _likeness(entry: Entry, state: State) -> float:
    """Return the share of names that a network and a state have in common, in [0, 1]."""
    with torch.device("meta"):  # names without numbers cost nothing
        own = entry.make().state_dict()
    ours, theirs = _counted(own), _counted(state)
    return len(ours & theirs) / max(1, len(ours | theirs))


def _counted(state: dict[str, Tensor]) -> set[str]:
    return {name for name in state if not name.endswith(COUNTER)}
