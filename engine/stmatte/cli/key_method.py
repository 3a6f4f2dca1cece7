# SPDX-License-Identifier: Apache-2.0
"""A network as corrections want it: keys in, those mattes out that are not as they were.

It is propagated as every shot is. What earlier rounds made and a new key leaves alone is not
made again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stmatte.evaluation.keyed import Follow, KeyMethod, Keys
from stmatte.evaluation.pictures import Picture
from stmatte.networks.protocol import Network
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.frames import frame_mattes
from stmatte.pipeline.given import Pixels
from stmatte.pipeline.planned import plan_shot
from stmatte.pipeline.propagate import walk
from stmatte.propagation.sights import Sights
from stmatte.settings import Settings
from stmatte.shot import Key, Shot
from stmatte.store import RamStore

OBJECT = "object"


def key_method(network: Network, settings: Settings) -> KeyMethod:
    """Return the network, with these settings, as a method that takes keys of one object."""

    def begin(pictures: Sequence[Picture]) -> Follow:
        plate, store, sights = dict(enumerate(pictures)), RamStore(), Sights(network)
        made: dict[int, str] = {}

        def follow(keys: Keys) -> Iterator[tuple[int, Pixels]]:
            given = tuple(Key(frame, {OBJECT: mask}) for frame, mask in sorted(keys.items()))
            shot = Shot(plate, given, None, settings)
            planned = plan_shot(check_shot(shot), network, store)
            digests = {frame: planned.plan.digest(frame) for frame in planned.plan.frames}
            stale = [frame for frame, digest in digests.items() if made.get(frame) != digest]
            for found in walk(planned, network, store, sights, stale):
                if found is not None:
                    result = frame_mattes(planned, found)
                    made[result.frame] = digests[result.frame]
                    yield result.frame, result.mattes[OBJECT]

        return follow

    return begin
