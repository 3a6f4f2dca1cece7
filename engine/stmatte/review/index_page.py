# SPDX-License-Identifier: Apache-2.0
"""The page over many shots, worst first: a small picture, how it stands, where to look.

It carries no frames, so it opens at once however many shots there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from stmatte.placing import placed
from stmatte.plan.ranges import written
from stmatte.review.facts import ShotFacts
from stmatte.review.marks import Mark
from stmatte.review.pages import head, script, source
from stmatte.review.shot_page import file_of_page

_WIDE, _HIGH = 300, 44
"""Of the curve of a shot, in pixels."""


def write_index(path: Path, shots: list[ShotFacts]) -> None:
    """Write the page over shots, in their order, whole or not at all.

    Raises StmatteError if the place cannot be written.
    """
    count = f"{len(shots)} {'shot' if len(shots) == 1 else 'shots'}"
    body = source("index.html").replace("{{count}}", count)
    rows = "".join(_row(shot) for shot in shots)
    text = head("Review") + body.replace("{{rows}}", rows)
    with placed(path) as beside:
        beside.write_text(f"{text}{script('saving', 'index')}</body>\n</html>\n", "utf-8")


def _row(shot: ShotFacts) -> str:
    link = escape(file_of_page(shot.name))
    first, last = shot.frames[0], shot.frames[-1]
    picture = f'<img alt="" src="data:image/webp;base64,{shot.thumb}">' if shot.thumb else ""
    worst = shot.worst
    at = f"{link}#{worst[2]},object={escape(worst[1])}" if worst and worst[0] else link
    return (
        f'<tr data-shot="{escape(shot.name)}">'
        f'<td class="thumb"><a href="{at}">{picture}</a></td>'
        f'<td><a class="name" href="{link}">{escape(shot.name)}</a>'
        f'<div class="quiet">{escape(shot.version)} {first}-{last}, '
        f"{len(shot.frames)} {'frame' if len(shot.frames) == 1 else 'frames'}</div>"
        f'<div class="quiet noted" hidden></div></td>'
        f"<td>{'<br>'.join(_states(shot))}</td>"
        f'<td><a href="{at}">{_worst(shot)}</a></td>'
        f"<td>{_curve(shot)}</td></tr>\n"
    )


def _states(shot: ShotFacts) -> Iterator[str]:
    """Yield what is to be known first, in words."""
    if shot.missing:
        yield f"<b>missing</b> {_frames(shot.missing)}"
    behind = [frame for frame in shot.stale if frame not in shot.missing]
    for words, found in (("stale", behind), ("doubtful", shot.frames_of(Mark.DOUBTFUL))):
        if found:
            yield f"<b>{words}</b> {_frames(found)}"
    if not shot.stale:
        yield "complete and fresh"
    if shot.previous:
        changed = [
            frame
            for frame, *said in zip(shot.frames, *(o.changed for o in shot.objects), strict=True)
            if True in said
        ]
        known = f"changed since {escape(shot.previous)}: "
        yield f'<span class="quiet">{known}{_frames(changed) if changed else "nothing"}</span>'


def _frames(frames: list[int]) -> str:
    """Return frame numbers in words; of many ranges, the first few."""
    ranges = written(frames).split(",")
    more = "" if len(ranges) <= 4 else f" and {len(ranges) - 4} more"
    return f"{', '.join(ranges[:4])}{more}"


def _worst(shot: ShotFacts) -> str:
    if shot.worst is None:
        return "not known"
    doubt, name, frame = shot.worst
    return f"{doubt:.2f} {escape(name)} at {frame}" if doubt else "nothing in doubt"


def _curve(shot: ShotFacts) -> str:
    """Return the largest uncertainty of every frame, as a curve from 0 to 1."""
    rows = [each.doubts for each in shot.objects]
    worst = [
        max((d for d in row if d is not None), default=None) for row in zip(*rows, strict=True)
    ]
    step = _WIDE / max(1, len(worst))
    points = [
        f"{(i + 0.5) * step:.1f},{_HIGH - 1 - doubt * (_HIGH - 2):.1f}"
        for i, doubt in enumerate(worst)
        if doubt is not None
    ]
    return (
        f'<svg class="spark" viewBox="0 0 {_WIDE} {_HIGH}" role="img" '
        f'aria-label="uncertainty, frame by frame">'
        f'<path class="half" d="M0 {_HIGH / 2}H{_WIDE}"/>'
        f'<polyline points="{" ".join(points)}"/></svg>'
    )
