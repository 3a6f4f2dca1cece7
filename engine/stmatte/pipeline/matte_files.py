# SPDX-License-Identifier: Apache-2.0
"""The files that a shot's mattes are written to, and whether what stands there is fresh.

A matte file says in its header which digest it was made from. A file that says the right
one is not written again, nor is anything computed for it: that makes a delivery
repeatable at no cost, and a stopped one go on. How files may be written over is
`overwriting`'s, what stands in a header is `header`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from stmatte.images import Windows, read_words, write_mattes
from stmatte.images.cryptomatte import write_cryptomatte
from stmatte.images.metadata import Metadata, read_metadata
from stmatte.images.pattern import file_of, has_object, marked, shot_name
from stmatte.output import Output
from stmatte.pipeline.checks import CheckedShot
from stmatte.pipeline.frames import FrameMattes
from stmatte.pipeline.header import DIGEST, OBJECT, SCORE, made_from, scores_of, written_by
from stmatte.pipeline.planned import PlannedShot
from stmatte.plan.digest import digest_of
from stmatte.plan.plan import ObjectPlan

UNCERTAINTY = "uncertainty"
"""Name of the layer that says where the mattes are doubtful."""

CRYPTO = "crypto"
"""The word in the name of a Cryptomatte's files."""


@dataclass(frozen=True)
class FrameFile:
    """One of the files of a frame.

    path    where it goes
    layers  names of the mattes that it holds: objects, and perhaps `UNCERTAINTY`
    crypto  whether it holds them as a Cryptomatte
    """

    path: Path
    layers: tuple[str, ...]
    crypto: bool = False


@dataclass(frozen=True)
class MatteFiles:
    """The files of an output. Its shot has a name, unless its plate has none."""

    output: Output

    @property
    def name(self) -> str:
        """The pattern with its whole path: a name for these files on this machine."""
        return str(Path(self.output.out.replace("{shot}", self.output.shot)).absolute())

    def of(self, objects: Sequence[str], frame: int) -> tuple[FrameFile, ...]:
        """Return the files of a frame, those of the objects in their order."""
        layers = (*objects, UNCERTAINTY) if self.output.uncertainty else tuple(objects)
        if has_object(self.output.out):
            mattes = tuple(FrameFile(self._path(frame, layer), (layer,)) for layer in layers)
        else:
            mattes = (FrameFile(self._path(frame), layers),)
        if not self.output.cryptomatte:
            return mattes
        beside = file_of(marked(self.output.out, CRYPTO), frame, shot=self.output.shot)
        return (*mattes, FrameFile(beside, tuple(objects), crypto=True))

    def paths(self, objects: Sequence[str], frame: int) -> tuple[Path, ...]:
        """Return where the files of a frame are."""
        return tuple(file.path for file in self.of(objects, frame))

    def _path(self, frame: int, layer: str = "") -> Path:
        return file_of(self.output.out, frame, object=layer, shot=self.output.shot)

    def digest(self, planned: PlannedShot, frame: int) -> str:
        """Return the digest of a frame's files together."""
        return _together(
            [self._digest(planned, file, frame) for file in self._files(planned, frame)]
        )

    def fresh(self, planned: PlannedShot, frame: int) -> Mapping[str, str] | None:
        """Return the words of a frame's files if they are what would be written now, else None.

        Words that each file has of its own are those of all: their digest together.
        """
        found = [self._standing(planned, file, frame) for file in self._files(planned, frame)]
        words = [said for said in found if said is not None]
        if len(words) < len(found):
            return None
        digest = _together([said.get(DIGEST, "") for said in words])
        return {name: word for said in words for name, word in said.items()} | {DIGEST: digest}

    def lacking(self, planned: PlannedShot, frame: int) -> frozenset[str]:
        """Return the objects whose matte isn't in its file as it should be."""
        lacking: set[str] = set()
        for file in self._files(planned, frame):
            words = read_words(file.path)
            if self.output.skip_existing and words is not None:
                continue
            said = words or {}
            lacking.update(
                plan.name
                for plan in _plans(planned, file)
                if said.get(f"{OBJECT}/{plan.name}") != plan.digest(frame)
            )
        return frozenset(lacking)

    def stale(self, planned: PlannedShot, frame: int) -> tuple[FrameFile, ...]:
        """Return the files of a frame that are to be written."""
        files = self._files(planned, frame)
        return tuple(file for file in files if self._standing(planned, file, frame) is None)

    def write(self, planned: PlannedShot, result: FrameMattes) -> str:
        """Write those files of a frame that are not fresh, each whole or not at all.

        returns  the digest of the frame's files together
        """
        digests = []
        for file in self._files(planned, result.frame):
            digest = self._digest(planned, file, result.frame)
            if self._standing(planned, file, result.frame, digest) is None:
                self._write(planned, result, file, digest)
            digests.append(digest)
        return _together(digests)

    def _write(
        self, planned: PlannedShot, result: FrameMattes, file: FrameFile, digest: str
    ) -> None:
        mattes = {**result.mattes, UNCERTAINTY: result.uncertainty}
        write = (
            write_cryptomatte if file.crypto else partial(write_mattes, layout=self.output.layout)
        )
        write(
            file.path,
            {layer: mattes[layer] for layer in file.layers},
            windows=windows_of(planned, result.frame),
            pixel_aspect=planned.checked.plate.pixel_aspect,
            metadata=_metadata(planned, result.frame),
            attributes=self._made_from(planned, file, result.frame)
            | scores_of({name: s for name, s in result.scores.items() if name in file.layers})
            | written_by(digest),
        )

    def _files(self, planned: PlannedShot, frame: int) -> tuple[FrameFile, ...]:
        return self.of(planned.checked.shot.objects, frame)

    def _standing(
        self, planned: PlannedShot, file: FrameFile, frame: int, digest: str = ""
    ) -> Mapping[str, str] | None:
        """Return the words of a file that is to be left alone; None if it is to be written.

        digest  the file's, where it is known already
        """
        words = read_words(file.path) if file.path.is_file() else None
        if words is None or self.output.skip_existing:
            return words
        # the digest is worked out only where there is something to compare it with
        fresh = DIGEST in words and words[DIGEST] == (digest or self._digest(planned, file, frame))
        return words if fresh else None

    def _digest(self, planned: PlannedShot, file: FrameFile, frame: int) -> str:
        """Return the digest of all that a file's bytes follow from.

        What was given is written as it is; what was computed shares its pixels with all
        other objects of the frame. The version of STMatte is in the header and not in here:
        a file stays fresh when STMatte is brought up to date and would make the same mattes.
        The header is: a matte whose time code is wrong is not what was asked for.
        """
        plans = _plans(planned, file)
        shares = UNCERTAINTY in file.layers or any(plan.span_at(frame) for plan in plans)
        depends = [(p.name, p.digest(frame)) for p in (planned.plan.objects if shares else plans)]
        plate, layout = planned.checked.plate, self.output.layout
        lies = [layout.channels, layout.compression, layout.depth]
        windows = windows_of(planned, frame)
        return digest_of(
            depends,
            file.layers,
            [*(["cryptomatte"] if file.crypto else lies), self.output.raw],
            [str(windows.canvas), str(windows.data), str(windows.display), plate.pixel_aspect],
            [entry.words for entry in _metadata(planned, frame)],
            self._made_from(planned, file, frame),
        )

    def _made_from(self, planned: PlannedShot, file: FrameFile, frame: int) -> dict[str, str]:
        return made_from(planned, _plans(planned, file), frame)


def windows_of(planned: PlannedShot, frame: int) -> Windows:
    """Return where a frame's mattes are: data and display window are those of the plate."""
    plate = planned.checked.plate
    return Windows(plate.canvas, plate.data(frame), plate.display)


def matte_files(output: Output, checked: CheckedShot) -> MatteFiles:
    """Return the files of a shot's output; one without a name is called after its plate's."""
    if output.shot or not isinstance(checked.shot.plate, str):
        return MatteFiles(output)
    return MatteFiles(replace(output, shot=shot_name(checked.plate.label)))


def scores_in(words: Mapping[str, str], objects: Collection[str]) -> dict[str, float]:
    """Return how doubtful each object is on a frame, from the words of its file."""
    return {name: float(words.get(f"{SCORE}/{name}", "0")) for name in objects}


def _metadata(planned: PlannedShot, frame: int) -> Metadata:
    return read_metadata(planned.checked.plate.path(frame))


def _plans(planned: PlannedShot, file: FrameFile) -> tuple[ObjectPlan, ...]:
    return tuple(plan for plan in planned.plan.objects if plan.name in file.layers)


def _together(digests: Sequence[str]) -> str:
    """Return the digest of a frame from those of its files; of one file, it is that file's."""
    return digests[0] if len(digests) == 1 else digest_of(*digests)
