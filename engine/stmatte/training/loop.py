# SPDX-License-Identifier: Apache-2.0
"""The training loop: draw, make, descend, remember where we are.

A run is a folder: `checkpoint.pt` (everything that is needed to go on), `log.csv`, and
`weights.safetensors` (the moving average, in float16), which is what others use, with
`weights.json`, which says how they came about. The run survives a kill: the checkpoint is
written beside and renamed, and what step n draws depends on the seed and n alone.
"""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import cast

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from stmatte.errors import StmatteError
from stmatte.learning.clips import TrainingClips
from stmatte.learning.guides import deformed
from stmatte.learning.protocol_objective import Guide, protocol_loss
from stmatte.networks.lmrc import LMRC, scale_loss
from stmatte.networks.protocol import Network
from stmatte.networks.stm_interactive import InteractiveSTM
from stmatte.networks.stmatte_s import StmatteS
from stmatte.placing import replacing
from stmatte.training.ahead import made_ahead
from stmatte.training.clips import make_clips
from stmatte.training.corpus import Corpus
from stmatte.training.distilling import learning_from, load_teacher
from stmatte.training.draw import RawClip, draw_clip
from stmatte.training.interactive import interactive_loss
from stmatte.training.lineage import Stage, begun, entered, went_on, write_beside
from stmatte.training.objective import clip_loss
from stmatte.training.rates import groups_of
from stmatte.training.recipe import Recipe
from stmatte.training.start import start_network

SAVE_EVERY = 1000
SAVE_SECONDS = 150.0
LOG_EVERY = 10
Tell = Callable[[int, float, float], None]  # step, loss, seconds a step


def train(
    recipe: Recipe,
    corpus: Corpus,
    run: Path,
    *,
    resume: bool,
    device: torch.device,
    tell: Tell,
    weights: Path | None = None,
    backbone: Path | None = None,
) -> Path:
    """Train until `recipe.steps` and return the path of the weights.

    run       folder of the run; must be new unless `resume`
    weights   what to begin with; None begins anew, see `start.start_network`; `backbone` likewise
    tell      called every few steps with step, mean loss since the last call, seconds a step

    A run that is resumed with another recipe of the same network goes on by that from there.

    Raises StmatteError if the run exists and is not resumed, its checkpoint doesn't fit the
    recipe, the folder cannot be written, or loss or gradient are no numbers.
    """
    checkpoint = run / "checkpoint.pt"
    if checkpoint.exists() and not resume:
        raise StmatteError(
            f"{run} holds a run already",
            value=str(run),
            allowed="a new folder",
            repair="Add --resume to go on with it, or choose another folder",
        )
    try:
        run.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StmatteError(
            f"Folder {run} cannot be made ({error.strerror})", value=str(run)
        ) from error
    torch.manual_seed(recipe.seed)
    network = start_network(recipe.network, weights, backbone).to(device)
    teacher = load_teacher(recipe.teacher, device) if recipe.teacher else None
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = {name: value.detach().clone() for name, value in network.state_dict().items()}
    optimiser = torch.optim.Adam(groups_of(network, recipe), fused=device.type == "cuda")
    first, stages = 0, begun(weights, backbone)
    if checkpoint.exists():
        first, average, stages = _restore(checkpoint, network, optimiser, device)
    stages = entered(stages, recipe, corpus.digest, first)

    losses: list[float] = []
    since = saved = time.monotonic()
    for step, clips in _clips(corpus, recipe, first, device):
        loss = _descend(network, optimiser, clips, recipe, step, teacher)
        losses.append(loss)
        # early on, the average must not hold on to the beginning
        keep = min(recipe.average, (step + 1) / (step + 10))
        for name, value in network.state_dict().items():
            if value.is_floating_point():
                average[name].lerp_(value, 1 - keep)
        done = step + 1
        if done % LOG_EVERY == 0 or done == recipe.steps:
            pace = (time.monotonic() - since) / len(losses)
            tell(done, float(np.mean(losses)), pace)
            _log(run / "log.csv", done, float(np.mean(losses)), pace)
            losses, since = [], time.monotonic()
        late = time.monotonic() - saved > SAVE_SECONDS
        if late or done % SAVE_EVERY == 0 or done == recipe.steps:
            stages = went_on(stages, done)
            export(average, run / "weights.safetensors")  # first: a checkpoint promises it
            write_beside(run / "weights.safetensors", stages, {"network": recipe.network})
            _save(
                checkpoint,
                {
                    "step": done,
                    "stages": stages,
                    "network": network.state_dict(),
                    "average": average,
                    "optimiser": optimiser.state_dict(),
                },
            )
            saved = time.monotonic()
    return run / "weights.safetensors"


def export(state: dict[str, Tensor], path: Path) -> None:
    """Write weights in float16, beside and renamed."""
    halves = {
        name: (value.half() if value.is_floating_point() else value).contiguous().cpu()
        for name, value in state.items()
    }
    with replacing(path) as partial:
        save_file(halves, partial)


def clips_of(corpus: Corpus, recipe: Recipe, step: int, device: torch.device) -> TrainingClips:
    """Return what a network learns from at `step`: the same on every machine."""
    return _made(_draw(corpus, recipe, step), recipe, step, device)


def _clips(
    corpus: Corpus, recipe: Recipe, first: int, device: torch.device
) -> Iterator[tuple[int, TrainingClips]]:
    """Yield every step's clips. Beside a GPU the other cores make them, as nothing else does."""
    if device.type == "cuda":
        make = partial(clips_of, corpus, recipe, device=torch.device("cpu"))
        cores = max(1, (os.cpu_count() or 1) - 1)
        yield from made_ahead(make, range(first, recipe.steps), device, cores)
        return
    for step, raw in _drawn(corpus, recipe, first):
        yield step, _made(raw, recipe, step, device)


def _drawn(corpus: Corpus, recipe: Recipe, first: int) -> Iterator[tuple[int, list[RawClip]]]:
    """Yield every step's raw clips, drawn ahead by other threads while the network learns."""
    draw = partial(_draw, corpus, recipe)
    ahead = os.cpu_count() or 1
    with ThreadPoolExecutor(ahead) as pool:
        waiting = [pool.submit(draw, s) for s in range(first, min(first + ahead, recipe.steps))]
        for step in range(first, recipe.steps):
            yield step, waiting.pop(0).result()
            if step + ahead < recipe.steps:
                waiting.append(pool.submit(draw, step + ahead))


def _draw(corpus: Corpus, recipe: Recipe, step: int) -> list[RawClip]:
    return [
        draw_clip(
            corpus,
            (recipe.height, recipe.width),
            recipe.frames,
            recipe.rendered,
            np.random.default_rng((recipe.seed, _turn(recipe, step), index)),
            skip=recipe.skip(step),
            pasted=recipe.pasted,
            swing=recipe.swing,
            twins=recipe.twins,
            cut=recipe.cut,
            passing=recipe.passing,
            pieces=recipe.pieces,
        )
        for index in range(recipe.batch)
    ]


def _made(raw: list[RawClip], recipe: Recipe, step: int, device: torch.device) -> TrainingClips:
    random = torch.Generator().manual_seed(recipe.seed * 1_000_003 + _turn(recipe, step))
    hiding = recipe.hiding * step / recipe.steps
    return make_clips(raw, hiding, device, random, recipe.bend, recipe.blurred, recipe.compressed)


def _turn(recipe: Recipe, step: int) -> int:
    """Return what tells the clips of a step apart; those of a fixed number come again."""
    return step % max(1, recipe.fixed // recipe.batch) if recipe.fixed else step


def _descend(
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    clips: TrainingClips,
    recipe: Recipe,
    step: int,
    teacher: StmatteS | None = None,
) -> float:
    if not clips.asked.any():
        return 0.0  # every object is covered: nothing to learn from
    rates = (recipe.encoder_rate, recipe.rate)
    for group, rate in zip(optimiser.param_groups, rates, strict=True):
        group["lr"] = rate * recipe.factor(step)
    loss = _loss(network, clips, recipe, step, teacher)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    norm = torch.nn.utils.clip_grad_norm_(network.parameters(), recipe.clip_norm)
    _check_finite(loss, "loss", step)  # only now: a look at a GPU waits for all it has to do
    _check_finite(norm, "gradient", step)
    optimiser.step()
    return float(loss.detach())


def _loss(
    network: nn.Module,
    clips: TrainingClips,
    recipe: Recipe,
    step: int,
    teacher: StmatteS | None = None,
) -> Tensor:
    """Return a network's loss.

    stmatte-s has a batched one of its own, in half the digits; the interactive network learns
    from strokes; all others as they are used.
    """
    if isinstance(network, LMRC) and step < recipe.scale_steps:
        return protocol_loss(network, clips, lambda seen: recipe.scale_weight * scale_loss(seen))
    if isinstance(network, InteractiveSTM):
        random = np.random.default_rng((recipe.seed, _turn(recipe, step), recipe.batch))
        return interactive_loss(network, clips, random)
    if not isinstance(network, StmatteS):
        guide = _guide(recipe, step) if recipe.deform else None
        return protocol_loss(cast(Network, network), clips, guide=guide)
    with torch.autocast(clips.images.device.type, dtype=torch.bfloat16):
        also = learning_from(teacher, clips, recipe.teacher_weight) if teacher else None
        return clip_loss(network, clips, recipe.hardest, recipe.overlap, also)


def _guide(recipe: Recipe, step: int) -> Guide:
    random = torch.Generator().manual_seed(recipe.seed * 2_000_003 + _turn(recipe, step))
    return lambda masks: deformed(masks, recipe.deform, random)


def _check_finite(number: Tensor, name: str, step: int) -> None:
    if not torch.isfinite(number):
        raise StmatteError(
            f"The {name} at step {step} is {number.item()}",
            value=number.item(),
            repair="Lower the learning rates of the recipe and go on with --resume",
        )


def _restore(
    path: Path, network: nn.Module, optimiser: torch.optim.Optimizer, device: torch.device
) -> tuple[int, dict[str, Tensor], list[Stage]]:
    """Fill network and optimiser from a checkpoint; return next step, average and stages."""
    try:
        state = torch.load(path, map_location=device, weights_only=True)
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        return state["step"], state["average"], state["stages"]
    except Exception as error:  # whatever a damaged file makes a parser say
        raise StmatteError(
            f"Checkpoint {path} cannot be gone on from",
            value=str(path),
            allowed="it is whole, and of a run with the same frozen_blocks",
            repair="Choose the recipe it was made with, or begin again in another folder",
        ) from error


def _save(path: Path, state: dict[str, object]) -> None:
    with replacing(path) as partial:
        torch.save(state, partial)


def _log(path: Path, step: int, loss: float, pace: float) -> None:
    new = not path.exists()
    with path.open("a", newline="") as file:
        rows = csv.writer(file)
        if new:
            rows.writerow(["step", "loss", "seconds_a_step"])
        rows.writerow([step, f"{loss:.5f}", f"{pace:.3f}"])
