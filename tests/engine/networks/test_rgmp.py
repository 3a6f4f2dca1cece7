# SPDX-License-Identifier: Apache-2.0
"""What parity with the public network leaves to say about ours."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.memory.policies import Policy
from stmatte.networks.protocol import LooksBack
from stmatte.networks.registry import load_network
from stmatte.networks.rgmp import RGMP, Asked
from stmatte.networks.scaling import enlarged
from stmatte.propagation.passes import KeyedMattes, run_pass, seeing

PUBLIC = Path(__file__).parents[2] / "parity" / "layouts_rgmp.json"
SIZE = (20, 30)


@pytest.fixture(scope="module")
def network() -> RGMP:
    torch.manual_seed(0)
    network = RGMP((1.0,))
    network.requires_grad_(False)
    return network


def picture(seed: int) -> Tensor:
    return torch.rand(3, *SIZE, generator=torch.Generator().manual_seed(seed))


def frame(network: RGMP, step: int, seed: int, said: tuple[bool, ...], *, key: bool) -> MemoryFrame:
    """Return a memory frame with planes of its own."""
    noise = torch.rand(len(said) + 1, *SIZE, generator=torch.Generator().manual_seed(seed))
    seen = (picture(seed), network.encode_query(picture(seed)), noise / noise.sum(dim=0))
    memory = network.encode_memory(*seen) if key else network.encode_latest(*seen)
    origin = Origin.KEY if key else Origin.RESULT
    return MemoryFrame(step, origin, memory.maps, memory.objects, said)


def segmented(network: RGMP, *frames: MemoryFrame) -> Tensor:
    return network.segment(network.encode_query(picture(99)), Bank(frames))


@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize("counters", [False, True])
def test_the_public_layout_is_recognised(prefix: str, counters: bool, tmp_path: Path) -> None:
    ours = RGMP().state_dict()
    public = json.loads(PUBLIC.read_text())["tensors"]
    shapes = {
        f"module.{name}": list(tensor.shape)
        for name, tensor in ours.items()
        if not name.endswith("num_batches_tracked")
    }
    assert shapes == {name: entry["shape"] for name, entry in public.items()}

    state = {f"{prefix}{n}": t for n, t in ours.items() if counters or f"module.{n}" in public}
    torch.save(state, tmp_path / "weights.pth", _use_new_zipfile_serialization=False)

    loaded = load_network(str(tmp_path / "weights.pth"), "cpu")

    assert loaded.name == "rgmp"
    assert torch.equal(loaded.state_dict()["Encoder.conv1.weight"], ours["Encoder.conv1.weight"])  # type: ignore[attr-defined]


def test_it_recalls_keys_and_looks_back_one_frame(network: RGMP) -> None:
    assert network.policy == Policy(keys=True, previous=1, every=0)
    assert isinstance(network, LooksBack)


def test_of_an_own_result_the_planes_are_all_that_is_remembered(network: RGMP) -> None:
    key = frame(network, 0, 1, (True, True), key=True)
    result = frame(network, 1, 2, (True, True), key=False)

    assert {name: tuple(m.shape) for name, m in key.objects.items()} == {
        "plane": (2, 20, 30),
        "r5@1": (2, 2048, 1, 1),
    }
    assert tuple(key.maps["r5@1"].shape) == (2048, 1, 1)  # both objects together
    assert set(result.objects) == {"plane"}
    assert not result.maps


def test_a_pass_encodes_its_key_and_nothing_else_as_a_reference(network: RGMP) -> None:
    seen: list[int] = []
    hook = network.Encoder.register_forward_hook(lambda *call: seen.append(len(call[1][0])))
    keyed = {0: KeyedMattes((picture(3)[:1] > 0.5).float(), (True,))}

    try:
        passed = run_pass(network, seeing(network, picture), range(4), keyed, 1)
        assert len(list(passed)) == 4
    finally:
        hook.remove()

    assert len(seen) == 1 + 3  # the reference once, and three targets


def test_the_reference_is_the_key_that_the_pass_began_at(network: RGMP) -> None:
    heard = frame(network, -1, 1, (True,), key=True)
    first = frame(network, 0, 2, (True,), key=True)
    later = frame(network, 5, 3, (True,), key=True)
    latest = frame(network, 6, 4, (True,), key=False)

    by_first = segmented(network, first, latest)

    assert torch.equal(segmented(network, heard, first, later, latest), by_first)
    assert not torch.equal(segmented(network, heard, latest), by_first)


def test_where_no_passed_key_speaks_the_nearest_one_from_elsewhere_does(network: RGMP) -> None:
    far = frame(network, -2, 1, (True,), key=True)
    near = frame(network, -1, 2, (True,), key=True)
    latest = frame(network, 6, 4, (True,), key=False)

    assert torch.equal(segmented(network, far, near, latest), segmented(network, near, latest))


def test_one_object_alone_is_left_as_it_was_decoded(
    network: RGMP, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RGMP, "claims", lambda *_: torch.full((1, *SIZE), 0.3))

    planes = segmented(network, frame(network, 0, 1, (True, False), key=True))

    assert planes[:, 7, 7].tolist() == pytest.approx([0.7, 0.3, 0.0])


def test_the_background_of_several_objects_is_what_all_together_leave(
    network: RGMP, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Tensor] = []

    def claims(self: RGMP, image: Tensor, asked: Sequence[Asked]) -> Tensor:
        del self, image
        heard.extend(each.mask for each in asked)
        return torch.tensor([0.5, 0.5, 0.75]).view(3, 1, 1).expand(3, *SIZE)

    monkeypatch.setattr(RGMP, "claims", claims)
    key = frame(network, 0, 1, (True, True), key=True)

    planes = segmented(network, key)

    # the background claims 0.25: odds of 1/3 against 1 and 1, of 7/3 altogether
    assert planes[:, 7, 7].tolist() == pytest.approx([1 / 7, 3 / 7, 3 / 7])
    assert len(heard) == 3
    assert torch.equal(heard[2], key.objects["plane"].sum(dim=0))


def test_without_a_key_in_memory_nothing_is_recalled(network: RGMP) -> None:
    latest = frame(network, 6, 4, (True,), key=False)
    without = RGMP((1.0,), reference=False)
    without.load_state_dict(network.state_dict())
    key = frame(without, 0, 1, (True,), key=True)

    with torch.inference_mode():
        assert set(key.objects) == {"plane"}
        assert torch.equal(segmented(network, latest), segmented(without, key, latest))


def test_without_the_previous_frame_its_planes_change_nothing(network: RGMP) -> None:
    without = RGMP((1.0,), previous=False)
    without.load_state_dict(network.state_dict())
    key = frame(without, 0, 1, (True,), key=True)

    with torch.inference_mode():
        one, other = (
            segmented(without, key, frame(without, 1, seed, (True,), key=False)) for seed in (2, 3)
        )

    assert torch.equal(one, other)


def test_scales_are_averaged(network: RGMP) -> None:
    image, asked = picture(1), [Asked(picture(2)[0], None)]
    both, half = (RGMP(scales) for scales in ((0.5, 1.0), (0.5,)))
    for other in (both, half):
        other.load_state_dict(network.state_dict())

    with torch.inference_mode():
        whole, halved, mean = (n.claims(image, asked) for n in (network, half, both))

    torch.testing.assert_close(mean, (whole + halved) / 2)


def test_a_picture_without_its_border_is_refused_where_none_is_made() -> None:
    bare = RGMP((1.0,), pads=False)

    with pytest.raises(StmatteError, match="A picture of 30x20 has no border for RGMP"):
        bare.claims(picture(1), [Asked(torch.zeros(SIZE), None)])


def test_with_aligned_corners_the_outer_places_stay_where_they_are() -> None:
    row = torch.tensor([0.0, 1.0]).view(1, 1, 1, 2)

    assert enlarged(row, 2, corners=True)[0, 0, 0].tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert enlarged(row, 2)[0, 0, 0].tolist() == pytest.approx([0, 1 / 4, 3 / 4, 1])
