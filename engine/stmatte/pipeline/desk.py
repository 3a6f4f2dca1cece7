# SPDX-License-Identifier: Apache-2.0
"""What a service works at: it tells what is installed, opens shots, and fits outlines."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from stmatte.networks.registry import NETWORKS
from stmatte.output import Output
from stmatte.pipeline.loaded import Loaded
from stmatte.pipeline.open_shot import OpenShot, open_shot
from stmatte.pipeline.outlining import Outlining, outlining
from stmatte.store import DiskStore


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
        self.loaded = Loaded(store, budget, keep_features=keep_features)

    def about(self) -> About:
        """Tell what is installed."""
        devices = ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)
        models = tuple(Model(name, entry.weights is not None) for name, entry in NETWORKS.items())
        store = self.loaded.store
        return About(models, devices, store.folder, store.limit)

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
    ) -> OpenShot:
        """Open the shot that a document describes; see `open_shot`.

        base  the folder that relative paths, that of `output` too, are relative to
        """
        placed = replace(output, out=str(base / output.out))
        return open_shot(self.loaded, document, base, placed, skip_errors=skip_errors)
