# SPDX-License-Identifier: Apache-2.0
"""How good interactive work is for the time it takes: the curve, its area, its height at 60 s.

Pure arithmetic on rounds. Source: the DAVIS interactive challenge (Caelles et al., 2018); the
details follow davisinteractive 1.0.4.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.evaluation.rounds import Metric, Round

AT = 60.0
"""Seconds at which the challenge reads the curve."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Work:
    """What there was to do.

    objects    sequence -> how many objects it has
    scribbles  sequence -> how many first scribbles it has; each is a sample
    """

    objects: Mapping[str, int]
    scribbles: Mapping[str, int]

    @property
    def samples(self) -> list[tuple[str, int]]:
        """Every sequence with each of its first scribbles, numbered from 1."""
        return [(name, n) for name in self.objects for n in range(1, self.scribbles[name] + 1)]


@dataclass(frozen=True)
class Summary:
    """A curve of scores over time.

    times, scores  its points; straight between them, from (0, 0)
    auc            area under it as a part of its width
    at             score at `AT` seconds
    """

    metric: Metric
    times: tuple[float, ...]
    scores: tuple[float, ...]
    auc: float
    at: float

    def as_json(self) -> dict[str, Any]:
        """Return it as the challenge writes it down."""
        return {
            "auc": self.auc,
            "metric_at_threshold": {"threshold": AT, self.metric: self.at},
            "curve": {"time": list(self.times), self.metric: list(self.scores)},
        }


def summary(
    rounds: Collection[Round],
    work: Work,
    metric: Metric = "J_AND_F",
    *,
    most_rounds: int | None = None,
    seconds_per_object: float | None = None,
) -> Summary:
    """Return the curve of all samples together.

    rounds              what was handed in; a round that is missing counts as the one before it
                        that took no time, and as 0 where there is none
    work                what there was to do
    most_rounds         rounds that a sample has; None takes the largest number that is there
    seconds_per_object  time that a sample has, times its objects; None where there is no limit

    A sequence with more objects weighs more in the score; in the time every sample weighs the
    same. Raises StmatteError if nothing was handed in.
    """
    if not rounds:
        raise StmatteError("No round was handed in", allowed="one round of one sample at least")
    count = most_rounds or max(each.number for each in rounds)
    means, seconds = _completed(rounds, work, metric, count)
    times = np.cumsum(seconds.mean(axis=1))
    if seconds_per_object is not None:
        end = seconds_per_object * float(np.mean([work.objects[name] for name in work.objects]))
    else:
        end = count * max(each.seconds for each in rounds)
    if times[-1] > end:
        _log.warning("Rounds took %.1f s on average, the limit is %.1f s", times[-1], end)
    x = np.array([0.0, *times, end])
    y = np.array([0.0, *means, means[-1]])
    widest = float(x.max())
    area = float(np.sum((y[1:] + y[:-1]) / 2 * np.diff(x)))
    return Summary(
        metric,
        tuple(x.tolist()),
        tuple(y.tolist()),
        area / widest if widest else 0.0,
        float(np.interp(AT, x[: len(times) + 1], y[: len(times) + 1])),
    )


def _completed(
    rounds: Collection[Round], work: Work, metric: Metric, count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean score of every round (R,), and what each sample took in it (R, samples)."""
    there = {(each.number, each.sample): each for each in rounds}
    samples = work.samples
    seconds = np.zeros((count, len(samples)))
    scores = []
    last = {sample: np.zeros(work.objects[sample[0]]) for sample in samples}
    for number in range(1, count + 1):
        for column, sample in enumerate(samples):
            found = there.get((number, sample))
            if found is not None and found.j.shape[1] == work.objects[sample[0]]:
                last[sample] = found.scores(metric).mean(axis=0)
                seconds[number - 1, column] = found.seconds
        scores.append(float(np.concatenate([last[sample] for sample in samples]).mean()))
    return np.array(scores), seconds
