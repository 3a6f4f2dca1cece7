# SPDX-License-Identifier: Apache-2.0
"""Where weights are from: every stage of training that made them, in a JSON beside the file.

A stage is one stretch of steps with one recipe and one corpus. A run that goes on with another
recipe has two; weights that began with others have their stages before their own. The words that
a person must answer for (summary, licence, credits) are not written here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import cast

from stmatte.networks.identity import check_whole, digest_of, told_beside
from stmatte.placing import replacing
from stmatte.training.recipe import Recipe

Stage = Mapping[str, object]


def begun(weights: Path | None, backbone: Path | None = None) -> list[Stage]:
    """Return the stages that a run stands on: those of the weights that it begins with.

    weights   None begins with what ships for the network, or with nothing. A file without a JSON
              beside it is named by its digest alone.
    backbone  of which last blocks are taken beside them, named by its digest

    Raises StmatteError if the JSON beside the weights is damaged, or tells of other bytes.
    """
    later = [] if backbone is None else [_found(backbone, "backbone")]
    if weights is None:
        return later
    told = told_beside(weights)
    check_whole(weights, told)
    stages = told.get("stages")
    if not isinstance(stages, list):
        return [_found(weights, "weights"), *later]
    return [*cast(list[Stage], stages), *later]


def _found(file: Path, what: str) -> Stage:
    return {what: digest_of(file), "from": file.name}


def entered(stages: Sequence[Stage], recipe: Recipe, corpus: str, step: int) -> list[Stage]:
    """Return the stages of a run that goes on from `step` of its own, with this one as the latest.

    corpus  the SHA-256 of the packed corpus

    A run that merely goes on stays in the stage that it was in.
    """
    made_with = {"recipe": asdict(recipe), "corpus": corpus}
    if step and stages and made_with.items() <= stages[-1].items():
        return list(stages)
    return [*stages, {**made_with, "first_step": step, "last_step": step}]


def went_on(stages: Sequence[Stage], last: int) -> list[Stage]:
    """Return stages of which the latest has come to step `last`."""
    return [*stages[:-1], {**stages[-1], "last_step": last}]


def write_beside(weights: Path, stages: Sequence[Stage], facts: Mapping[str, object]) -> None:
    """Write NAME.json beside NAME.safetensors, which is there already."""
    told = {**facts, "sha256": digest_of(weights), "stages": list(stages)}
    with replacing(weights.with_suffix(".json")) as partial:
        partial.write_text(json.dumps(told, indent=2) + "\n", "utf-8")
