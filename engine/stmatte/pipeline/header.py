# SPDX-License-Identifier: Apache-2.0
"""The words that a matte file's header says of itself, so that it can be told later what it is.

They name the network, its weights, the keys and the settings; never a person, a machine or a
folder, and no clock. What passes from the plate's header is `images.metadata`'s.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict

import stmatte
from stmatte.document.paths import model_alone
from stmatte.pipeline.planned import PlannedShot
from stmatte.plan.plan import ObjectPlan
from stmatte.plan.ranges import written
from stmatte.settings import Settings

DIGEST = "stmatte/digest"
"""Of all that the file follows from: who finds it knows whether it is fresh. No file without."""

OBJECT, KEYS, SCORE = "stmatte/object", "stmatte/keys", "stmatte/uncertainty"
"""For every object: its matte's digest, the frames of the keys it follows from, its doubt."""

MODEL, WEIGHTS, SETTINGS = "stmatte/model", "stmatte/weights", "stmatte/settings"
PLATE, VERSION = "stmatte/plate", "stmatte/version"


def made_from(planned: PlannedShot, plans: Iterable[ObjectPlan], frame: int) -> dict[str, str]:
    """Return what the mattes of some objects on a frame were made from.

    They are the same for the same inputs, whoever computes them where.
    """
    words = {
        MODEL: model_alone(planned.checked.shot.settings.model),
        WEIGHTS: _weights(planned),
        SETTINGS: _settings(planned),
    }
    for plan in plans:
        if plan.span_at(frame) is not None:  # what was given does not follow from the plate
            words[PLATE] = planned.reader.digest(frame)
        words[f"{OBJECT}/{plan.name}"] = plan.digest(frame)
        words[f"{KEYS}/{plan.name}"] = _keys(plan, frame)
    return words


def scores_of(scores: Mapping[str, float]) -> dict[str, str]:
    """Return how doubtful each object is."""
    return {f"{SCORE}/{name}": f"{score:.4f}" for name, score in scores.items()}


def written_by(digest: str) -> dict[str, str]:
    """Return who wrote the file, and the digest that makes it known again."""
    return {DIGEST: digest, VERSION: stmatte.__version__, "Software": "STMatte"}


def _settings(planned: PlannedShot) -> str:
    """Return the settings as JSON, with what was found out in place of what was left open."""
    checked = planned.checked
    found = {
        "model": model_alone(planned.checked.shot.settings.model),
        "device": planned.device.type,
        "colorspace": checked.plate.colorspace.name,
        "exposure": checked.exposure,
    }
    said = asdict(checked.shot.settings) | found
    # what is left out is so that files of before there was such a setting stay fresh
    unsaid = [name for name in ("precision", "compile") if said[name] == getattr(Settings, name)]
    if planned.adapting is None:
        unsaid += ["adapt", "adapt_on"]
    else:
        said["adapt_on"] = planned.adapting.frames
    said = {name: value for name, value in said.items() if name not in unsaid}
    return json.dumps(said, sort_keys=True, separators=(",", ":"))


def _weights(planned: PlannedShot) -> str:
    """Return the weights' fingerprint, and what tells those apart that were adapted."""
    if planned.adapting is None:
        return planned.weights
    return f"{planned.weights}+{planned.adapting.digest[:12]}"


def _keys(plan: ObjectPlan, frame: int) -> str:
    """Return the frames of the keys that a matte listens to; of a given one, what it is."""
    span = plan.span_at(frame)
    if span is not None:
        return written(span.heard) or "none"
    given = plan.said[frame]
    if given.locked:
        return "locked"
    return "absent" if given.absent else str(frame)
