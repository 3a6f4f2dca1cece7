# SPDX-License-Identifier: Apache-2.0
"""What shots under work share, and what lasts from one edit to the next.

Networks, each loaded once, with what it saw of plates; and the store.
"""

from __future__ import annotations

from threading import Lock

from stmatte.networks.protocol import Network
from stmatte.networks.registry import choose_device, load_for
from stmatte.pipeline.kept_sights import SightsOnDisk, features_beside
from stmatte.propagation.sights import HELD, Sights
from stmatte.settings import Settings
from stmatte.store import DiskStore

Asked = tuple[str, str, str, bool]
"""What makes one network another: model, device, precision, and whether it is compiled."""


class Loaded:
    """Networks and what they saw, and the store. May be asked from several threads.

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


def _asked(settings: Settings) -> Asked:
    return settings.model, settings.device, settings.precision, settings.compile
