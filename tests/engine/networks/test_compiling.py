# SPDX-License-Identifier: Apache-2.0
"""Compiling is an offer: it changes nothing but time, and where it cannot be, work goes on."""

from __future__ import annotations

from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn

from stmatte.learning.adapting import adapted
from stmatte.networks.compiling import compiled, is_compiled, uncompiled
from stmatte.networks.identity import fingerprint
from stmatte.networks.protocol import Network, Query
from stmatte.networks.registry import load_network

# torch.compile itself still uses what torch has given up.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated")

CPU = torch.device("cpu")
PICTURE = torch.rand(3, 32, 48, generator=torch.Generator().manual_seed(3))


class Part(nn.Module):
    """A layer and what follows it."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.layer(x))


class Small(nn.Module):
    """A network of one part, which is compiled in seconds."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.decoder = Part()

    def encode_query(self, image: Tensor) -> Query:
        return Query((32, 48), {"grey": self.decoder(image[None])[0]})


def seen(network: Any) -> Tensor:
    with torch.inference_mode():
        return cast(Tensor, network.encode_query(PICTURE).maps["grey"])


def test_without_a_compiler_the_network_is_as_it_was_and_the_reason_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")

    network = load_network("label-propagation", "cpu", compile=True)

    assert not is_compiled(network)
    assert uncompiled(CPU).startswith("Networks are not compiled: there is no C++ compiler no-such")
    network.encode_query(PICTURE)


def test_what_is_loaded_is_not_compiled_unless_asked() -> None:
    assert not is_compiled(load_network("label-propagation", "cpu"))


@pytest.fixture
def compiler() -> None:
    """A machine that compiles."""
    if why := uncompiled(CPU):
        pytest.skip(why)


@pytest.mark.slow
@pytest.mark.usefixtures("compiler")
def test_a_compiled_network_sees_the_same() -> None:
    plain, quick = Small(), compiled(cast(Network, Small()), CPU)

    assert is_compiled(quick)
    torch.testing.assert_close(seen(quick), seen(plain), atol=1e-5, rtol=0)
    assert fingerprint(quick) == fingerprint(cast(Network, plain))


@pytest.mark.slow
@pytest.mark.usefixtures("compiler")
def test_a_copy_that_learnt_is_compiled_anew() -> None:
    quick = compiled(cast(Network, Small()), CPU)
    learnt = {n: torch.zeros_like(t) for n, t in cast(nn.Module, quick).named_parameters()}

    copy = adapted(quick, learnt)

    assert copy is not None
    assert is_compiled(copy)
    assert seen(copy).abs().max() == 0
    assert seen(quick).abs().max() > 0


@pytest.mark.usefixtures("compiler")
def test_a_part_that_does_not_compile_runs_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def fails(*given: object, **named: object) -> None:
        tried.append((given, named))
        raise RuntimeError("no such instruction")

    torch.compiler.reset()
    monkeypatch.setattr(torch._dynamo.config, "suppress_errors", False)  # as in a new process
    monkeypatch.setattr("torch._inductor.compile_fx.compile_fx", fails)

    quick = compiled(cast(Network, Small()), CPU)

    torch.testing.assert_close(seen(quick), seen(Small()), atol=1e-5, rtol=0)
    assert tried


@pytest.mark.slow
@pytest.mark.usefixtures("compiler")
def test_the_network_that_ships_sees_the_same_when_it_is_compiled() -> None:
    plain, quick = (load_network("stmatte-s", "cpu", compile=way) for way in (False, True))

    with torch.inference_mode():
        exact, found = (network.encode_query(PICTURE).maps for network in (plain, quick))

    assert is_compiled(quick)
    for name, map_ in exact.items():
        torch.testing.assert_close(found[name], map_, atol=1e-4, rtol=1e-4)
