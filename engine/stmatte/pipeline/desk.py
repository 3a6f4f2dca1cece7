# SPDX-License-Identifier: Apache-2.0
"""What shots under work share, and what lasts from one edit to the next.

Loaded networks, what they saw of plates, and the store. Shots are opened here from documents.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

import torch

from stmatte.document import parse_shot
from stmatte.networks.protocol import Network
from stmatte.networks.registry import NETWORKS, choose_device, load_for
from stmatte.output import Output
from stmatte.pipeline.checks import CheckedShot, check_shot
from stmatte.pipeline.kept_sights import SightsOnDisk, features_beside
from stmatte.pipeline.matte_files import matte_files
from stmatte.pipeline.open_shot import OpenShot
from stmatte.pipeline.outlining import Outlining, outlining
from stmatte.pipeline.overwriting import check_files
from stmatte.propagation.sights import HELD, Sights
from stmatte.settings import Settings
from stmatte.store import DiskStore

Asked = tuple[str, str, str, bool]
"""What makes one network another: model, device, precision, and whether it is compiled."""


@dataclass(frozen=True)
class Model:
    """A network that a shot's settings may name, and whether its weights ship."""

    name: str
    ships: bool


@dataclass(frozen=True)
class About:
    """What is installed: networks, devices ("cpu", "cuda"), the store's folder and its bytes."""

    models: tuple[Model, ...]
    devices: tuple[str, ...]
    store: Path
    limit: int


class Desk:
    """Opens shots, and keeps what they share.

    store          where frames are kept
    budget         bytes that may be taken on the device; None is half of what is free
    keep_features  whether what networks see of plates is kept on the disk, too
    """

    def __init__(self, store: DiskStore, budget: int | None = None, *, keep_features: bool = False):
        self.store = store
        self._features = features_beside(store) if keep_features else None
        self.budget = budget
        self._networks: dict[Asked, tuple[Network, Sights]] = {}
        self._loading = Lock()

    def about(self) -> About:
        """Tell what is installed."""
        devices = ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)
        models = tuple(Model(name, entry.weights is not None) for name, entry in NETWORKS.items())
        return About(models, devices, self.store.folder, self.store.limit)

    def network(self, settings: Settings) -> tuple[Network, Sights]:
        """Return the network that settings ask for, loaded once, and what it saw so far."""
        asked = _asked(settings)
        with self._loading:
            if asked not in self._networks:
                network = load_for(settings)
                kept = None
                if self._features is not None:
                    kept = SightsOnDisk(self._features, choose_device(settings.device))
                sights = Sights(network, self.budget or HELD, kept=kept)
                self._networks[asked] = network, sights
            return self._networks[asked]

    def make_way(self, settings: Settings) -> None:
        """Give up what other networks saw: the budget is one for all."""
        for asked, (_, sights) in self._networks.items():
            if asked != _asked(settings):
                sights.make_room(0)

    def outline(
        self,
        mattes: str,
        object: str,  # noqa: A002  the word of the vocabulary
        out: Path,
        frames: Callable[[tuple[int, ...]], Collection[int]],
        tolerance: float,
        inset: float,
    ) -> Outlining:
        """Prepare to fit splines to mattes; see `pipeline.outlining`."""
        return outlining(mattes, object, out, frames, tolerance, inset)

    def open(
        self,
        document: Mapping[str, object],
        base: Path,
        output: Output,
        *,
        skip_errors: bool = False,
        before: CheckedShot | None = None,
    ) -> OpenShot:
        """Open the shot that a document describes.

        document     `stmatte.shot/1`, not checked yet
        base         the folder that relative paths, those of `output` too, are relative to
        output       where the mattes go, and what is in their files
        skip_errors  pass over plate frames that are missing or cannot be read
        before       the shot as it was checked before an edit: what is as it was isn't read again

        Raises StmatteError for what a person can mend.
        """
        placed = replace(output, out=str(base / output.out))
        shot = parse_shot(document, base)
        checked = check_shot(shot, pass_over=skip_errors, before=before, store=self.store)
        files = matte_files(placed, checked)
        check_files(checked, files, None, ())
        self.network(shot.settings)
        return OpenShot(self, checked, files, base, skip_errors)


def _asked(settings: Settings) -> Asked:
    return settings.model, settings.device, settings.precision, settings.compile
