# SPDX-License-Identifier: Apache-2.0
"""A timeline's shots: for every clip with pictures its plate, its frames and its keys.

Nothing is read but names in folders (and the headers of files that must say their time
code), so that thousands of clips are looked through in seconds. What is wrong with a shot
is kept with it: the others go on.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from stmatte.errors import StmatteError
from stmatte.output import Output
from stmatte.plan.ranges import written
from stmatte.settings import Settings
from stmatte.shot import FrameRange
from stmatte.timelines.clips import UsedClip, used_clips
from stmatte.timelines.folders import Folders
from stmatte.timelines.keys import FoundKey, KeyFolder, marked_keys, within
from stmatte.timelines.lengths import fill_in
from stmatte.timelines.media import Media, find_media
from stmatte.timelines.names import named_after, unique
from stmatte.timelines.needs import Need, lacking, need
from stmatte.timelines.opening import Cut
from stmatte.timelines.references import Reference, reference_of, spelled
from stmatte.timelines.times import exact_rate


@dataclass(frozen=True)
class Order:
    """What is wanted of a timeline.

    output         where the mattes go, {shot} in it, and what is in their files
    keys           folder of the keys; None where markers name them
    key_patterns   see `keys`; () for those that are usual
    objects        names of labels 1, 2, ... in keys that hold labels
    media          pattern of the plates, with {shot} or {reel}, in place of what the timeline
                   says; "" takes what it says
    media_handles  how many frames the plates begin before the cut; None if nobody knows
    handles        how many frames more than the cut shows, at either end
    skip_errors    pass over plate frames that are missing or cannot be read
    only           names of the shots that are wanted; () for all
    settings       how mattes are made
    """

    output: Output
    keys: Path | None = None
    key_patterns: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    media: str = ""
    media_handles: int | None = None
    handles: int = 0
    skip_errors: bool = False
    only: tuple[str, ...] = ()
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True)
class TimelineShot:
    """A clip and what is needed to make its mattes.

    name     unique in the timeline
    used     the clip
    media    its files; None if `problem` says why not
    need     the frames that it shows, and these with handles
    frames   the frames to make: `need`, and more where the nearest key is farther
    keys     those that it hears
    notes    sentences about what may surprise
    problem  why nothing can be made; None if nothing is known to be wrong
    """

    name: str
    used: UsedClip
    media: Media | None = None
    need: Need | None = None
    frames: FrameRange | None = None
    keys: tuple[FoundKey, ...] = ()
    notes: tuple[str, ...] = ()
    problem: StmatteError | None = None


def shots_of(cut: Cut, order: Order) -> list[TimelineShot]:
    """Return the shots of a timeline, in its order, each with what is wrong with it.

    Clips without moving pictures (bars, titles, stills) are passed over.

    Raises StmatteError for what is wrong with all: no clip with pictures, a name in `only`
    that no shot has, an `out` that would put all mattes into the same files.
    """
    folders = Folders()
    if not order.media:
        fill_in(cut.timeline, cut.folder, folders)
    clips = [used for used in used_clips(cut.timeline) if _has_pictures(used, cut, order)]
    if not clips:
        raise StmatteError(
            f'Timeline "{cut.path.name}" has no clip with a picture sequence',
            value=str(cut.path),
            allowed="at least one clip refers to a sequence or a video",
            repair="Relink its clips, or say where the pictures are by --media",
        )
    named = list(_named(clips, cut, order))
    wanted = _wanted(named, order.only)
    _check_out(order.output.out, len(wanted))
    keys = None
    if order.keys is not None:
        every = [name for one in named for name in one.keyed]
        keys = KeyFolder(order.keys, order.key_patterns, every)
    return [_shot(one, cut, order, folders, keys) for one in wanted]


@dataclass(frozen=True)
class _Named:
    """A clip with its shot's name, and the names by which its keys may be called."""

    name: str
    used: UsedClip
    keyed: tuple[str, ...]


def _named(clips: Sequence[UsedClip], cut: Cut, order: Order) -> Iterator[_Named]:
    """Yield the clips with their names; of one plate that is there twice, the keys are the same."""
    firsts: dict[str, str] = {}
    for name, used in zip(unique(_called(used) for used in clips), clips, strict=True):
        called, place = _called(used), _place(used, cut, order)
        same = firsts.setdefault(called, place) == place
        yield _Named(name, used, (name, called) if same and name != called else (name,))


def _shot(
    named: _Named, cut: Cut, order: Order, folders: Folders, keys: KeyFolder | None
) -> TimelineShot:
    name, used = named.name, named.used
    shot = TimelineShot(name, used)
    try:
        if used.problem is not None:
            raise used.problem
        if speed := cut.backwards.get((_reel(used), used.begins)):
            raise _backwards(used, speed)
        media = _media(used, cut, order, folders)
        wanted = need(used, media, order.handles)
        shot = replace(shot, media=media, need=wanted, frames=wanted.frames)
        notes = list(_check_files(used, media, wanted, pass_over=order.skip_errors))
        found = marked_keys(used, media, cut.folder)
        if keys is not None:
            found += next(filter(None, map(keys.keys, named.keyed)), [])
        if not found:
            raise keys.none_for(name) if keys else _unmarked(used)
        heard, frames, more = within(found, wanted.frames, name)
        return replace(shot, frames=frames, keys=tuple(heard), notes=(*notes, *more))
    except StmatteError as error:
        return replace(shot, problem=error)


def _has_pictures(used: UsedClip, cut: Cut, order: Order) -> bool:
    if order.media:
        return not _is_generated(used)
    try:
        return reference_of(used.clip, cut.folder) is not None
    except StmatteError:
        return True  # it should have some: told with the shot


def _is_generated(used: UsedClip) -> bool:
    return type(used.clip.media_reference).__name__ == "GeneratorReference"


def _media(used: UsedClip, cut: Cut, order: Order, folders: Folders) -> Media:
    reference = _reference(used, cut, order)
    if reference is None:
        raise _pictureless(used)
    rate = exact_rate(used.rate)
    return find_media(reference, used.name, used.begins, rate, folders, order.media_handles)


def _reference(used: UsedClip, cut: Cut, order: Order) -> Reference | None:
    return _replaced(used, order) if order.media else reference_of(used.clip, cut.folder)


def _place(used: UsedClip, cut: Cut, order: Order) -> str:
    """Return where a clip's pictures are said to be; "" if nobody says it."""
    try:
        reference = _reference(used, cut, order)
    except StmatteError:
        return ""
    return "" if reference is None else reference.place


def _pictureless(used: UsedClip) -> StmatteError:
    return StmatteError(
        f'Clip "{used.name}" has no moving pictures',
        value=used.name,
        allowed="a clip refers to a picture sequence or a video",
    )


def _replaced(used: UsedClip, order: Order) -> Reference:
    """Return where the pictures of a clip are by `--media`; clips of one name have the same."""
    text = order.media.replace("{shot}", _called(used)).replace("{reel}", _reel(used))
    place, first, sure = spelled(str(Path(text).absolute()))
    return Reference(place, first, sure=sure)


def _reel(used: UsedClip) -> str:
    """Return the name of the reel that an EDL names; "" elsewhere."""
    said = used.clip.metadata.get("cmx_3600")
    return str(said.get("reel", "")) if isinstance(said, Mapping) else ""


def _called(used: UsedClip) -> str:
    """Return what a clip's shot would be called if no other were called the same."""
    return named_after(used.name or _reel(used))


def _check_files(used: UsedClip, media: Media, wanted: Need, *, pass_over: bool) -> Iterator[str]:
    missing = lacking(wanted, media)
    if not missing:
        return
    frames = media.frames
    if len(missing) == len(range(wanted.shown.first, wanted.shown.last + 1, media.step)):
        pass_over = False  # nothing is left
    if not (pass_over or media.hold):
        raise StmatteError(
            f'Clip "{used.name}" shows frames {wanted.shown} of its media, of which '
            f"{written(missing)} are missing",
            value=tuple(missing),
            allowed=f'"{media.pattern}" has {written(frames)} (numbered by {media.by})',
            repair="Render or copy these frames, or trim the clip",
        )
    yield f"Frames {written(missing)} of {used.name} are missing and passed over"


def _wanted(named: Sequence[_Named], only: Sequence[str]) -> list[_Named]:
    names = [one.name for one in named]
    strange = [name for name in only if name not in names]
    if strange:
        near = difflib.get_close_matches(strange[0], names, 3) or names[:3]
        more = f" and {len(names) - len(near)} more" if len(names) > len(near) else ""
        raise StmatteError(
            f'Shot "{strange[0]}" is not in the timeline',
            value=tuple(strange),
            allowed=f"it has {', '.join(near)}{more}",
            repair="Correct the name",
        )
    return [one for one in named if not only or one.name in only]


def _check_out(out: str, shots: int) -> None:
    if "{shot}" not in out and shots > 1:
        raise StmatteError(
            f'Output "{out}" is the same for all {shots} shots',
            value=out,
            allowed="the pattern has {shot} in it",
            repair='Write one such as "mattes/{shot}/{shot}.####.exr"',
        )


def _unmarked(used: UsedClip) -> StmatteError:
    return StmatteError(
        f'Clip "{used.name}" has no key',
        value=used.name,
        allowed="no folder of keys was named, and no marker on the clip names a key",
        repair="Name a folder by --keys, or put a marker on the clip with the metadata "
        '"stmatte": {"key": PATH}',
    )


def _backwards(used: UsedClip, speed: str) -> StmatteError:
    return StmatteError(
        f'Clip "{used.name}" runs backwards (M2 {speed})',
        value=speed,
        allowed="the EDL reader forgets the speed of such clips, so that the frames they show "
        "are not known",
        repair="Export the timeline as .otio",
    )
