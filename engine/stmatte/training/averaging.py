# SPDX-License-Identifier: Apache-2.0
"""The mean of several weights of one network, which is often better than each of them.

Runs that began with the same weights lie in one valley of the loss, and what lies between two of
them often knows what either has forgotten. Source: Wortsman et al., "Model soups: averaging
weights of multiple fine-tuned models improves accuracy without increasing inference time",
ICML 2022.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

import torch

from stmatte.errors import StmatteError
from stmatte.networks.checkpoints import State, read_state
from stmatte.networks.identity import digest_of, told_beside
from stmatte.training.lineage import Stage, begun, write_beside
from stmatte.training.loop import export


def average(weights: Sequence[Path], out: Path) -> None:
    """Write the mean of weights of one network, and a JSON beside it that says what they were.

    weights  two files or more, each with its JSON beside it if there is one
    out      NAME.safetensors, in float16

    Raises StmatteError if there are fewer than two, one cannot be read, is damaged or is of
    another network, or `out` is one of them or cannot be written.
    """
    if len(weights) < 2:
        raise StmatteError(
            "A mean of fewer than two weights", value=len(weights), allowed="two files or more"
        )
    # without their endings: the JSON beside one of the weights must stay, too
    if out.with_suffix("").resolve() in {path.with_suffix("").resolve() for path in weights}:
        raise StmatteError(
            f"{out} is one of the weights, or lies beside it", value=str(out), repair="Name another"
        )
    states = [read_state(path) for path in weights]
    stages = averaged([(digest_of(path), begun(path)) for path in weights])
    for path, state in zip(weights[1:], states[1:], strict=True):
        _check_alike(weights[0], states[0], path, state)
    mean = {
        name: torch.stack([state[name].float() for state in states]).mean(dim=0)
        if value.is_floating_point()
        else value
        for name, value in states[0].items()
    }
    network = told_beside(weights[0]).get("network")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        export(mean, out)
        write_beside(out, stages, {} if network is None else {"network": network})
    except OSError as problem:
        raise StmatteError(
            f"{out} cannot be written: {problem.strerror or problem}", value=str(out)
        ) from problem


def averaged(weights: Sequence[tuple[str, Sequence[Stage]]]) -> list[Stage]:
    """Return the stages of a mean: those that all weights share, and one that tells of the rest.

    weights  of each, its SHA-256 and its stages
    """
    together = zip(*(stages for _, stages in weights), strict=False)
    shared = [same[0] for same in takewhile(lambda each: all(s == each[0] for s in each), together)]
    rest = [{"sha256": digest, "stages": [*stages[len(shared) :]]} for digest, stages in weights]
    return [*shared, {"averaged": rest}]


def _check_alike(first: Path, one: State, second: Path, other: State) -> None:
    """Refuse weights that differ in more than numbers."""
    shapes, theirs = ({name: value.shape for name, value in s.items()} for s in (one, other))
    if shapes != theirs:
        name = min(name for name, _ in shapes.items() ^ theirs.items())
        raise StmatteError(
            f'{second} is of another network than {first}: "{name}" differs',
            value=str(second),
            allowed="weights of one network, of the same size",
        )
