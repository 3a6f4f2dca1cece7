# SPDX-License-Identifier: Apache-2.0
"""What may be written over, found out before work starts.

Sources never: the plate, keys and locked mattes. What STMatte wrote is brought up to date.
What others wrote stays, unless it was said that it may go.
"""

from __future__ import annotations

import logging
import stat
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from stmatte.errors import StmatteError
from stmatte.images import expand, read_words
from stmatte.images.matte_file import matte_path
from stmatte.images.pattern import check_pattern, has_object
from stmatte.images.plates import SequencePlate
from stmatte.pipeline.checks import CheckedShot
from stmatte.pipeline.header import DIGEST
from stmatte.pipeline.matte_files import CRYPTO, UNCERTAINTY, MatteFiles
from stmatte.pipeline.planned import PlannedShot
from stmatte.placing import check_writable, unwritable
from stmatte.shot import MatteFile, Shot

_log = logging.getLogger("stmatte")

_ANYBODY_WRITES = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def check_files(
    checked: CheckedShot, files: MatteFiles, preview: str | None, spare: Collection[Path]
) -> None:
    """Prove that files can go where they are wanted, and that none of them replaces a source.

    preview  pattern of pictures that are written beside, if any
    spare    files that must not be written over, besides the plate, the keys and the locks
    """
    check_pattern(files.output.out, files.output.shot)
    objects = checked.shot.objects
    if Path(files.output.out).suffix.lower() != ".exr":
        raise StmatteError(
            f'Output "{files.output.out}" does not end in .exr',
            value=files.output.out,
            allowed="mattes are written as EXR",
            repair="Let its name end in .exr, such as matte.####.exr",
        )
    _check_names(objects, files)
    if files.output.layout.lossy:
        _log.warning(
            "%s is lossy in channels such as %s: mattes will differ from what was made. "
            "zips, zip and piz keep every bit",
            files.output.layout.compression,
            files.output.layout.channel(objects[0]),
        )
    places = [path for frame in checked.frames for path in files.paths(objects, frame)]
    pictures = [] if preview is None else [expand(preview, frame) for frame in checked.frames]
    _check_sources(checked, (*places, *pictures), spare)
    _check_standing(places, files)
    for folder in dict.fromkeys(path.parent for path in files.paths(objects, checked.frames[0])):
        check_writable(folder)
    if preview is not None:
        check_writable(Path(preview).parent)


def _check_names(objects: Collection[str], files: MatteFiles) -> None:
    """Refuse objects that are called like what is written beside them, in capitals, too."""
    for name in objects:
        if files.output.uncertainty and name.lower() == UNCERTAINTY:
            raise StmatteError(
                f'Object "{name}" bears the name of the layer that says where mattes are doubtful',
                value=name,
                allowed="any other name",
                repair="Rename the object, or leave the uncertainty out",
            )
        if files.output.cryptomatte and has_object(files.output.out) and name.lower() == CRYPTO:
            raise StmatteError(
                f'Object "{name}" bears the name of the Cryptomatte\'s files',
                value=name,
                allowed="any other name",
                repair="Rename the object, or leave the Cryptomatte out",
            )


def check_replaceable(planned: PlannedShot, files: MatteFiles, frames: Iterable[int]) -> None:
    """Refuse to replace files that are protected against writing; renaming would not ask."""
    for frame in frames:
        protected = {
            path for path in files.paths(planned.checked.shot.objects, frame) if _is_protected(path)
        }
        for file in files.stale(planned, frame) if protected else ():
            if file.path in protected:
                raise unwritable(file.path, "the file is write-protected")


def _is_protected(path: Path) -> bool:
    return path.exists() and not path.stat().st_mode & _ANYBODY_WRITES


def _check_sources(checked: CheckedShot, places: Collection[Path], spare: Collection[Path]) -> None:
    spared = {path.resolve() for path in (*spare, *_sources(checked))}
    for path in places if spared else ():
        if path.resolve() in spared:
            raise StmatteError(
                f'Output "{path}" is a picture of the plate or a key',
                value=str(path),
                allowed="what mattes are made from is never written over",
                repair="Choose another name or folder for the output",
            )


def _check_standing(places: Collection[Path], files: MatteFiles) -> None:
    """Refuse places where something stands that must not go."""
    there = [path for path in places if path.exists()]
    for path in there:
        if not path.is_file():
            raise StmatteError(
                f'Output "{path}" is a folder',
                value=str(path),
                allowed="a file is to be written there",
                repair="Choose another name for the output",
            )
    if files.output.overwrite or files.output.skip_existing:
        return
    foreign = [path for path in there if not _is_ours(path)]
    if foreign:
        others = len(foreign) - 1
        more = f", as {'is' if others == 1 else 'are'} {others} more" if others else ""
        raise StmatteError(
            f'Output "{foreign[0]}" is there already, and not from STMatte{more}',
            value=tuple(str(path) for path in foreign),
            allowed="only what STMatte wrote is brought up to date",
            repair="Choose another name or folder, or ask for --overwrite or --skip-existing",
        )


def _is_ours(path: Path) -> bool:
    """Return whether STMatte wrote a file, whole or not; nothing is lost with an empty one."""
    return path.stat().st_size == 0 or DIGEST in (read_words(path, whole=False) or {})


def _sources(checked: CheckedShot) -> Iterator[Path]:
    if isinstance(checked.plate, SequencePlate):
        yield from checked.plate.sequence.files.values()
    yield from _given_files(checked.shot)


def _given_files(shot: Shot) -> Iterator[Path]:
    for key in shot.keys:
        for matte in key.mattes.values():
            if isinstance(matte, MatteFile):
                yield matte_path(matte, key.frame)
    for lock in shot.locks:
        for frame in lock.frames:
            matte = lock.mattes if isinstance(lock.mattes, MatteFile) else lock.mattes[frame]
            if isinstance(matte, MatteFile):
                yield matte_path(matte, frame)
