# SPDX-License-Identifier: Apache-2.0
"""What a shot takes of a device's memory, and whether it may.

A budget never changes a matte: memory frames are bounded by the settings, which mattes depend
on, and the budget decides whether that fits and how much is left to remember what was seen.
What doesn't fit is refused before work starts (decisions/0006).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import psutil
import torch

from stmatte.errors import StmatteError
from stmatte.images import working_size
from stmatte.memory.bank import Origin
from stmatte.memory.policies import Policy
from stmatte.networks.protocol import Network
from stmatte.networks.work import WORK, Kept, kept_by, padded, weight_bytes
from stmatte.pipeline.adapted import bytes_to_learn
from stmatte.pipeline.computing import in_order, looks
from stmatte.pipeline.planned import PlannedShot
from stmatte.plan.forecast import Needs, largest, most_held
from stmatte.propagation.sights import HELD, Sights
from stmatte.sizes import rounded_up, written_size
from stmatte.store import RamStore

SHARE = 2
"""Unless somebody says otherwise, 1 / SHARE of what is free is taken at most."""

FRAMES_HELD = 100
"""Sights that one delivery holds, unless a budget is given: so much for any length of a shot."""

NOTES = 16_000_000
"""Bytes of a store in memory for what is no plane."""

FRAMES_IN_HAND = 4
"""Frames whose planes a store in memory holds besides the pass that is come back to."""

BEGINNING = 210_000_000
"""Bytes that a process takes when it first works: what libraries load, and what lies between."""

PLATE, MATTE = 104, 14
"""Bytes for each pixel of the plate: six frames that are read and one that is finished, and
what finishing takes for each object. Measured by `python tests/benchmarks/forecast.py`."""

GAPS = 0.8
"""On a CPU, bytes of the heap that lie useless for each byte of a memory frame: what stays splits
what comes and goes, and the next large block finds no place. Measured by the same command."""

LOWEST = 64
"""The smallest working height that settings allow."""


def default_budget(device: torch.device, held: int = 0) -> int:
    """Return half the bytes that are free on a device.

    held  bytes of what is there already and counts as free, such as sights
    """
    return (free_bytes(device) + held) // SHARE


def free_bytes(device: torch.device) -> int:
    """Return the bytes that are free on a device, those that torch keeps ready included."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        free += torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    else:
        free = psutil.virtual_memory().available
    return int(free)


@dataclass(frozen=True)
class Fit:
    """What computing takes, held against a budget.

    needs    what it takes
    room     bytes that are left for sights
    refused  why it cannot be done; None if it can
    """

    needs: Needs
    room: int
    refused: StmatteError | None

    @property
    def total(self) -> int:
        """Bytes that will be taken."""
        return self.needs.total(self.room)


def fit(
    planned: PlannedShot,
    network: Network,
    wanted: Collection[int],
    budget: int | None,
    *,
    held: int = 0,
    lasting: bool = False,
) -> Fit | None:
    """Hold what computing the wanted frames takes against a budget.

    budget   bytes; None is half of what is free, and little of that for sights
    held     bytes of sights that are held already
    lasting  whether sights are held for later work, too
    returns  None for a network that nobody counted
    """
    if network.name not in WORK:
        return None
    allowed = default_budget(planned.device, held) if budget is None else budget
    asked = _asked(planned, network, wanted, lasting)
    needs = asked.needs()
    room = needs.room(allowed)
    if budget is None:
        room = min(room, HELD, HELD if lasting else FRAMES_HELD * needs.sight)
    if not asked.walks or needs.least <= allowed:
        return Fit(needs, room, None)
    which = ", half of what is free" if budget is None else ""
    return Fit(needs, room, _too_large(asked, needs.least, allowed, which))


def what_fits(
    planned: PlannedShot, network: Network, wanted: Collection[int], had: int
) -> tuple[int | None, int | None]:
    """Return a working height and a number of memory frames that fit, each by itself.

    had      bytes that were free for computing, which turned out to be too few: what fits is
             at most that, and takes a quarter less of what can be lowered than was counted
    returns  the largest of each, or None where no smaller one fits or nobody counted
    """
    if network.name not in WORK:
        return None, None
    asked = _asked(planned, network, wanted, lasting=False)
    needs = asked.needs()
    return _smaller(asked, min(had, needs.least - needs.lowered // 4))


def check_fits(
    planned: PlannedShot,
    network: Network,
    wanted: Collection[int],
    budget: int | None,
    sights: Sights,
) -> None:
    """Refuse what doesn't fit into the budget, and give the sights what is left of it.

    budget  bytes; None is half of what is free
    """
    found = fit(planned, network, wanted, budget, held=sights.bytes_held, lasting=sights.lasting)
    if found is not None:
        if found.refused is not None:
            raise found.refused
        sights.make_room(found.room)


def keep_for_one_delivery(store: RamStore, planned: PlannedShot) -> None:
    """Let a store in memory hold no more than one delivery of a shot can come back to.

    Where all objects have the same spans, that is the first pass over one of them. It counts
    planes as if they could not be packed; most take a tenth of that.
    """
    plans = planned.plan.objects
    if len({tuple(span.frames for span in plan.spans) for plan in plans}) > 1:
        return  # an object's frames wait for those of another, however far that is
    both = [len(s.frames) for plan in plans for s in plan.spans if len(s.passes) > 1]
    plane = 2 * planned.size[0] * planned.size[1]
    room = NOTES + plane * len(plans) * (max(both, default=0) + FRAMES_IN_HAND)
    store.limit = min(store.limit, room)


@dataclass(frozen=True)
class _Asked:
    """What computing takes, at any working height and with any number of memory frames.

    walks  for each pass: how many objects walk with it by turns, keys heard, frames
    again  sights held at once
    """

    planned: PlannedShot
    network: str
    weights: int
    kept: Kept
    walks: frozenset[tuple[int, int, int]]
    again: int

    def needs(self, height: int | None = None, memory_frames: int | None = None) -> Needs:
        """Return what it takes, with other settings than the shot's if any are given."""
        planned, policy = self.planned, self.planned.policy
        plate = planned.checked.plate.size
        aspect = planned.checked.plate.pixel_aspect
        size = planned.size if height is None else working_size(plate, height, aspect)
        if memory_frames is not None:
            policy = replace(policy, most=memory_frames)
        pixels = padded(size)
        sight = round(12 * size[0] * size[1] + self.kept.query * pixels)
        bank = work = 0
        for objects, heard, length in self.walks:
            frames = remembered(policy, heard, length)
            each = self.kept.shared + objects * self.kept.object
            bank = max(bank, round((frames * each + objects * self.kept.latest) * pixels))
            work = max(work, WORK[self.network].bytes_at(size, frames))
        work = max(work, bytes_to_learn(planned, self.network, self.weights, size))
        gaps = round(GAPS * bank) if planned.device.type == "cpu" else 0
        return Needs(self.weights, bank, gaps, work, self._pictures(), sight, self.again)

    def _pictures(self) -> int:
        """Return what plate and mattes take beside the network, where they share its memory."""
        if self.planned.device.type != "cpu":
            return 0
        height, width = self.planned.checked.plate.size
        objects = len(self.planned.checked.shot.objects)
        return BEGINNING + height * width * (PLATE + objects * MATTE)


def _asked(
    planned: PlannedShot, network: Network, wanted: Collection[int], lasting: bool
) -> _Asked:
    work = in_order(planned, wanted)
    seen = list(looks(work))
    walks = frozenset(
        (len(alike), len(way.heard), len(way.frames))
        for alike in work
        for _, span in alike
        for way in span.passes
    )
    again = len(set(seen)) if lasting else most_held(seen)
    kept = kept_by(network, planned.device)
    return _Asked(planned, network.name, weight_bytes(network), kept, walks, again)


@dataclass(frozen=True)
class _Step:
    step: int
    origin: Origin


def remembered(policy: Policy, heard: int, frames: int) -> int:
    """Return how many memory frames a pass holds at most.

    heard   keys that memory holds from the start, besides the one where the pass begins
    frames  how many frames the pass makes
    """
    held = tuple(_Step(step, Origin.KEY) for step in range(-heard, 1))
    most = len(held)
    for step in range(1, frames):  # what the last frame leaves is never read
        if policy.remembers(step, Origin.RESULT):
            held = policy.kept((*held, _Step(step, Origin.RESULT)))
            most = max(most, len(held))
        if policy.most is not None and step > policy.every * (policy.most + 4) + policy.previous:
            break  # it grows no more
    return most


def _smaller(asked: _Asked, allowed: int) -> tuple[int | None, int | None]:
    """Return the largest working height and the most memory frames that fit, each by itself."""
    settings = asked.planned.checked.shot.settings
    height = min(settings.working_height, asked.planned.checked.plate.size[0])
    lower = largest(range(LOWEST, height, 16), lambda h: asked.needs(h).least <= allowed)
    fewer = largest(
        range(1, settings.memory_frames),
        lambda m: asked.needs(memory_frames=m).least <= allowed,
    )
    return lower, fewer


def _too_large(asked: _Asked, least: int, allowed: int, which: str) -> StmatteError:
    """Return the sentence for a shot that doesn't fit, with what would."""
    settings = asked.planned.checked.shot.settings
    height = min(settings.working_height, asked.planned.checked.plate.size[0])
    lower, fewer = _smaller(asked, allowed)
    enough = written_size(rounded_up(least))
    ways = [f"the working height to {lower}"] if lower else []
    ways += [f"memory frames to {fewer}"] if fewer else []
    repair = f"lower {' or '.join(ways)}, or " if ways else ""
    repair += f"raise the memory budget to {enough}"
    return StmatteError(
        f"Working height {height} with {settings.memory_frames} memory frames takes "
        f"{enough} of memory",
        value=least,
        allowed=f"the memory budget is {written_size(allowed)}{which}",
        repair=repair[0].upper() + repair[1:],
    )
