# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""How well scene cuts are found: true cuts made by joining footage, and what is none.

    python tests/benchmarks/cuts.py [--data ../shared/data] [--threshold 0.25] [--library]

Footage: sequences of DAVIS 2016 at 480p (filmed, moving cameras), videos (mostly fixed
cameras) and rendered clips (violent motion), none of which has a cut inside. All is brought
to 160x90 first, so that any two can be joined. A cut counts as found on its very frame.
`--library` asks PySceneDetect's AdaptiveDetector instead, if it is installed.

The rule's numbers were chosen on this same footage: the table says how well it can be told
apart, and cuts elsewhere may be harder. Where the data is missing, it says so and ends.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from stmatte.images import open_plate, to_display, to_working
from stmatte.images.colour import LINEAR
from stmatte.images.cuts import THRESHOLD, find_cuts
from stmatte.images.plate import Picture

Pictures = NDArray[np.uint8]
Footage = dict[str, Pictures]
Detector = Callable[[dict[int, Pictures]], set[int]]

SIZE = (90, 160)
LONGEST = 400  # frames of a video
# the other videos show the same person before the same wall, and a join of two is no fair cut
PLACES = ("bottle-detection", "car-detection", "flower", "stream-of-water", "asl-book")


@dataclass(frozen=True)
class Clip:
    """Frames (T, H, W, 3), their numbers from 1 on unless given, and where the true cuts are."""

    frames: Pictures
    cuts: tuple[int, ...] = ()  # places in `frames`
    numbers: Sequence[int] = ()

    def plate(self) -> dict[int, Pictures]:
        return dict(zip(self.numbers or range(1, len(self.frames) + 1), self.frames, strict=True))

    def truth(self) -> set[int]:
        return {list(self.plate())[cut] for cut in self.cuts}


def read(source: Path) -> Pictures:
    """Return a sequence or video at 160x90."""
    plate = open_plate(str(source))
    return np.stack([_small(plate.read(frame)) for frame in plate.frames[:LONGEST]])


def _small(picture: Picture) -> Pictures:
    shown = to_display(Picture(to_working(picture.pixels, SIZE), picture.space))
    return np.round(shown * 255).astype(np.uint8)


def join(*parts: Pictures) -> Clip:
    """Return footage after footage, with a true cut at each join."""
    ends = np.cumsum([len(part) for part in parts])[:-1]
    return Clip(np.concatenate(parts), tuple(int(end) for end in ends))


def exposed(frames: Pictures, stops: float) -> Pictures:
    """Return frames as if exposed by so many stops more (sRGB curve, clipped at white)."""
    shown = frames / 255
    light = np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4) * 2**stops
    tall = light.astype(np.float32).reshape(-1, *frames.shape[2:])  # one picture above the other
    return np.round(255 * to_display(Picture(tall, LINEAR))).astype(np.uint8).reshape(frames.shape)


def mixed(a: Pictures, b: Pictures, length: int) -> Clip:
    """Return a dissolve from `a` to `b`: ten frames, the dissolve, ten frames."""
    share = np.linspace(0, 1, length + 2)[1:-1, None, None, None]
    both = a[10 : 10 + length] * (1 - share) + b[:length] * share
    return Clip(np.concatenate([a[:10], both.round().astype(np.uint8), b[length : length + 10]]))


def cut_sets(davis: Footage, videos: Footage, clips: Footage) -> Iterator[tuple[str, list[Clip]]]:
    """Yield clips with true cuts."""
    pairs = list(permutations(davis.values(), 2))
    places = [videos[name] for name in PLACES if name in videos]
    draw = Random(1)
    rendered = [draw.sample(list(clips.values()), 2) for _ in range(300 if len(clips) > 1 else 0)]
    yield "DAVIS 20 + 20 frames", [join(a[:20], b[-20:]) for a, b in pairs]
    yield "  every 2nd frame", [join(a[:20:2], b[-20::2]) for a, b in pairs]
    yield (
        "  four stops darker",
        [join(exposed(a[:20], -4), exposed(b[-20:], -4)) for a, b in pairs],
    )
    yield "  scenes of 4 frames", [join(*(a[:4] for a in davis.values()))]
    yield "  1 + 20 frames", [join(a[:1], b[-20:]) for a, b in pairs]
    yield "  20 + 1 frames", [join(a[:20], b[-1:]) for a, b in pairs]
    yield "videos 20 + 20 frames", [join(a[:20], b[-20:]) for a, b in permutations(places, 2)]
    yield "clips 10 + 10 frames", [join(a[:10], b[:10]) for a, b in rendered]
    yield "  every 2nd frame", [join(a[:10:2], b[:10:2]) for a, b in rendered]
    yield (
        "DAVIS, 5 frames lost",
        [Clip(join(a[:20], b[-20:]).frames, (20,), [*range(20), *range(25, 45)]) for a, b in pairs],
    )
    long = [a for a in davis.values() if len(a) > 40]
    yield "jump cuts (0-20, 35-)", [join(a[:21], a[35:]) for a in long]
    yield (
        "one blended frame",
        [
            Clip(np.concatenate([a[:20], (a[20:21] // 2 + b[:1] // 2), b[1:20]]), (20,))
            for a, b in pairs
        ],
    )


def whole_sets(davis: Footage, videos: Footage, clips: Footage) -> Iterator[tuple[str, list[Clip]]]:
    """Yield clips without a cut."""
    everything = {"DAVIS": davis, "videos": videos, "clips": clips}
    for name, footage in everything.items():
        for step in (1, 2, 3):
            yield (
                f"{name} whole"
                if step == 1
                else f"  every {step}{'nd' if step == 2 else 'rd'} frame",
                [Clip(a[::step]) for a in footage.values()],
            )
    moving = [*davis.values(), *clips.values()]
    halves = [(a[: len(a) // 2], a[len(a) // 2 :]) for a in moving]
    for name, light in (("white", 255), ("black", 0)):
        for length in (1, 2):
            flash = np.full((length, *SIZE, 3), light, np.uint8)
            yield (
                f"{length} {name} {'frame' if length == 1 else 'frames'}",
                [Clip(np.concatenate([a, flash, b[length:]])) for a, b in halves],
            )
    for stops in (-2, -1, 1, 2):
        yield (
            f"exposure {stops:+d} stops",
            [Clip(np.concatenate([a, exposed(b, stops)])) for a, b in halves],
        )
    yield "dissolve, 12 frames", [mixed(a, b, 12) for a, b in permutations(davis.values(), 2)]
    black = [np.zeros_like(a) for a in davis.values()]
    yield (
        "fade to black, 12 frames",
        [mixed(a, b, 12) for a, b in zip(davis.values(), black, strict=True)],
    )
    for lost in (5, 10, 15):
        yield (
            f"{lost} frames lost",
            [
                Clip(
                    np.concatenate([a[:15], a[15 + lost :]]),
                    numbers=[*range(15), *range(15 + lost, len(a))],
                )
                for a in davis.values()
            ],
        )


def ours(threshold: float) -> Detector:
    """Return the detector of `stmatte cuts`."""
    return lambda plate: {cut.frame for cut in find_cuts(open_plate(plate), threshold=threshold)}


def library() -> Detector:
    """Return PySceneDetect's AdaptiveDetector, set so that it finds early and short scenes too."""
    from scenedetect.common import FrameTimecode
    from scenedetect.detectors import AdaptiveDetector

    def detect(plate: dict[int, Pictures]) -> set[int]:
        detector, found = AdaptiveDetector(min_scene_len=1), []
        for place, frame in enumerate(plate.values()):
            found += detector.process_frame(
                FrameTimecode(place, 25.0), np.ascontiguousarray(frame[:, :, ::-1])
            )
        return {list(plate)[cut.frame_num] for cut in found}

    return detect


def measure(detector: Detector, sets: Iterator[tuple[str, list[Clip]]]) -> tuple[int, int, int]:
    """Print a line a set; return true cuts, those found, and false alarms over all."""
    total = np.zeros(3, int)
    for name, clips in sets:
        counts = np.zeros(3, int)
        for clip in clips:
            found, truth = detector(clip.plate()), clip.truth()
            counts += len(truth), len(found & truth), len(found - truth)
        total += counts
        print(f"{name:26} {len(clips):5} {counts[0]:6} {counts[1]:6} {counts[2]:6}", flush=True)
    return int(total[0]), int(total[1]), int(total[2])


def main() -> int:
    """Read the footage, and print what is found in it."""
    beside = Path(__file__).parents[3] / "shared" / "data"
    parser = argparse.ArgumentParser(description="Precision and recall of scene cuts.")
    parser.add_argument("--data", type=Path, default=beside)
    parser.add_argument("--threshold", type=float, default=THRESHOLD)
    parser.add_argument("--library", action="store_true")
    asked = parser.parse_args()
    sources = {
        "davis": sorted((asked.data / "davis_dev" / "JPEGImages").glob("*")),
        "videos": [v for v in sorted((asked.data / "videos").glob("*")) if v.suffix != ".csv"],
        "clips": sorted(asked.data.glob("clips*/*/frames")),
    }
    if lacking := [name for name, found in sources.items() if not found]:
        print(f"skipped: no {', '.join(lacking)} in {asked.data}")
        return 0
    footage = [{str(path): read(path) for path in found} for found in sources.values()]
    footage[1] = {Path(name).stem: frames for name, frames in footage[1].items()}
    detector = library() if asked.library else ours(asked.threshold)
    print(f"{'':26} {'clips':>5} {'cuts':>6} {'found':>6} {'false':>6}")
    cuts, found, false = measure(detector, cut_sets(*footage))
    *_, alarms = measure(detector, whole_sets(*footage))
    print(f"precision {found / max(1, found + false + alarms):.3f}, recall {found / cuts:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
