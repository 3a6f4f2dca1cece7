# SPDX-License-Identifier: Apache-2.0
"""Which files a shot reads: all that has to be there where it is computed."""

from __future__ import annotations

from pathlib import Path, PurePath

from stmatte.document import read_shot
from stmatte.document.reading import check_document
from stmatte.document.text import parse_json, read_text
from stmatte.farm.workers import SHIPPED
from stmatte.images.plates import open_plate
from stmatte.images.sequences import expand
from stmatte.model_names import split_model
from stmatte.networks.registry import NETWORKS, SUFFIXES
from stmatte.shot import MatteFile, Shot


def files_of(document: Path) -> tuple[Path, ...]:
    """Return the document and the files that it names, from the root and in order.

    Of the plate, the frames that mattes are made for; of locks, every frame; weights where they
    are a file and do not ship with STMatte. Lists folders and opens no picture.

    Raises StmatteError if the document or the plate cannot be read.
    """
    shot = read_shot(document)
    found = {document, *_plate(shot), *_mattes(shot)}
    _, weights = split_model(shot.settings.model)
    if weights.endswith(SUFFIXES):
        found.add(Path(weights))
    return tuple(sorted(path.absolute() for path in found))


def weights_of(document: Path) -> str:
    """Return the weights that a document asks for, as `workers.asking` takes them."""
    model = read_shot(document).settings.model
    if model in NETWORKS:
        return f"{SHIPPED}{NETWORKS[model].weights}"
    return str(Path(split_model(model)[1]).absolute())


def plate_from_the_root(document: Path) -> str:
    """Return the plate of a document if no folder of the document's leads to it; else "".

    A queue can say where a document lies on its machines, but not what stands in it.
    """
    plate = check_document(parse_json(read_text(document))).plate
    return plate if PurePath(plate).is_absolute() else ""


def _plate(shot: Shot) -> list[Path]:
    if not isinstance(shot.plate, str):
        return []  # a document holds no pictures
    plate = open_plate(shot.plate, colorspace=shot.settings.colorspace, layer=shot.settings.layer)
    frames = [frame for frame in plate.frames if shot.frames is None or frame in shot.frames]
    files = [plate.path(frame) for frame in frames]
    return [path for path in files if path is not None] or [Path(plate.label)]


def _mattes(shot: Shot) -> list[Path]:
    keys = [matte for key in shot.keys for matte in key.mattes.values()]
    found = [Path(matte.path) for matte in keys if isinstance(matte, MatteFile)]
    for lock in shot.locks:
        if isinstance(lock.mattes, MatteFile):
            found += [expand(lock.mattes.path, frame) for frame in lock.frames]
    return found
