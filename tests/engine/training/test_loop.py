# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import csv
import errno
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.learning.clips import TrainingClips
from stmatte.networks.registry import load_network
from stmatte.training import loop
from stmatte.training.__main__ import main
from stmatte.training.clips import make_clips
from stmatte.training.corpus import Corpus
from stmatte.training.draw import RawClip
from stmatte.training.loop import export, train
from stmatte.training.recipe import Recipe
from stmatte.training.start import start_network

ENGINE = Path(__file__).parents[3] / "engine"
CPU = torch.device("cpu")

pytestmark = pytest.mark.usefixtures("one_thread")


class KilledError(Exception):
    """The machine was wanted for something else."""


def run(
    recipe: Recipe, corpus: Corpus, folder: Path, *, resume: bool = False, killed: int = 0
) -> list[tuple[int, float]]:
    """Train; return (step, loss) of each step. The run is killed in step `killed`, unsaved."""
    told: list[tuple[int, float]] = []

    def tell(step: int, loss: float, pace: float) -> None:
        assert pace > 0
        told.append((step, loss))
        if step == killed:
            raise KilledError

    with suppress(KilledError):
        train(recipe, corpus, folder, resume=resume, device=CPU, tell=tell)
    return told


def checkpoint(folder: Path) -> dict[str, dict[str, Tensor]]:
    state: dict[str, dict[str, Tensor]] = torch.load(folder / "checkpoint.pt", weights_only=True)
    return state


def equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[n], other[n]) for n in one)


@pytest.fixture(autouse=True)
def _tell_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "LOG_EVERY", 1)
    monkeypatch.setattr(loop, "SAVE_EVERY", 2)


@pytest.fixture(scope="module")
def whole(
    tiny: Recipe, corpus: Corpus, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[tuple[int, float]]]:
    """A run of four steps, and what it told."""
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "LOG_EVERY", 1)
        patch.setattr(loop, "SAVE_EVERY", 2)
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        told = run(tiny, corpus, folder)
        torch.set_num_threads(threads)
    return folder, told


Whole = tuple[Path, list[tuple[int, float]]]


# --- a run ----------------------------------------------------------------------------


def test_a_run_is_a_checkpoint_a_log_and_weights_and_nothing_half_written(whole: Whole) -> None:
    folder, told = whole

    names = sorted(path.name for path in folder.iterdir())
    assert names == ["checkpoint.pt", "log.csv", "weights.json", "weights.safetensors"]
    rows = list(csv.reader((folder / "log.csv").open()))
    assert rows[0] == ["step", "loss", "seconds_a_step"]
    assert [(int(step), loss) for step, loss, _ in rows[1:]] == [
        (step, f"{loss:.5f}") for step, loss in told
    ]
    assert [step for step, _ in told] == [1, 2, 3, 4]


def test_frozen_blocks_stay_as_they_are_and_all_else_learns(whole: Whole) -> None:
    before = start_network("stmatte-s").state_dict()
    after = checkpoint(whole[0])["network"]

    frozen = {f"image_encoder.features.{block}." for block in range(7)}  # 0 to 6
    for name, tensor in before.items():
        stays = any(name.startswith(block) for block in frozen)
        assert torch.equal(tensor, after[name]) == stays, name


def test_what_a_step_draws_depends_on_the_seed_and_the_step_alone(
    tiny: Recipe, corpus: Corpus
) -> None:
    two = replace(tiny, batch=2)
    begun, gone_on = (dict(loop._drawn(corpus, two, first)) for first in (0, 2))
    other = dict(loop._drawn(corpus, replace(two, seed=9), 0))

    def bases(raw: list[RawClip]) -> list[bytes]:
        return [
            clip.base.tobytes() + b"".join(layer.pixels.tobytes() for layer in clip.layers)
            for clip in raw
        ]

    assert list(begun) == [0, 1, 2, 3]
    assert list(gone_on) == [2, 3]
    assert [bases(begun[step]) for step in (2, 3)] == [bases(gone_on[step]) for step in (2, 3)]
    # eight clips of a run and the first of another are nine
    assert len({b for raw in (*begun.values(), other[0][:1]) for b in bases(raw)}) == 9


def test_what_is_kept_is_the_moving_average_in_half_precision(whole: Whole) -> None:
    state = checkpoint(whole[0])
    weights = load_file(whole[0] / "weights.safetensors")

    assert {tensor.dtype for tensor in weights.values()} == {torch.float16}
    assert equal(weights, {name: t.half() for name, t in state["average"].items()})
    assert not equal(state["average"], state["network"])


def test_the_weights_load_as_the_network_that_they_are_of(whole: Whole) -> None:
    network = load_network(str(whole[0] / "weights.safetensors"), "cpu")

    assert network.name == "stmatte-s"
    planes = torch.zeros(3, 32, 48)
    planes[0] = 1
    with torch.inference_mode():
        query = network.encode_query(torch.rand(3, 32, 48))
        memory = network.encode_memory(torch.rand(3, 32, 48), query, planes)
    assert memory.objects["mask8"].shape == (2, 4, 6)


def test_the_same_seed_gives_the_same_losses_and_another_seed_others(
    tiny: Recipe, corpus: Corpus, tmp_path: Path, whole: Whole
) -> None:
    again = run(tiny, corpus, tmp_path / "same", killed=2)
    other = run(replace(tiny, seed=4, steps=1), corpus, tmp_path / "other")

    assert again == whole[1][:2]
    assert other[0][1] != whole[1][0][1]


# --- going on -------------------------------------------------------------------------


def test_a_run_that_was_killed_goes_on_to_the_same_bits(
    tiny: Recipe, corpus: Corpus, tmp_path: Path, whole: Whole
) -> None:
    run(tiny, corpus, tmp_path, killed=3)  # the checkpoint is of step 2
    told = run(tiny, corpus, tmp_path, resume=True)

    assert told == whole[1][2:]
    for part in ("network", "average"):
        assert equal(checkpoint(tmp_path)[part], checkpoint(whole[0])[part])
    assert equal(
        load_file(tmp_path / "weights.safetensors"), load_file(whole[0] / "weights.safetensors")
    )


def test_a_run_that_is_there_is_not_begun_again(tiny: Recipe, corpus: Corpus, whole: Whole) -> None:
    before = (whole[0] / "checkpoint.pt").read_bytes()

    with pytest.raises(StmatteError, match=r"holds a run already: a new folder. Add --resume"):
        run(tiny, corpus, whole[0])

    assert (whole[0] / "checkpoint.pt").read_bytes() == before


def test_a_run_that_is_done_stays_done(tiny: Recipe, corpus: Corpus, whole: Whole) -> None:
    assert run(tiny, corpus, whole[0], resume=True) == []


def test_to_resume_without_a_run_begins_one(tiny: Recipe, corpus: Corpus, tmp_path: Path) -> None:
    assert len(run(replace(tiny, steps=1), corpus, tmp_path / "new", resume=True)) == 1


def test_a_lower_rate_counts_from_the_next_step_on(
    tiny: Recipe, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The message on a loss that is no number asks for this: the rates are the recipe's own,
    # not those that the checkpoint remembers.
    rates: list[float] = []
    step = torch.optim.Adam.step

    def noted(self: torch.optim.Adam) -> object:
        rates.extend(group["lr"] for group in self.param_groups)
        return step(self)

    monkeypatch.setattr(torch.optim.Adam, "step", noted)
    run(tiny, corpus, tmp_path, killed=3)
    run(replace(tiny, rate=5e-4, encoder_rate=1e-6, decay=0), corpus, tmp_path, resume=True)

    # warm-up of two steps, then the whole rate; step 3 is done again after the kill
    assert rates[:6] == pytest.approx([2e-5, 5e-4, 4e-5, 1e-3, 4e-5, 1e-3])
    assert rates[6:] == pytest.approx([1e-6, 5e-4, 1e-6, 5e-4])


@pytest.mark.parametrize("harm", ["cut off", "other blocks frozen"])
def test_a_checkpoint_that_cannot_be_gone_on_from_is_an_error(
    tiny: Recipe, corpus: Corpus, tmp_path: Path, whole: Whole, harm: str
) -> None:
    content = (whole[0] / "checkpoint.pt").read_bytes()
    cut = harm == "cut off"
    (tmp_path / "checkpoint.pt").write_bytes(content[: len(content) // 2] if cut else content)

    with pytest.raises(StmatteError, match=r"checkpoint[.]pt cannot be gone on from"):
        run(tiny if cut else replace(tiny, frozen_blocks=2), corpus, tmp_path, resume=True)


# --- what must never be kept ------------------------------------------------------------


def poisoned(kind: str) -> Callable[..., Tensor]:
    """A loss that is no number itself, or whose gradient is none."""

    def loss(network: torch.nn.Module, clips: TrainingClips, *counting: float) -> Tensor:
        del clips, counting
        weight = network.get_parameter("decoder.correction.bias").sum()
        return weight * float("nan") if kind == "loss" else (weight - weight.detach()).sqrt()

    return loss


@pytest.mark.parametrize("kind", ["loss", "gradient"])
def test_a_step_without_numbers_is_refused_before_it_reaches_the_weights(
    tiny: Recipe, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    run(tiny, corpus, tmp_path, killed=3)
    before = (tmp_path / "checkpoint.pt").read_bytes()
    monkeypatch.setattr(loop, "clip_loss", poisoned(kind))

    with pytest.raises(StmatteError, match=f"The {kind} at step 2 is (nan|inf). Lower the"):
        run(tiny, corpus, tmp_path, resume=True)

    assert (tmp_path / "checkpoint.pt").read_bytes() == before


def test_a_step_in_which_every_object_is_covered_changes_nothing(
    tiny: Recipe, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        loop,
        "make_clips",
        lambda *given: replace(clips := make_clips(*given), asked=clips.asked & False),
    )

    assert run(replace(tiny, steps=2), corpus, tmp_path) == [(1, 0.0), (2, 0.0)]

    torch.manual_seed(tiny.seed)
    assert equal(checkpoint(tmp_path)["network"], start_network("stmatte-s").state_dict())


@pytest.mark.parametrize("fails", ["torch.save", "save_file"])
def test_a_save_that_breaks_off_leaves_the_one_before_whole(
    tiny: Recipe, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    run(tiny, corpus, tmp_path, killed=3)
    before = (tmp_path / "checkpoint.pt").read_bytes()

    def half(_: object, path: Path) -> None:
        path.write_bytes(b"half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    if fails == "torch.save":
        monkeypatch.setattr(torch, "save", half)
    else:
        monkeypatch.setattr(loop, "save_file", half)
    with pytest.raises(OSError, match="No space"):
        run(tiny, corpus, tmp_path, resume=True)

    assert (tmp_path / "checkpoint.pt").read_bytes() == before
    load_file(tmp_path / "weights.safetensors")
    monkeypatch.undo()
    monkeypatch.setattr(loop, "LOG_EVERY", 1)
    assert [step for step, _ in run(tiny, corpus, tmp_path, resume=True)] == [3, 4]


def test_a_place_that_cannot_be_written_is_an_error(
    tiny: Recipe, corpus: Corpus, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StmatteError, match=r"Folder .*run cannot be made"):
        run(tiny, corpus, tmp_path / "file" / "run")


def test_export_writes_every_tensor_once_in_half_precision(tmp_path: Path) -> None:
    export({"a": torch.tensor([1 / 3]), "b": torch.eye(3).T}, tmp_path / "w.safetensors")

    with safe_open(tmp_path / "w.safetensors", "pt") as file:
        assert sorted(file.keys()) == ["a", "b"]
        assert file.get_tensor("a").dtype == torch.float16
    assert [path.name for path in tmp_path.iterdir()] == ["w.safetensors"]


# --- a machine that has little ----------------------------------------------------------

BLOCKED = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("OpenImageIO", "click", "rich", "pydantic", "platformdirs"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
from stmatte.training.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def test_torch_numpy_opencv_and_safetensors_are_enough_to_train(pack: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "tiny.json"
    recipe.write_text('{"height": 64, "width": 96, "batch": 1}')
    words = [str(recipe), "--corpus", str(pack), "--out", str(tmp_path / "run"), "--steps", "1"]

    told = subprocess.run(
        [sys.executable, "-c", BLOCKED, *words, "--device", "cpu"],
        env={"PYTHONPATH": str(ENGINE), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("step 1  loss ")
    assert (tmp_path / "run" / "weights.safetensors").exists()


def test_there_what_a_person_can_mend_is_one_sentence_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["stage1", "--corpus", str(tmp_path / "no.pack"), "--out", str(tmp_path / "run")]

    assert main(words) == 2
    assert capsys.readouterr().err.startswith(f"stmatte.training: {tmp_path / 'no.pack'} is not a")
    assert not (tmp_path / "run").exists()


# --- does it learn? ---------------------------------------------------------------------


@pytest.mark.slow
def test_two_clips_seen_again_and_again_are_learnt(
    tiny: Recipe, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = loop._made
    monkeypatch.setattr(
        loop, "_made", lambda raw, recipe, step, device: made(raw, recipe, step % 2, device)
    )
    drawn = loop._drawn

    def same(corpus: Corpus, recipe: Recipe, first: int) -> object:
        two = [raw for _, raw in drawn(corpus, replace(recipe, steps=2), 0)]
        return ((step, two[step % 2]) for step in range(first, recipe.steps))

    monkeypatch.setattr(loop, "_drawn", same)
    recipe = replace(tiny, steps=120, warmup=10, decay=40, hiding=0.0)

    losses = [loss for _, loss in run(recipe, corpus, tmp_path)]

    first, last = sum(losses[:4]) / 4, sum(losses[-4:]) / 4
    assert last < 0.4 * first
