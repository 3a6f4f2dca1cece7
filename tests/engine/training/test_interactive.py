# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from stmatte.learning.clips import TrainingClips
from stmatte.learning.protocol_objective import with_background
from stmatte.networks.stm import STM
from stmatte.networks.stm_interactive import InteractiveSTM
from stmatte.scribbles import NOTHING
from stmatte.training.interactive import Slip, drawn_lines, interactive_loss, slipped, two_rounds
from stmatte.training.recipe import load_recipe
from stmatte.training.start import start_network

pytestmark = pytest.mark.usefixtures("one_thread")

SIZE = 64, 64
STEADY = Slip(0, 0, 0, 0)
BOX = np.zeros(SIZE, np.int_)
BOX[16:48, 12:52] = 1
NOTHING_FOUND = np.zeros(SIZE, np.int_)


def lot() -> np.random.Generator:
    return np.random.default_rng(4)


@pytest.fixture(scope="module")
def network() -> InteractiveSTM:
    torch.manual_seed(0)
    return InteractiveSTM()


@pytest.fixture
def clips() -> TrainingClips:
    """Noise, of which a box is asked for that goes 4 pixels down a frame."""
    objects = torch.zeros(1, 3, 1, *SIZE)
    for t in range(3):
        objects[0, t, 0, 16 + 4 * t : 48 + 4 * t, 12:52] = 1
    images = torch.rand(1, 3, 3, *SIZE, generator=torch.Generator().manual_seed(1))
    asked = torch.ones(1, 1, dtype=torch.bool)
    return TrainingClips(images, objects, torch.ones(1, 3, 1, *SIZE), asked)


def test_the_first_lines_lie_on_objects_alone() -> None:
    lines = drawn_lines(BOX, NOTHING_FOUND, 1, lot(), STEADY)

    assert set(np.unique(lines)) == {NOTHING, 1}
    assert (BOX[lines == 1] == 1).all()


def test_later_lines_lie_on_what_is_wrong_either_way() -> None:
    found = np.roll(BOX, 10, axis=1)

    lines = drawn_lines(BOX, found, 1, lot(), STEADY)

    assert set(np.unique(lines)) == {NOTHING, 0, 1}
    assert (found[lines == 1] == 0).all()  # it was missed
    assert (BOX[lines == 0] == 0).all()  # it was too much


def test_nothing_is_drawn_where_nothing_is_wrong() -> None:
    assert (drawn_lines(BOX, BOX, 1, lot()) == NOTHING).all()


def test_an_object_too_small_for_a_line_gets_a_point() -> None:
    small = np.zeros(SIZE, np.int_)
    small[30:33, 40:43] = 1

    lines = drawn_lines(small, NOTHING_FOUND, 1, lot(), STEADY)

    assert (lines == 1).sum() >= 1
    assert (small[lines == 1] == 1).all()


def test_a_line_is_moved_about_its_own_middle_no_further_than_its_slip_says() -> None:
    line = np.array([(10.0, 20.0), (30.0, 20.0)])

    assert np.allclose(slipped(line, 64, STEADY, lot()), line)
    for seed in range(50):
        turned = slipped(line, 64, Slip(0.2, 0, 0, 0), np.random.default_rng(seed))
        assert np.allclose(turned.mean(axis=0), (20, 20))
        across, down = turned[1] - turned[0]
        assert abs(np.arctan2(down, across)) <= 0.2
        assert np.hypot(across, down) == pytest.approx(20)
        shifted = slipped(line, 64, Slip(0, 0, 0, 0.1), np.random.default_rng(seed))
        assert np.abs(shifted - line).max() <= 6.4


def test_two_rounds_answer_for_every_frame(network: InteractiveSTM, clips: TrainingClips) -> None:
    with torch.no_grad():
        rounds = list(two_rounds(network, clips.images[0], clips.objects[0], lot()))

    assert [len(found) for found in rounds] == [3, 3]
    for planes in (*rounds[0], *rounds[1]):
        assert planes.shape == (2, *SIZE)
        assert torch.allclose(planes.sum(dim=0), torch.ones(SIZE), atol=1e-5)


def test_the_second_round_knows_what_the_first_one_did_not(
    network: InteractiveSTM, clips: TrainingClips
) -> None:
    with torch.no_grad():
        first, second = two_rounds(network, clips.images[0], clips.objects[0], lot())

    assert not torch.equal(first[1], second[1])


def test_both_rounds_teach_both_kinds_of_strokes(
    network: InteractiveSTM, clips: TrainingClips
) -> None:
    network.requires_grad_(True)
    network.zero_grad()

    interactive_loss(network, clips, lot()).backward()  # type: ignore[no-untyped-call]

    for layer in (network.Encoder_M.conv1_p, network.Encoder_M.conv1_m):
        assert layer.weight.grad is not None
        assert layer.weight.grad.abs().sum() > 0


def test_the_loss_is_the_entropy_of_all_frames_of_both_rounds(
    network: InteractiveSTM, clips: TrainingClips
) -> None:
    with torch.no_grad():
        loss = interactive_loss(network, clips, lot())
        rounds = two_rounds(network, clips.images[0], clips.objects[0], lot())
        entropies = [
            -(with_background(clips.objects[0, t]) * planes.clamp(min=1e-7).log()).sum(0).mean()
            for found in rounds
            for t, planes in enumerate(found)
        ]

    assert float(loss) == pytest.approx(float(torch.stack(entropies).mean()), rel=1e-5)


def test_it_can_begin_with_weights_of_stm(tmp_path: Path) -> None:
    stm = STM()
    save_file(stm.state_dict(), tmp_path / "stm.safetensors")

    begun = start_network("stm-interactive", tmp_path / "stm.safetensors")

    state = begun.state_dict()
    assert all(torch.equal(state[name], value) for name, value in stm.state_dict().items())
    assert not state["Encoder_M.conv1_p.weight"].any()


def test_its_recipe_is_the_paper_s() -> None:
    recipe = load_recipe("stm-interactive")

    assert (recipe.network, recipe.frames, recipe.batch) == ("stm-interactive", 3, 4)
    assert (recipe.height, recipe.width) == (384, 384)
    assert recipe.rate == 1e-5
