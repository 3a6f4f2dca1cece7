# SPDX-License-Identifier: Apache-2.0
"""The files that a shot's mattes are written to, and whether what stands there is fresh.

A matte file says in its header which digest it was made from. A file that says the right
one is not written again, nor is anything computed for it: that makes a delivery
repeatable at no cost, and a stopped one go on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from stmatte.errors import StmatteError
from stmatte.images import check_ending, expand, read_words, write_mattes
from stmatte.images.matte_file import matte_path
from stmatte.images.plate import SequencePlate
from stmatte.pipeline.checks import CheckedShot
from stmatte.pipeline.frames import FrameMattes
from stmatte.pipeline.planned import PlannedShot
from stmatte.placing import check_writable
from stmatte.plan.digest import digest_of
from stmatte.shot import MatteFile, Shot

UNCERTAINTY = "uncertainty"
"""Name of the layer that says where the mattes are doubtful."""

DIGEST, OBJECT, SCORE = "stmatte/digest", "stmatte/object", "stmatte/uncertainty"
"""Words in a file's header: of the file, and for every object its own digest and score."""


@dataclass(frozen=True)
class MatteFiles:
    """Where the mattes go, and what is in the files.

    out          pattern of the EXR files, with a place for the frame number
    ending       of the channel names, `<object>.<ending>`
    uncertainty  whether there is a layer `uncertainty` beside the objects
    raw          whether the files hold aggregated probabilities instead of coverage
    """

    out: str
    ending: str = "A"
    uncertainty: bool = False
    raw: bool = False

    @property
    def name(self) -> str:
        """The pattern with its whole path: a name for these files on this machine."""
        return str(Path(self.out).absolute())

    def path(self, frame: int) -> Path:
        """Return the file of a frame."""
        return expand(self.out, frame)

    def digest(self, planned: PlannedShot, frame: int) -> str:
        """Return the digest of a frame's file."""
        return digest_of(
            planned.plan.digest(frame),
            [self.ending, self.uncertainty, self.raw, planned.checked.plate.pixel_aspect],
        )

    def fresh(self, planned: PlannedShot, frame: int) -> Mapping[str, str] | None:
        """Return the words of a frame's file if it is what would be written now, else None."""
        path = self.path(frame)
        words = read_words(path) if path.is_file() else {}
        # the digest is worked out only where there is something to compare it with
        if DIGEST not in words or words[DIGEST] != self.digest(planned, frame):
            return None
        return words

    def write(self, planned: PlannedShot, result: FrameMattes) -> Path:
        """Write a frame, whole or not at all."""
        path = self.path(result.frame)
        mattes = dict(result.mattes)
        if self.uncertainty:
            mattes[UNCERTAINTY] = result.uncertainty
        words = {
            "Software": "STMatte",
            "stmatte/model": Path(planned.checked.shot.settings.model).name,
            DIGEST: self.digest(planned, result.frame),
        }
        for plan in planned.plan.objects:
            words[f"{OBJECT}/{plan.name}"] = plan.digest(result.frame)
            words[f"{SCORE}/{plan.name}"] = f"{result.scores[plan.name]:.4f}"
        write_mattes(
            path,
            mattes,
            ending=self.ending,
            pixel_aspect=planned.checked.plate.pixel_aspect,
            attributes=words,
        )
        return path


def scores_in(words: Mapping[str, str], objects: Collection[str]) -> dict[str, float]:
    """Return how doubtful each object is on a frame, from the words of its file."""
    return {name: float(words.get(f"{SCORE}/{name}", "0")) for name in objects}


def check_files(
    checked: CheckedShot, files: MatteFiles, preview: str | None, spare: Collection[Path]
) -> None:
    """Prove that files can go where they are wanted, and that none of them replaces a source.

    preview  pattern of pictures that are written beside, if any
    spare    files that must not be written over, besides the plate, the keys and the locks
    """
    check_ending(files.ending)
    first = files.path(checked.frames[0])
    if first.suffix.lower() != ".exr":
        raise StmatteError(
            f'Output "{files.out}" does not end in .exr',
            value=files.out,
            allowed="mattes are written as EXR",
            repair="Let its name end in .exr, such as matte.####.exr",
        )
    if files.uncertainty and UNCERTAINTY in checked.shot.objects:
        raise StmatteError(
            f'Object "{UNCERTAINTY}" bears the name of the layer that says where mattes are '
            "doubtful",
            value=UNCERTAINTY,
            allowed="any other name",
            repair="Rename the object, or leave the uncertainty out",
        )
    spared = {path.resolve() for path in (*spare, *_sources(checked))}
    places = [files.out] if preview is None else [files.out, preview]
    for place in places if spared else []:
        for frame in checked.frames:
            path = expand(place, frame)
            if path.resolve() in spared:
                raise StmatteError(
                    f'Output "{path}" is a picture of the plate or a key',
                    value=str(path),
                    allowed="what mattes are made from is never written over",
                    repair="Choose another name or folder for the output",
                )
    check_writable(first.parent)
    if preview is not None:
        check_writable(Path(preview).parent)


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
