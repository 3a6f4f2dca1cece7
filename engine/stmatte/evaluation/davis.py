# SPDX-License-Identifier: Apache-2.0
"""A DAVIS folder: which sequences there are, and the picture and truth of each frame.

Knows three layouts: DAVIS-2016's own and DAVIS-2017's (`JPEGImages/480p/SEQ`,
`ImageSets/...`), and a plain one without resolution and lists (`JPEGImages/SEQ`,
perhaps `sequences.txt`). Each sequence is one object: labels that are not 0 are inside.
Source: Perazzi et al., CVPR 2016; the README files of the published folders.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.evaluation.pictures import PICTURE_ENDINGS, Picture, read_mask, read_picture

PICTURES, ANNOTATIONS, RESOLUTION = "JPEGImages", "Annotations", "480p"
LISTS_2016 = ("480p", "2016")  # in DAVIS-2016 and in DAVIS-2017
LISTS_2017 = ("2017",)

DAVIS_2016_TRAIN = """
bear bmx-bumps boat breakdance-flare bus car-turn dance-jump dog-agility drift-turn elephant
flamingo hike hockey horsejump-low kite-walk lucia mallard-fly mallard-water motocross-bumps
motorbike paragliding rhino rollerblade scooter-gray soccerball stroller surf swing tennis train
"""
DAVIS_2016_VAL = """
blackswan bmx-trees breakdance camel car-roundabout car-shadow cows dance-twirl dog
drift-chicane drift-straight goat horsejump-high kite-surf libby motocross-jump
paragliding-launch parkour scooter-black soapbox
"""
OFFICIAL_SPLITS = {
    "train": tuple(DAVIS_2016_TRAIN.split()),
    "val": tuple(DAVIS_2016_VAL.split()),
}
"""DAVIS-2016's two halves, for folders that come without their lists."""


@dataclass(frozen=True)
class DavisSequence:
    """One sequence: files in frame order, read when asked for.

    pictures      one file per frame
    annotations   the true mask of each frame, of the same name
    alphas        the true soft mattes of each frame, object 1 in the red channel and so on;
                  none in DAVIS
    """

    name: str
    pictures: tuple[Path, ...]
    annotations: tuple[Path, ...]
    alphas: tuple[Path, ...] = ()

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def frame_names(self) -> tuple[str, ...]:
        """Names of the frames without ending, such as "00000"."""
        return tuple(path.stem for path in self.pictures)

    def frame(self, index: int) -> Picture:
        """Return the picture of a frame, (H, W, 3) uint8 RGB."""
        return read_picture(self.pictures[index])

    def truth(self, index: int) -> NDArray[np.bool_]:
        """Return the true mask of a frame, (H, W) bool."""
        return read_mask(self.annotations[index])

    def frames(self) -> Iterator[Picture]:
        """Yield every picture in frame order, one in memory at a time."""
        return map(read_picture, self.pictures)

    def truths(self) -> Iterator[NDArray[np.bool_]]:
        """Yield every true mask in frame order."""
        return map(read_mask, self.annotations)


@dataclass(frozen=True)
class Davis:
    """An opened DAVIS folder; see `open_davis`.

    pictures, annotations   the folders that hold one folder per sequence
    names                   every sequence that has pictures, in order
    splits                  "train", "val", "all" -> names, as the folder's lists or DAVIS say
    """

    root: Path
    pictures: Path
    annotations: Path
    names: tuple[str, ...]
    splits: dict[str, tuple[str, ...]]

    def sequences(self, split: str) -> tuple[DavisSequence, ...]:
        """Return the sequences of "train", "val", "all", or of names: "bear,camel".

        DAVIS has a sequence of the name "train": alone, it is written "train,".
        Raises StmatteError on a split or sequence that is not there, or that lacks a
        picture or an annotation of any frame.
        """
        return tuple(self.sequence(name) for name in self._names_of(split))

    def _names_of(self, split: str) -> tuple[str, ...]:
        if split in self.splits:
            names = self.splits[split]
            if not names:
                raise StmatteError(
                    f'Split "{split}" has no sequence in {self.root}',
                    value=split,
                    allowed=f"the folder has {', '.join(self.names)}",
                    repair='Name sequences, separated by commas, or ask for "all"',
                )
            return names
        names = tuple(dict.fromkeys(name.strip() for name in split.split(",") if name.strip()))
        if not names:
            raise StmatteError(
                f'Split "{split}" names no sequence',
                value=split,
                allowed='train, val, all, or names separated by commas, such as "bear,camel"',
            )
        return names

    def folders(self, name: str) -> tuple[Path, Path]:
        """Return where the pictures and the annotations of a sequence lie."""
        return self.pictures / name, self.annotations / name

    def sequence(self, name: str) -> DavisSequence:
        """Return a sequence. Raises StmatteError if it is not there or not whole."""
        if name not in self.names:
            raise StmatteError(
                f'Sequence "{name}" is not in {self.pictures}',
                value=name,
                allowed=f"there are {', '.join(self.names)}",
            )
        seen, true = self.folders(name)
        pictures, annotations = _files(seen, PICTURE_ENDINGS), _files(true, frozenset({".png"}))
        for stem in sorted(pictures.keys() ^ annotations.keys()):
            missing, folder = ("annotation", true) if stem in pictures else ("picture", seen)
            raise StmatteError(
                f'Frame {stem} of sequence "{name}" has no {missing} in {folder}',
                value=stem,
                allowed="every frame has a picture and an annotation of the same name",
                repair="Copy the sequence again from where it came",
            )
        if not pictures:
            raise StmatteError(f'Sequence "{name}" has no picture', value=name)
        return DavisSequence(name, tuple(pictures.values()), tuple(annotations.values()))


def open_davis(root: str | Path, lists: Sequence[str] = LISTS_2016) -> Davis:
    """Return the DAVIS folder at `root`, in whichever layout it has.

    lists  folders in `ImageSets` that say what "train" and "val" are; the first that is there
           counts

    The 480p pictures are taken where several resolutions lie side by side. The lists in
    `ImageSets` say what "train" and "val" are; without them the halves of DAVIS-2016 do,
    as far as their sequences are there.

    Raises StmatteError if it is no such folder.
    """
    root = Path(root)
    pictures, annotations = root / PICTURES, root / ANNOTATIONS
    for folder in (pictures, annotations):
        if not folder.is_dir():
            raise StmatteError(
                f"Folder {root} is not a DAVIS folder, it has no {folder.name}",
                value=str(root),
                allowed=f"a DAVIS folder holds {PICTURES} and {ANNOTATIONS}",
                repair="Name the folder in which these two lie",
            )
    if (pictures / RESOLUTION).is_dir():
        pictures, annotations = pictures / RESOLUTION, annotations / RESOLUTION
    present = sorted(path.name for path in pictures.iterdir() if path.is_dir())
    if not present:
        raise StmatteError(f"Folder {pictures} holds no sequence", value=str(pictures))
    splits = {split: _split(root, split, present, lists) for split in OFFICIAL_SPLITS}
    splits["all"] = _read_list(root / "sequences.txt") or tuple(present)
    return Davis(
        root=root,
        pictures=pictures,
        annotations=annotations,
        names=tuple(present),
        splits=splits,
    )


def _split(root: Path, split: str, present: list[str], lists: Sequence[str]) -> tuple[str, ...]:
    """Return the names in a split: by the folder's own list, or DAVIS-2016's of those present."""
    for folder in lists:
        names = _read_list(root / "ImageSets" / folder / f"{split}.txt")
        if names:
            return names
    return tuple(name for name in OFFICIAL_SPLITS[split] if name in present)


def _files(folder: Path, endings: frozenset[str]) -> dict[str, Path]:
    """Return the files of a sequence in frame order, by their names without ending."""
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return {
        path.stem: path
        for path in files
        if path.suffix.lower() in endings and not path.name.startswith(".")
    }


def _read_list(path: Path) -> tuple[str, ...]:
    """Return the sequence names of a list: one name, or one picture's path, in a line."""
    if not path.is_file():
        return ()
    first_words = [line.split()[0] for line in path.read_text("utf-8").splitlines() if line.strip()]
    return tuple(
        dict.fromkeys(
            PurePosixPath(word).parent.name if "/" in word else word for word in first_words
        )
    )
