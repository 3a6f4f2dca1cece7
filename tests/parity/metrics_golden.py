# SPDX-License-Identifier: Apache-2.0
"""Measures and their statistics against the public DAVIS-2017 toolkit itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.outcome import Outcome
from stmatte.evaluation import Statistics, f_measure, jaccard
from stmatte.evaluation.sessions import judged
from stmatte.evaluation.statistics import statistics

EXACT = 1e-12

Arrays = Mapping[str, NDArray[Any]]


def check_pairs(file: Path, weights: ModuleType) -> Outcome:
    """Compare J and F of pairs of masks, with and without void places."""
    del weights
    worst = 0.0
    with np.load(file) as arrays:
        for i, (height, width) in enumerate(arrays["shapes"].tolist()):
            cut = slice(arrays["offsets"][i], arrays["offsets"][i + 1])
            truth, ours = (
                np.unpackbits(arrays[bits][cut])[: height * width].reshape(height, width)
                for bits in ("truth_bits", "prediction_bits")
            )
            void = np.zeros((height, width), bool)
            if height > 1:
                void[: max(1, height // 4)] = True
            for name, value in (
                ("J", jaccard(ours, truth)),
                ("F", f_measure(ours, truth)),
                ("F_bound3", f_measure(ours, truth, bound=3)),
                ("F_bound003", f_measure(ours, truth, bound=0.03)),
                ("J_void", jaccard(ours, truth, void)),
                ("F_void", f_measure(ours, truth, void=void)),
            ):
                worst = max(worst, abs(value - float(arrays[name][i])))
    return _outcome(worst)


def check_statistics(file: Path, weights: ModuleType) -> Outcome:
    """Compare mean, recall and decay of vectors of scores."""
    del weights
    worst = 0.0
    with np.load(file) as arrays:
        offsets, wanted = arrays["offsets"], arrays["mean_recall_decay"]
        for i, row in enumerate(wanted):
            ours = _three(statistics(arrays["values"][offsets[i] : offsets[i + 1]]))
            worst = max(worst, _apart(ours, row))
    return _outcome(worst)


def check_sequences(file: Path, weights: ModuleType) -> Outcome:
    """Compare J and F of label videos, object by object, and their statistics."""
    del weights
    worst = 0.0
    with np.load(file) as arrays:
        for name in sorted({name.split("_")[0] for name in arrays if name.startswith("seq")}):
            truth, ours = arrays[f"{name}_truth"], arrays[f"{name}_prediction"]
            truth = np.where(truth == 255, 0, truth)
            for values, letter in zip(judged(truth, ours, int(truth[0].max())), "JF", strict=True):
                inner = values[1:-1].T  # neither the first nor the last frame
                worst = max(worst, _apart(inner, arrays[f"{name}_{letter}"]))
                three = [_three(statistics(row)) for row in inner]
                worst = max(worst, _apart(three, arrays[f"{name}_{letter}_MRD"]))
    return _outcome(worst)


def _three(found: Statistics) -> tuple[float, float, float]:
    return found.mean, found.recall, found.decay


def _apart(ours: Any, wanted: Any) -> float:
    """Return the largest difference; infinite where one is NaN and the other is not."""
    ours, wanted = np.asarray(ours, np.float64), np.asarray(wanted, np.float64)
    if ours.shape != wanted.shape or not np.array_equal(np.isnan(ours), np.isnan(wanted)):
        return float("inf")
    return float(np.nanmax(np.abs(ours - wanted), initial=0.0))


def _outcome(worst: float) -> Outcome:
    return Outcome(worst, 0, "" if worst <= EXACT else f"more than {EXACT} apart")
