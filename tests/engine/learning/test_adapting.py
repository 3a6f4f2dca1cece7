# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from copy import deepcopy
from typing import cast

import pytest
import torch
from torch import nn

from shots import Copying, picture, soft_disc
from stmatte.errors import StmatteError
from stmatte.learning.adapting import Learnt, adapt, adapted, learning
from stmatte.learning.key_clips import KeyPicture
from stmatte.learning.protocol_objective import walk_clip
from stmatte.networks.protocol import Network
from stmatte.networks.registry import NETWORKS, load_network
from stmatte.networks.stmatte_s import StmatteS

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network("stmatte-s", "cpu")


def key(frame: int = 1) -> KeyPicture:
    image = torch.from_numpy(picture(frame)).permute(2, 0, 1).float() / 255
    return KeyPicture(image, torch.from_numpy(soft_disc(30 + 2 * frame))[None])


def learnt_by(network: Network, steps: int, *keys: KeyPicture) -> Learnt:
    *waits, learnt = adapt(network, keys, steps)
    assert waits == [None] * steps
    assert learnt is not None
    return learnt


def state(network: Network) -> dict[str, torch.Tensor]:
    return {n: t.clone() for n, t in cast(nn.Module, network).state_dict().items()}


def test_the_network_itself_is_never_changed(network: Network) -> None:
    before = state(network)

    taught = adapted(network, learnt_by(network, 2, key()))

    assert taught is not None
    assert all(torch.equal(t, before[n]) for n, t in state(network).items())
    changed = {n for n, t in state(taught).items() if not torch.equal(t, before[n])}
    assert changed == set(learning(network))
    assert not any(p.requires_grad for p in cast(nn.Module, taught).parameters())


def test_what_is_learnt_follows_from_keys_and_steps_alone(network: Network) -> None:
    def same(one: Learnt, other: Learnt) -> bool:
        return all(torch.equal(one[name], other[name]) for name in one)

    once = learnt_by(network, 2, key())
    torch.rand(7)  # whatever others draw

    assert same(once, learnt_by(network, 2, key()))
    assert not same(once, learnt_by(network, 3, key()))
    assert not same(once, learnt_by(network, 2, key(5)))


def test_it_gets_better_at_what_it_learns(network: Network) -> None:
    """On further frames of the shot, the planes come nearer to the truth.

    A network that has yet to learn what its decoder corrects: how much is left to learn must not
    hang on which weights ship.
    """
    beginner = cast(StmatteS, deepcopy(network))
    nn.init.zeros_(beginner.decoder.correction.weight)

    def error(judged: Network) -> float:
        clip = torch.stack([key(frame).image for frame in (1, 3, 5)])
        with torch.no_grad():
            walked = walk_clip(judged, clip, key(1).mattes)
        truth = [key(frame).mattes for frame in (3, 5)]
        return sum(float((w[1:] - t).abs().mean()) for w, t in zip(walked, truth, strict=True))

    taught = adapted(beginner, learnt_by(beginner, 24, key()))

    assert taught is not None
    assert error(taught) < 0.9 * error(beginner)


def test_weights_of_another_network_are_not_taken(network: Network) -> None:
    learnt = learnt_by(network, 1, key())
    name = next(iter(learnt))

    assert adapted(network, {**learnt, "other": torch.zeros(1)}) is None
    assert adapted(network, {**learnt, name: torch.zeros(3, 3)}) is None


def test_what_has_no_decoder_cannot_be_adapted() -> None:
    for model in (cast(Network, NETWORKS["label-propagation"].make()), Copying()):
        with pytest.raises(StmatteError, match=f'"{model.name}" cannot be adapted.*adapt to 0'):
            next(adapt(model, [key()], 1))


@pytest.mark.parametrize("name", [name for name in NETWORKS if name != "label-propagation"])
def test_every_network_that_learns_has_layers_to_adapt(name: str) -> None:
    with torch.device("meta"):
        made = cast(Network, NETWORKS[name].make())

    assert learning(made)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NETWORKS if name != "label-propagation"])
def test_every_network_that_learns_can_be_adapted(name: str) -> None:
    torch.manual_seed(5)
    made = cast(Network, NETWORKS[name].make().eval())

    learnt = learnt_by(made, 2, key())

    assert all(torch.isfinite(tensor).all() for tensor in learnt.values())
    before = state(made)
    assert any(not torch.equal(tensor, before[n]) for n, tensor in learnt.items())
