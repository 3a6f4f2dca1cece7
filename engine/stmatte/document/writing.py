# SPDX-License-Identifier: Apache-2.0
"""From a `Shot` to its document: what the reader makes the same shot of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stmatte.document.entries import FORMAT
from stmatte.document.paths import model_to_document, to_document
from stmatte.document.reading import check_document
from stmatte.errors import StmatteError, raise_all
from stmatte.placing import placed
from stmatte.shot import MatteFile, Shot


def write_shot(shot: Shot, path: Path) -> None:
    """Write a shot's document to `path`, whole or not at all.

    Raises StmatteError if the shot has pictures or mattes that are no files, or if the
    place cannot be written.
    """
    text = json.dumps(as_document(shot, path.parent), indent=2, ensure_ascii=False) + "\n"
    with placed(path) as beside:
        beside.write_bytes(text.encode())


def as_document(shot: Shot, base: Path) -> dict[str, Any]:
    """Return the canonical document of a shot, as plain values.

    base  the folder that the document is for: paths below it are written relative

    Settings are written in full, so that a later version's defaults change nothing; what
    is empty otherwise is left out.

    Raises StmatteError if the plate or a matte lies in memory, or if the shot breaks a
    rule that documents have beyond those of `Shot`; several problems are told at once.
    """
    raise_all(_not_files(shot))
    settings = asdict(shot.settings)
    settings["adapt_on"] = [int(frame) for frame in shot.settings.adapt_on]
    settings["model"] = model_to_document(shot.settings.model, base)
    document = {
        "format": FORMAT,
        "plate": to_document(str(shot.plate), base),
        "frames": shot.frames and str(shot.frames),
        "objects": [{"name": spec.name} for spec in shot.specs],
        "keys": [
            {"frame": int(key.frame), "object": name, "matte": _matte(matte, base)}
            for key in shot.keys
            for name, matte in key.mattes.items()
            if isinstance(matte, MatteFile)  # by now, all are
        ],
        "absences": [{"object": a.object, "frames": str(a.frames)} for a in shot.absences],
        "locks": [
            {
                "object": lock.object,
                "frames": str(lock.frames),
                "mattes": _matte(lock.mattes, base),
            }
            for lock in shot.locks
            if isinstance(lock.mattes, MatteFile)
        ],
        "cuts": [int(frame) for frame in shot.cuts],
        "settings": settings,
    }
    written = {name: value for name, value in document.items() if value or name == "keys"}
    check_document(written)
    return written


def _not_files(shot: Shot) -> Iterator[StmatteError]:
    repair = "Write it to files first"
    if not isinstance(shot.plate, str):
        yield StmatteError(
            "The plate lies in memory", allowed="a document names files", repair=repair
        )
    for key in shot.keys:
        for name, matte in key.mattes.items():
            if not isinstance(matte, MatteFile):
                yield StmatteError(
                    f'Key at frame {key.frame} of object "{name}" lies in memory',
                    value=key.frame,
                    allowed="a document names files",
                    repair=repair,
                )
    for lock in shot.locks:
        if not isinstance(lock.mattes, MatteFile):
            yield StmatteError(
                f'Lock of "{lock.object}" over frames {lock.frames} has a matte for each frame',
                value=str(lock.frames),
                allowed="in a document, a lock has one name of files with a place for the "
                "frame number",
                repair="Write its mattes as a sequence",
            )


def _matte(matte: MatteFile, base: Path) -> dict[str, Any]:
    written = {
        "path": to_document(matte.path, base),
        "channel": matte.channel,
        "label": matte.label,
    }
    return {name: value for name, value in written.items() if value}
