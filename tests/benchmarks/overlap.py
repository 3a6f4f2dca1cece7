# SPDX-License-Identifier: Apache-2.0
"""How much of reading, colour, refining and writing hides behind the network.

    python tests/benchmarks/overlap.py [--frames 16] [--height 480] [--runs 3] [--model NAME]

One object over a 1080p plate of half-float EXR in ACEScg, keyed on its first frame. Three
ways in one process, by turns: the network alone (everything that it sees is in memory, and
what it finds goes nowhere), the files alone (a network that costs nothing), and a whole
delivery. Printed are medians of seconds, and the delivery by the larger of the other two.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import cv2
import numpy as np
import OpenImageIO as oiio  # noqa: N813  the name that all its documents use
import torch
from numpy.typing import NDArray

from shots import Copying
from stmatte.images.colour import SRGB, convert
from stmatte.networks.protocol import Network
from stmatte.networks.registry import load_network
from stmatte.output import Output
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.computing import compute
from stmatte.pipeline.deliver import deliver
from stmatte.pipeline.planned import plan_shot
from stmatte.propagation.sights import Sights
from stmatte.settings import Settings
from stmatte.shot import Key, Shot
from stmatte.store import RamStore

SIZE = (1080, 1920)


def write_plate(folder: Path, frames: int) -> str:
    """Write a disc that moves over grain, in light."""
    random = np.random.default_rng(1)
    grain = random.normal(0, 0.02, (*SIZE, 3)).astype(np.float32)
    ground = cv2.GaussianBlur(random.random((*SIZE, 3), np.float32), (0, 0), 24) * 2 - 0.5
    for frame in range(1, frames + 1):
        shown = np.clip(ground, 0, 1) * 0.6 + 0.1
        cv2.circle(shown, (500 + 20 * frame, 540), 260, (0.8, 0.45, 0.2), -1, cv2.LINE_AA)
        light = convert(np.clip(shown + np.roll(grain, 7 * frame, 0), 0, 1), SRGB, "lin_ap1_scene")
        spec = oiio.ImageSpec(SIZE[1], SIZE[0], 3, "half")
        spec.attribute("compression", "zip")
        spec.attribute("oiio:ColorSpace", "lin_ap1_scene")
        output = oiio.ImageOutput.create("openexr")
        output.open(str(folder / f"plate.{frame:04d}.exr"), spec)
        output.write_image(light)
        output.close()
    return str(folder / "plate.####.exr")


def key() -> NDArray[np.float32]:
    """Return the matte of the disc on the first frame."""
    matte = np.zeros(SIZE, np.float32)
    cv2.circle(matte, (520, 540), 260, 1.0, -1, cv2.LINE_AA)
    return matte


class Held(Sights):
    """Sights of which the pictures stay in memory: they are seen anew, not read anew."""

    def __init__(self, network: Network):
        super().__init__(network, 0)
        self.pictures: dict[str, torch.Tensor] = {}

    def held(self, digest: str):  # type: ignore[no-untyped-def]  # as the engine's
        picture = self.pictures.get(digest)
        return None if picture is None else super().see(digest, picture, hold=False)

    def see(self, digest: str, image: torch.Tensor, *, hold: bool = True):  # type: ignore[no-untyped-def]
        self.pictures[digest] = image
        return super().see(digest, image, hold=hold)


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else "")
    parser.add_argument("--frames", type=int, default=16)
    parser.add_argument("--height", type=int, default=480)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--model", default="stmatte-s")
    asked = parser.parse_args()
    network = load_network(asked.model, "cpu")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plate = write_plate(folder, asked.frames)
        settings = Settings(working_height=asked.height, device="cpu", exposure=0.0)
        shot = Shot(plate, (Key(1, {"hero": key()}),), settings=settings)
        output = Output(str(folder / "m.####.exr"), overwrite=True)
        held = Held(network)
        checked = check_shot(shot)
        reading = plan_shot(checked, network, RamStore())

        def network_alone() -> None:
            for _ in compute(reading, network, RamStore(), held, checked.frames):
                pass

        def delivered(by: Network) -> Callable[[], object]:
            return lambda: deliver(shot, output, network=by)

        def again(work: Callable[[], object]) -> Callable[[], object]:
            for file in folder.glob("m.*.exr"):
                file.unlink()
            return work

        network_alone()  # the first reads
        ways = {
            "network alone": network_alone,
            "files alone": delivered(Copying()),
            "delivery": delivered(network),
        }
        told: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(asked.runs):
            for way, work in ways.items():
                told[way].append(seconds(again(work)))
        medians = {way: statistics.median(each) for way, each in told.items()}
    for way, median in medians.items():
        spread = f"{min(told[way]):.2f}-{max(told[way]):.2f}"
        click.echo(f"{way:14s} {median:7.2f} s ({spread}), {median / asked.frames:.3f} s a frame")
    larger = max(medians["network alone"], medians["files alone"])
    click.echo(f"delivery by the larger of the others: {medians['delivery'] / larger:.3f}")


if __name__ == "__main__":
    main()
