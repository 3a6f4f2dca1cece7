# SPDX-License-Identifier: Apache-2.0
"""A round of strokes with the interactive network: it answers for every frame at once.

What an artist keyed is remembered as it is, what was drawn together with the mattes that were
there. Every frame is then asked about, in any order. A frame that was drawn on gets its answer
as a key, so that the document says where the round led, and other networks can go on from it.
Source: Oh et al., TPAMI 2020, section 3.7.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.images import to_working
from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.networks.stm_interactive import Drawn, InteractiveSTM, answers, drawn, with_drawn
from stmatte.pipeline.computing import as_seen, heard_matte
from stmatte.pipeline.deliver import Delivery, Progress
from stmatte.pipeline.frames import Gathered, frame_mattes
from stmatte.pipeline.given import Pixels
from stmatte.pipeline.matte_files import MatteFiles
from stmatte.pipeline.overwriting import check_files, check_replaceable
from stmatte.pipeline.planned import PlannedShot
from stmatte.plan.digest import digest_of
from stmatte.plan.plan import make_plan
from stmatte.propagation.fusing import alone
from stmatte.scribbles import Stroke, draw_strokes


def remembered(
    planned: PlannedShot,
    network: InteractiveSTM,
    strokes: Mapping[int, Sequence[Stroke]],
    now: Mapping[int, Mapping[str, Pixels]],
) -> Bank:
    """Return memory of every keyed frame, and of every frame that was drawn on.

    strokes  plate frame number -> all that was drawn on it, on the plate's canvas
    now      the mattes of these frames before; empty where there are none yet
    """
    plans = planned.plan.objects
    keyed = sorted({f for plan in plans for f, given in plan.said.items() if given.heard})
    shown = [f for f in keyed if any(f in p.said and not p.said[f].absent for p in plans)]
    with torch.inference_mode():
        bank = Bank(tuple(_of_key(planned, network, f) for f in shown if f not in strokes))
        for frame, lines in strokes.items():
            image = _image(planned, frame)
            on = _drawn(planned, lines)
            planes = _planes(planned, now[frame]) if now[frame] else None
            bank = with_drawn(network, bank, frame, image, on, planes)
    return bank


def answered_keys(
    planned: PlannedShot,
    network: InteractiveSTM,
    bank: Bank,
    strokes: Mapping[int, Sequence[Stroke]],
    held: Mapping[int, Mapping[str, StmatteError]],
) -> dict[int, dict[str, Pixels]]:
    """Return the answers on frames that were drawn on as keys, of all objects not held there.

    Raises what `held` says of an object that a stroke is on.
    """
    names, found = planned.checked.shot.objects, {}
    for frame, lines in strokes.items():
        for name in (names[line.object - 1] for line in lines if line.object):
            if name in held[frame]:
                raise held[frame][name]
        mattes = _answer(planned, network, bank, frame, names)
        found[frame] = {n: m for n, m in mattes.items() if n not in held[frame]}
    return found


def deliver_answers(
    planned: PlannedShot,
    network: InteractiveSTM,
    bank: Bank,
    strokes: Mapping[int, Sequence[Stroke]],
    files: MatteFiles,
    tell: Callable[[Progress], None],
) -> Delivery:
    """Write the network's answer for every frame; where a matte was given, it stays as given.

    planned  the shot with the keys of this round. What is written says in its header that it
             followed from the strokes: to propagate the shot makes it anew, from its keys

    Raises StmatteError as `deliver` does.
    """
    planned = _by_strokes(planned, strokes)
    objects, frames = planned.checked.shot.objects, planned.checked.frames
    check_files(planned.checked, files, None, ())
    check_replaceable(planned, files, frames)
    written, began = {}, time.monotonic()
    for frame in frames:
        found = {}
        computed = [p.name for p in planned.plan.objects if p.span_at(frame) is not None]
        if computed:
            planes = _asked(planned, network, bank, frame)
            found = {n: alone(planes[1 + i]) for i, n in enumerate(objects) if n in computed}
        result = frame_mattes(planned, Gathered(frame, found), raw=files.output.raw)
        digest = files.write(planned, result)
        written[frame] = paths = files.paths(objects, frame)
        seconds, scores = time.monotonic() - began, result.scores
        done, first = len(written), paths[0]
        now = Progress(
            frame,
            done,
            len(frames),
            seconds,
            first,
            digest,
            fresh=False,
            scores=scores,
            files=paths,
        )
        tell(now)
    return Delivery(written, {}, None)


def _by_strokes(planned: PlannedShot, strokes: Mapping[int, Sequence[Stroke]]) -> PlannedShot:
    """Return a plan whose digests follow from the strokes, too."""
    checked, plan = planned.checked, planned.plan
    settings = checked.shot.settings
    lines = [
        [frame, [[s.object, [list(point) for point in s.path]] for s in drawn_there]]
        for frame, drawn_there in strokes.items()
    ]
    anew = make_plan(
        plan.frames,
        checked.said,
        checked.shot.cuts,
        settings.reach,
        digest_of(plan.scheme, "strokes", lines),
        planned.reader.digest,
        plan.objects[0].finish,
        steady=settings.steady,
    )
    return replace(planned, plan=anew)


def _answer(
    planned: PlannedShot,
    network: InteractiveSTM,
    bank: Bank,
    frame: int,
    names: Sequence[str],
) -> dict[str, Pixels]:
    planes = _asked(planned, network, bank, frame)
    found = {name: alone(planes[n]) for n, name in enumerate(names, start=1)}
    nothing_given = tuple(replace(plan, said={}) for plan in planned.plan.objects)
    bare = replace(planned, plan=replace(planned.plan, objects=nothing_given))
    return dict(frame_mattes(bare, Gathered(frame, found)).mattes)


def _asked(planned: PlannedShot, network: InteractiveSTM, bank: Bank, frame: int) -> Tensor:
    with torch.inference_mode():
        query = network.encode_query(_image(planned, frame))
        return next(answers(network, [query], bank))


def _image(planned: PlannedShot, frame: int) -> Tensor:
    seen = as_seen(planned, frame)
    if seen is None:
        raise StmatteError(f"Plate frame {frame} cannot be read", value=frame)
    return torch.from_numpy(seen).permute(2, 0, 1).to(planned.device)


def _drawn(planned: PlannedShot, strokes: Sequence[Stroke]) -> Drawn:
    labels = torch.from_numpy(draw_strokes(strokes, planned.size)).to(planned.device)
    return drawn(labels, len(planned.checked.shot.objects))


def _planes(planned: PlannedShot, mattes: Mapping[str, Pixels]) -> Tensor:
    small = [to_working(mattes[n], planned.size) for n in planned.checked.shot.objects]
    own = torch.from_numpy(np.stack(small)).clamp(0, 1).to(planned.device)
    planes = torch.cat([(1 - own.sum(dim=0, keepdim=True)).clamp(min=0), own])
    return planes / planes.sum(dim=0, keepdim=True)


def _of_key(planned: PlannedShot, network: InteractiveSTM, frame: int) -> MemoryFrame:
    image = _image(planned, frame)
    said = tuple(frame in plan.said for plan in planned.plan.objects)
    own = torch.stack([heard_matte(planned, frame, p.name) for p in planned.plan.objects])
    planes = torch.cat([(1 - own.sum(dim=0, keepdim=True)).clamp(min=0), own])
    planes = planes / planes.sum(dim=0, keepdim=True)
    memory = network.encode_memory(image, network.encode_query(image), planes)
    return MemoryFrame(frame, Origin.KEY, memory.maps, memory.objects, said)
