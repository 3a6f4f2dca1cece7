# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""How many clips a second a recipe learns from, and where the time goes.

    python tests/benchmarks/training.py stmatte-b --corpus PACK [--device cuda] [--steps 20]
        [--batch N] [--height H --width W --frames T] [--weights FILE] [--syncs]

Needs no more than training does. Drawing and making a clip are told for one core, as each is
made by one. Then steps go as in training: what they wait for clips, forward, backward, and all
else; by the clock on a CPU, by events on a GPU. There the share of time in which kernels ran is
told, too, of three further steps, and the ten that took most. `--syncs` names each place of one
step where the GPU is waited for.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from stmatte.learning.clips import TrainingClips
from stmatte.networks.registry import choose_device
from stmatte.training.corpus import Corpus
from stmatte.training.loop import _clips, _draw, _loss, _made
from stmatte.training.rates import groups_of
from stmatte.training.recipe import Recipe, load_recipe
from stmatte.training.start import start_network

WARM = 3  # steps before the first that counts
PROFILED = 3
Mark = Callable[[], object]


def one_core(corpus: Corpus, recipe: Recipe) -> None:
    """Tell how long one core draws and makes a clip."""
    cpu, threads = torch.device("cpu"), torch.get_num_threads()
    torch.set_num_threads(1)
    few = replace(recipe, batch=min(4, recipe.batch))
    _made(_draw(corpus, few, 0), few, 0, cpu)
    began = time.thread_time()
    raw = _draw(corpus, few, 1)
    drawn = time.thread_time()
    _made(raw, few, 1, cpu)
    made = time.thread_time()
    torch.set_num_threads(threads)
    draw, make = (1000 * span / few.batch for span in (drawn - began, made - drawn))
    print(f"one core: {draw:.0f} ms to draw a clip, {make:.0f} ms to make it")


class Learning:
    """A network at its steps, with a clock in them."""

    def __init__(self, recipe: Recipe, weights: Path | None, device: torch.device):
        torch.manual_seed(recipe.seed)
        self.recipe, self.device = recipe, device
        self.network: nn.Module = start_network(recipe.network, weights).to(device)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        groups, fused = groups_of(self.network, recipe), device.type == "cuda"
        self.optimiser = torch.optim.Adam(groups, recipe.rate, fused=fused)

    def step(self, clips: TrainingClips, step: int, mark: Mark) -> list[object]:
        """Learn from clips; return the marks before and after forward, backward and the rest."""
        marks = [mark()]
        loss = _loss(self.network, clips, self.recipe, step)
        marks.append(mark())
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        marks.append(mark())
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip_norm)
        self.optimiser.step()
        marks.append(mark())
        float(loss.detach())  # as training does, once a step
        return marks

    def mark(self) -> object:
        """Return the time, or an event that will know it."""
        if self.device.type != "cuda":
            return time.perf_counter()
        event = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        event.record()
        return event


def seconds(one: object, other: object) -> float:
    """Return the time between two marks that are past."""
    if isinstance(one, torch.cuda.Event) and isinstance(other, torch.cuda.Event):
        return float(one.elapsed_time(other)) / 1000
    assert isinstance(one, float)
    assert isinstance(other, float)
    return other - one


def busy(learning: Learning, clips: TrainingClips) -> None:
    """Tell in what share of the time the GPU's kernels run, and which take most."""
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
        began = time.perf_counter()
        for step in range(PROFILED):
            learning.step(clips, step, learning.mark)
        torch.cuda.synchronize()
        wall = time.perf_counter() - began
    kernels = sorted(profile.key_averages(), key=lambda k: -k.self_device_time_total)
    total = sum(kernel.self_device_time_total for kernel in kernels) / 1e6
    print(f"kernels run {100 * total / wall:.0f} % of the time of {PROFILED} steps, {wall:.2f} s")
    for kernel in kernels[:10]:
        share = kernel.self_device_time_total / 1e4 / total
        print(f"  {share:5.1f} %  {kernel.count:6} times  {kernel.key[:90]}")


def main() -> None:
    words = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    words.add_argument("recipe")
    words.add_argument("--corpus", type=Path, required=True)
    words.add_argument("--device", default="auto")
    words.add_argument("--steps", type=int, default=20)
    words.add_argument("--weights", type=Path)
    words.add_argument("--syncs", action="store_true")
    for name in ("batch", "height", "width", "frames"):
        words.add_argument(f"--{name}", type=int)
    given = words.parse_args()
    changed = {n: v for n in ("batch", "height", "width", "frames") if (v := getattr(given, n))}
    recipe = replace(load_recipe(given.recipe), **changed, steps=WARM + given.steps)
    device, corpus = choose_device(given.device), Corpus(given.corpus)
    print(f"{recipe.network}, {recipe.batch} clips of {recipe.frames} frames a step, on {device}")
    one_core(corpus, recipe)
    learning = Learning(recipe, given.weights, device)
    marks, waited, began = [], 0.0, 0.0
    asked = time.perf_counter()
    for step, clips in _clips(corpus, recipe, 0, device):
        came = time.perf_counter()
        if step < WARM:
            learning.step(clips, step, learning.mark)
            began = time.perf_counter()
        else:
            waited += came - asked
            marks.append(learning.step(clips, step, learning.mark))
        asked = time.perf_counter()
    whole = asked - began
    rates = given.steps * recipe.batch / whole
    print(f"{rates:.2f} clips a second; {whole / given.steps:.3f} s a step, of which")
    print(f"  {100 * waited / whole:4.0f} % waiting for clips")
    for name, index in (("forward", 0), ("backward", 1), ("clipping, Adam", 2)):
        spent = sum(seconds(at[index], at[index + 1]) for at in marks)
        print(f"  {100 * spent / whole:4.0f} % {name}")
    if device.type == "cuda":
        print(f"at most {torch.cuda.max_memory_allocated() / 1e9:.1f} GB of the GPU's memory")
        busy(learning, clips)
        if given.syncs:
            warnings.simplefilter("always")
            torch.cuda.set_sync_debug_mode("warn")
            learning.step(clips, 0, learning.mark)


if __name__ == "__main__":
    main()
