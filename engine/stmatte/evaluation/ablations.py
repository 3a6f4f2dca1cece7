# SPDX-License-Identifier: Apache-2.0
"""The papers' ablations: the same weights, with parts of a network changed or left out.

Each is a list of variants, named as in the paper's table. On other weights and data than the
paper's the numbers differ; what helps should still help.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec

from torch import nn

from stmatte.errors import StmatteError
from stmatte.evaluation.plain import Finish
from stmatte.memory.policies import Policy
from stmatte.networks.kmn import KMN
from stmatte.networks.lmrc import LMRC, Parts
from stmatte.networks.protocol import Network
from stmatte.networks.rgmp import RGMP
from stmatte.networks.stm import SpaceTimeMemory
from stmatte.refine.dense_crf import by_dense_crf

SIGMAS = (3.0, 5.0, 7.0, 9.0)


@dataclass(frozen=True)
class Variant:
    """One row of an ablation.

    name     as in the paper's table
    network  ready to run
    policy   what its memory keeps; None is its own rule
    finish   what is done to planes (N + 1, H, W), with the picture (3, H, W), before
             labels are read from them
    """

    name: str
    network: Network
    policy: Policy | None = None
    finish: Finish | None = None


def memory_rules(network: Network) -> Iterator[Variant]:
    """STM, Table 6: which frames memory keeps. For any network that has a memory."""
    yield Variant("first", network, Policy(keys=True, previous=0, every=0))
    yield Variant("previous", network, Policy(keys=False, previous=1, every=0))
    yield Variant("first and previous", network, Policy(keys=True, previous=1, every=0))
    yield Variant("first, previous, every 5", network, Policy(keys=True, previous=1, every=5))


def kernel_widths(network: Network) -> Iterator[Variant]:
    """KMN, Table 3: the plain read, and the kernelized one with kernels of several widths.

    Raises StmatteError if the network is not of STM's family.
    """
    if not isinstance(network, SpaceTimeMemory):
        raise _unfit(network, "networks of STM's family")
    yield Variant("no kernel", network)
    for sigma in SIGMAS:
        yield Variant(f"sigma {sigma:g}", KMN(network, sigma))


def lmrc_parts(network: Network) -> Iterator[Variant]:
    """LMRC, its ablation's cases A to F. Raises StmatteError for another network."""
    if not isinstance(network, LMRC):
        raise _unfit(network, "lmrc")
    for name, parts in (
        ("A: global read", Parts((), moved=False, compares=False)),
        ("B: + local read at stride 16", Parts((16,), moved=False, compares=False)),
        ("C: + local reads at all strides", Parts(moved=False, compares=False)),
        ("D: + sequential local reads", Parts(compares=False)),
        ("E: local reads and comparator", Parts(moved=False)),
        ("F: all", Parts()),
    ):
        yield Variant(name, _changed(network, LMRC(parts, network.scale, network.nearest)))


def rgmp_guides(network: Network) -> Iterator[Variant]:
    """RGMP, Table 6: without the reference, without the previous mask, and with a dense CRF.

    The last is left out where its library is not installed. Raises StmatteError for another
    network.
    """
    if not isinstance(network, RGMP):
        raise _unfit(network, "rgmp")
    for name, guides in (
        ("all", {}),
        ("-Ref", {"reference": False}),
        ("-Prev", {"previous": False}),
    ):
        yield Variant(name, _changed(network, RGMP(network.scales, **guides)))
    if find_spec("pydensecrf") is not None:
        yield Variant("+CRF", network, finish=by_dense_crf)


ABLATIONS: dict[str, Callable[[Network], Iterator[Variant]]] = {
    "memory": memory_rules,
    "kernel": kernel_widths,
    "lmrc": lmrc_parts,
    "rgmp": rgmp_guides,
}
"""Name on the command line -> what makes its variants from a network with weights."""


def _changed(network: nn.Module, variant: nn.Module) -> Network:
    """Return a variant with the weights of a network, on its device."""
    variant.load_state_dict(network.state_dict())
    place = next(network.parameters()).device
    return variant.to(place)  # type: ignore[return-value]  # it is a `Network`, as the other


def _unfit(network: Network, allowed: str) -> StmatteError:
    return StmatteError(
        f"This ablation is not one of {network.name}", value=network.name, allowed=allowed
    )
