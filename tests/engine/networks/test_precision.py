# SPDX-License-Identifier: Apache-2.0
"""Half precision and maps that lie channels last: another speed, the same mattes.

Every network is asked, with the weights that ship or that training begins with. Where these
know nothing of objects, what they make of a clip is far from 0 and 1, and how much it differs
on average is all that can be said; J is asked of weights that ship, on a clip that was drawn.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn

import footage
from stmatte.errors import StmatteError
from stmatte.learning.adapting import adapt, adapted, learning
from stmatte.learning.key_clips import KeyPicture
from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.networks import precision
from stmatte.networks.identity import fingerprint
from stmatte.networks.precision import check_precision, plain, precision_of, quick, readied, slow
from stmatte.networks.protocol import Forgets, LooksBack, Network
from stmatte.networks.registry import NETWORKS, load_network, names_that_ship
from stmatte.networks.rgmp_gru import RGMPWithPast
from stmatte.networks.stm_interactive import Drawn, InteractiveSTM
from stmatte.networks.stmatte_b import StmatteB
from stmatte.networks.tracing import Explains
from stmatte.networks.work import kept_by, weight_bytes
from stmatte.propagation.passes import KeyedMattes, run_pass, seeing

CPU = torch.device("cpu")
HALF = torch.bfloat16

MOST = 2e-3
"""How much a matte may differ in half precision, on average over its pixels."""

ROUNDING = 1e-5
"""How much it may differ at a pixel where only maps lie in another order."""

LEAST_J = 0.995


def made(name: str) -> nn.Module:
    """Return a network that knows as much as can be known without a weights file."""
    torch.manual_seed(11)
    entry = NETWORKS[name]
    network = cast(nn.Module, load_network(name, "cpu")) if entry.weights else entry.make()
    if isinstance(network, StmatteB):  # untrained features are all alike: chance would match them
        network.begin_with(cast(nn.Module, load_network("stmatte-s", "cpu")).state_dict())
    return network.to(memory_format=torch.contiguous_format).eval().requires_grad_(False)  # type: ignore[call-overload,no-any-return]


@pytest.fixture(scope="module", params=sorted(NETWORKS))
def network(request: pytest.FixtureRequest) -> Network:
    """A network as it was written: float32, contiguous."""
    return cast(Network, made(request.param))


@pytest.fixture(scope="module")
def halved(network: Network) -> Network:
    return readied(network, "bfloat16", CPU)


def clip(frames: int = 3) -> Tensor:
    """(T, 3, 72, 128) in [0, 1]: the drawn clip, every sixth frame at half its size."""
    random = torch.Generator().manual_seed(7)
    ground, skin = (
        nn.functional.interpolate(torch.rand(1, 3, 9, 16, generator=random), (72, 128))[0]
        for _ in range(2)
    )
    return torch.stack([0.4 * (1 - m) * ground + m * (0.5 + 0.5 * skin) for m in mattes(frames)])


def mattes(frames: int = 3) -> Tensor:
    """(T, 72, 128) of the ball in `clip`."""
    drawn = torch.stack([torch.from_numpy(footage.true_matte(1 + 6 * t)) for t in range(frames)])
    return nn.functional.avg_pool2d(drawn[None], 2)[0]


def followed(network: Network, frames: int = 3) -> Tensor:
    """(T, 3, 72, 128): the ball and a thing that stays, keyed on the first frame."""
    pictures, ball = clip(frames), mattes(frames)[0]
    post = torch.zeros_like(ball)
    post[10:60, 100:120] = 1
    keyed = KeyedMattes(torch.stack([ball, post * (1 - ball)]), (True, True))
    see = seeing(network, lambda place: pictures[place])
    return torch.stack([p for _, p in run_pass(network, see, range(frames), {0: keyed}, 2)])


def remembered(network: Network) -> tuple[Bank, Any]:
    """Return a bank of a key and an own result, and what is seen of the frame after."""
    pictures, ball = clip(), mattes()
    frames = []
    for step in range(2):
        planes = torch.stack([1 - ball[step], ball[step]])
        query = network.encode_query(pictures[step])
        latest = step > 0 and isinstance(network, LooksBack)
        encode = cast(Any, network).encode_latest if latest else network.encode_memory
        memory = encode(pictures[step], query, planes)
        origin = Origin.RESULT if step else Origin.KEY
        frames.append(MemoryFrame(step, origin, memory.maps, memory.objects, (True,)))
    return Bank(tuple(frames)), network.encode_query(pictures[2])


def test_half_precision_gives_the_same_mattes(network: Network, halved: Network) -> None:
    exact, half = followed(network), followed(halved)

    assert half.dtype == torch.float32
    assert (half - exact).abs().mean() <= MOST
    torch.testing.assert_close(half.sum(dim=1), torch.ones_like(half[:, 0]), atol=1e-5, rtol=0)


def test_in_float32_a_cpu_gives_the_same_mattes_whichever_way_maps_lie(network: Network) -> None:
    exact = followed(network)

    ready = readied(deepcopy(network), "float32", CPU)

    assert precision_of(ready) == "float32"
    assert (followed(ready) - exact).abs().max() <= ROUNDING


@pytest.mark.parametrize("name", names_that_ship())
def test_what_ships_finds_the_same_object_in_half_precision(name: str) -> None:
    exact, half = (
        followed(load_network(name, "cpu", kind), 5)[1:, 1]
        for kind in cast("tuple[Any, ...]", ("float32", "bfloat16"))
    )

    inside, found = exact >= 0.5, half >= 0.5
    assert inside.float().mean() > 0.05, "there is an object"
    assert (inside & found).sum() / (inside | found).sum() >= LEAST_J
    assert (half - exact).abs().mean() <= MOST


def test_it_stays_the_network_that_it_was(network: Network, halved: Network) -> None:
    for promise in (nn.Module, LooksBack, Forgets, Explains, type(network)):
        assert isinstance(halved, promise) == isinstance(network, promise), promise
    assert type(halved).__name__ == type(network).__name__
    assert (halved.name, halved.policy) == (network.name, network.policy)
    assert precision_of(halved) == "bfloat16"
    assert plain(halved) is network
    assert fingerprint(halved) == fingerprint(network), "weights are told by what was loaded"
    assert all(p.dtype == torch.float32 for p in cast(nn.Module, network).parameters())


def test_the_bank_is_held_in_half_precision(network: Network, halved: Network) -> None:
    bank, query = remembered(halved)

    held = [m for f in bank.frames for m in (*f.maps.values(), *f.objects.values())]
    kinds = {m.dtype for m in held if m.ndim != 3 or len(m) != 1}  # mattes of one object stay
    assert kinds <= {HALF}
    assert {m.dtype for n, m in query.maps.items() if n.startswith("key")} <= {torch.float32}
    exact, half = kept_by(network, CPU), kept_by(halved, CPU)
    mattes_at_8 = 4 / 64  # bytes for each pixel, at most: one float32 for each 8 x 8 of them
    full = 4 if network.name.startswith("rgmp") else mattes_at_8  # which keeps its last plane
    assert half.object + half.shared <= (exact.object + exact.shared) / 2 + full


def test_weights_are_counted_with_those_that_they_were_made_from() -> None:
    network = cast(Network, made("stm"))
    half = weight_bytes(readied(network, "bfloat16", CPU))

    assert 1.49 <= half / weight_bytes(network) <= 1.51  # 4 bytes, and 2; norms stay whole


def test_it_can_still_tell_where_it_read_from(halved: Network) -> None:
    if not isinstance(halved, Explains):
        pytest.skip("this network cannot tell in any precision")
    bank, query = remembered(halved)

    for trace in halved.trace(query, bank, 0, (36, 64)):
        assert sum(trace.shares) == pytest.approx(1, abs=1e-4)


def test_a_copy_is_a_network_of_its_own(halved: Network) -> None:
    bank, query = remembered(halved)
    before = halved.segment(query, bank)

    copy = deepcopy(halved)
    with torch.no_grad():
        for weight in cast(nn.Module, copy).parameters():
            weight.zero_()

    assert torch.equal(halved.segment(query, bank), before)
    assert precision_of(copy) == "bfloat16"


def test_strokes_are_remembered_in_half_precision_too() -> None:
    network = cast(InteractiveSTM, made("stm-interactive"))
    half = cast(InteractiveSTM, readied(network, "bfloat16", CPU))
    on = Drawn(mattes()[:1].round(), torch.zeros(1, 72, 128))

    memory = half.encode_drawn(clip()[0], on)

    assert isinstance(half, InteractiveSTM)
    assert {m.dtype for m in memory.objects.values()} == {HALF}
    frame = MemoryFrame(0, Origin.KEY, memory.maps, memory.objects, (True,))
    several = half.segment_together([half.encode_query(p) for p in clip()], Bank((frame,)))
    assert several.dtype == torch.float32


def test_what_a_network_with_a_past_remembers_of_it_is_halved_once() -> None:
    half = readied(cast(Network, made("rgmp-gru")), "bfloat16", CPU)
    bank, _ = remembered(half)

    assert isinstance(half, RGMPWithPast)
    assert {m.dtype for n, m in bank.frames[1].objects.items() if n != "plane"} == {HALF}


def test_learning_on_a_shot_is_the_same_whatever_mattes_are_made_in() -> None:
    network = cast(Network, made("stmatte-s"))
    half = readied(network, "bfloat16", CPU)
    key = KeyPicture(clip()[0], mattes()[:1])

    *_, one = adapt(network, [key], 1)
    *_, other = adapt(half, [key], 1)
    taught = adapted(half, cast("dict[str, Tensor]", other))

    assert learning(half) == learning(network)
    assert one is not None
    assert other is not None
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert taught is not None
    assert precision_of(taught) == "bfloat16"
    assert fingerprint(taught) != fingerprint(network)


def test_float16_is_refused_where_the_cpu_has_no_such_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(precision, "_multiplies", lambda _: False)

    with pytest.raises(StmatteError, match="Precision float16 is not possible on this CPU") as told:
        load_network("stmatte-s", "cpu", "float16")

    assert "Choose bfloat16" in str(told.value)
    assert quick(CPU) == ("float32",)


def test_float16_agrees_where_the_cpu_has_such_numbers() -> None:
    try:
        check_precision("float16", CPU)
    except StmatteError as error:
        pytest.skip(str(error))
    exact = followed(load_network("stmatte-s", "cpu"))

    assert (followed(load_network("stmatte-s", "cpu", "float16")) - exact).abs().mean() <= MOST


def test_bfloat16_works_on_every_cpu_and_it_is_said_where_it_is_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(precision, "_multiplies", lambda _: False)

    check_precision("bfloat16", CPU)  # refuses nothing

    assert "Choose float32" in slow("bfloat16", CPU)
    assert slow("float32", CPU) == ""
    monkeypatch.setattr(precision, "_multiplies", lambda _: True)
    assert slow("bfloat16", CPU) == ""


def test_what_has_no_layers_is_left_as_it_is() -> None:
    from shots import Copying

    network = cast(Network, Copying())

    assert readied(network, "bfloat16", CPU) is network
