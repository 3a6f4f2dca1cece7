# SPDX-License-Identifier: Apache-2.0
"""Corrections: a robot keys the true mask of the worst frame, again and again, and keeps score.

One object a sequence. What is told is J and F after each correction, and how many keyed frames
simpler ways need until they are as good: the difference is the keys that an artist saves. A
sequence that is done is kept, and not done again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.evaluation.davis import DavisSequence
from stmatte.evaluation.floors import Matte
from stmatte.evaluation.keyed import KEYED_FLOORS, KeyMethod
from stmatte.evaluation.measuring import Kept, Measures, measured
from stmatte.evaluation.metrics import f_measure, jaccard
from stmatte.evaluation.pictures import write_mask
from stmatte.evaluation.processes import each
from stmatte.evaluation.robot import Scores, follow, worst
from stmatte.evaluation.running import claim
from stmatte.evaluation.writing import make_folder, write_whole

BESIDE = ("linear", "dis-flow")
"""The simple ways whose keys are counted; see `keyed.KEYED_FLOORS`."""

EVERY = 20
"""Frames for which an artist who corrects once in so many makes one correction."""

ROUNDS, FLOORS = "rounds", "floors"


@dataclass(frozen=True)
class Corrected:
    """Where the robot stands after some corrections.

    keys      keyed frames, counted from 0; the first frame is always among them
    j, f      means of all frames but the first and the last; a keyed one counts, as a 1
    unkeyed   mean J of those that are not keyed; 1 where none is left
    redone    frames that were made anew, those just keyed left out
    seconds   that it took
    """

    keys: tuple[int, ...]
    j: float
    f: float
    unkeyed: float
    redone: int
    seconds: float


@dataclass(frozen=True)
class Worked:
    """One sequence.

    frames    how many it has
    rounds    after 0, 1, ... corrections
    floors    name of a simple way -> J with 1, 2, ... keyed frames, up to the best of `rounds`
    measures  steadiness after the last correction
    """

    sequence: str
    frames: int
    rounds: tuple[Corrected, ...]
    floors: Mapping[str, tuple[float, ...]]
    measures: Measures


Tell = Callable[[str, int, Corrected], None]
"""(sequence, how many corrections, where it stands), called after each correction."""


def evaluate_corrections(
    sequences: Sequence[DavisSequence],
    method: KeyMethod,
    out: Path,
    *,
    label: str,
    corrections: int = 5,
    tell: Tell = lambda *_: None,
    jobs: int = 1,
) -> tuple[Worked, ...]:
    """Return how a method and the simple ways do with corrections on each sequence.

    sequences    at least one; all that is not 0 in their annotations is the one object
    out          gets `method.txt`, `rounds/SEQ.json`, `floors/SEQ.json`, and the masks after the
                 last correction as `SEQ/00000.png`
    label        what tells this method and its settings from others
    corrections  at least so many; more where one in 20 frames is more
    jobs         processes that work out the simple ways; the network stays in this one

    Raises StmatteError if `out` holds another method's work, or a sequence is too short.
    """
    if not sequences:
        raise StmatteError("There is no sequence to evaluate", allowed="one or more")
    if corrections < 0:
        raise StmatteError(f"{corrections} corrections", value=corrections, allowed="0 or more")
    for sequence in sequences:
        _check_length(sequence)
    names = [ROUNDS, FLOORS, *(sequence.name for sequence in sequences)]
    claim(out, f"{label}, {corrections} corrections", names)
    for folder in (ROUNDS, FLOORS):
        make_folder(out / folder)
    worked = []
    for sequence in sequences:
        count = max(corrections, one_in_twenty(len(sequence)))
        worked.append(_kept_rounds(sequence, method, out, count, tell))
    asked = [(sequence, rounds, out) for sequence, rounds in zip(sequences, worked, strict=True)]
    beside = each(_beside, asked, jobs)
    return tuple(
        Worked(sequence.name, len(sequence), rounds, floors, measures)
        for sequence, rounds, (floors, measures) in zip(sequences, worked, beside, strict=True)
    )


def one_in_twenty(frames: int) -> int:
    """Return how many corrections it is to make one for each 20 frames, begun ones counting."""
    return ceil(frames / EVERY)


def keys_needed(scores: Sequence[float], wanted: float) -> int | None:
    """Return how many keyed frames it takes to be as good; None if it never is.

    scores  J with 1, 2, ... keyed frames
    wanted  J to reach
    """
    return next((n for n, score in enumerate(scores, start=1) if score >= wanted - 1e-9), None)


def correct(
    sequence: DavisSequence,
    method: KeyMethod,
    corrections: int,
    *,
    enough: float = 2.0,
    tell: Callable[[int, Corrected], None] = lambda *_: None,
    keep: Callable[[int, NDArray[np.bool_]], None] = lambda *_: None,
) -> tuple[Corrected, ...]:
    """Key the first frame with its true mask, then the worst frame, and so on.

    corrections  at most; it ends before where all frames are keyed
    enough       J at which no more is keyed
    tell         called after each correction with how many there were
    keep         called with every frame that was made anew, and its mask
    """
    truths = list(sequence.truths())
    follows = method(tuple(sequence.frames()))
    j, f = np.zeros((2, len(truths)))
    rounds: list[Corrected] = []

    def play(keys: tuple[int, ...]) -> Scores:
        given: dict[int, Matte] = {key: truths[key].astype(np.float32) for key in keys}
        began, redone = time.perf_counter(), 0
        made = dict(follows(given))
        seconds = time.perf_counter() - began
        for frame, matte in made.items():
            mask = matte >= 0.5
            j[frame], f[frame] = jaccard(mask, truths[frame]), f_measure(mask, truths[frame])
            redone += frame not in given
            keep(frame, mask)
        rounds.append(_stands(keys, j, f, redone, seconds))
        tell(len(rounds) - 1, rounds[-1])
        return dict(enumerate(j.tolist()))

    def choose(keys: tuple[int, ...], scores: Scores) -> int | None:
        return None if rounds[-1].j >= enough - 1e-9 else worst(keys, scores)

    follow(0, min(corrections, len(truths) - 1), play, choose)
    return tuple(rounds)


def _stands(
    keys: tuple[int, ...],
    j: NDArray[np.float64],
    f: NDArray[np.float64],
    redone: int,
    seconds: float,
) -> Corrected:
    judged = range(1, len(j) - 1)
    left = [frame for frame in judged if frame not in keys]
    unkeyed = float(j[left].mean()) if left else 1.0
    means = float(j[1:-1].mean()), float(f[1:-1].mean())
    return Corrected(keys, *means, unkeyed, redone, seconds)


def _kept_rounds(
    sequence: DavisSequence, method: KeyMethod, out: Path, corrections: int, tell: Tell
) -> tuple[Corrected, ...]:
    """Return the rounds of a sequence, from the folder if they are there already."""
    path = out / ROUNDS / f"{sequence.name}.json"
    if not path.is_file():
        make_folder(out / sequence.name)
        masks: dict[int, NDArray[np.bool_]] = {}
        rounds = correct(
            sequence,
            method,
            corrections,
            tell=lambda count, now: tell(sequence.name, count, now),
            keep=lambda frame, mask: masks.update({frame: mask}),
        )
        for frame, name in enumerate(sequence.frame_names):
            write_mask(out / sequence.name / f"{name}.png", masks[frame])
        _write(path, [asdict(each_round) for each_round in rounds])
    return tuple(
        Corrected(**{**found, "keys": tuple(found["keys"])}) for found in json.loads(_read(path))
    )


def _beside(
    sequence: DavisSequence, rounds: tuple[Corrected, ...], out: Path
) -> tuple[dict[str, tuple[float, ...]], Measures]:
    """Return J of the simple ways by number of keys, and how steady the last masks are."""
    path = out / FLOORS / f"{sequence.name}.json"
    if not path.is_file():
        best = max(now.j for now in rounds)
        found = {
            name: [now.j for now in correct(sequence, KEYED_FLOORS[name], 10**6, enough=best)]
            for name in BESIDE
        }
        masks = tuple(out / sequence.name / f"{name}.png" for name in sequence.frame_names)
        kept = Kept(
            sequence.name,
            sequence.pictures,
            masks,
            sequence.annotations,
            binary=True,
            keys=rounds[-1].keys,
        )
        _write(path, {"J": found, "measures": measured(kept)[1]})
    known = json.loads(_read(path))
    return {name: tuple(scores) for name, scores in known["J"].items()}, known["measures"]


def _check_length(sequence: DavisSequence) -> None:
    if len(sequence) < 3:
        raise StmatteError(
            f'Sequence "{sequence.name}" has {len(sequence)} frames, none is left to score',
            value=len(sequence),
            allowed="three or more; the first and the last are left out",
        )


def _write(path: Path, found: object) -> None:
    write_whole(path, (json.dumps(found, indent=1) + "\n").encode())


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as problem:
        raise StmatteError(f"{path} cannot be read: {problem}", value=str(path)) from problem
