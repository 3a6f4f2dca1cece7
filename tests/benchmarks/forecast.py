# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""Whether `stmatte plan` foretells the memory that a delivery takes.

    python tests/benchmarks/forecast.py [--only WORD]

Each case runs in a process of its own, on the CPU, as `stmatte propagate` does: it loads the
network, rests, and delivers a shot that moves, of so many objects keyed on the first frame,
with a memory frame for every frame until memory is full. Printed are the peak of its resident
memory above what it was at rest, the forecast without the network's weights, which are loaded
by then, and the ratio of the two. Memory frames of 100 are told besides: what they take by
themselves. A network without weights here is made with random ones. Linux only.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from stmatte.output import Output

ALLOWED = 0.15
MB = 1e6


@dataclass(frozen=True)
class Case:
    """A delivery.

    size     (H, W) of the plate; the network sees 480 lines of it
    frames   how many it has
    memory   memory frames at most, besides the key
    """

    model: str
    size: tuple[int, int]
    objects: int
    memory: int
    frames: int

    @property
    def name(self) -> str:
        return f"{self.model} {self.size[1]}x{self.size[0]} objects {self.objects}"


LINES_480, LINES_1080 = (480, 854), (1080, 1920)
CASES = (
    Case("stmatte-s", LINES_480, 1, 20, 25),
    Case("stmatte-s", LINES_480, 3, 20, 25),
    Case("stmatte-s", LINES_480, 1, 100, 105),
    Case("stmatte-s", LINES_1080, 1, 20, 25),
    Case("stmatte-s", LINES_1080, 3, 20, 25),
    Case("stm", LINES_480, 1, 20, 25),
)


def resting() -> int:
    """Return the bytes resident now, and begin to watch their peak anew."""
    Path("/proc/self/clear_refs").write_text("5")
    return int(psutil.Process().memory_info().rss)


def peak() -> int:
    """Return the most bytes that were resident since."""
    words = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()
    return int(words[0]) * 1024


def deliver(case: Case, folder: Path) -> dict[str, float]:
    """Deliver a case in this process, and return what was foretold and what it took."""
    import cv2
    import numpy as np
    from textured import texture

    from stmatte.allocating import keep_what_is_freed
    from stmatte.networks.registry import NETWORKS
    from stmatte.pipeline import budget, deliver, planned
    from stmatte.pipeline.checks import check_shot
    from stmatte.settings import Settings
    from stmatte.shot import Key, Shot
    from stmatte.store import DiskStore

    keep_what_is_freed()
    height, width = case.size
    ground = cv2.resize(texture(1, (480, 854)), (width + 8 * case.frames, height))
    for frame in range(case.frames):
        picture = ground[:, 8 * frame : 8 * frame + width]
        cv2.imwrite(str(folder / f"plate.{frame + 1:04d}.jpg"), picture)
    across = np.arange(width)[None] * case.objects / width
    inside = abs(np.arange(height)[:, None] / height - 0.5) < 0.3
    mattes = {
        f"object{n}": np.float32(inside & (abs(across - n - 0.5) < 0.3))
        for n in range(case.objects)
    }
    settings = Settings(
        case.model, device="cpu", memory_every=1, memory_frames=case.memory, working_height=480
    )
    shot = Shot(str(folder / "plate.####.jpg"), (Key(1, mattes),), settings=settings)
    entry = NETWORKS[case.model]
    network = _loaded(case.model) if entry.weights is not None else entry.make()
    store = DiskStore(folder / "store", 10**10)
    plan = planned.plan_shot(check_shot(shot), network, store)
    told = budget.fit(plan, network, plan.plan.frames, None)
    assert told is not None
    needs = told.needs
    rest = resting()
    deliver(shot, Output(str(folder / "out" / "m.####.exr")), network=network, store=store)
    return {
        "rest": rest,
        "peak": peak() - rest,
        "foretold": told.total - needs.weights,
        **{f"of it {name}": value for name, value in asdict(needs).items()},
    }


def _loaded(model: str):  # type: ignore[no-untyped-def]
    from stmatte.networks.registry import load_network

    return load_network(model, "cpu")


def main() -> int:
    """Run every case in a child, and compare."""
    parser = argparse.ArgumentParser(description="Peak memory beside its forecast.")
    parser.add_argument("--only", default="", help="cases whose name has this word")
    parser.add_argument("--child", type=int)
    asked = parser.parse_args()
    if asked.child is not None:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(deliver(CASES[asked.child], Path(folder))))
        return 0
    off = 0
    print(f"{'case':36} {'memory':>6} {'peak MB':>8} {'foretold':>8} {'ratio':>6}  of it")
    for index, case in enumerate(CASES):
        if asked.only not in case.name:
            continue
        words = [sys.executable, __file__, "--child", str(index)]
        told = json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout)
        ratio = told["foretold"] / told["peak"]
        off += abs(ratio - 1) > ALLOWED
        of_it = {
            name.removeprefix("of it "): round(value / MB, 1)
            for name, value in told.items()
            if name.startswith("of it ")
        }
        print(
            f"{case.name:36} {case.memory:6} {told['peak'] / MB:8.0f} "
            f"{told['foretold'] / MB:8.0f} {ratio:6.2f}  {of_it}",
            flush=True,
        )
    return int(off > 0)


if __name__ == "__main__":
    sys.exit(main())
