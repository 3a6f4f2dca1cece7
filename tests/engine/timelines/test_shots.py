# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from cutting import clip, dissolve, external, gap, sequence, span
from shots import write_plate
from stmatte.errors import StmatteError
from stmatte.shot import FrameRange
from stmatte.timelines.opening import open_cut
from stmatte.timelines.shots import TimelineShot, shots_of


def a(**more: Any) -> otio.schema.Clip:
    media = external("plate/plate.####.png", span(1001, 20))
    return clip("a", more.pop("media", media), more.pop("source", span(1003, 6)), **more)


def problem(shots: list[TimelineShot]) -> str:
    (found,) = [shot.problem for shot in shots if shot.problem]
    return str(found)


def test_every_clip_with_pictures_is_a_shot_with_its_frames_and_keys(show: Any) -> None:
    first, second = show.shots()

    assert (first.name, first.frames, first.problem) == ("a", FrameRange(1003, 1008), None)
    assert (second.name, second.frames, second.problem) == ("b", FrameRange(1005, 1009), None)
    assert [(key.frame, key.object) for key in second.keys] == [(1006, "hero")]


def test_handles_go_as_far_as_the_files(show: Any) -> None:
    first, second = show.shots(handles=5)

    assert (first.frames, second.frames) == (FrameRange(1001, 1013), FrameRange(1001, 1014))
    assert first.need is not None
    assert first.need.shown == FrameRange(1003, 1008)


def test_a_dissolve_asks_for_the_frames_under_it(show: Any) -> None:
    show.key("b", 1006)
    second = clip("b", sequence(1001, span(0, 20)), span(4, 5))

    frames = [shot.frames for shot in show.shots([a(), dissolve(2, 3), second])]

    assert frames == [FrameRange(1003, 1011), FrameRange(1003, 1009)]


def test_a_clip_that_is_there_twice_is_two_shots_with_the_same_keys(show: Any) -> None:
    shots = show.shots([a(), a(source=span(1005, 9))])

    assert [shot.name for shot in shots] == ["a", "a_2"]
    assert [[key.frame for key in shot.keys] for shot in shots] == [[1006], [1006]]


def test_another_plate_of_the_same_name_does_not_hear_the_first_one_s_keys(show: Any) -> None:
    write_plate(show.folder / "other", range(1001, 1021))
    other = external("other/plate.####.png", span(1001, 20))

    shots = show.shots([a(), a(media=other)])

    assert problem(shots).startswith('Shot "a_2" has no key in "')
    assert shots[0].problem is None


def test_stills_and_bars_are_no_shots(show: Any) -> None:
    bars = otio.schema.GeneratorReference("bars", generator_kind="SMPTEBars")
    title = clip("title", external("title.png"), span(0, 5))

    assert [s.name for s in show.shots([a(), clip("bars", bars, span(0, 5)), title])] == ["a"]


def test_a_clip_without_keys_is_told_and_the_others_stay(show: Any) -> None:
    shots = show.shots([a(), clip("c", a().media_reference.clone(), span(1003, 2))])

    assert problem(shots).startswith('Shot "c" has no key in "')
    assert shots[0].problem is None


def test_missing_media_are_told_and_the_others_stay(show: Any) -> None:
    shots = show.shots([a(), clip("b", external("plate/late.####.png"), span(0, 2))])

    assert problem(shots).startswith('Media of clip "b" are missing')
    assert f'"{show.folder / "plate"}" holds plate.####.png.' in problem(shots)


def test_frames_that_are_shown_and_missing_are_told_before_work_begins(show: Any) -> None:
    (show.folder / "plate" / "plate.1004.png").unlink()

    shots = show.shots()

    assert problem(shots).startswith(
        'Clip "a" shows frames 1003-1008 of its media, of which 1004 are missing'
    )
    (first, _) = show.shots(skip_errors=True)
    assert first.problem is None
    assert first.notes == ("Frames 1004 of a are missing and passed over",)


def test_a_retime_that_cannot_be_followed_is_told_by_name(show: Any) -> None:
    curved = a(effects=[otio.schema.TimeEffect(effect_name="Speed ramp")])

    assert 'Clip "a" has the retime "Speed ramp"' in problem(show.shots([curved, gap(1)]))


def test_one_shot_alone_may_be_wanted(show: Any) -> None:
    assert [shot.name for shot in show.shots(only=("b",))] == ["b"]
    with pytest.raises(StmatteError, match='Shot "bb" is not in the timeline: it has b'):
        show.shots(only=("bb",))


def test_all_shots_in_the_same_files_is_refused(show: Any) -> None:
    with pytest.raises(StmatteError, match="the same for all 2 shots"):
        show.shots(out="mattes/x.####.exr")
    assert len(show.shots(out="mattes/x.####.exr", only=("a",))) == 1


def test_a_timeline_without_pictures_is_refused(show: Any) -> None:
    with pytest.raises(StmatteError, match="has no clip with a picture sequence"):
        show.shots([gap(5)])


def test_a_marker_can_be_the_key(show: Any) -> None:
    said = {"stmatte": {"key": "keys/a/hero.1006.png", "object": "car"}}
    marked = a(markers=[otio.schema.Marker("key", span(1004, 1), metadata=said)])

    (shot,) = show.shots([marked], keys=None)

    assert [(key.frame, key.object) for key in shot.keys] == [(1004, "car")]
    assert "no marker on the clip names a key" in problem(show.shots([a()], keys=None))


def test_plates_may_lie_elsewhere_than_the_timeline_says(show: Any) -> None:
    write_plate(show.folder / "pulls", range(1001, 1015), "a_v2.{:04d}.png")
    lost = a(media=otio.schema.MissingReference(), source=span(90000, 6))

    (shot,) = show.shots(
        [lost], media=str(show.folder / "pulls" / "{shot}_v2.####.png"), media_handles=4
    )

    assert shot.problem is None
    # 4 frames before the cut
    assert shot.frames == FrameRange(1005, 1010)


def edl(folder: Path, source: str, speed: str = "") -> Path:
    path = folder / "cut.edl"
    lines = f"001  A001 V C {source} 00:00:00:00 00:00:00:06\n{speed}* FROM CLIP NAME: a\n"
    path.write_text(f"TITLE: cut\n\n{lines}")
    return path


def test_an_edl_s_time_code_may_be_the_number_of_the_files(show: Any) -> None:
    # 00:00:41:19 is frame 41 * 24 + 19 = 1003
    cut = open_cut(edl(show.folder, "00:00:41:19 00:00:42:01"), 24)

    (shot,) = shots_of(cut, show.order(media=str(show.folder / "plate" / "plate.####.png")))

    assert (shot.name, shot.frames, shot.problem) == ("a", FrameRange(1003, 1008), None)


def test_an_edl_without_a_place_for_its_plates_asks_for_it(show: Any) -> None:
    cut = open_cut(edl(show.folder, "01:00:00:00 01:00:00:06"), 24)

    assert '--media "plates/{shot}.####.exr"' in problem(shots_of(cut, show.order()))


def test_an_edl_s_clip_that_runs_backwards_is_refused_by_name(show: Any) -> None:
    path = edl(show.folder, "00:00:41:19 00:00:42:01", "M2 A001 -024.0 00:00:41:19\n")
    order = show.order(media=str(show.folder / "plate" / "plate.####.png"))

    told = problem(shots_of(open_cut(path, 24), order))

    assert told.startswith('Clip "a" runs backwards (M2 -024.0)')
