# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

from cutting import clip, external, sequence, span, timeline, touch
from stmatte.timelines.clips import used_clips
from stmatte.timelines.folders import Folders
from stmatte.timelines.lengths import fill_in


def test_clips_that_do_not_say_it_are_as_long_as_there_are_files(tmp_path: Path) -> None:
    touch(tmp_path / "plate", *(f"plate.{f}.png" for f in range(1001, 1011)))
    made = timeline(
        [
            clip("a", external("plate/plate.####.png")),
            clip("b", external("plate/plate.####.png"), span(1003, 2)),
            clip("c", sequence(1001, None)),
            clip("d", external("missing/plate.####.png"), span(0, 5)),
        ]
    )

    fill_in(made, tmp_path, Folders())

    places = [(u.name, int(u.at.start * 24), int(u.at.end * 24)) for u in used_clips(made)]
    assert places == [("a", 0, 10), ("b", 10, 12), ("c", 12, 22), ("d", 22, 27)]
    assert made.tracks[0][0].media_reference.available_range == span(1001, 10)
