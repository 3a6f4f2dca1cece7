# SPDX-License-Identifier: Apache-2.0
"""Measure the pipeline: a shot from files to files, objects walking one by one.

A turn is a whole delivery into an empty store and an empty folder, with a network that was
loaded before and has seen nothing of the plate. The keyed frame costs next to nothing; so
seconds are told for each of the others.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from stmatte.networks.protocol import Network
from stmatte.output import Output
from stmatte.pipeline.loaded import Loaded
from stmatte.pipeline.open_shot import open_shot
from stmatte.propagation.sights import HELD, Sights
from stmatte.store import DiskStore

from .clip import FIRST, Clip
from .measure import by_turns, ratio, spread
from .models import Model
from .network import Asked, loaded
from .plain import PlainReads, plain_network
from .records import Contender, Range, Result


class _OneNetwork(Loaded):
    """A network that is loaded already, and has seen nothing.

    room  bytes of what was seen that are held; 0 sees a frame anew for every object
    """

    def __init__(self, store: DiskStore, network: Network, room: int):
        super().__init__(store)
        self._only = network, Sights(network, room, lasting=room > 0)

    def network(self, *_: Any, **__: Any) -> tuple[Network, Sights]:
        return self._only

    def make_way(self, *_: Any, **__: Any) -> None:
        """Nothing else takes room."""


@dataclass
class _Deliveries:
    """One contender: a call delivers the shot anew."""

    name: str
    folder: Path
    document: dict[str, object]
    network: Network
    room: int
    during: Callable[[], Any] = nullcontext
    _number: Any = field(default_factory=count)

    def __call__(self) -> None:
        place = self.folder / f"{self.name}{next(self._number)}"
        with self.during():
            only = _OneNetwork(DiskStore(place / "store", 10**10), self.network, self.room)
            output = Output(str(place / "matte.####.exr"), uncertainty=True)
            shot = open_shot(only, self.document, self.folder, output)
            shot.deliver(None, None, lambda: False, lambda _: None)


def measure_pipeline(model: Model, asked: Asked, folder: Path, frames: int, runs: int) -> Result:
    """Measure deliveries of a shot of so many frames.

    folder  empty; the shot and all that is made of it lie there meanwhile
    """
    clip = Clip(asked.size, asked.objects, asked.seed, asked.radius)
    clip.write(folder, frames)
    document = shot_of(model, asked, frames)
    works = {"ours": _Deliveries("ours", folder, document, loaded(model, asked), HELD)}
    if asked.plain:
        network = plain_network(model.name, model.state, asked.device)
        plainly = shot_of(model, asked, frames, plain=True)
        works["plain"] = _Deliveries("plain", folder, plainly, network, 0, PlainReads())
    told = by_turns(works, runs, 1, asked.device)
    told = {name: [spent / (frames - 1) for spent in each] for name, each in told.items()}
    ways = {n: Contender(frame=Range.of(spread(each)), parts={}) for n, each in told.items()}
    return Result(
        level="pipeline",
        model=model.name,
        weights=model.weights,
        size=asked.size,
        objects=asked.objects,
        covered=round(clip.covered(), 4),
        memory=None,
        place=1,
        precision=asked.precision,
        compile=asked.compile,
        device=asked.device.type,
        seed=asked.seed,
        warm=frames - 1,
        ours=ways["ours"],
        plain=ways.get("plain"),
        ratio=Range.of(ratio(told["plain"], told["ours"])) if asked.plain else None,
        agreement=None,
    )


def shot_of(model: Model, asked: Asked, frames: int, *, plain: bool = False) -> dict[str, object]:
    """Return the document of the shot that `Clip.write` wrote, keyed on its first frame.

    plain  ask for float32 and nothing compiled, whatever is asked of ours
    """
    settings: dict[str, object] = {
        "model": model.asked,
        "device": asked.device.type,
        "working_height": asked.size[0],
    }
    if not plain and asked.precision != "float32":
        settings["precision"] = asked.precision
    if not plain and asked.compile:
        settings["compile"] = True
    return {
        "format": "stmatte.shot/1",
        "plate": "plate.####.jpg",
        "frames": f"{FIRST}-{FIRST + frames - 1}",
        "keys": [
            {"frame": FIRST, "object": f"disc{n}", "matte": {"path": f"key.{n}.png"}}
            for n in range(asked.objects)
        ],
        "settings": settings,
    }
