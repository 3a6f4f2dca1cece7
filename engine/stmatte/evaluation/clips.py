# SPDX-License-Identifier: Apache-2.0
"""A folder of rendered clips: pictures, true labels and true soft mattes, a folder a clip.

`SEQ/frames`, `SEQ/labels`, and mostly `SEQ/alpha`, whose channels R, G, B, A are the mattes of
objects 1 to 4. Otherwise as `davis`, which has no soft mattes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from stmatte.evaluation.davis import (
    ANNOTATIONS,
    LISTS_2017,
    PICTURES,
    Davis,
    DavisSequence,
    open_davis,
)

FRAMES, LABELS, ALPHA = "frames", "labels", "alpha"


def open_sequences(
    root: str | Path, split: str, lists: Sequence[str] = LISTS_2017
) -> tuple[DavisSequence, ...]:
    """Return the sequences of a DAVIS folder or of a folder of clips.

    split  "all" or names separated by commas; of DAVIS also "train" and "val", see `Davis`

    Raises StmatteError if it is neither, or a sequence is not there or not whole.
    """
    root = Path(root)
    if (root / PICTURES).is_dir() or (root / ANNOTATIONS).is_dir() or not _clips(root):
        return open_davis(root, lists).sequences(split)
    found = Clips(root, root, root, _clips(root), {"all": _clips(root)})
    return found.sequences(split)


class Clips(Davis):
    """An opened folder of clips."""

    def folders(self, name: str) -> tuple[Path, Path]:
        """Return where the pictures and the labels of a clip lie."""
        return self.root / name / FRAMES, self.root / name / LABELS

    def sequence(self, name: str) -> DavisSequence:
        """Return a clip with its soft mattes, if it has them on every frame."""
        found = super().sequence(name)
        alphas = tuple(self.root / name / ALPHA / f"{stem}.png" for stem in found.frame_names)
        whole = all(path.is_file() for path in alphas)
        return replace(found, alphas=alphas) if whole else found


def _clips(root: Path) -> tuple[str, ...]:
    if not root.is_dir():
        return ()
    folders = (path for path in sorted(root.iterdir()) if (path / FRAMES).is_dir())
    return tuple(path.name for path in folders if (path / LABELS).is_dir())
