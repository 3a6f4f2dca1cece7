# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import cast

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.memory.policies import Policy
from stmatte.networks import label_propagation, stmatte_s
from stmatte.networks.aggregation import soft_aggregate
from stmatte.networks.label_propagation import LabelPropagation
from stmatte.networks.precision import readied
from stmatte.networks.registry import load_network
from stmatte.networks.stmatte_b import StmatteB
from stmatte.networks.stmatte_s import NEAR, StmatteS, coarse
from stmatte.networks.stmatte_s_blocks import CONFIDENT, Recalled, Seen, for_each

SIZE = (64, 96)


@pytest.fixture(scope="module")
def plain() -> LabelPropagation:
    return cast(LabelPropagation, load_network("label-propagation", "cpu"))


@pytest.fixture(scope="module")
def start(plain: LabelPropagation) -> StmatteS:
    """Where training starts: the decoder's last layer is zero."""
    torch.manual_seed(0)
    network = StmatteS()
    network.image_encoder.load_state_dict(plain.image_encoder.state_dict())
    return network.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def network() -> StmatteS:
    """Some way on: the decoder has something to say."""
    torch.manual_seed(1)
    network = StmatteS()
    network.decoder.correction.reset_parameters()
    return network.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def shipped() -> StmatteS:
    return cast(StmatteS, load_network("stmatte-s", "cpu"))


def pictures() -> Tensor:
    """(3, 3, H, W): a soft pattern that drifts to the right."""
    coarse = torch.rand(1, 3, 8, 12, generator=torch.Generator().manual_seed(0))
    still = F.interpolate(coarse, SIZE, mode="bicubic")[0].clamp(0, 1)
    return torch.stack([still.roll(4 * t, dims=2) for t in range(3)])


def planes(objects: int = 2) -> Tensor:
    """(N + 1, H, W): objects as columns of 20 pixels, half of them soft."""
    mattes = torch.zeros(objects, *SIZE)
    for n in range(objects):
        mattes[n, 8:56, 24 * n + 4 : 24 * n + 24] = 1 if n % 2 else 0.75
    return torch.cat([1 - mattes.sum(dim=0, keepdim=True), mattes])


def remembered(
    network: StmatteS, step: int, held: Tensor, said: tuple[bool, ...] | None = None
) -> MemoryFrame:
    picture = pictures()[step]
    memory = network.encode_memory(picture, network.encode_query(picture), held)
    origin = Origin.RESULT if step else Origin.KEY
    return MemoryFrame(step, origin, memory.maps, memory.objects, said or (True,) * (len(held) - 1))


# --- what it costs ------------------------------------------------------------------------


def test_it_is_as_small_as_promised() -> None:
    state = StmatteS().state_dict()
    numbers = sum(tensor.numel() for tensor in state.values())

    assert numbers <= 8_000_000
    assert 2 * numbers <= 16 * 2**20  # bytes in half precision


def test_its_policy_reads_keys_the_latest_frames_and_every_fifth() -> None:
    assert StmatteS.policy == Policy(keys=True, previous=NEAR, every=5)


# --- where it starts ------------------------------------------------------------------------


@pytest.fixture
def everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects can be anywhere, so that everything is read and decided."""
    monkeypatch.setattr(stmatte_s, "PRESENT", -1.0)


@pytest.mark.usefixtures("everywhere")
def test_at_the_start_the_read_mask_is_that_of_label_propagation(
    start: StmatteS, plain: LabelPropagation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_propagation, "WINDOW", stmatte_s.WINDOW)

    def banked(network: StmatteS | LabelPropagation) -> tuple[MemoryFrame, ...]:
        return tuple(remembered(cast(StmatteS, network), step, planes()) for step in (0, 1))

    with torch.inference_mode():
        seen = Seen(**start.encode_query(pictures()[2]).maps)
        ours = start.recall(seen, banked(start)).mask8[:, 0]
        theirs = plain._read(plain.encode_query(pictures()[2]).maps["key8"], banked(plain))

    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)
    assert theirs.max() > 0.9


@pytest.mark.usefixtures("everywhere")
def test_at_the_start_claims_are_the_read_mask_through_its_logit(start: StmatteS) -> None:
    with torch.inference_mode():
        query = start.encode_query(pictures()[2])
        seen = Seen(**query.maps)
        memory = (remembered(start, 0, planes()), remembered(start, 1, planes()))
        mask8 = start.recall(seen, memory).mask8
        segmented = start.segment(query, Bank(memory))

    logit = torch.logit(mask8.clamp(CONFIDENT, 1 - CONFIDENT))
    for scale in (2, 4):
        logit = F.interpolate(logit, scale_factor=scale, mode="bilinear", align_corners=False)
    expected = logit.sigmoid()[:, 0]
    torch.testing.assert_close(segmented, soft_aggregate(expected), atol=1e-5, rtol=0)
    # the middle of the soft column: its 0.75 comes back as 0.75 of a claim
    assert expected[0, 32, 18].item() == pytest.approx(0.75, abs=0.1)


def test_at_the_start_matching_uses_plain_features(start: StmatteS) -> None:
    with torch.inference_mode():
        seen = start.see(pictures())
        features = start.image_encoder(pictures())

    torch.testing.assert_close(seen.key8, F.normalize(features.dense, dim=1))
    torch.testing.assert_close(seen.key16, F.normalize(features.s16, dim=1))


def test_training_moves_it_from_there_first_by_the_correction_alone(start: StmatteS) -> None:
    network = StmatteS()
    network.load_state_dict(start.state_dict())
    seen = network.see(pictures()[2:])
    memory = (remembered(network, 0, planes(1)),)

    network.decode(seen, network.recall(seen, memory)).sum().backward()

    correction = network.decoder.correction.weight.grad
    behind = network.decoder.at16.weight.grad
    assert correction is not None
    assert correction.abs().max() > 0
    assert behind is not None
    assert behind.abs().max() == 0  # all other layers follow once that layer is not zero


# --- objects ------------------------------------------------------------------------------


def test_a_batch_of_objects_is_decoded_as_one_at_a_time(network: StmatteS) -> None:
    with torch.inference_mode():
        seen = network.see(pictures()[2:])
        recalled = network.recall(seen, (remembered(network, 0, planes(3)),))
        together = network.decode(for_each(seen, 3), recalled)
        alone = [network.decode(seen, recalled.of_object(n)) for n in range(3)]

    torch.testing.assert_close(together, torch.cat(alone), atol=1e-5, rtol=0)


def test_a_batch_of_objects_is_remembered_as_one_at_a_time(network: StmatteS) -> None:
    masks = planes()[1:, None]
    with torch.inference_mode():
        seen = network.see(pictures()[:1])
        together = network.write(for_each(seen, 2), masks, masks.flip(0))
        alone = [network.write(seen, masks[n : n + 1], masks[1 - n : 2 - n]) for n in range(2)]

    for name, maps in together.items():
        torch.testing.assert_close(maps, torch.cat([one[name] for one in alone]), atol=1e-5, rtol=0)


def scattered(height: int, width: int) -> Tensor:
    """(3, 1, height, width): objects in a corner, in two places, and nowhere."""
    masks = torch.zeros(3, 1, height, width)
    masks[0, 0, :40, :70] = 1
    masks[1, 0, 200:260, 300:330] = 0.5
    masks[1, 0, height - 20 :, width - 100 :] = 1
    return masks


@pytest.mark.parametrize("kind", [StmatteS, StmatteB])
@torch.inference_mode()
def test_values_made_about_each_object_are_those_made_everywhere(kind: type[StmatteS]) -> None:
    torch.manual_seed(2)
    network = kind().eval()
    masks = scattered(384, 512)
    seen = network.see(torch.rand(1, 3, 384, 512))
    others = masks.sum(dim=0, keepdim=True) - masks

    about = network.write_about(seen, masks, others)
    everywhere = network.write_everywhere(seen, masks, others)

    for name, maps in everywhere.items():
        torch.testing.assert_close(about[name], maps, atol=2e-6, rtol=0)


@torch.inference_mode()
def test_where_an_object_is_not_its_value_is_that_of_nothing(network: StmatteS) -> None:
    masks = scattered(384, 512)[:1]
    seen = network.see(torch.rand(1, 3, 384, 512))

    with_it, without = (
        network.write_about(seen, mask, 0 * mask)["value16"] for mask in (masks, 0 * masks)
    )

    same = (with_it == without).all(dim=1)[0]
    about = torch.zeros_like(same)
    about[: 3 + 1, : 5 + 1] = True  # of 16 pixels: three rows and five columns, and one beside
    assert torch.equal(~same, about)


def test_others_are_all_objects_but_the_one_itself(network: StmatteS) -> None:
    with torch.inference_mode():
        seen = network.see(pictures()[:1])
        recalled = network.recall(seen, (remembered(network, 0, planes(3)),))

    total = recalled.mask8.sum(dim=0)
    for n in range(3):
        torch.testing.assert_close(recalled.others8[n] + recalled.mask8[n], total)


# --- what is said ---------------------------------------------------------------------------


def test_what_a_frame_holds_of_an_object_it_says_nothing_of_is_never_read(
    network: StmatteS,
) -> None:
    late = remembered(network, 1, planes())
    first = remembered(network, 0, planes(), said=(True, False))
    lied = MemoryFrame(
        first.step,
        first.origin,
        first.maps,
        {name: torch.stack([m[0], m[1] * 0 + 7]) for name, m in first.objects.items()},
        first.said,
    )
    with torch.inference_mode():
        query = network.encode_query(pictures()[2])
        honest, told = (network.segment(query, Bank((f, late))) for f in (first, lied))

    assert torch.equal(honest, told)


def test_nothing_said_is_not_the_same_as_absent(network: StmatteS) -> None:
    without = planes()
    without[0] += without[2]
    without[2] = 0
    late = remembered(network, 1, planes())
    with torch.inference_mode():
        query = network.encode_query(pictures()[2])
        silent, absent = (
            network.segment(query, Bank((remembered(network, 0, without, said=said), late)))
            for said in ((True, False), (True, True))
        )

    assert silent[2].mean() > absent[2].mean()


def test_objects_that_different_frames_speak_of_still_know_of_each_other(
    network: StmatteS, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = remembered(network, 0, planes(), said=(True, False))
    late = remembered(network, 1, planes())
    read: list[Recalled] = []
    claims = network.claims

    def listening(seen: Seen, recalled: Recalled) -> Tensor:
        read.append(recalled)
        return claims(seen, recalled)

    monkeypatch.setattr(network, "claims", listening)
    with torch.inference_mode():
        network.segment(network.encode_query(pictures()[2]), Bank((first, late)))

    early, later = read
    torch.testing.assert_close(early.others8, later.mask8)
    torch.testing.assert_close(later.others8, early.mask8)


def drifting() -> tuple[Tensor, Tensor]:
    """Five pictures (5, 3, 256, 384) and masks (5, 256, 384) of a small square that drifts."""
    size = (256, 384)
    noise = torch.rand(2, 3, 32, 48, generator=torch.Generator().manual_seed(0))
    behind, front = F.interpolate(noise, size, mode="bicubic").clamp(0, 1)
    masks, images = torch.zeros(5, *size), behind.repeat(5, 1, 1, 1)
    for t in range(5):
        rows, columns = slice(96, 144), slice(64 + 4 * t, 112 + 4 * t)
        masks[t, rows, columns] = 1
        images[t, :, rows, columns] = front[:, 96:144, 64:112]
    return images, masks


@torch.inference_mode()
def recalled_of(network: StmatteS) -> tuple[Seen, tuple[MemoryFrame, ...]]:
    """What is seen of the last picture of `drifting`, and memory of those before."""
    images, masks = drifting()
    frames = []
    for t in range(4):
        query = network.encode_query(images[t])
        memory = network.encode_memory(images[t], query, torch.stack([1 - masks[t], masks[t]]))
        origin = Origin.RESULT if t else Origin.KEY
        frames.append(MemoryFrame(t, origin, memory.maps, memory.objects, (True,)))
    return Seen(**network.encode_query(images[4]).maps), tuple(frames)


@torch.inference_mode()
def test_what_is_read_about_the_objects_alone_gives_the_same_mattes(shipped: StmatteS) -> None:
    seen, memory = recalled_of(shipped)

    near, everywhere = shipped.recall(seen, memory), shipped.recall_everywhere(seen, memory)

    assert (near.mask8 == 0).float().mean() > 0.5  # so most was passed over
    mattes, whole = shipped.decode(seen, near), shipped.decode(seen, everywhere)
    assert (mattes - whole).abs().max() < 2e-3
    true = drifting()[1][4] > 0.5
    assert ((mattes[0, 0] > 0.5) & true).sum() > 0.9 * true.sum()


def test_an_object_can_be_where_it_may_have_moved_to_and_where_it_seems_to_be_back() -> None:
    latest8, read16 = torch.zeros(1, 60, 80), torch.zeros(1, 30, 40)
    latest8[0, 20:22, 20:22] = 1  # row and column 10 of stride 16
    read16[0, 10, 10] = read16[0, 10, 14] = 0.06  # faint, and as far as the window reaches
    read16[0, 10, 20] = 0.06  # as faint, and too far to have moved there
    read16[0, 20, 30] = 0.3

    near = stmatte_s._near(read16, latest8)

    expected = torch.zeros_like(near)
    for row, column in ((10, 10), (10, 14), (20, 30)):
        expected[0, row - 1 : row + 2, column - 1 : column + 2] = True
    assert torch.equal(near, expected)


def test_keys_old_frames_and_the_latest_two_are_read_coarsely() -> None:
    def frame(step: int, origin: Origin = Origin.RESULT) -> MemoryFrame:
        return MemoryFrame(step, origin, {}, {}, (True,))

    elsewhere, began, lasting = frame(-1, Origin.KEY), frame(0, Origin.KEY), frame(5)
    late = [frame(step) for step in range(13, 20)]
    keyed = frame(16, Origin.KEY)

    assert coarse((elsewhere, began, lasting, *late)) == (elsewhere, began, lasting, *late[-2:])
    assert coarse((began, *late[:3], keyed, *late[4:])) == (began, keyed, *late[-2:])
    assert coarse((began,)) == (began,)
    assert coarse((late[0],)) == (late[0],)


def searches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that hears, from now on, of how many frames each coarse search compares."""
    searched: list[int] = []
    search = stmatte_s._match16
    monkeypatch.setattr(
        stmatte_s, "_match16", lambda seen, of: (searched.append(len(of)), search(seen, of))[1]
    )
    return searched


@torch.inference_mode()
def test_objects_that_walk_alone_share_a_search_in_half_precision_too(
    shipped: StmatteS, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, masks = drifting()
    network = readied(shipped, "bfloat16", torch.device("cpu"))
    queries = [network.encode_query(image) for image in images[:3]]
    frames: list[list[MemoryFrame]] = [[], []]
    for t in range(2):
        for remembers, mask in zip(frames, (masks[t], masks[t].flip(-1)), strict=True):
            memory = network.encode_memory(images[t], queries[t], torch.stack([1 - mask, mask]))
            remembers.append(MemoryFrame(t, Origin.KEY, memory.maps, memory.objects, (True,)))
    banks = [Bank(tuple(remembers)) for remembers in frames]
    alone = [deepcopy(network).segment(queries[2], bank) for bank in banks]
    searched = searches(monkeypatch)

    by_turns = [network.segment(queries[2], bank) for bank in banks]

    assert searched == [2]
    for together, by_itself in zip(by_turns, alone, strict=True):
        assert torch.equal(together, by_itself)


@torch.inference_mode()
def test_objects_that_remember_the_same_frames_share_a_search(
    shipped: StmatteS, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, memory = recalled_of(shipped)
    mirrored = tuple(
        replace(frame, objects={name: m.flip(-1) for name, m in frame.objects.items()})
        for frame in memory
    )
    alone = deepcopy(shipped).recall(seen, mirrored)
    searched = searches(monkeypatch)

    shipped.recall(seen, memory)
    together = shipped.recall(seen, mirrored)
    shipped.recall(seen, mirrored[1:])

    assert searched == [3, 2]  # the key and the latest two; the latest two
    for one, other in zip(together, alone, strict=True):
        assert torch.equal(cast(Tensor, one), cast(Tensor, other))


@pytest.mark.parametrize("kind", [StmatteS, StmatteB])
@torch.inference_mode()
def test_an_object_is_decided_about_itself_as_if_everything_was(kind: type[StmatteS]) -> None:
    torch.manual_seed(3)
    network = kind().eval()
    network.decoder.correction.reset_parameters()
    if isinstance(network, StmatteB):
        network.decoder.fine.reset_parameters()
    seen, memory = recalled_of(network)
    recalled = network.recall(seen, memory)
    near = torch.zeros(1, 16, 24, dtype=torch.bool)
    near[0, 6:8, 13:15] = True  # and nothing else is decided

    claims = network.claims(seen, recalled._replace(near16=near))

    whole = network.claims_everywhere(seen, recalled._replace(near16=near))
    torch.testing.assert_close(claims, whole, atol=1e-5, rtol=0)
    at16 = F.max_pool2d(claims[None], 16)[0, 0]
    assert (at16[6:8, 13:15] > 0).all()
    assert at16.count_nonzero() == 4


@torch.inference_mode()
def test_an_object_that_is_nowhere_claims_nothing(network: StmatteS) -> None:
    seen, memory = recalled_of(network)
    recalled = network.recall(seen, memory)

    claims = network.claims(seen, recalled._replace(near16=torch.zeros(1, 16, 24) > 0))

    assert claims.shape == (1, 256, 384)
    assert claims.max() == 0


@torch.inference_mode()
def test_a_compiled_decoder_is_given_whole_pictures_only(
    network: StmatteS, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, memory = recalled_of(network)
    recalled = network.recall(seen, memory)
    near = torch.zeros(1, 16, 24, dtype=torch.bool)
    near[0, 6:8, 13:15] = True
    asked = deepcopy(network)
    sizes: list[tuple[int, ...]] = []
    asked.decoder.register_forward_hook(lambda _, given, __: sizes.append(given[0].s4.shape))
    monkeypatch.setattr(stmatte_s, "is_compiled", lambda _: True)

    claims = asked.claims(seen, recalled._replace(near16=near))

    assert sizes == [(1, 24, 64, 96)]  # 256 x 384 at stride 4
    whole = network.claims_everywhere(seen, recalled._replace(near16=near))
    torch.testing.assert_close(claims, whole, atol=1e-5, rtol=0)
