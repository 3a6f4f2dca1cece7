# SPDX-License-Identifier: Apache-2.0
"""A checked shot with its plan: all that has to be known before frames are computed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import torch

from stmatte.images import working_size
from stmatte.images.colour import config_identity
from stmatte.learning.adapting import VERSION, check_adapts
from stmatte.memory.policies import Policy
from stmatte.networks.identity import fingerprint
from stmatte.networks.protocol import Network
from stmatte.networks.registry import choose_device
from stmatte.pipeline.checks import CheckedShot
from stmatte.pipeline.reading import PlateReader, Skipped
from stmatte.pipeline.views import whole_view
from stmatte.plan.digest import ALGORITHM, digest_of
from stmatte.plan.plan import ShotPlan, make_plan
from stmatte.settings import Settings
from stmatte.store import Store


@dataclass(frozen=True)
class Adapting:
    """What a shot's network learns before it makes mattes.

    frames  whose keys it learns from, ascending
    steps   how many it learns
    digest  of all that its weights follow from
    """

    frames: tuple[int, ...]
    steps: int
    digest: str


@dataclass(frozen=True, eq=False)
class PlannedShot:
    """A shot whose spans and digests are known.

    checked  the shot, its plate and its given mattes
    plan     its spans; digests are worked out when they are asked for
    weights  fingerprint of the network's weights
    view     digest of how the network sees a picture: its weights, the size, the device
    pace     what the network's pace is noted under: how long it takes, whatever it learnt
    reader   reads the plate
    size     (h, w) at which the network sees the plate
    policy   what memory keeps
    aggregated  whether the network's planes went through soft aggregation
    device   where the network runs
    adapting what the network learns first; None if it runs as it is
    """

    checked: CheckedShot
    plan: ShotPlan
    weights: str
    view: str
    pace: str
    reader: PlateReader
    size: tuple[int, int]
    policy: Policy
    aggregated: bool
    device: torch.device
    adapting: Adapting | None = None


def plan_shot(
    checked: CheckedShot,
    network: Network,
    store: Store,
    skipped: Skipped | None = None,
    *,
    kind: str = "",
) -> PlannedShot:
    """Plan a checked shot for a network. Reads nothing of the plate, unless it is adapted to it.

    skipped  told once of each frame that cannot be read; None means that this is an error
    kind     "cpu" or "cuda": the kind of device that the mattes are made on, if it is not this
             one. Such a plan is for looking only

    Raises StmatteError if the network is to be adapted, and cannot be.
    """
    shot = checked.shot
    settings = shot.settings
    device = choose_device(settings.device)
    size = working_size(checked.plate.size, settings.working_height, checked.plate.pixel_aspect)
    policy = replace(network.policy, every=settings.memory_every, most=settings.memory_frames)
    space = checked.plate.colorspace.name
    seen = [space, config_identity(space), checked.exposure]
    weights = fingerprint(network)
    how = _computed(settings)
    plain = digest_of(ALGORITHM, network.name, weights, size, kind or device.type, seen, *how)
    look = partial(whole_view, size, checked.exposure)
    reader = PlateReader(checked.plate, store, look, skipped, views=settings.focus == "off")
    adapting = _adapting(checked, network, plain, reader) if settings.adapt else None
    view = plain if adapting is None else adapting.digest
    scheme = digest_of(
        view,
        [policy.keys, policy.previous, policy.every, sorted(policy.at), policy.most],
        settings.focus,
    )
    finish = digest_of(settings.edges, settings.steady)
    plan = make_plan(
        checked.frames,
        checked.said,
        shot.cuts,
        settings.reach,
        scheme,
        reader.digest,
        finish,
        steady=settings.steady,
    )
    return PlannedShot(
        checked,
        plan,
        weights,
        view,
        plain,
        reader,
        size,
        policy,
        network.aggregates,
        device,
        adapting,
    )


def _computed(settings: Settings) -> list[list[object]]:
    """Return in which numbers a network computes; nothing for the plain way, which was first."""
    plainly = settings.precision == Settings.precision and not settings.compile
    return [] if plainly else [["computed", settings.precision, settings.compile]]


def _adapting(checked: CheckedShot, network: Network, view: str, reader: PlateReader) -> Adapting:
    check_adapts(network)
    frames, steps = checked.adapt_on, checked.shot.settings.adapt
    keys = [
        (
            reader.digest(frame),
            [each[frame].digest for each in checked.said.values() if frame in each],
        )
        for frame in frames
    ]
    return Adapting(frames, steps, digest_of("adapting", VERSION, view, steps, keys))
