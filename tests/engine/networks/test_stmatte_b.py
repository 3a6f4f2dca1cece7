# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.memory.bank import MemoryFrame, Origin
from stmatte.networks.registry import load_network
from stmatte.networks.stmatte_b import KEYS, StmatteB, _places, _widened
from stmatte.networks.stmatte_b_blocks import LaterMobileNet
from stmatte.networks.stmatte_s import StmatteS
from stmatte.propagation.passes import KeyedMattes, run_pass, seeing
from stmatte.training.start import start_network

SIZE = (72, 104)  # neither a multiple of 16, and at stride 16 an odd number of places across
SHIPPED = Path(__file__).parents[3] / "engine/stmatte/weights/stmatte-s.safetensors"
ROUNDING = 1e-4


@pytest.fixture(scope="module")
def grown() -> StmatteB:
    """What training begins with, from the weights of stmatte-s that ship."""
    torch.manual_seed(4)
    return cast(StmatteB, start_network("stmatte-b", SHIPPED)).requires_grad_(False).eval()


def pictures() -> Tensor:
    """(4, 3, H, W): a soft pattern that drifts to the right."""
    coarse = torch.rand(1, 3, 9, 13, generator=torch.Generator().manual_seed(0))
    still = F.interpolate(coarse, SIZE, mode="bicubic")[0].clamp(0, 1)
    return torch.stack([still.roll(3 * t, dims=2) for t in range(4)])


def planes(network: StmatteS) -> Tensor:
    """(T, N + 1, H, W): what a network makes of the pictures, with two objects in the first."""
    mattes = torch.zeros(2, *SIZE)
    mattes[0, 8:40, 10:40] = 1
    mattes[1, 30:64, 55:90] = 0.75
    passed = run_pass(
        network,
        seeing(network, lambda t: pictures()[t]),
        range(4),
        {0: KeyedMattes(mattes, (True, True))},
        2,
    )
    with torch.inference_mode():
        return torch.stack([found for _, found in passed])


def test_it_is_no_larger_than_promised() -> None:
    with torch.device("meta"):
        numbers = sum(tensor.numel() for tensor in StmatteB().state_dict().values())

    assert 20_000_000 < numbers <= 45_000_000


def test_it_begins_by_saying_what_stmatte_s_says(grown: StmatteB) -> None:
    small = cast(StmatteS, load_network("stmatte-s", "cpu"))

    theirs, ours = planes(small), planes(grown)

    torch.testing.assert_close(ours, theirs, atol=ROUNDING, rtol=0)
    assert theirs[1:, 1:].amax() > 0.9
    # Had its decoder nothing to say, this would be label propagation, and prove little.
    plain = cast(StmatteS, start_network("stmatte-s")).requires_grad_(False)
    assert (theirs - planes(plain)).abs().max() > 0.1


def test_without_weights_it_begins_as_stmatte_s_does() -> None:
    torch.manual_seed(0)
    ours = cast(StmatteB, start_network("stmatte-b")).requires_grad_(False)
    theirs = cast(StmatteS, start_network("stmatte-s")).requires_grad_(False)

    torch.testing.assert_close(planes(ours), planes(theirs), atol=ROUNDING, rtol=0)


def test_what_is_new_in_it_hears_of_the_loss_at_once_or_after_one_step(grown: StmatteB) -> None:
    network = StmatteB()
    network.load_state_dict(grown.state_dict())
    optimiser = torch.optim.SGD(network.parameters(), 1e-3)
    for _ in range(3):
        optimiser.zero_grad()
        with torch.enable_grad():
            seen = network.see(pictures()[:2, :, :64, :96])
            mask = torch.zeros(1, 1, 64, 96)
            mask[..., 20:50, 20:60] = 1
            first, second = (type(seen)(*(m[t : t + 1] for m in seen)) for t in (0, 1))
            objects = network.write(first, mask, mask * 0)
            memory = _frame({"key8": first.key8[0], "key16": first.key16[0]}, objects)
            claims = network.decode(second, network.recall(second, (memory,)))
            ((claims - mask) ** 2).mean().backward()  # type: ignore[no-untyped-call]
        optimiser.step()

    silent = [n for n, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert silent == []


def test_its_keys_begin_as_those_of_stmatte_s_and_can_grow(grown: StmatteB) -> None:
    with torch.inference_mode():
        seen = grown.see(pictures()[:1, :, :64, :96])
    for key, (plain, all_) in zip((seen.key8, seen.key16), KEYS.values(), strict=True):
        assert key.shape[1] == all_
        new = key[:, plain:].norm(dim=1).max()
        assert 0 < float(new) < 3e-4  # two of them add less than 1e-7 to a likeness


def test_old_channels_hear_nothing_of_new_ones() -> None:
    # a layer that joined 1 + 1 channels to 1 joins 2 + 1 to 2
    narrow = torch.tensor([[5.0, 7.0]])[:, :, None, None]
    wide = torch.full((2, 3, 1, 1), 9.0)

    widened = _widened(narrow, wide, ((1, 2), (1, 1)))

    assert widened[:, :, 0, 0].tolist() == [[5, 0, 7], [9, 9, 9]]
    assert _places(((1, 2), (1, 1))).tolist() == [0, 2]
    assert _widened(torch.tensor([3.0]), torch.tensor([8.0, 8.0]), ()).tolist() == [3, 8]


def test_later_blocks_see_odd_sizes_and_keep_them() -> None:
    encoder = LaterMobileNet()
    assert encoder.later(torch.rand(2, 96, 5, 7)).shape == (2, 320, 5, 7)


def test_its_file_is_recognised_and_loads_by_name(grown: StmatteB, tmp_path: Path) -> None:
    path = tmp_path / "b.safetensors"
    save_file({n: t.contiguous() for n, t in grown.state_dict().items()}, path)

    for model in (str(path), f"stmatte-b:{path}"):
        network = load_network(model, "cpu")
        assert network.name == "stmatte-b"
    assert load_network(str(SHIPPED), "cpu").name == "stmatte-s"


def test_it_ships_without_weights_and_says_so() -> None:
    with pytest.raises(StmatteError, match="stmatte-b:PATH"):
        load_network("stmatte-b", "cpu")


def _frame(maps: dict[str, Tensor], objects: dict[str, Tensor]) -> MemoryFrame:
    return MemoryFrame(0, Origin.KEY, maps, objects, (True,))
