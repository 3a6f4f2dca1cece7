# SPDX-License-Identifier: Apache-2.0
"""What the panel says of progress, forecasts and frames, in words.

Pure: numbers in, one line of text out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from .spans import runs, shortly

_STATES = {
    "opening": "Starting the engine and reading the shot",
    "waiting": "Waiting for the first frame",
    "learning": "Learning the keys",
    "working": "Propagating",
    "interrupted": "The engine stopped and is started again",
    "cancelling": "Stopping after this frame",
    "done": "Done",
    "cancelled": "Cancelled; what was done stays",
    "failed": "Failed",
}
_RECENT = 12
"""Frames from which the speed is told: enough to be calm, few enough to follow a change."""
_SOONEST = 0.5
"""Seconds before a speed is told: keyed frames are done at once and say nothing of the others."""


def duration(seconds: float) -> str:
    """Return a time as a person says it: "45 s", "3 min 5 s", "2 h 10 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(whole, 3600)
    return f"{hours} h {rest // 60} min"


def speed(ticks: Sequence[tuple[float, int]]) -> float | None:
    """Return frames a second, from (time in seconds, frames done then); None if it can't be told.

    Only the last frames count.
    """
    recent = ticks[-_RECENT:]
    if len(recent) < 2:
        return None
    seconds, frames = recent[-1][0] - recent[0][0], recent[-1][1] - recent[0][1]
    return frames / seconds if seconds >= _SOONEST and frames > 0 else None


def progress(
    state: str,
    done: int,
    frames: int,
    rate: float | None,
    left: int,
    learnt: tuple[int, int] = (0, 0),
) -> str:
    """Return the line of a propagation.

    state         value of `stmatte_host.State`
    done, frames  so many of so many; 0 of 0 while it is not known
    rate          frames a second, or None
    left          how many are still to be computed; those that are fresh take no time
    learnt        so many steps of so many, while it learns
    """
    line = _STATES.get(state, state)
    if state == "learning" and learnt[1]:
        line += f": step {learnt[0]} of {learnt[1]}"
    elif frames:
        line += f": {done} of {frames} frames"
    if state == "working" and rate:
        each = f"{rate:.1f} frames/s" if rate >= 0.95 else f"{1 / rate:.1f} s a frame"
        line += f", {each}, {duration(left / rate)} left"
    return line


def forecast(frames: int, seconds: float | None, memory: int | None) -> str:
    """Return what is left to do, as the engine foretells it.

    memory  bytes, or None
    """
    if not frames:
        return "Nothing to do: all mattes are fresh"
    said = [f"{frames} {'frame' if frames == 1 else 'frames'} to do"]
    if seconds is not None:
        said.append(f"about {duration(seconds)}")
    if memory is not None:
        large = f"{memory / 2**30:.1f} GB" if memory >= 2**30 else f"{memory / 2**20:.0f} MB"
        said.append(f"{large} of memory")
    return ", ".join(said)


def touched(stale: Mapping[str, Collection[int]]) -> tuple[str, ...]:
    """Return a line for each object whose mattes will be computed, with the frames."""
    return tuple(f"{name}: {shortly(runs(frames))}" for name, frames in stale.items() if frames)


def strip(marks: Mapping[int, str]) -> tuple[tuple[str, str], ...]:
    """Return one object's marks as (mark, frames) in the order in which they begin.

    marks  frame -> mark, such as "fresh"
    """
    found: dict[str, list[int]] = {}
    for frame in sorted(marks):
        found.setdefault(marks[frame], []).append(frame)
    return tuple((mark, shortly(runs(frames))) for mark, frames in found.items())


def missing(frames: Iterable[int]) -> str:
    """Return what is said before a render of frames that have no matte; "" where none lacks."""
    lacking = tuple(frames)
    if not lacking:
        return ""
    one = len(lacking) == 1
    return (
        f"{'Frame' if one else 'Frames'} {shortly(runs(lacking))} "
        f"{'has' if one else 'have'} no matte yet. Press Propagate."
    )


def stale(frames: Iterable[int]) -> str:
    """Return what is said before a render of mattes that are not up to date; "" where all are."""
    old = tuple(frames)
    if not old:
        return ""
    one = len(old) == 1
    return (
        f"{'Frame' if one else 'Frames'} {shortly(runs(old))} "
        f"{'is' if one else 'are'} stale: the matte is older than its keys. Press Propagate."
    )


def advice(object_name: str, frame: int, reasons: Sequence[str]) -> str:
    """Return the suggestion of a next key."""
    why = "; ".join(reasons)
    return f'Key "{object_name}" at {frame}' + (f": {why}" if why else "")
