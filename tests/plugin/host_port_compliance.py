# SPDX-License-Identifier: Apache-2.0
"""What every host's `HostPort` must keep, in one suite: Blender's passes it, and Nuke's.

Standard library only, no pytest: it also runs inside a host. A host lends a `Trial` for each
promise; `broken` returns those that it does not keep. Each promise is a function whose name is
the sentence.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

FAKE = Path(__file__).parent / "stmatte_host" / "fake_engine.py"
FRAMES = range(1001, 1011)
SENTENCES = (
    "Key at frame 987 is outside the plate: it has 1001-1100. Move the key.",
    "100 % of {braces}, <b>markup</b>, \\backslashes, \"quotes\" and 'apostrophes' stay.",
    "Ein Schlüssel fehlt – „größe“, 位置.",
    "Two things:\n  the first one\n  the second one",
    "A long one, " + "and on, " * 200 + "and an end.",
)


@dataclass(frozen=True)
class Seen:
    """What an artist can see in the host at the moment.

    running  whether something is shown as under way
    errors   sentences that stand there as errors
    notes    sentences that stand there as notes
    marks    object -> plate frame -> mark, by its value
    ready    plate frames whose mattes the host has taken
    """

    running: bool = False
    errors: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    marks: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    ready: frozenset[int] = frozenset()


class Trial(Protocol):
    """A port that has shown nothing yet.

    port  the adapter on trial
    host  the module `stmatte_host` whose classes it knows; a plug-in may carry its own
    out   pattern of the mattes' files, where the host would look for them
    """

    port: Any
    host: ModuleType
    out: str

    def seen(self) -> Seen:
        """Return what can be seen."""


def every_state_can_be_shown_and_only_the_last_ones_end_it(trial: Trial) -> None:
    """Whatever order they come in, as after an interruption."""
    for state in trial.host.State:
        progress = trial.host.Progress(state)
        trial.port.show_progress(progress)
        same(f"running in {state.value}", trial.seen().running, not progress.over)


def progress_is_shown_from_nothing_known_to_the_end(trial: Trial) -> None:
    """0 of 0 comes first, and is no division."""
    state, progress = trial.host.State, trial.host.Progress
    for said in (
        progress(state.OPENING),
        progress(state.WAITING),
        *(progress(state.LEARNING, step=n, steps=2) for n in (1, 2)),
        *(progress(state.WORKING, n, 3, 1000 + n, 0.0) for n in (1, 2, 3)),
        progress(state.INTERRUPTED, 3, 3),
        progress(state.CANCELLING, 3, 3),
        progress(state.DONE, 3, 3),
    ):
        trial.port.show_progress(said)
    same("running", trial.seen().running, False)


def frames_that_were_left_out_are_told_with_their_reason(trial: Trial) -> None:
    """They are known at the end, and nobody else tells them."""
    skipped = {1004: 'Plate frame 1004 cannot be read ("p.1004.exr").'}
    trial.port.show_progress(trial.host.Progress(trial.host.State.DONE, 9, 10, skipped=skipped))
    seen = trial.seen()
    told = [s for s in (*seen.notes, *seen.errors) if skipped[1004] in s and "1004" in s]
    same("sentences that tell it", len(told), 1)


def an_error_is_shown_unchanged(trial: Trial) -> None:
    """Letter by letter: no markup, no formatting, nothing cut."""
    for sentence in SENTENCES:
        trial.port.show_error(sentence)
        same("the newest error", trial.seen().errors[-1:], (sentence,))


def a_note_is_shown_unchanged_and_is_no_error(trial: Trial) -> None:
    """It stops nothing."""
    trial.port.show_progress(trial.host.Progress(trial.host.State.WORKING, 1, 2))
    for sentence in SENTENCES:
        trial.port.show_note(sentence)
        same("whether it is among the notes", sentence in trial.seen().notes, True)
    same("errors", trial.seen().errors, ())
    same("running", trial.seen().running, True)


def marks_are_shown_for_every_object_and_the_newest_replace_the_others(trial: Trial) -> None:
    """An object may go, another may come, and there may be none."""
    mark = trial.host.Mark
    each = list(mark)
    all_marks = {frame: each[frame % len(each)] for frame in FRAMES}
    for said in (
        {"hero": all_marks, "car": dict.fromkeys(FRAMES, mark.STALE)},
        {"car": {1001: mark.KEYED, 1002: mark.FRESH}, "tree": {1001: mark.ABSENT}},
        {},
    ):
        trial.port.show_marks(said)
        values = {name: {f: m.value for f, m in row.items()} for name, row in said.items()}
        same("marks", {n: dict(row) for n, row in trial.seen().marks.items()}, values)


def frames_come_in_any_order_and_twice_and_their_files_may_be_gone_again(trial: Trial) -> None:
    """The host is told of a file; somebody else may have removed it meanwhile."""
    for frame in (1005, 1001, 1010, 1005):
        trial.port.frame_ready(frame, trial.out.replace("####", f"{frame:04d}"))
    same("frames", set(trial.seen().ready), {1001, 1005, 1010})


def a_propagation_comes_to_its_end(trial: Trial) -> None:
    """Driven by the library itself, with an engine that only plays its part."""
    play(trial)
    seen = trial.seen()
    same("errors", seen.errors, ())
    same("running", seen.running, False)
    same("frames", set(seen.ready), set(FRAMES))
    same("stale frames", [f for f, m in seen.marks["hero"].items() if m == "stale"], [])
    same("the mark of the key", seen.marks["hero"][1001], "keyed")


def an_engine_that_dies_in_between_is_a_note_and_the_frames_still_come(trial: Trial) -> None:
    """It is started again; the artist loses nothing."""
    play(trial, {"die_at_frame": 4})
    seen = trial.seen()
    same("errors", seen.errors, ())
    same("frames", set(seen.ready), set(FRAMES))
    same("whether a note tells of it", any("stopped" in note for note in seen.notes), True)


def an_engine_that_refuses_is_an_error_and_nothing_stays_under_way(trial: Trial) -> None:
    """The sentence is the engine's."""
    play(trial, {"refuse": {"shot/open": {"code": 1001, "message": SENTENCES[0]}}})
    same("errors", trial.seen().errors, (SENTENCES[0],))
    same("running", trial.seen().running, False)


PROMISES: tuple[Callable[[Trial], None], ...] = (
    every_state_can_be_shown_and_only_the_last_ones_end_it,
    progress_is_shown_from_nothing_known_to_the_end,
    frames_that_were_left_out_are_told_with_their_reason,
    an_error_is_shown_unchanged,
    a_note_is_shown_unchanged_and_is_no_error,
    marks_are_shown_for_every_object_and_the_newest_replace_the_others,
    frames_come_in_any_order_and_twice_and_their_files_may_be_gone_again,
    a_propagation_comes_to_its_end,
    an_engine_that_dies_in_between_is_a_note_and_the_frames_still_come,
    an_engine_that_refuses_is_an_error_and_nothing_stays_under_way,
)


def broken(lend: Callable[[], AbstractContextManager[Trial]]) -> dict[str, str]:
    """Return the promises that a host does not keep, each with what happened instead.

    lend  lends a port that has shown nothing yet, and takes it back
    """
    kept = {promise.__name__: _kept(promise, lend) for promise in PROMISES}
    return {name: why for name, why in kept.items() if why}


def _kept(
    promise: Callable[[Trial], None], lend: Callable[[], AbstractContextManager[Trial]]
) -> str:
    """Return "" or what happened instead."""
    try:
        with lend() as trial:
            promise(trial)
    except Exception:
        return traceback.format_exc(limit=-3)
    return ""


def same(what: str, is_so: object, should_be: object) -> None:
    """Compare, with words for a host that has no pytest."""
    if is_so != should_be:
        raise AssertionError(f"{what}: {is_so!r}, and should be {should_be!r}")


def play(trial: Trial, *lives: Mapping[str, Any]) -> None:
    """Propagate one shot through the trial's port, until it is over.

    lives  the rules of each start of the engine, see fake_engine.py
    """
    host = trial.host
    with tempfile.TemporaryDirectory() as place:
        Path(place, "scenario.json").write_text(json.dumps({"lives": lives}), encoding="utf-8")
        session = host.Session(
            words=(sys.executable, str(FAKE), place),
            logs=Path(place, "logs"),
            patience=host.Patience(starting=20, answering=20, leaving=3, looking=0.1, backoff=0.01),
        )
        try:
            propagation = host.Propagation(session, trial.port)
            propagation.propagate(
                host.HostShot(
                    plate="plate.####.exr",
                    objects=("hero",),
                    out=trial.out,
                    base=place,
                    frames=f"{FRAMES[0]}-{FRAMES[-1]}",
                    keys=(host.KeyFile(1001, "hero", "keys/hero.1001.exr"),),
                ),
                first=1004,
            )
            deadline = time.monotonic() + 60
            while propagation.running:
                session.pump(0.02)
                if time.monotonic() > deadline:
                    raise AssertionError("the propagation did not come to an end")
            session.pump(0.1)
        finally:
            session.close()
