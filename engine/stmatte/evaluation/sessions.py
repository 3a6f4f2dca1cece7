# SPDX-License-Identifier: Apache-2.0
"""The DAVIS interactive challenge as a service: strokes go out, masks come in, again and again.

Each sample, a sequence with one of its first scribbles, has so many rounds and so much time.
Only the time from the handing out of strokes to the handing in of masks counts. Knows truth,
strokes and scores; what makes masks is the caller's.
Source: Caelles et al., "The 2018 DAVIS Challenge on Video Object Segmentation", 2018; the
details follow davisinteractive 1.0.4.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.evaluation.metrics import f_measure, jaccard
from stmatte.evaluation.rounds import Metric, Round, next_frame
from stmatte.evaluation.rounds_summary import Summary, Work, summary
from stmatte.evaluation.tasks import VOID
from stmatte.scribbles import JUDGE, Hand, Scribbles, no_scribbles, robot_strokes, with_strokes
from stmatte.scribbles.strokes import fused

Labels = NDArray[np.integer]
"""(T, H, W) of object numbers, 0 where there is none."""

MOST_ROUNDS = 16
MOST_SECONDS = 600.0


@dataclass(frozen=True)
class Limits:
    """How long a sample goes on; one of both may be None.

    rounds              at most 16
    seconds_per_object  for the whole sample, times its objects; at most 600
    """

    rounds: int | None = 5
    seconds_per_object: float | None = None

    def __post_init__(self) -> None:
        if self.rounds is None and self.seconds_per_object is None:
            raise StmatteError(
                "A session without limits never ends",
                allowed="a number of rounds, or seconds for each object, or both",
            )
        if self.rounds is not None and not 1 <= self.rounds <= MOST_ROUNDS:
            raise StmatteError(
                f"{self.rounds} rounds", value=self.rounds, allowed=f"1 to {MOST_ROUNDS}"
            )
        if self.seconds_per_object is not None and not 0 < self.seconds_per_object <= MOST_SECONDS:
            raise StmatteError(
                f"{self.seconds_per_object} seconds for each object",
                value=self.seconds_per_object,
                allowed=f"more than 0, and at most {MOST_SECONDS:g}",
            )


CHALLENGE = Limits(rounds=8, seconds_per_object=240.0)
"""The challenge's own: eight rounds, 30 seconds for each object in each."""


@dataclass(frozen=True)
class Handed:
    """What is handed out for one round.

    sequence, scribble, number  which sample and which round of it, from 1
    scribbles                   all strokes so far, or the newest alone
    new                         whether a sample begins
    """

    sequence: str
    scribble: int
    number: int
    scribbles: Scribbles
    new: bool


@dataclass
class _Sample:
    sequence: str
    scribble: int
    newest: Scribbles
    all: Scribbles
    drawn: set[int]
    rounds: int = 0
    began: float | None = None


class Session:
    """One method at work on all samples, in order.

    truth      sequence -> (T, H, W); the largest number of the first frame says how many objects
    scribbles  sequence -> the first scribbles that people drew
    limits     how long each sample goes on
    metric     by which the robot chooses its next frame, and which the summary tells
    hand       how the robot draws
    clock      seconds, from anywhere
    done       rounds of samples that were worked on before; these are not handed out again
    """

    def __init__(
        self,
        truth: Mapping[str, Labels],
        scribbles: Mapping[str, Sequence[Scribbles]],
        limits: Limits = CHALLENGE,
        *,
        metric: Metric = "J_AND_F",
        hand: Hand = JUDGE,
        clock: Callable[[], float] = time.monotonic,
        done: Sequence[Round] = (),
    ) -> None:
        self._truth = truth
        self._limits, self._metric, self._hand, self._clock = limits, metric, hand, clock
        self._objects = {name: objects_in(labels[0]) for name, labels in truth.items()}
        self._work = Work(self._objects, {name: len(scribbles[name]) for name in truth})
        over = {each.sample for each in done}
        self._samples = [
            _Sample(name, n, first, first, set())
            for name in truth
            for n, first in enumerate(scribbles[name], 1)
            if (name, n) not in over
        ]
        self._handed: float | None = None
        self.rounds = list(done)

    @property
    def over(self) -> bool:
        """Whether all samples are done."""
        self._pass_over_those_that_are_done()
        return not self._samples

    def hand_out(self, *, newest_only: bool = False) -> Handed:
        """Return the strokes of the next round, and start its clock.

        newest_only  without those of earlier rounds

        Raises StmatteError if masks of the round before were not handed in, or all is done.
        """
        if self._handed is not None:
            raise StmatteError(
                "The masks of this round were not handed in",
                allowed="strokes are handed out once for each round",
                repair="Hand in masks first",
            )
        if self.over:
            raise StmatteError("The session is over", allowed="all samples are done")
        sample = self._samples[0]
        self._handed = self._clock()
        if sample.began is None:
            sample.began = self._handed
        return Handed(
            sample.sequence,
            sample.scribble,
            sample.rounds + 1,
            sample.newest if newest_only else sample.all,
            sample.rounds == 0,
        )

    def hand_in(self, masks: Labels, allowed: Sequence[int] | None = None) -> Round | None:
        """Take the masks of a round; return how they score, or None if the time was over.

        masks    (T, H, W) of object numbers
        allowed  frames on which the robot may draw next; None allows all

        Raises StmatteError if no strokes were handed out, or the masks are of another size.
        """
        if self._handed is None:
            raise StmatteError(
                "No strokes were handed out for these masks", repair="Ask for strokes first"
            )
        sample, now = self._samples[0], self._clock()
        truth = self._truth[sample.sequence]
        if masks.shape != truth.shape:
            raise StmatteError(
                f"Masks are {masks.shape}, the truth is {truth.shape}",
                value=masks.shape,
                allowed="frames, height and width are the truth's",
            )
        seconds, self._handed = now - self._handed, None
        sample.rounds += 1
        if self._too_late(sample, now):
            return None
        j, f = judged(truth, masks, self._objects[sample.sequence])
        done = Round(sample.sequence, sample.scribble, sample.rounds, seconds, j, f)
        self.rounds.append(done)
        self._draw(sample, done, masks, allowed)
        return done

    def summary(self) -> Summary:
        """Return the curve of all that was handed in."""
        return summary(
            self.rounds,
            self._work,
            self._metric,
            most_rounds=self._limits.rounds,
            seconds_per_object=self._limits.seconds_per_object,
        )

    def _draw(
        self, sample: _Sample, done: Round, masks: Labels, allowed: Sequence[int] | None
    ) -> None:
        frame = next_frame(done.scores(self._metric), sample.drawn, allowed)
        sample.drawn.add(frame)
        strokes = robot_strokes(
            self._truth[sample.sequence][frame],
            masks[frame],
            self._objects[sample.sequence],
            self._hand,
            self._clock(),
        )
        empty = no_scribbles(sample.sequence, len(masks))
        sample.newest = with_strokes(empty, frame, strokes)
        sample.all = fused(sample.all, sample.newest)

    def _pass_over_those_that_are_done(self) -> None:
        if self._handed is None:
            now = self._clock()
            while self._samples and self._done(self._samples[0], now):
                del self._samples[0]

    def _done(self, sample: _Sample, now: float) -> bool:
        most = self._limits.rounds
        return (most is not None and sample.rounds >= most) or self._too_late(sample, now)

    def _too_late(self, sample: _Sample, now: float) -> bool:
        limit = self._limits.seconds_per_object
        if limit is None or sample.began is None:
            return False
        return now - sample.began > limit * self._objects[sample.sequence]


def objects_in(labels: Labels) -> int:
    """Return how many objects a frame has: its largest number, 255 being none."""
    return int(labels[labels != VOID].max(initial=0))


def judged(
    truth: Labels, masks: Labels, objects: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return J and F (T, N) of every frame and object, the first and last frame too."""
    pairs = [
        [(masks[t] == number, truth[t] == number) for number in range(1, objects + 1)]
        for t in range(len(truth))
    ]
    j = np.array([[jaccard(ours, true) for ours, true in row] for row in pairs])
    f = np.array([[f_measure(ours, true) for ours, true in row] for row in pairs])
    return j, f
