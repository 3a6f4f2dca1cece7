# SPDX-License-Identifier: Apache-2.0
"""A shot under work: asked about, changed, delivered.

A shot itself never changes; an edit makes another one. It can be asked in one thread while it
is delivered in another: each has a plan and a reader of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from stmatte.document import parse_shot
from stmatte.errors import StmatteError
from stmatte.output import Output
from stmatte.pipeline.adapted import Learns
from stmatte.pipeline.checks import CheckedShot, check_shot
from stmatte.pipeline.deliver import Delivery, Progress, deliver_planned
from stmatte.pipeline.loaded import Loaded
from stmatte.pipeline.matte_files import MatteFiles, matte_files, scores_in
from stmatte.pipeline.overwriting import check_files
from stmatte.pipeline.planned import PlannedShot, plan_shot
from stmatte.pipeline.propagate import tell_missing
from stmatte.pipeline.report import Forecast, SpanReport, forecast, span_reports, stale_mattes
from stmatte.pipeline.suggesting import suggest
from stmatte.plan.advice import Advice

_log = logging.getLogger("stmatte")


@dataclass(frozen=True)
class FrameNow:
    """How a frame stands.

    digest       that its file has or would have
    file         the first file at its place, fresh or stale; None where none is
    files        all files at their places
    fresh        whether these files are what would be written now
    uncertainty  object -> how doubtful it is here; None where a file is stale
    """

    digest: str
    file: Path | None
    files: tuple[Path, ...]
    fresh: bool
    uncertainty: Mapping[str, float] | None


@dataclass(frozen=True)
class View:
    """How the network sees a plate.

    colorspace  the plate's colour space in the OCIO config
    why         how that is known, as the end of a sentence
    exposure    stops brighter; 0 where the plate is display-referred
    """

    colorspace: str
    why: str
    exposure: float


@dataclass(frozen=True)
class OpenShot:
    """A shot under work.

    skip_errors  frames that are missing or cannot be read are passed over
    """

    loaded: Loaded
    checked: CheckedShot
    files: MatteFiles
    base: Path
    skip_errors: bool

    @property
    def objects(self) -> tuple[str, ...]:
        """Names of the objects, in the document's order."""
        return self.checked.shot.objects

    @property
    def frames(self) -> tuple[int, ...]:
        """The frames to make mattes for, ascending."""
        return self.checked.frames

    @property
    def view(self) -> View:
        """How the network sees the plate."""
        space = self.checked.plate.colorspace
        return View(space.name, space.why, self.checked.exposure)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what an artist may not expect."""
        return self.checked.notes

    def changed(self, document: Mapping[str, object]) -> OpenShot:
        """Return the shot of a later document; base, output and options stay."""
        return open_shot(
            self.loaded,
            document,
            self.base,
            self.files.output,
            skip_errors=self.skip_errors,
            before=self.checked,
        )

    def stale(self) -> Mapping[str, tuple[int, ...]]:
        """Return, for every object, the frames whose matte isn't in its file as it should be."""
        stale = stale_mattes(self._asked, self.loaded.store, self.files)
        self._asked.reader.keep_notes()
        return stale

    def stale_frames(self) -> tuple[int, ...]:
        """Return the frames whose file is not what would be written now."""
        return tuple(f for f in self.frames if self.files.fresh(self._asked, f) is None)

    def spans(self) -> Sequence[SpanReport]:
        """Return the spans of every object."""
        return span_reports(self._asked, self.loaded.store, self.stale(), self.files.name)

    def forecast(self) -> Forecast:
        """Foretell what making all that is stale will cost."""
        settings = self.checked.shot.settings
        network, _ = self.loaded.network(settings)
        budget = self.loaded.budget
        return forecast(self._asked, self.loaded.store, self.stale(), network, budget, lasting=True)

    def suggest(self, count: int) -> Sequence[Advice]:
        """Return where a next key would help most, the best first, by what the store holds."""
        return suggest(self._asked, self.loaded.store, count)

    def matte(self, frame: int) -> FrameNow:
        """Tell how one of the shot's frames stands."""
        if frame not in self.frames:
            raise StmatteError(
                f"Frame {frame} is not in the shot",
                value=frame,
                allowed=f"it has frames {self.frames[0]}-{self.frames[-1]}",
            )
        paths = self.files.paths(self.objects, frame)
        there = tuple(path for path in paths if path.is_file())
        digest = self.files.digest(self._asked, frame)
        words = self.files.fresh(self._asked, frame)
        scores = None if words is None else scores_in(words, self.objects)
        return FrameNow(digest, there[0] if there else None, there, words is not None, scores)

    def deliver(
        self,
        frames: Collection[int] | None,
        first: int | None,
        stop: Callable[[], bool],
        tell: Callable[[Progress], None],
        learns: Learns | None = None,
    ) -> Delivery:
        """Bring files up to date, the span under `first` before others; see `deliver_planned`."""
        settings = self.checked.shot.settings
        network, sights = self.loaded.network(settings)
        self.loaded.make_way(settings)
        skipped: dict[int, str] = {}

        def skip(frame: int, error: StmatteError) -> None:
            skipped[frame] = str(error)

        passing = skip if self.skip_errors else None
        tell_missing(self.checked, passing)
        planned = plan_shot(self._for_a_delivery(), network, self.loaded.store, passing)
        return deliver_planned(
            planned,
            self.files,
            network,
            self.loaded.store,
            sights,
            tell=tell,
            skipped=skipped,
            frames=frames,
            first=first,
            stop=stop,
            budget=self.loaded.budget,
            learns=learns,
        )

    @cached_property
    def _asked(self) -> PlannedShot:
        """The plan that questions are answered from."""
        settings = self.checked.shot.settings
        network, _ = self.loaded.network(settings)
        return plan_shot(
            self.checked, network, self.loaded.store, _in_silence if self.skip_errors else None
        )

    def _for_a_delivery(self) -> CheckedShot:
        """Return the checked shot with given mattes that no other thread reads."""
        return replace(self.checked, given=self.checked.given.apart())


def open_shot(
    loaded: Loaded,
    document: Mapping[str, object],
    base: Path,
    output: Output,
    *,
    skip_errors: bool = False,
    before: CheckedShot | None = None,
) -> OpenShot:
    """Open the shot that a document describes.

    loaded       what it shares with other shots
    document     `stmatte.shot/1`, not checked yet
    base         the folder that relative paths of the document are relative to
    output       where the mattes go, and what is in their files
    skip_errors  pass over plate frames that are missing or cannot be read
    before       the shot as it was checked before an edit: what is as it was isn't read again

    Raises StmatteError for what a person can mend.
    """
    shot = parse_shot(document, base)
    checked = check_shot(shot, pass_over=skip_errors, before=before, store=loaded.store)
    files = matte_files(output, checked)
    check_files(checked, files, None, ())
    loaded.network(shot.settings)
    return OpenShot(loaded, checked, files, base, skip_errors)


def _in_silence(frame: int, error: StmatteError) -> None:
    """Pass over a frame; who delivers is told of it."""
    _log.debug("frame %d: %s", frame, error)
