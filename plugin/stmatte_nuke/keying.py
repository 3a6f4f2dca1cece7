# SPDX-License-Identifier: Apache-2.0
"""On which frames an object is keyed, whatever its keys are drawn with.

Looks above the object's input: Rotos are asked for their shapes, other nodes for their knobs, and
mattes on the disk are keys where their files are. Stops at the plate, whose grades are no keys, and
at Reads. What lies below a Roto counts only where another Roto drew it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import nuke

from stmatte_host import spans

from . import above, knob_keys, lone_shape, reads, roto_keys, rotos
from .key_times import MOST_IN_A_ROW, Family, KeyTimes, settle
from .rendering import source_node
from .sources import PLATE, Source

_RETIMES = (
    *("TimeWarp", "Retime", "FrameHold", "FrameRange", "TimeClip", "AppendClip", "Kronos"),
    *("OFlow2", "OFXuk.co.thefoundry.time.oflow_v100", "TimeEcho", "FrameBlend"),
)


def found_keys(group: nuke.Node, source: Source, view: str = roto_keys.VIEW) -> KeyTimes:
    """Return the frames on which an object is keyed, and what an artist should know of them.

    group  an STMatte node
    view   of a script of several

    No frame at all means that nothing is keyed. Raises EngineError where the input, or the shape
    that the source names, is missing.
    """
    node = source_node(group, source.input_number)
    if source.shape:
        curves = rotos.curves_of(lone_shape.roto_for(node, source.shape))
        return roto_keys.key_times(curves, source.shape, view)
    behind = above.seen_through(node)
    if behind is not None and behind.Class() == "Read":
        return _on_disk(behind, view, _plate_name(group))
    found: list[Family] = []
    notes: list[str] = []
    drawing: list[tuple[nuke.Node, int]] = []
    for each, shift, below in _above(node, _plate_name(group)):
        is_roto = each.Class() in above.ROTOS
        if is_roto:
            drawing.append((each, shift))
        if not below:
            keyed, said = knob_keys.families(each, roto=is_roto)
            found += _later(keyed, shift)
            notes += [*said, *_retimed(each)]
    # Where none draws into the channel itself, something above copies it there from another one.
    meant = [pair for pair in drawing if _draws(pair[0], source.channel)] or drawing
    for each, shift in meant:
        drawn, said = roto_keys.families(rotos.curves_of(each), "", view)
        found += _later(drawn, shift)
        notes += said
    times = settle(found, notes)
    roto = rotos.roto_behind(node)
    if roto is None or roto.input(0) is not None:
        return times
    return roto_keys.shown(rotos.curves_of(roto), "", times)


def _above(node: nuke.Node, plate: str) -> Iterator[tuple[nuke.Node, int, bool]]:
    """Yield nodes above, how many frames later they are seen, and whether only a Roto shows them.

    plate  full name of the node that is left out
    """
    waiting = [(node, 0, False)]
    known = {plate}
    while waiting:
        each, shift, below = waiting.pop(0)
        if each.fullName() in known:
            continue
        known.add(each.fullName())
        if each.Class() == "Read" or above.is_off(each):
            waiting += [(one, shift, below) for one in above.inputs(each)[:1]]
            continue
        yield each, shift, below
        if isinstance(each, nuke.Group):
            waiting += [(inner, shift, below) for inner in each.nodes()]
        if each.Class() == "TimeOffset":
            shift += int(each["time_offset"].value())
        below = below or each.Class() in above.ROTOS
        waiting += [(one, shift, below) for one in above.inputs(each)]


def _draws(roto: nuke.Node, channel: str) -> bool:
    """Return whether a Roto draws into a channel."""
    knob = roto.knob("output")
    said = set(str(knob.value()).split()) if knob is not None else set()
    layer, _, short = channel.partition(".")
    meant = {channel, layer, "all"} | ({short} if layer == "rgba" else set())
    return bool(meant & said)


def _later(families: tuple[Family, ...], shift: int) -> list[Family]:
    return [replace(each, times=tuple(time + shift for time in each.times)) for each in families]


def _retimed(node: nuke.Node) -> Iterator[str]:
    if node.Class() in _RETIMES:
        yield (
            f'"{node.name()}" moves time: keys above it are taken on the frames on which they were '
            "drawn. Check the key list, and key others by Key here."
        )


def _on_disk(read: nuke.Node, view: str, plate: str) -> KeyTimes:
    """Return the frames for which a Read has files, where somebody made only some of them."""
    files = None if read.fullName() == plate else reads.files_of(read, view)
    there = () if files is None else tuple(sorted(files.there()))
    if files is None or not there:
        return KeyTimes()
    longest = max(last - first + 1 for first, last in spans.runs(there))
    which = spans.shortly(spans.runs(there))
    if longest >= MOST_IN_A_ROW:
        note = (
            f'"{read.name()}" has files for {which}: which of them are keys only you can say. '
            "Go to a frame on which the matte is right, and press Key here."
        )
        return KeyTimes((), (), (note,))
    return KeyTimes(there, (), (f'"{read.name()}" has files for {which}: these are its keys.',))


def _plate_name(group: nuke.Node) -> str:
    plate = above.seen_through(group.input(PLATE))
    return "" if plate is None else plate.fullName()
