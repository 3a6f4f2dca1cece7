# SPDX-License-Identifier: Apache-2.0
"""The DAVIS interactive evaluation on a folder: a method works through a session with the robot.

The first strokes are people's, from `Scribbles/SEQ/001.json` and on; where a sequence has none,
the robot draws on the first frame as if nothing were found there. Knows the folder and the
session; what makes masks of strokes is handed in.
Source: Caelles et al., "The 2018 DAVIS Challenge on Video Object Segmentation", 2018.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stmatte.errors import StmatteError
from stmatte.evaluation.davis import Davis, DavisSequence
from stmatte.evaluation.interactive_report import (
    ROUNDS_FILE,
    Report,
    read_rounds,
    write_report,
    write_rounds,
)
from stmatte.evaluation.pictures import Picture, read_labels
from stmatte.evaluation.rounds import Metric, Round, of_whole_samples
from stmatte.evaluation.running import claim
from stmatte.evaluation.sessions import CHALLENGE, Handed, Labels, Limits, Session, objects_in
from stmatte.evaluation.tasks import VOID
from stmatte.scribbles import JUDGE, Scribbles, no_scribbles, robot_strokes, with_strokes
from stmatte.scribbles.davis_json import read_scribbles

SCRIBBLES = "Scribbles"

Answer = Callable[[Handed], Labels]
"""All strokes of a sample so far -> (T, H, W) of object numbers, 0 where there is none."""

StrokeMethod = Callable[[Sequence[Picture], int], Answer]
"""(pictures, number of objects) -> what answers round after round; asked anew for each sample."""


@dataclass(frozen=True)
class Worked:
    """A round that is done, told as soon as it is.

    sequence, scribble, number  which round of which sample, from 1
    seconds                     that it took
    score                       mean of all frames and objects; None if it came too late
    reused                      True: it was done before
    """

    sequence: str
    scribble: int
    number: int
    seconds: float
    score: float | None
    reused: bool = False


def first_scribbles(folder: Davis, sequence: DavisSequence) -> tuple[Scribbles, ...]:
    """Return the strokes that samples of a sequence begin with, one sample each.

    Raises StmatteError if a file of people's strokes is none, or is not of this sequence.
    """
    files = sorted((folder.root / SCRIBBLES / sequence.name).glob("*.json"))
    if files:
        return tuple(_checked(read_scribbles(path), sequence, path) for path in files)
    truth = _numbers(sequence, 0)
    strokes = robot_strokes(truth, np.zeros_like(truth), objects_in(truth), JUDGE)
    empty = no_scribbles(sequence.name, len(sequence))
    drawn = with_strokes(empty, 0, strokes)
    return (Scribbles(drawn.sequence, drawn.frames, 0),)


def evaluate_interactive(
    folder: Davis,
    sequences: Sequence[DavisSequence],
    method: StrokeMethod,
    out: Path,
    *,
    label: str,
    limits: Limits = CHALLENGE,
    metric: Metric = "J_AND_F",
    tell: Callable[[Worked], None] = lambda _: None,
) -> Report:
    """Return how a method works with strokes, and leave what is known of it in a folder.

    folder     whose sequences they are, at least one
    out        gets `rounds.csv`, a row for each frame and object of each round, `curve.csv`,
               `summary.json`, `summary.md` and `method.txt`; the first grows round by round.
               Samples that are over there are not worked on again
    label      what tells this method and its settings from others
    limits     how long a sample goes on
    metric     by which the robot chooses its next frame, and which the curve shows
    tell       called after every round

    Raises StmatteError if strokes do not fit their sequence, `out` holds rounds of another
    method, of other limits or of other samples, or the method gives masks of another size.
    """
    if not sequences:
        raise StmatteError("There is no sequence to evaluate", allowed="one or more")
    truth = _Truths(sequences)
    firsts = {sequence.name: first_scribbles(folder, sequence) for sequence in sequences}
    claim(out, f"{label}, {_in_words(limits)}, {metric}", [ROUNDS_FILE])
    known = read_rounds(out)
    _check_samples(known, firsts, out)
    done = of_whole_samples(known, limits.rounds)
    for each in done:
        tell(_worked(each, metric, reused=True))
    named = {sequence.name: sequence for sequence in sequences}
    session = Session(truth, firsts, limits, metric=metric, done=done)
    answer: Answer | None = None
    while not session.over:
        handed = session.hand_out()
        if handed.new or answer is None:  # reading the pictures is work, and its time counts
            pictures = tuple(named[handed.sequence].frames())
            answer = method(pictures, truth.objects(handed.sequence))
        judged = session.hand_in(answer(handed))
        if judged is not None:
            write_rounds(session.rounds, out)
        tell(_told(handed, judged, metric))
    report = Report(session.summary(), tuple(session.rounds))
    write_report(report, out)
    return report


def _in_words(limits: Limits) -> str:
    rounds = "any number of rounds" if limits.rounds is None else f"{limits.rounds} rounds"
    if limits.seconds_per_object is None:
        return rounds
    return f"{rounds}, {limits.seconds_per_object:g} s for each object"


def _check_samples(
    rounds: Sequence[Round], firsts: Mapping[str, Sequence[Scribbles]], out: Path
) -> None:
    """Refuse rounds of samples that are not asked for: writing would lose them."""
    for sequence, scribble in (each.sample for each in rounds):
        if scribble > len(firsts.get(sequence, ())):
            raise StmatteError(
                f'Folder {out} holds rounds of scribble {scribble} of "{sequence}"',
                value=str(out),
                allowed="a folder holds rounds of the samples that are asked for",
                repair="Ask for the same sequences, or choose another folder",
            )


def _told(handed: Handed, done: Round | None, metric: Metric) -> Worked:
    if done is None:
        return Worked(handed.sequence, handed.scribble, handed.number, 0.0, None)
    return _worked(done, metric)


def _worked(done: Round, metric: Metric, *, reused: bool = False) -> Worked:
    score = float(done.scores(metric).mean())
    return Worked(done.sequence, done.scribble, done.number, done.seconds, score, reused)


class _Truths(Mapping[str, Labels]):
    """Sequence -> its label pictures, read when they are asked for; one sequence is held."""

    def __init__(self, sequences: Sequence[DavisSequence]) -> None:
        self._sequences = {sequence.name: sequence for sequence in sequences}
        self._held: tuple[str, Labels] | None = None

    def objects(self, name: str) -> int:
        """Return how many objects a sequence has, by its first frame."""
        return objects_in(_numbers(self._sequences[name], 0))

    def __getitem__(self, name: str) -> Labels:
        if self._held is None or self._held[0] != name:
            sequence = self._sequences[name]
            labels = np.stack([_numbers(sequence, index) for index in range(len(sequence))])
            self._held = name, labels
        return self._held[1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sequences)

    def __len__(self) -> int:
        return len(self._sequences)


def _numbers(sequence: DavisSequence, index: int) -> Labels:
    """Return a frame's true labels, in which what nobody knows is background.

    Raises StmatteError if the sequence's first frame shows no object.
    """
    first = read_labels(sequence.annotations[0])
    labels = first if index == 0 else read_labels(sequence.annotations[index])
    if not first.any():
        raise StmatteError(
            f'The first frame of sequence "{sequence.name}" shows no object',
            value=str(sequence.annotations[0]),
            allowed="the objects of the first frame are those that count",
        )
    if objects_in(first) == 0:  # as DAVIS-2016 marks its one object
        return np.asarray(labels != 0, np.uint8)
    return np.where(labels == VOID, 0, labels).astype(np.uint8)


def _checked(scribbles: Scribbles, sequence: DavisSequence, path: Path) -> Scribbles:
    """Return strokes that fit a sequence. Raises StmatteError if they don't."""
    if scribbles.sequence not in ("", sequence.name) or len(scribbles.frames) != len(sequence):
        raise StmatteError(
            f'Scribbles "{path}" are of {len(scribbles.frames)} frames of "{scribbles.sequence}"',
            value=str(path),
            allowed=f'sequence "{sequence.name}" has {len(sequence)} frames',
            repair="Copy the scribbles of this sequence again from where they came",
        )
    if scribbles.empty:
        raise StmatteError(
            f'Scribbles "{path}" hold no stroke', value=str(path), allowed="one stroke or more"
        )
    return Scribbles(sequence.name, scribbles.frames, scribbles.annotated)
