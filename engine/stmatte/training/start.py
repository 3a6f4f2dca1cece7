# SPDX-License-Identifier: Apache-2.0
"""What training begins with: weights that are there, or fresh ones that learn.

Batch norm never learns its statistics here (networks.norm). Without weights from ImageNet they
are 0 and 1, and a deep encoder would only keep its numbers in range by luck: so each residual
block begins as its shortcut.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from torch import nn

from stmatte.errors import StmatteError
from stmatte.networks.checkpoints import State, fill, read_state
from stmatte.networks.label_propagation import LabelPropagation
from stmatte.networks.lmrc import LMRC
from stmatte.networks.registry import NETWORKS, load_network
from stmatte.networks.resnet import Bottleneck
from stmatte.networks.stm_interactive import InteractiveSTM, from_stm
from stmatte.networks.stmatte_b import StmatteB, grows_from
from stmatte.networks.stmatte_s import StmatteS
from stmatte.training.recipe import TRAINABLE

STROKES = "Encoder_M.conv1_p.weight"
"""What STM's weights have not, and the interactive network's have."""


def start_network(
    name: str, weights: Path | None = None, backbone: Path | None = None
) -> nn.Module:
    """Return a network to be trained.

    name      one of `recipe.TRAINABLE`
    weights   a file of the network's layout, for LMRC also one of STCN's, from which it takes what
              fits, for the interactive network one of STM's, to which strokes say nothing yet, and
              for stmatte-b one of stmatte-s, whose results it begins with; None starts stmatte-s
              and stmatte-b on the image encoder that ships, and others from nothing
    backbone  a file of MobileNetV2, whose last blocks a new stmatte-b takes; None: they are new

    Raises StmatteError if there is no such network, a file does not fit it, or nothing would be
    taken from the backbone.
    """
    if name not in TRAINABLE:
        raise StmatteError(
            f'Network "{name}" cannot be trained', value=name, allowed=", ".join(TRAINABLE)
        )
    network = NETWORKS[name].make()
    state = None if weights is None else read_state(weights)
    if backbone is not None:
        _check_wanted(backbone, network, state)
    if state is not None:
        if isinstance(network, LMRC) and not set(network.state_dict()) <= set(state):
            _make_fresh(network)
            network.begin_with(state)
        elif isinstance(network, InteractiveSTM) and STROKES not in state:
            fill(network, from_stm(state), str(weights))
        elif isinstance(network, StmatteB) and grows_from(state):
            _grow(network, state, backbone)
        else:
            fill(network, state, str(weights))
        network.requires_grad_(True)  # what is filled is meant to run, and stands still
    elif isinstance(network, StmatteS):
        plain = cast(LabelPropagation, load_network("label-propagation", "cpu"))
        if isinstance(network, StmatteB):
            _grow(network, plain.state_dict(), backbone)
        else:
            network.image_encoder.load_state_dict(plain.image_encoder.state_dict())
    else:
        _make_fresh(network)
    return network


def _check_wanted(backbone: Path, network: nn.Module, state: State | None) -> None:
    """Raise StmatteError for a backbone that would be read for nothing."""
    if isinstance(network, StmatteB) and (state is None or grows_from(state)):
        return
    raise StmatteError(
        f"Nothing would be taken from backbone {backbone}",
        value=str(backbone),
        allowed="a new stmatte-b, from nothing or from weights of stmatte-s",
        repair="Leave --backbone out",
    )


def _grow(network: StmatteB, state: State, backbone: Path | None) -> None:
    """Have stmatte-b begin with a smaller network's weights, and with a backbone's last blocks."""
    network.begin_with(state)
    if backbone is None:
        return
    later = read_state(backbone)
    if not network.knows_later(later):
        raise StmatteError(
            f"{backbone} has not the last blocks of MobileNetV2",
            value=str(backbone),
            allowed="features.14 to features.17, of width 1.0, with batch norm folded in",
        )
    network.begin_later_with(later)


def _make_fresh(network: nn.Module) -> None:
    """Have each residual block of a fresh network begin as its shortcut."""
    for module in network.modules():
        if isinstance(module, Bottleneck):
            nn.init.zeros_(module.bn3.weight)
