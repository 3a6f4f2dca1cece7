# SPDX-License-Identifier: Apache-2.0
"""What the service asks of the floor below: a desk that opens shots, and shots under work.

Only shapes of things stand here, no code: the pipeline makes things of these shapes without
knowing the service, and tests put a desk of their own in its place. All frame numbers are
the plate's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from stmatte.output import Output


class Model(Protocol):
    """A network that can be chosen: its name, and whether its weights ship with STMatte."""

    @property
    def name(self) -> str: ...
    @property
    def ships(self) -> bool: ...


class About(Protocol):
    """What is installed here.

    models   networks that a shot's settings may name
    devices  "cpu", and "cuda" where there is one
    store    the folder of the store
    limit    bytes that the store may take; 0 = no limit
    """

    @property
    def models(self) -> Sequence[Model]: ...
    @property
    def devices(self) -> Sequence[str]: ...
    @property
    def store(self) -> Path: ...
    @property
    def limit(self) -> int: ...


class FrameDone(Protocol):
    """A frame that a delivery has just brought to its file.

    done     frames of this delivery that are there, this one counted; `frames` are wanted
    seconds  since the first frame was begun
    path     the file, the first one if there are several
    files    all files of the frame
    digest   of all that the frame depends on
    fresh    True if the file was there already and nothing had to be computed
    scores   object -> how doubtful its matte is here, in [0, 1]; an object of which that is
             not known is left out
    """

    @property
    def frame(self) -> int: ...
    @property
    def done(self) -> int: ...
    @property
    def frames(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def path(self) -> Path: ...
    @property
    def files(self) -> Sequence[Path]: ...
    @property
    def digest(self) -> str: ...
    @property
    def fresh(self) -> bool: ...
    @property
    def scores(self) -> Mapping[str, float]: ...


class FrameNow(Protocol):
    """How a frame stands, without any computing.

    digest       that its file has or would have
    file         the first file that lies at its place, fresh or stale; None where none does
    files        all files that lie at its places
    fresh        whether these files are what would be computed now
    uncertainty  object -> how doubtful its matte is, in [0, 1]; None where that is not known
    """

    @property
    def digest(self) -> str: ...
    @property
    def file(self) -> Path | None: ...
    @property
    def files(self) -> Sequence[Path]: ...
    @property
    def fresh(self) -> bool: ...
    @property
    def uncertainty(self) -> Mapping[str, float] | None: ...


class View(Protocol):
    """How the network sees a plate.

    colorspace  the plate's colour space in the OCIO config
    why         how that is known, as the end of a sentence
    exposure    stops brighter
    """

    @property
    def colorspace(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def exposure(self) -> float: ...


class Delivery(Protocol):
    """What is there after a delivery.

    mattes     frame -> its file, which is fresh now
    skipped    frame -> why it was passed over
    cancelled  True if it left because `stop` said so
    """

    @property
    def mattes(self) -> Mapping[int, Path]: ...
    @property
    def skipped(self) -> Mapping[int, str]: ...
    @property
    def cancelled(self) -> bool: ...


class SpanReport(Protocol):
    """One object's span: its frames, the keys it listens to, what is stale in it, and why.

    why  a sentence; "" where nothing is stale
    """

    @property
    def object(self) -> str: ...
    @property
    def frames(self) -> Collection[int]: ...
    @property
    def keys(self) -> Collection[int]: ...
    @property
    def stale(self) -> Collection[int]: ...
    @property
    def why(self) -> str: ...


class Forecast(Protocol):
    """What is left to do: stale frames, and where they can be told seconds and bytes of memory."""

    @property
    def frames(self) -> int: ...
    @property
    def seconds(self) -> float | None: ...
    @property
    def bytes(self) -> int | None: ...


class Advice(Protocol):
    """Key this object on this frame: what share of all expected error goes, in [0, 1], and why."""

    @property
    def frame(self) -> int: ...
    @property
    def object(self) -> str: ...
    @property
    def gain(self) -> float: ...
    @property
    def reasons(self) -> Sequence[str]: ...


class Work(Protocol):
    """What a job can carry out.

    frames  those that it may bring to their files, ascending
    """

    @property
    def frames(self) -> tuple[int, ...]: ...

    def deliver(
        self,
        frames: Collection[int] | None,
        first: int | None,
        stop: Callable[[], bool],
        tell: Callable[[FrameDone], None],
        learns: Callable[[int, int], None],
    ) -> Delivery:
        """Do it, and return when that is done; as `OpenShot.deliver`."""
        ...


class OpenShot(Protocol):
    """A shot under work. It never changes: a changed document is another `OpenShot`.

    objects  names, in the document's order
    frames   the frames to make mattes for, ascending
    view     how the network sees the plate
    notes    sentences that a person should read and need not obey

    While `deliver` runs in one thread, everything else may be asked in another. What a
    person can mend is raised as StmatteError.
    """

    @property
    def objects(self) -> tuple[str, ...]: ...
    @property
    def frames(self) -> tuple[int, ...]: ...
    @property
    def view(self) -> View: ...
    @property
    def notes(self) -> tuple[str, ...]: ...

    def changed(self, document: Mapping[str, object]) -> OpenShot:
        """Return the shot of a later document; base, output and options stay."""
        ...

    def stale(self) -> Mapping[str, Collection[int]]:
        """Return the stale frames of every object."""
        ...

    def stale_frames(self) -> Collection[int]:
        """Return the frames whose file is not fresh."""
        ...

    def spans(self) -> Sequence[SpanReport]:
        """Return the spans of every object."""
        ...

    def forecast(self) -> Forecast:
        """Foretell the delivery of all that is stale."""
        ...

    def suggest(self, count: int) -> Sequence[Advice]:
        """Return at most so many frames where a next key would help most, the best first.

        Raises StmatteError if a frame is stale.
        """
        ...

    def matte(self, frame: int) -> FrameNow:
        """Tell how one of the shot's frames stands."""
        ...

    def deliver(
        self,
        frames: Collection[int] | None,
        first: int | None,
        stop: Callable[[], bool],
        tell: Callable[[FrameDone], None],
        learns: Callable[[int, int], None],
    ) -> Delivery:
        """Bring files up to date, and return when that is done.

        frames  frames of the shot; None means all
        first   the frame that is wanted first; one that is not among them is not heard
        stop    asked between frames and steps; once it says True, nothing further is begun
        tell    called for each frame when its file is there
        learns  called after each step that a network learns before the first frame, with how
                many it learnt and how many there are
        """
        ...


class Desk(Protocol):
    """Where shots are opened."""

    def about(self) -> About:
        """Tell what is installed."""
        ...

    def outline(
        self,
        mattes: str,
        object: str,  # noqa: A002  the word of the vocabulary
        out: Path,
        frames: Callable[[tuple[int, ...]], Collection[int]],
        tolerance: float,
        inset: float,
    ) -> Work:
        """Prepare to fit splines to an object's mattes, of those frames that `frames` chooses.

        Raises StmatteError for what a person can mend.
        """
        ...

    def open(
        self,
        document: Mapping[str, object],
        base: Path,
        output: Output,
        *,
        skip_errors: bool,
    ) -> OpenShot:
        """Open the shot that a document describes.

        document     as `stmatte.shot/1` says; not checked yet
        base         the folder that relative paths, those of `output` too, are relative to
        output       where the mattes go, and what is in their files
        skip_errors  pass over plate frames that are missing or cannot be read

        Raises StmatteError for what a person can mend.
        """
        ...
