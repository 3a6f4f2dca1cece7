# SPDX-License-Identifier: Apache-2.0
"""What is known of a shot before its pixels are read: its plan, and what its files say.

Enough to refuse what cannot be reviewed, and to tell which shot to look at first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import stmatte
from stmatte.document import read_shot
from stmatte.document.paths import model_alone
from stmatte.errors import StmatteError
from stmatte.images import read_words, working_size
from stmatte.images.pattern import check_pattern, shot_name
from stmatte.images.preview import object_colour
from stmatte.networks.protocol import Network
from stmatte.output import Output
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.header import SCORE
from stmatte.pipeline.matte_files import MatteFiles
from stmatte.pipeline.planned import PlannedShot, plan_shot
from stmatte.pipeline.reading import UNREADABLE
from stmatte.pipeline.suggesting import suggest
from stmatte.plan.ranges import written
from stmatte.review.facts import ObjectFacts, ShotFacts
from stmatte.review.looking import any_there
from stmatte.review.marks import marks
from stmatte.review.versions import before, version_of
from stmatte.store import Store

ADVISED = 5
"""Keys that are advised, at most."""


@dataclass(frozen=True, eq=False)
class Surveyed:
    """A shot that can be shown.

    files   its mattes
    earlier those of the version before; None if there is none to compare with
    facts   all that is known without reading pixels
    """

    planned: PlannedShot
    files: MatteFiles
    earlier: MatteFiles | None
    facts: ShotFacts


def survey(
    document: Path,
    mattes: str,
    previous: str | None,
    network_of: dict[tuple[str, str], Network],
    store: Store,
    *,
    height: int,
    doubtful: float,
) -> Surveyed:
    """Look into a shot document, its plan, and the headers of its mattes.

    mattes      pattern of the matte files; {shot} in it stands for the shot's name
    previous    pattern of the version before; None looks for it by the version in `mattes`
    network_of  networks that are loaded, by model and device
    height      of the pictures on the page, in pixels
    doubtful    the uncertainty from which a matte is doubtful

    Raises StmatteError for what a person can mend, and if no matte is there yet.
    """
    name = shot_name(str(document))
    check_pattern(mattes, name)
    read = read_shot(document)
    checked = check_shot(read, pass_over=True, store=store)
    settings = read.settings
    network = network_of[settings.model, settings.device]
    planned = plan_shot(checked, network, store, _passed_over)
    files = MatteFiles(Output(mattes, shot=name))
    if not any_there(planned, files):
        raise _nothing_yet(name, mattes)
    earlier = _earlier(planned, files, previous)
    size, aspect = checked.plate.size, checked.plate.pixel_aspect
    facts = ShotFacts(
        name,
        planned.plan.frames,
        size,
        working_size(size, height, aspect),
        _objects(planned, files, doubtful),
        digests=[planned.plan.digest(frame) for frame in planned.plan.frames],
        missing=[f for f in planned.plan.frames if not _whole(planned, files, f)],
        version=version_of(mattes),
        previous=""
        if earlier is None
        else version_of(earlier.output.out) or Path(earlier.output.out).name,
        settings=_settings(planned, mattes),
        notes=checked.notes,
    )
    _advise(planned, store, facts)
    planned.reader.keep_notes()
    return Surveyed(planned, files, earlier, facts)


def _earlier(planned: PlannedShot, files: MatteFiles, previous: str | None) -> MatteFiles | None:
    """Return the files of the version before, if any is there."""
    if previous is None:
        pattern = before(files.output.out, lambda out: any_there(planned, _at(files, out)))
        return None if pattern is None else _at(files, pattern)
    check_pattern(previous, files.output.shot)
    earlier = _at(files, previous)
    if not any_there(planned, earlier):
        raise _nothing_yet(files.output.shot, previous)
    return earlier


def _at(files: MatteFiles, out: str) -> MatteFiles:
    """Return the same files at another place."""
    return MatteFiles(replace(files.output, out=out))


def _objects(planned: PlannedShot, files: MatteFiles, doubtful: float) -> list[ObjectFacts]:
    frames = planned.plan.frames
    lacking = {frame: files.lacking(planned, frame) for frame in frames}
    found = []
    for index, plan in enumerate(planned.plan.objects):
        doubts = {f: d for f in frames if (d := _doubt(planned, files, f, plan.name)) is not None}
        stale = {frame for frame in frames if plan.name in lacking[frame]}
        marked = marks(frames, plan.said, stale, doubts, doubtful)
        each = ObjectFacts(plan.name, object_colour(index))
        each.marks = [marked[frame] for frame in frames]
        each.stale = [frame in stale for frame in frames]
        each.doubts = [doubts.get(frame) for frame in frames]
        found.append(each)
    return found


def _doubt(planned: PlannedShot, files: MatteFiles, frame: int, name: str) -> float | None:
    for file in files.of(planned.checked.shot.objects, frame):
        words = read_words(file.path) if name in file.layers else None
        if words is not None and f"{SCORE}/{name}" in words:
            return float(words[f"{SCORE}/{name}"])
    return None


def _whole(planned: PlannedShot, files: MatteFiles, frame: int) -> bool:
    return all(path.is_file() for path in files.paths(planned.checked.shot.objects, frame))


def _advise(planned: PlannedShot, store: Store, facts: ShotFacts) -> None:
    try:
        advice = suggest(planned, store, ADVISED)
    except StmatteError as error:
        facts.unadvised = str(error)
        return
    facts.unadvised = "" if advice else "Nothing is in doubt: no key would help."
    facts.advice = [
        {"frame": a.frame, "object": a.object, "gain": a.gain, "reasons": list(a.reasons)}
        for a in advice
    ]


def _settings(planned: PlannedShot, mattes: str) -> list[tuple[str, str]]:
    """Return what the mattes follow from, in words; names of files, never of folders."""
    checked, settings = planned.checked, planned.checked.shot.settings
    (height, width), plate = checked.plate.size, checked.plate
    unread = [f for f in planned.plan.frames if planned.reader.digest(f) == UNREADABLE]
    told = [
        ("plate", Path(plate.label).name),
        ("format", f"{width}x{height}, pixel aspect {plate.pixel_aspect:g}"),
        ("colour space", f"{plate.colorspace.name}, exposure {checked.exposure:+.2f}"),
        ("mattes", Path(mattes).name),
        ("model", model_alone(settings.model)),
        ("weights", planned.weights[:16]),
        ("working height", str(settings.working_height)),
        ("reach", str(settings.reach)),
        ("edges", settings.edges),
        ("focus", settings.focus),
        ("steady", "on" if settings.steady else "off"),
        ("adapt", str(settings.adapt) if settings.adapt else "off"),
        ("device", planned.device.type),
        ("precision", settings.precision + (", compiled" if settings.compile else "")),
    ]
    for plan in planned.plan.objects:
        keys = [f for f, given in plan.said.items() if not given.absent and not given.locked]
        told.append((f"keys of {plan.name}", written(keys) or "none"))
    if unread:
        told.append(("cannot be read", written(unread)))
    return [*told, ("STMatte", stmatte.__version__)]


def _passed_over(frame: int, error: StmatteError) -> None:
    del frame, error  # the page says which frames cannot be read


def _nothing_yet(name: str, mattes: str) -> StmatteError:
    return StmatteError(
        f'Shot "{name}" has no mattes yet at "{mattes}"',
        value=mattes,
        allowed="a review looks at mattes that are there",
        repair="Make them by stmatte propagate, or name by --mattes where they are",
    )
