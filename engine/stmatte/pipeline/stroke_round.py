# SPDX-License-Identifier: Apache-2.0
"""One round of strokes on a shot, with whichever network it names, from strokes to files.

The interactive network answers by itself (`stroke_answers`); any other one cuts and recalls
(`scribbling`). Either way each frame that was drawn on gets a key in the document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stmatte.document import read_shot
from stmatte.memory.bank import Bank
from stmatte.networks.protocol import Network
from stmatte.networks.registry import load_for
from stmatte.networks.stm_interactive import InteractiveSTM
from stmatte.output import Output
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.deliver import Delivery, Progress, deliver
from stmatte.pipeline.matte_files import matte_files
from stmatte.pipeline.planned import plan_shot
from stmatte.pipeline.scribbling import key_from_strokes
from stmatte.pipeline.stroke_answers import answered_keys, deliver_answers, remembered
from stmatte.pipeline.stroke_keys import Made, Scribbled, keep_keys, now_on, on_canvas
from stmatte.scribbles import Stroke
from stmatte.store import Store

OnFrames = Mapping[int, Sequence[Stroke]]
"""Plate frame number -> strokes on it."""


@dataclass(frozen=True)
class StrokeRound:
    """A round whose keys are in the document.

    document  where it lies
    network   that made the keys
    strokes   on the plate's canvas
    files     the new keys; none if the strokes changed nothing
    bank      what the interactive network remembers; None with any other network
    """

    document: Path
    network: Network
    strokes: OnFrames
    files: tuple[Path, ...]
    bank: Bank | None


def strokes_to_keys(
    scribbled: Scribbled, strokes: OnFrames, store: Store, *, over_keys: bool = False
) -> StrokeRound:
    """Make keys of strokes, and name them in the shot's document.

    strokes    on what hosts show of the plate; number n is the shot's n-th object
    over_keys  keys that somebody made may be replaced

    Raises StmatteError if a stroke is about what is not for strokes to change, a frame cannot
    be read, or a place cannot be written.
    """
    checked = scribbled.checked
    settings, plate = checked.shot.settings, checked.plate
    lines = {at: on_canvas(each, plate.canvas, plate.display) for at, each in strokes.items()}
    held = {at: scribbled.held(at, over_keys=over_keys) for at in lines}
    network = load_for(settings)
    planned = plan_shot(checked, network, store)
    now = {at: now_on(scribbled, planned, network, store, at) for at in lines}
    bank = None
    made: Made
    if isinstance(network, InteractiveSTM):
        bank = remembered(planned, network, lines, now)
        made = answered_keys(planned, network, bank, lines, held)
    else:
        made = {
            at: key_from_strokes(planned, network, at, each, now[at], held[at])
            for at, each in lines.items()
        }
    files = keep_keys(scribbled, planned, made) if any(made.values()) else ()
    return StrokeRound(scribbled.path, network, lines, files, bank)


def deliver_round(
    done: StrokeRound,
    output: Output,
    *,
    store: Store,
    budget: int | None,
    tell: Callable[[Progress], None],
) -> Delivery:
    """Bring the shot's files up to date after a round; see `deliver`."""
    shot = read_shot(done.document)
    if done.bank is None or not isinstance(done.network, InteractiveSTM):
        return deliver(shot, output, store=store, budget=budget, tell=tell, network=done.network)
    planned = plan_shot(check_shot(shot, store=store), done.network, store)
    files = matte_files(output, planned.checked)
    return deliver_answers(planned, done.network, done.bank, done.strokes, files, tell)
