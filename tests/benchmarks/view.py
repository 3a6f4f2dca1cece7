# SPDX-License-Identifier: Apache-2.0
"""How well mattes follow a plate that is brighter, darker, in light or in log.

    python tests/benchmarks/view.py --data DAVIS [--height 240] [--frames 25] [SEQUENCE ...]

A sequence in sRGB is brought to scene-linear light, its highlights are spread (what was near
white becomes up to eight times as bright, as on a film set), and it is made brighter or
darker by stops. Each is propagated from the first frame's mask through three views: the one
that is taken, the sRGB curve with everything above 1 cut off and no exposure, and the same
with the exposure. Printed is J in % over all frames but the first.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from stmatte.evaluation.davis import open_davis
from stmatte.evaluation.metrics import jaccard
from stmatte.images import view
from stmatte.images.colour import LINEAR, SRGB, convert
from stmatte.networks.registry import load_network
from stmatte.pipeline.propagate import propagate_frames
from stmatte.settings import Settings
from stmatte.shot import Key, Shot

Pictures = dict[int, NDArray[np.float32]]

STOPS = (-4, 0, 4)
LOG = "ARRI LogC4"
CUT_OFF = 1e9  # a knee that nothing reaches


def scene(shown: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the light that a picture in sRGB may have come from: its highlights spread."""
    light = convert(shown, SRGB, LINEAR)
    over = np.clip((light - 0.7) / 0.3, 0, 1)
    return np.asarray(np.where(light < 0.7, light, 0.7 + 7.3 * over**2 + 0.3 * over), np.float32)


def ways(shown: Pictures) -> Iterator[tuple[str, str, Pictures]]:
    """Yield (what it is, colour space, pictures)."""
    yield "sRGB, as it came", "", shown
    lit = {frame: scene(picture) for frame, picture in shown.items()}
    for stops in STOPS:
        gain = np.float32(2.0**stops)
        yield f"light, {stops:+d} stops", LINEAR, {f: p * gain for f, p in lit.items()}
    yield LOG, LOG, {f: convert(p, LINEAR, LOG) for f, p in lit.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--height", type=int, default=240)
    parser.add_argument("--frames", type=int, default=25)
    parser.add_argument("sequences", nargs="*", default=["flamingo", "car-turn", "dance-jump"])
    asked = parser.parse_args()
    network = load_network("stmatte-s", "cpu")
    knee = view.KNEE
    click.echo(f"{'plate':24s} {'sequence':12s}       taken cut,exposed   cut,plain")
    for sequence in open_davis(asked.data).sequences(",".join(asked.sequences)):
        name = sequence.name
        frames = range(min(asked.frames, len(sequence)))
        shown = {f: np.asarray(sequence.frame(f), np.float32) / np.float32(255) for f in frames}
        truths = {f: sequence.truth(f) for f in frames}
        for what, space, plate in ways(shown):
            row = []
            for bent, exposure in ((knee, None), (CUT_OFF, None), (CUT_OFF, 0.0)):
                view.KNEE = bent
                settings = Settings(
                    working_height=asked.height,
                    device="cpu",
                    colorspace=space or "sRGB",
                    exposure=exposure,
                )
                key = Key(0, {"object": truths[0].astype(np.float32)})
                results = propagate_frames(Shot(plate, (key,), None, settings), network=network)
                mattes = {r.frame: r.mattes["object"] >= 0.5 for r in results}
                row.append(np.mean([jaccard(mattes[f], truths[f]) for f in frames if f]))
                if not space:
                    break
            figures = "".join(f"{100 * j:12.1f}" for j in row)
            click.echo(f"{what:24s} {name:12s}{figures}")


if __name__ == "__main__":
    main()
