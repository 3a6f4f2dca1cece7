# SPDX-License-Identifier: Apache-2.0
"""The compliance suite of `HostPort`: an adapter that only remembers passes, poor ones do not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

for folder in (Path(__file__).parents[2] / "plugin", Path(__file__).parent):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

import host_port_compliance as compliance  # noqa: E402 (it lies in a folder that was just added)

import stmatte_host  # noqa: E402


class Recorder:
    """The simplest host: it remembers what it was told."""

    def __init__(self) -> None:
        self.running = False
        self.errors: list[str] = []
        self.notes: list[str] = []
        self.marks: stmatte_host.Marks = {}
        self.ready: set[int] = set()

    def show_progress(self, progress: stmatte_host.Progress) -> None:
        self.running = not progress.over
        self.notes.extend(f"Frame {f} was left out: {why}" for f, why in progress.skipped.items())

    def show_marks(self, marks: stmatte_host.Marks) -> None:
        self.marks = marks

    def frame_ready(self, frame: int, path: str) -> None:
        assert path.endswith(f".{frame:04d}.exr")
        self.ready.add(frame)

    def show_note(self, sentence: str) -> None:
        self.notes.append(sentence)

    def show_error(self, sentence: str) -> None:
        self.errors.append(sentence)


class RecorderOnTrial:
    """Lends a recorder."""

    host = stmatte_host
    out = "out/matte.####.exr"

    def __init__(self, port: Recorder) -> None:
        self.port = port

    def seen(self) -> compliance.Seen:
        marks: dict[str, Mapping[int, str]] = {
            name: {frame: mark.value for frame, mark in row.items()}
            for name, row in self.port.marks.items()
        }
        return compliance.Seen(
            self.port.running,
            tuple(self.port.errors),
            tuple(self.port.notes),
            marks,
            frozenset(self.port.ready),
        )


def lending(port: type[Recorder]) -> Callable[[], object]:
    @contextmanager
    def lend() -> Iterator[RecorderOnTrial]:
        yield RecorderOnTrial(port())

    return lend


@pytest.mark.parametrize("promise", compliance.PROMISES, ids=lambda promise: promise.__name__)
def test_a_host_that_remembers_all_keeps(promise: Callable[[compliance.Trial], None]) -> None:
    promise(RecorderOnTrial(Recorder()))


class CutsErrors(Recorder):
    def show_error(self, sentence: str) -> None:
        self.errors.append(sentence[:200])


class FillsInErrors(Recorder):
    def show_error(self, sentence: str) -> None:
        self.errors.append(sentence.replace("\n", " "))


class ForgetsWhatWasSkipped(Recorder):
    def show_progress(self, progress: stmatte_host.Progress) -> None:
        self.running = not progress.over


class Divides(Recorder):
    def show_progress(self, progress: stmatte_host.Progress) -> None:
        super().show_progress(progress)
        self.share = progress.done / progress.frames


class GathersMarks(Recorder):
    def show_marks(self, marks: stmatte_host.Marks) -> None:
        self.marks = {**self.marks, **marks}


class OpensFiles(Recorder):
    def frame_ready(self, frame: int, path: str) -> None:
        Path(path).read_bytes()
        self.ready.add(frame)


class TakesNotesForErrors(Recorder):
    def show_note(self, sentence: str) -> None:
        self.show_error(sentence)


class NeverStops(Recorder):
    def show_progress(self, progress: stmatte_host.Progress) -> None:
        super().show_progress(progress)
        self.running = True


@pytest.mark.parametrize(
    ("port", "breaks"),
    [
        (CutsErrors, "an_error_is_shown_unchanged"),
        (FillsInErrors, "an_error_is_shown_unchanged"),
        (ForgetsWhatWasSkipped, "frames_that_were_left_out_are_told_with_their_reason"),
        (Divides, "progress_is_shown_from_nothing_known_to_the_end"),
        (GathersMarks, "marks_are_shown_for_every_object_and_the_newest_replace_the_others"),
        (OpensFiles, "frames_come_in_any_order_and_twice_and_their_files_may_be_gone_again"),
        (TakesNotesForErrors, "a_note_is_shown_unchanged_and_is_no_error"),
        (NeverStops, "every_state_can_be_shown_and_only_the_last_ones_end_it"),
    ],
)
def test_a_host_that_breaks_a_promise_is_found(port: type[Recorder], breaks: str) -> None:
    promise = next(p for p in compliance.PROMISES if p.__name__ == breaks)

    with pytest.raises((AssertionError, ArithmeticError, OSError)):
        promise(RecorderOnTrial(port()))


def test_a_host_without_pytest_gets_the_broken_promises_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quick = tuple(p for p in compliance.PROMISES if "error_is" in p.__name__)
    monkeypatch.setattr(compliance, "PROMISES", quick)

    assert compliance.broken(lending(Recorder)) == {}
    assert list(compliance.broken(lending(CutsErrors))) == ["an_error_is_shown_unchanged"]
    assert (
        "the newest error" in compliance.broken(lending(CutsErrors))["an_error_is_shown_unchanged"]
    )
