# SPDX-License-Identifier: Apache-2.0
"""Weights from files: reading them safely, and filling a network with them.

Both of torch's formats (zip, and the older one without) and safetensors are read; which
one a file is follows from its content. A pickle may only hold tensors: one with code in
it is refused unread. Nothing here knows which networks there are.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from stmatte.errors import StmatteError

State = dict[str, Tensor]

WRAPPER = "module."  # what a data-parallel wrapper puts before every name
COUNTER = "num_batches_tracked"  # batch norm's counter; nothing at inference reads it
OLD_TORCH = bytes.fromhex("6cfc9c46f9206aa85019")  # the number that its files begin with
NAMED_AT_MOST = 3  # names per kind of difference in an error


@runtime_checkable
class KnowsOlder(Protocol):
    """A network that has had other layouts, whose weights still serve."""

    def from_older(self, state: Mapping[str, Tensor]) -> State:
        """Return a state of an older layout in today's; any other as it is."""
        ...


def read_state(path: Path) -> State:
    """Read a flat mapping of names to tensors, on the CPU; names without `module.`.

    Raises StmatteError if the file is missing, unreadable, damaged, a pickle with code in
    it, or holds anything other than named tensors.
    """
    try:
        with path.open("rb") as file:
            start = file.read(32)
    except OSError as error:
        raise StmatteError(
            f"Weights file {path} cannot be opened ({error.strerror})",
            value=str(path),
            repair="Check the path and its permissions",
        ) from None
    state = _reader(path, start)(path)
    if not isinstance(state, Mapping) or not state:
        raise _not_flat(path, f"a {type(state).__name__}")
    for name, tensor in state.items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor):
            raise _not_flat(path, f'a {type(tensor).__name__} at "{name}"')
    if all(name.startswith(WRAPPER) for name in state):
        return {name[len(WRAPPER) :]: tensor for name, tensor in state.items()}
    return dict(state)


def fill(network: nn.Module, state: Mapping[str, Tensor], source: str) -> None:
    """Copy a state into a network, whole or not at all, and put it into evaluation mode.

    source  what the state came from, for the error

    Counters of batch norm may be there or not; a layout that the network had before is
    brought up to date. Raises StmatteError with the first names
    that differ if the state is of another layout.
    """
    if isinstance(network, KnowsOlder):
        state = network.from_older(state)
    differences = layout_differences(network, state)
    if differences:
        raise StmatteError(
            f"{source} is not a weights file of {type(network).__name__}, "
            + "; ".join(differences),
            value=source,
            repair="Choose a file with the weights of that network, all of them",
        )
    own = network.state_dict()
    network.load_state_dict(
        {name: state[name] if name in state else own[name] for name in own}, strict=True
    )
    network.requires_grad_(False)
    network.eval()


def layout_differences(network: nn.Module, state: Mapping[str, Tensor]) -> list[str]:
    """Return what keeps a state from filling a network, in words; nothing if it fits."""
    own = network.state_dict()
    missing = [n for n in own if n not in state and not n.endswith(COUNTER)]
    extra = [n for n in state if n not in own and not n.endswith(COUNTER)]
    reshaped = [
        f"{n} {_shape(state[n])} instead of {_shape(own[n])}"
        for n in own
        if n in state and state[n].shape != own[n].shape
    ]
    kinds = (("missing", missing), ("unknown", extra), ("of another shape", reshaped))
    return [f"{kind}: {_first(names)}" for kind, names in kinds if names]


def _reader(path: Path, start: bytes) -> Callable[[Path], object]:
    """Return what reads a file that starts so."""
    if start[8:9] == b"{":  # safetensors: the length of the header, eight bytes, and its "{"
        return _read_safetensors
    if start.startswith(b"PK") or OLD_TORCH in start:
        return _read_torch
    if start.startswith(b"\x80"):
        raise _code(path, "is a bare pickle, which may have code in it")
    raise _damaged(path)


def _read_safetensors(path: Path) -> object:
    try:
        return load_file(path)
    except Exception as error:  # whatever a damaged file makes a parser say
        raise _damaged(path) from error


def _read_torch(path: Path) -> object:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        # torch names what the pickle wanted to call: "... GLOBAL posix.system ..."
        wanted = re.search(r"GLOBAL ([\w.]+)|(reduce|instantiate|build)", str(error), re.I)
        if wanted is None:
            raise _damaged(path) from error
        called = f" ({wanted[1]})" if wanted[1] else ""
        raise _code(path, f"is a pickle with code in it{called}") from error
    except Exception as error:  # whatever a damaged file makes a parser say
        raise _damaged(path) from error


def _code(path: Path, found: str) -> StmatteError:
    return StmatteError(
        f"Weights file {path} {found}",
        value=str(path),
        allowed="a weights file holds named tensors and nothing else",
        repair="Ask for the weights as .safetensors, and run nothing that opens this file "
        "unless you trust where it came from",
    )


def _damaged(path: Path) -> StmatteError:
    return StmatteError(
        f"Weights file {path} is damaged, cut off or no weights file at all",
        value=str(path),
        allowed="weights are .safetensors, or .pth as torch.save writes it",
        repair="Copy or download it again",
    )


def _not_flat(path: Path, found: str) -> StmatteError:
    return StmatteError(
        f"Weights file {path} holds {found}",
        value=str(path),
        allowed="weights are a flat mapping of names to tensors",
        repair="Save the network's state_dict() alone",
    )


def _first(names: list[str]) -> str:
    more = len(names) - NAMED_AT_MOST
    return ", ".join(names[:NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")


def _shape(tensor: Tensor) -> str:
    return "x".join(map(str, tensor.shape)) or "scalar"
