# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""What mattes measure that are known to be true, and the same made to boil. Limits rest on it.

    python tests/benchmarks/acceptance.py --davis DAVIS --clips CLIPS [--frames 24] [--boil 0,1,2,4]

DAVIS holds JPEGImages and Annotations; CLIPS a folder for each clip with `frames/NNNNN.jpg` and
`alpha/NNNNN.png` (an object in each channel). Printed is, for each object and each boil (pixels
at 480 lines by which its edge is moved at random, anew on every frame): chatter, the worst
median of five frames; the largest pop; and grey beyond the edge band. All but the grey are in
per cent of the picture's height, as the limits of `stmatte check` are.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.acceptance.following import Follower
from stmatte.acceptance.limits import BAND
from stmatte.acceptance.solidity import grey_of
from stmatte.acceptance.steadiness import AROUND, FEWEST, NEAR, SURE, TIMES, Moved

Matte = NDArray[np.float32]
LINES = 480


def davis(root: Path, most: int) -> Iterator[tuple[str, list[Path], list[dict[str, Matte]]]]:
    """Yield name, pictures and true mattes of every sequence."""
    for folder in sorted((root / "Annotations").iterdir()):
        truths = sorted(folder.glob("*.png"))[:most]
        pictures = [root / "JPEGImages" / folder.name / f"{path.stem}.jpg" for path in truths]
        mattes = [{"object": np.float32(cv2.imread(str(path), 0) > 0)} for path in truths]
        yield folder.name, pictures, mattes  # type: ignore[misc]


def clips(root: Path, most: int) -> Iterator[tuple[str, list[Path], list[dict[str, Matte]]]]:
    """Yield name, pictures and true alphas of every clip."""
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        pictures = sorted((folder / "frames").glob("*.jpg"))[:most]
        mattes = []
        for path in pictures:
            alpha = cv2.imread(str(folder / "alpha" / f"{path.stem}.png"), cv2.IMREAD_UNCHANGED)
            mattes.append(
                {
                    f"object {n}": np.ascontiguousarray(alpha[..., channel], np.float32) / 255
                    for n, channel in enumerate([2, 1, 0, 3][: alpha.shape[2]], start=1)
                }
            )
        yield folder.name, pictures, mattes


def boiling(matte: Matte, pixels: float, noise: np.random.Generator) -> Matte:
    """Return a matte whose edge is moved at random, by spots of a fortieth of the height."""
    if not pixels:
        return matte
    height, width = matte.shape
    rows, columns = np.indices(matte.shape, np.float32)
    moved = cv2.GaussianBlur(
        noise.standard_normal((height, width, 2)).astype(np.float32), (0, 0), height / 40
    )
    moved *= pixels * height / LINES / moved.std()
    places = columns + moved[..., 0], rows + moved[..., 1]
    return np.asarray(cv2.remap(matte, *places, cv2.INTER_LINEAR), np.float32)


def worst_chatter(moves: dict[int, Moved]) -> float | None:
    """Return the largest median of five frames, as `stmatte check` judges it."""
    known = {f: m.chatter for f, m in moves.items() if m.chatter is not None and m.sure >= SURE}
    runs = [[known[g] for g in range(f - AROUND, f + AROUND + 1) if g in known] for f in known]
    return max((median(run) for run in runs if len(run) >= FEWEST), default=None)


def worst_pop(moves: dict[int, Moved]) -> float:
    """Return the largest jump that its neighbours don't make."""
    known = {f: m.change for f, m in moves.items() if m.change is not None and m.sure >= SURE}
    found = [0.0]
    for frame, value in known.items():
        near = [
            known[g] for g in range(frame - NEAR, frame + NEAR + 1) if g in known and g != frame
        ]
        if len(near) >= FEWEST and value > TIMES * median(near):
            found.append(value)
    return max(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--davis", type=Path)
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--boil", default="0,1,2,4")
    options = parser.parse_args()
    sequences = [
        *(davis(options.davis, options.frames) if options.davis else ()),
        *(clips(options.clips, options.frames) if options.clips else ()),
    ]
    print("per cent of the height; grey: per cent of the inside, and of the outside")
    for name, pictures, truths in sequences:
        lights = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in pictures]
        for pixels in map(float, options.boil.split(",")):
            noise, follower = np.random.default_rng(7), Follower(100 / lights[0].shape[0])
            greys: dict[str, tuple[float, float]] = {}
            for frame, (light, truth) in enumerate(zip(lights, truths, strict=True)):
                mattes = {key: boiling(matte, pixels, noise) for key, matte in truth.items()}
                follower.follow(frame, light, mattes)
                for key, matte in mattes.items() if not frame % 6 and not pixels else ():
                    grey = grey_of(matte, BAND * matte.shape[0])
                    core, outside = greys.get(key, (0.0, 0.0))
                    greys[key] = max(core, grey.core), max(outside, grey.outside)
            follower.rest()
            for key, moves in follower.moved.items():
                chatter = worst_chatter(moves)
                if chatter is None:
                    continue
                grey_words = (
                    "".join(f"  grey {c:.2f} {o:.2f}" for c, o in [greys[key]]) if greys else ""
                )
                print(
                    f"{name:12} {key:9} boil {pixels:g}: chatter {chatter:.3f}  "
                    f"pop {worst_pop(moves):.3f}{grey_words}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
