# SPDX-License-Identifier: Apache-2.0
"""What every worker must find where this machine finds it: asked of each before work is queued.

The questions travel to the worker and the answers back, both as plain values. A worker that
answers loads no network and no picture.
"""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import uuid4

from stmatte.errors import StmatteError
from stmatte.placing import check_writable

SHIPPED = "weights/"
"""What weights that come with STMatte begin with, in place of a folder."""


@dataclass(frozen=True)
class Asked:
    """What a worker is asked.

    version  of STMatte
    store    the folder that all share
    probe    a file in it that was written just now
    token    what that file says
    files    documents and the files that they name
    weights  SHA-256 of each weights file, by its path
    """

    version: str
    store: str
    probe: str
    token: str
    files: tuple[str, ...]
    weights: Mapping[str, str]


@contextmanager
def asking(
    store: Path, files: Sequence[Path], weights: Sequence[str]
) -> Iterator[dict[str, object]]:
    """Lend what every worker is asked, as plain values; the probe file is there meanwhile.

    weights  paths; those that ship begin with `SHIPPED`

    Raises StmatteError if the store cannot be written from here.
    """
    check_writable(store)
    token = uuid4().hex
    probe = store / f"probe-{token}.txt"
    probe.write_text(token, "utf-8")
    try:
        digests = {path: digest for path in weights if (digest := _digest(path)) is not None}
        named = tuple(map(str, files))
        asked = Asked(version("stmatte"), str(store), str(probe), token, named, digests)
        yield asdict(asked)
    finally:
        probe.unlink(missing_ok=True)


def answer(asked: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what is amiss on the machine that runs this; the words of `StmatteError`s."""
    return [
        {"what": found.what, "allowed": found.allowed, "repair": found.repair}
        for found in _amiss(Asked(**asked))
    ]


def told(worker: str, answers: Sequence[Mapping[str, str]]) -> Iterator[StmatteError]:
    """Yield what a worker found amiss, as errors that name it."""
    for found in answers:
        yield StmatteError(
            f"Worker {worker}: {found['what']}",
            value=worker,
            allowed=found["allowed"],
            repair=found["repair"],
        )


def _amiss(asked: Asked) -> Iterator[StmatteError]:
    here = socket.gethostname()
    if (own := version("stmatte")) != asked.version:
        yield StmatteError(
            f"it has STMatte {own}",
            value=own,
            allowed=f"all workers have the version that asks them, {asked.version}",
            repair=f"Install the same version on {here}",
        )
    if not _says(Path(asked.probe), asked.token):
        yield StmatteError(
            f'it does not see what is in the store "{asked.store}"',
            value=asked.store,
            allowed="all workers keep what they compute in one folder that they share",
            repair="Name a store on a disk that all machines mount at the same place",
        )
    else:
        try:
            check_writable(Path(asked.store))
        except StmatteError as error:
            yield error
    lacking = [path for path in asked.files if not Path(path).is_file()]
    if lacking:
        more = f" and {len(lacking) - 1} more files" if len(lacking) > 1 else ""
        yield StmatteError(
            f'it does not find "{lacking[0]}"{more}',
            value=lacking,
            allowed="documents, plates and keys lie at the same place on all machines",
            repair=f"Mount that disk on {here} at the same place, or move the shot to one that is",
        )
    for path, digest in asked.weights.items():
        own_digest = _digest(path)
        if own_digest != digest:
            what = "does not find" if own_digest is None else "has others of"
            yield StmatteError(
                f'it {what} the weights "{Path(path).name}"',
                value=path,
                allowed="all workers have the same weights",
                repair=f"Install STMatte whole on {here}"
                if path.startswith(SHIPPED)
                else f"Put the file on {here} at the same place",
            )


def _says(path: Path, text: str) -> bool:
    try:
        return path.read_text("utf-8") == text
    except OSError:
        return False


def _digest(path: str) -> str | None:
    """Return the SHA-256 of a weights file; None if there is none."""
    place = files("stmatte") / path if path.startswith(SHIPPED) else Path(path)
    try:
        return hashlib.sha256(place.read_bytes()).hexdigest()
    except OSError:
        return None
