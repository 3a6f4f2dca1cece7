# SPDX-License-Identifier: Apache-2.0
"""In which numbers a network computes, and in which order its maps lie in memory.

In half precision, convolutions multiply and give numbers of 16 bits, and what is remembered of
a frame is held in them. All else is computed as ever: keys are compared, matches weighed, logits
decided and objects aggregated in float32. So nothing hangs on which operations a library thinks
safe in 16 bits, which differs by device and version.

On a CPU maps lie channels last, also in float32: convolutions are nearly twice as fast so, and
give the same numbers up to rounding.

Knows tensors and layers. Which precision a shot asks for is told by `shot.Settings`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, cast

import torch
from torch import Tensor, nn

from stmatte.errors import StmatteError
from stmatte.memory.bank import Bank
from stmatte.memory.shared import Latest
from stmatte.networks.folding import fold
from stmatte.networks.protocol import Blends, Memory, Network, Query
from stmatte.settings import Precision

HALVES: dict[str, torch.dtype] = {"bfloat16": torch.bfloat16, "float16": torch.float16}

KEY = "key"
"""What the names of maps begin with that queries and memory are compared by."""

DECIDES = 2
"""A convolution of many channels to at most so many gives logits: it stays in float32."""


def readied(network: Network, precision: Precision, device: torch.device) -> Network:
    """Return a network that computes in a precision, with maps as its device likes them.

    In float32 it is the network itself. In half precision it is a copy: the network stays
    behind it, as what `plain` returns.

    Raises StmatteError if the device has no such numbers, see `check_precision`.
    """
    check_precision(precision, device)
    if not isinstance(network, nn.Module):
        return network
    if precision != "float32":
        return _halved(network, HALVES[precision])
    if device.type == "cpu":
        _channels_last(network)
    return cast(Network, network)


def plain(network: Network) -> Network:
    """Return a network as it is in float32: what learns, and what its weights are told by."""
    return network.plain[0] if isinstance(network, _Halved) else network


def precision_of(network: Network) -> Precision:
    """Return the precision that a network computes in."""
    if not isinstance(network, _Halved):
        return "float32"
    return "bfloat16" if network.half == torch.bfloat16 else "float16"


def check_precision(precision: Precision, device: torch.device) -> None:
    """Raise StmatteError if a device cannot compute in a precision."""
    if precision == "float16" and device.type == "cpu" and not _multiplies(torch.float16):
        raise StmatteError(
            "Precision float16 is not possible on this CPU",
            value=precision,
            allowed="float16 is for GPUs, and for CPUs that multiply such numbers themselves",
            repair="Choose bfloat16, which takes as much memory, or float32",
        )


def quick(device: torch.device) -> tuple[Precision, ...]:
    """Return the precisions that a device computes in without loss of time."""
    every: tuple[Precision, ...] = ("float32", "bfloat16", "float16")
    if device.type == "cpu":
        return tuple(p for p in every if p == "float32" or _multiplies(HALVES[p]))
    return tuple(precision for precision in every if not slow(precision, device))


def slow(precision: Precision, device: torch.device) -> str:
    """Return a sentence if a device computes in a precision, but slowly; else ""."""
    if precision != "bfloat16":
        return ""
    if device.type == "cpu" and not _multiplies(torch.bfloat16):
        return (
            "This CPU doesn't multiply in bfloat16 itself: mattes will be the same as elsewhere, "
            "but take longer than in float32. Choose float32, unless memory is short."
        )
    if device.type == "cuda" and torch.cuda.get_device_capability(device) < (8, 0):
        return (
            "This GPU doesn't multiply in bfloat16 itself: mattes will be the same as elsewhere, "
            "but take longer. Choose float16 or float32."
        )
    return ""


def _multiplies(half: torch.dtype) -> bool:
    """Tell whether this CPU has instructions for numbers of 16 bits."""
    has = torch.cpu.get_capabilities()
    if half == torch.bfloat16:
        return bool(has.get("avx512_bf16") or has.get("amx_bf16") or has.get("bf16"))
    return bool(has.get("avx512_fp16") or has.get("amx_fp16") or has.get("fp16"))


class _Halved:
    """Marks a network that computes in half precision.

    plain   the network in float32, in a tuple: its layers are not counted as these
    half    the type of 16 bits
    shared  the maps of the latest memory frame, which are the same for all objects
    """

    plain: tuple[Network]
    half: torch.dtype
    shared: Latest[list[Tensor]]


def _halved(network: nn.Module, half: torch.dtype) -> Network:
    """Return a copy in half precision.

    A part names in `exact` what of it has to stay in float32.

    Its class is made of the network's own, as `torch.nn.utils.parametrize` does it: so it has
    just those methods that the network has, and protocols go on telling the truth.
    """
    copy = deepcopy(network).requires_grad_(False)
    fold(copy)
    exact = set(_exact(copy))
    for layer in _layers(copy):
        if layer not in exact:
            layer.to(half)
        layer.__class__ = _NARROW[type(layer)]
    _channels_last(copy)
    kind = type(network)
    doors = {
        name: door(getattr(kind, name)) for name, door in _DOORS.items() if hasattr(kind, name)
    }
    copy.__class__ = type(kind.__name__, (_Halved, kind), doors)
    halved = cast(Any, copy)
    halved.plain, halved.half, halved.shared = (network,), half, Latest()
    return cast(Network, copy)


def _layers(network: nn.Module) -> Iterator[nn.Module]:
    """Yield the layers that multiply."""
    return (layer for layer in network.modules() if type(layer) in _NARROW)


def _exact(network: nn.Module) -> Iterator[nn.Module]:
    """Yield the layers that stay in float32: those that decide, and those that a part names."""
    for part in network.modules():
        if isinstance(part, nn.Conv2d) and part.out_channels <= DECIDES < part.in_channels:
            yield part
        for name in getattr(part, "exact", ()):
            yield from part.get_submodule(name).modules()


def _channels_last(network: nn.Module) -> None:
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


class _Conv2d(nn.Conv2d):
    """A convolution that takes maps in any precision and computes in that of its weights."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.to(self.weight.dtype))


class _Linear(nn.Linear):
    """The same of a matrix."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.to(self.weight.dtype))


_NARROW: dict[type[nn.Module], type[nn.Module]] = {nn.Conv2d: _Conv2d, nn.Linear: _Linear}


@dataclass(frozen=True)
class _Widened(Mapping[str, Tensor]):
    """Maps that become float32 when they are read, and not before: few are read at once.

    blended  names of those that are only blended, which half precision is good enough for
    """

    maps: Mapping[str, Tensor]
    blended: frozenset[str]

    def __getitem__(self, name: str) -> Tensor:
        return self.maps[name] if name in self.blended else self.maps[name].float()

    def __iter__(self) -> Iterator[str]:
        return iter(self.maps)

    def __len__(self) -> int:
        return len(self.maps)


def _seeing(see: Callable[..., Query]) -> Callable[..., Query]:
    """Let a method that sees a frame give keys in float32, to be compared in."""

    @wraps(see)
    def seen(network: _Halved, *given: Any, **named: Any) -> Query:
        query = see(network, *given, **named)
        keys = {name: m.float() for name, m in query.maps.items() if name.startswith(KEY)}
        return replace(query, maps={**query.maps, **keys})

    return seen


def _remembering(remember: Callable[..., Memory]) -> Callable[..., Memory]:
    """Let a method that remembers a frame give maps in half precision."""

    @wraps(remember)
    def remembered(network: _Halved, *given: Any, **named: Any) -> Memory:
        return _held(network, remember(network, *given, **named))

    return remembered


def _held(network: _Halved, memory: Memory) -> Memory:
    """Return a memory as it is held. Mattes of N objects (N, h, w) are small, and stay exact."""
    half, maps = network.half, list(memory.maps.values())
    narrow = network.shared.of(maps, lambda: [map_.to(half) for map_ in maps]) if maps else []
    return Memory(
        dict(zip(memory.maps, narrow, strict=True)),
        {name: map_ if map_.ndim == 3 else map_.to(half) for name, map_ in memory.objects.items()},
    )


def as_held(maps: Mapping[str, Tensor], name: str) -> Tensor:
    """Return a map of a memory frame as it is held: the same tensor whenever it is asked for."""
    return maps.maps[name] if isinstance(maps, _Widened) else maps[name]


def _reading(read: Callable[..., Any]) -> Callable[..., Any]:
    """Let a method that reads a bank find it in float32, and give what it gives in float32."""

    @wraps(read)
    def done(network: _Halved, *given: Any, **named: Any) -> Any:
        blended = network.blended if isinstance(network, Blends) else frozenset()
        found = read(
            network,
            *(_wide(each, blended) for each in given),
            **{name: _wide(each, blended) for name, each in named.items()},
        )
        return found.float() if isinstance(found, Tensor) else found

    return done


def _wide(given: object, blended: frozenset[str]) -> object:
    if not isinstance(given, Bank):
        return given
    return Bank(
        tuple(
            replace(
                frame,
                maps=_Widened(frame.maps, blended),
                objects=_Widened(frame.objects, blended),
            )
            for frame in given.frames
        )
    )


_DOORS: dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]] = {
    "encode_query": _seeing,
    "encode_memory": _remembering,
    "encode_latest": _remembering,
    "encode_drawn": _remembering,
    "segment": _reading,
    "segment_together": _reading,
    "trace": _reading,
}
"""Method by which maps enter or leave a network -> what makes it one of a halved network."""
