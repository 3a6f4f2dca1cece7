# SPDX-License-Identifier: Apache-2.0
"""A round of strokes on a shot: keys made of them lie beside the document, and in it.

A key of strokes is a key like any other: a soft matte in a file, heard within its reach, and
gone when its entry is removed. An artist's own key, an absence and a lock are never overruled
unasked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from stmatte.document import parse_shot
from stmatte.document.paths import to_document
from stmatte.document.reading import check_document
from stmatte.document.text import parse_json, read_text
from stmatte.errors import StmatteError
from stmatte.images import Box, open_plate, write_mattes
from stmatte.networks.protocol import Network
from stmatte.pipeline.checks import CheckedShot, check_shot
from stmatte.pipeline.frames import frame_mattes
from stmatte.pipeline.given import Pixels
from stmatte.pipeline.matte_files import windows_of
from stmatte.pipeline.planned import PlannedShot
from stmatte.pipeline.propagate import walk
from stmatte.placing import placed
from stmatte.propagation.sights import HELD, Sights
from stmatte.scribbles import Stroke
from stmatte.shot import Key, MatteFile, Shot
from stmatte.store import Store

Made = Mapping[int, Mapping[str, Pixels]]
"""Plate frame number -> object name -> the matte of a key."""


@dataclass(frozen=True)
class Scribbled:
    """A shot that is drawn on.

    path      of its document, whose entries are `document`
    checked   the shot; where the document has no key yet, an empty one stands for them
    begins    whether there is no key yet
    """

    path: Path
    document: dict[str, Any]
    checked: CheckedShot
    begins: bool

    @property
    def folder(self) -> Path:
        """Where keys of strokes lie."""
        return self.path.parent / f"{self.path.stem}_strokes"

    def held(self, frame: int, *, over_keys: bool) -> dict[str, StmatteError]:
        """Return the objects whose matte on a frame is not for strokes to change, and why.

        over_keys  an artist's own keys may be replaced
        """
        shot = self.checked.shot
        found: dict[str, StmatteError] = {}
        for name in shot.objects:
            said = self.checked.said[name].get(frame)
            key = None if said is None else _key_at(shot, frame, name)
            where = f'"{name}" at frame {frame}'
            if said is not None and said.locked:
                found[name] = StmatteError(
                    f"Strokes would change {where}, which is locked",
                    value=frame,
                    allowed="what is approved stays",
                    repair="Shorten the lock, or draw on another frame",
                )
            elif any(a.object == name and frame in a.frames for a in shot.absences):
                found[name] = StmatteError(
                    f"Strokes would change {where}, where it is said to be absent",
                    value=frame,
                    allowed="on one frame an object is there or it is not",
                    repair="Shorten the absence, or draw on another frame",
                )
            elif key is not None and not self._ours(key) and not over_keys:
                found[name] = StmatteError(
                    f"Strokes would change {where}, which carries a key of its own",
                    value=frame,
                    allowed="a key that somebody made is never replaced unasked",
                    repair="Add --over-keys, mend that key, or draw on another frame",
                )
        return found

    def _ours(self, matte: object) -> bool:
        if not isinstance(matte, MatteFile):
            return self.begins  # the empty key that stands for none
        return Path(matte.path).absolute().parent == self.folder.absolute()


def open_scribbled(path: Path) -> Scribbled:
    """Open the shot of a document that may have no key yet, if it lists its objects.

    Raises StmatteError as `document.read_shot` and `check_shot` do.
    """
    said = parse_json(read_text(path))
    document = dict(said) if isinstance(said, dict) else {}
    begins = document.get("keys") == [] and not document.get("locks")
    if not begins:
        shot = parse_shot(said if isinstance(said, dict) else read_text(path), path.parent)
        return Scribbled(path, document, check_shot(shot), begins=False)
    names = [each["name"] for each in document.get("objects") or [] if "name" in each]
    if not names:
        raise StmatteError(
            f'Shot "{path}" has neither a key nor an object',
            value=str(path),
            allowed="strokes are drawn on objects that have a name",
            repair='List them under "objects"',
        )
    blank = [{"frame": 0, "object": name, "matte": {"path": "none"}} for name in names]
    shot = parse_shot({**document, "keys": blank}, path.parent)
    return Scribbled(path, document, check_shot(_without_keys(shot)), begins=True)


def now_on(
    scribbled: Scribbled, planned: PlannedShot, network: Network, store: Store, frame: int
) -> dict[str, Pixels]:
    """Return the mattes of a frame as they are; none where there is no key yet."""
    if scribbled.begins:
        return {}
    sights = Sights(network, HELD, lasting=False)
    walked = walk(planned, network, store, sights, [frame])
    found = next(each for each in walked if each is not None)
    return dict(frame_mattes(planned, found).mattes)


def keep_keys(scribbled: Scribbled, planned: PlannedShot, made: Made) -> tuple[Path, ...]:
    """Write keys beside the document, and name them in it; return their files.

    A file that is there is never written over: who goes back to an earlier document finds
    the keys of that time. Raises StmatteError if a place cannot be written.
    """
    document, files = dict(scribbled.document), []
    entries = [dict(entry) for entry in document["keys"]]
    for frame, mattes in sorted(made.items()):
        for name, matte in mattes.items():
            path = _free(scribbled.folder, f"{name}.{frame}")
            write_mattes(
                path,
                {name: matte},
                windows=windows_of(planned, frame),
                pixel_aspect=planned.checked.plate.pixel_aspect,
            )
            files.append(path)
            entry = {
                "frame": frame,
                "object": name,
                "matte": {"path": to_document(str(path), scribbled.path.parent)},
            }
            places = [(each["frame"], each["object"]) for each in entries]
            if (frame, name) in places:
                entries[places.index((frame, name))] = entry  # in its place: it orders objects
            else:
                entries.append(entry)
    document["keys"] = entries
    check_document(document)
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    with placed(scribbled.path) as beside:
        beside.write_bytes(text.encode())
    return tuple(files)


def on_canvas(strokes: Sequence[Stroke], canvas: Box, display: Box) -> tuple[Stroke, ...]:
    """Return strokes as fractions of the plate's canvas, that were drawn on what hosts show.

    Of overscan nothing is shown, so nothing can be drawn on it.
    """
    if canvas == display:
        return tuple(strokes)
    x, y = display.x - canvas.x, display.y - canvas.y
    return tuple(
        replace(
            stroke,
            path=tuple(
                (
                    min(1.0, max(0.0, (x + at * display.width) / canvas.width)),
                    min(1.0, max(0.0, (y + down * display.height) / canvas.height)),
                )
                for at, down in stroke.path
            ),
        )
        for stroke in strokes
    )


def _without_keys(shot: Shot) -> Shot:
    """Return the shot with an empty matte on its first frame in place of each key."""
    plate = open_plate(shot.plate, colorspace=shot.settings.colorspace, layer=shot.settings.layer)
    first = next((f for f in plate.frames if shot.frames is None or f in shot.frames), 0)
    empty = np.zeros(plate.size, np.float32)
    return replace(shot, keys=(Key(first, dict.fromkeys(shot.objects, empty)),))


def _key_at(shot: Shot, frame: int, name: str) -> object:
    return next((k.mattes[name] for k in shot.keys if k.frame == frame and name in k.mattes), None)


def _free(folder: Path, stem: str) -> Path:
    """Return a name in a folder that no file has yet: hero.1010.exr, hero.1010_2.exr, ..."""
    path, count = folder / f"{stem}.exr", 1
    while path.exists():
        count += 1
        path = folder / f"{stem}_{count}.exr"
    return path
