# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutting import clip, dissolve, external, gap, sequence, span, time, timeline
from stmatte.errors import StmatteError
from stmatte.output import Output
from stmatte.pipeline import Delivery
from stmatte.shot import Key, MatteFile, Shot
from stmatte.timelines.batch import Outcome
from stmatte.timelines.clips import used_clips
from stmatte.timelines.folders import Folders
from stmatte.timelines.media import Media, find_media
from stmatte.timelines.needs import need
from stmatte.timelines.opening import Cut, open_cut
from stmatte.timelines.references import reference_of
from stmatte.timelines.shots import Order, TimelineShot
from stmatte.timelines.times import exact_rate, seconds
from stmatte.timelines.written import check_target, default_path, with_mattes, write_cut

# --- by hand, without files -----------------------------------------------------------


def outcome(made: otio.schema.Timeline, media: Media, handles: int = 0, name: str = "a") -> Outcome:
    """Return what becomes of a timeline's clip if all of its frames are made."""
    used = next(u for u in used_clips(made) if u.name == name)
    wanted = need(used, media, handles)
    shot = TimelineShot(name, used, media, wanted, wanted.frames)
    given = Shot("a.####.exr", (Key(wanted.frames.first, {"hero": MatteFile("k.png")}),))
    files = {frame: (Path("x.exr"),) for frame in wanted.frames}
    return Outcome(shot, given, Delivery(files, {}, None))


def mattes_of(made: otio.schema.Timeline, *outcomes: Outcome) -> list[otio.schema.Track]:
    order = Order(Output("/mattes/{shot}/{shot}.####.exr"))
    written = with_mattes(
        Cut(Path("/cut/c.otio"), Path("/cut"), made), outcomes, order, Path("/cut")
    )
    return list(written.tracks)[len(made.tracks) :]


RATES = st.sampled_from([23.976, 24.0, 24000 / 1001, 25.0, 29.97, 30.0])


@given(
    rate=RATES,
    first=st.integers(0, 5000),
    start=st.integers(0, 2_000_000),
    trim=st.integers(0, 60),
    count=st.integers(1, 40),
    handles=st.integers(0, 12),
    before=st.integers(0, 30),
    scalar=st.sampled_from([1.0, 2.0, 0.5, 0.0, -1.0]),
)
def test_a_matte_clip_shows_the_plate_s_frames_at_the_plate_s_times(
    rate: float,
    first: int,
    start: int,
    trim: int,
    count: int,
    handles: int,
    before: int,
    scalar: float,
) -> None:
    plate = sequence(first, span(start, 200, rate))
    warp = [] if scalar == 1 else [otio.schema.LinearTimeWarp(time_scalar=scalar)]
    cut = clip("a", plate, span(start + 60 + trim, count, rate), effects=warp)
    made = timeline([gap(before, rate), cut])
    files = tuple(range(first, first + 200))
    media = Media("a.####.exr", files, first, seconds(time(start, rate)), exact_rate(rate))

    (track,) = mattes_of(made, outcome(made, media, handles))
    matte = track.find_clips()[0]

    # the library's own reckoning, of both
    assert matte.trimmed_range_in_parent() == cut.trimmed_range_in_parent()
    assert [e.time_scalar for e in matte.effects] == [e.time_scalar for e in cut.effects]
    reference = matte.media_reference
    for i in range(count):
        moment = cut.source_range.start_time + time(int(i * scalar), rate)
        assert reference.frame_for_time(moment) == plate.frame_for_time(moment)
        frame = reference.frame_for_time(moment)
        assert reference.start_frame <= frame <= reference.end_frame()


def test_mattes_of_plates_at_another_rate_keep_the_plate_s_numbers() -> None:
    plate = sequence(1001, span(0, 100, 25))
    made = timeline([clip("a", plate, span(24, 48))])  # a second in, two seconds long
    media = Media("a.####.exr", tuple(range(1001, 1101)), 1001, Fraction(0), Fraction(25))

    (track,) = mattes_of(made, outcome(made, media))

    reference = track[0].media_reference
    assert (reference.start_frame, reference.rate) == (1026, 25)
    assert [reference.frame_for_time(time(24 + i)) for i in range(48)] == [
        plate.frame_for_time(time(24 + i)) for i in range(48)
    ]


def twenty(first: int = 1001) -> Media:
    return Media("a.####.exr", tuple(range(first, first + 20)), first, Fraction(0), Fraction(24))


def test_clips_that_overlap_stand_on_tracks_of_their_own() -> None:
    made = timeline(
        [clip("a", sequence(1001, span(0, 20)), span(0, 10))],
        [gap(4), clip("b", sequence(1001, span(0, 20)), span(0, 10))],
    )

    tracks = mattes_of(made, outcome(made, twenty()), outcome(made, twenty(), name="b"))

    assert [[type(c).__name__ for c in track] for track in tracks] == [["Clip"], ["Gap", "Clip"]]
    assert [track.name for track in tracks] == ["STMatte", "STMatte 2"]


def test_a_dissolve_s_frames_are_there_as_handles_of_the_matte() -> None:
    made = timeline(
        [
            clip("a", sequence(1001, span(0, 20)), span(2, 6)),
            dissolve(2, 3),
            clip("b", sequence(1001, span(0, 20)), span(8, 6)),
        ]
    )

    (track,) = mattes_of(made, outcome(made, twenty()), outcome(made, twenty(), name="b"))

    assert [c.trimmed_range_in_parent() for c in track] == [span(0, 6), span(6, 6)]
    references = [c.media_reference for c in track]
    assert [(r.start_frame, r.end_frame()) for r in references] == [(1003, 1011), (1007, 1014)]


def test_unsure_frames_get_a_marker_for_each_range() -> None:
    made = timeline([clip("a", sequence(1001, span(86400, 20)), span(86402, 8))])
    media = replace(twenty(), start=Fraction(3600))
    scores = {f: {"hero": 0.9 if f in (1001, 1004, 1005, 1007) else 0.1} for f in range(1001, 1012)}

    (track,) = mattes_of(made, replace(outcome(made, media, 5), scores=scores))

    # 1001 is a handle, which nobody sees
    assert [(m.name, m.marked_range, m.color) for m in track[0].markers] == [
        ("hero unsure", span(86403, 2), "ORANGE"),
        ("hero unsure", span(86406, 1), "ORANGE"),
    ]
    assert dict(track[0].markers[0].metadata["stmatte"]) == {
        "object": "hero",
        "frames": "1004-1005",
        "uncertainty": 0.9,
    }


def test_a_shot_that_failed_leaves_a_gap_and_its_sentence() -> None:
    made = timeline(
        [
            clip("a", sequence(1001, span(0, 20)), span(2, 6)),
            clip("b", sequence(1001, span(0, 20)), span(8, 6)),
        ]
    )
    shot = TimelineShot("a", used_clips(made)[0])
    failed = Outcome(shot, problem=StmatteError("Disk full"))

    (track,) = mattes_of(made, failed, outcome(made, twenty(), name="b"))

    assert [type(c).__name__ for c in track] == ["Gap", "Clip"]
    assert track[1].trimmed_range_in_parent() == span(6, 6)
    assert dict(track.metadata["stmatte"]["failed"]) == {"a": "Disk full."}


def test_a_trimmed_timeline_keeps_mattes_over_their_plates() -> None:
    made = timeline([gap(4), clip("a", sequence(1001, span(0, 20)), span(2, 12))])
    made.tracks.source_range = span(6, 6)

    (track,) = mattes_of(made, outcome(made, twenty()))

    # of the clip at 4-16, the frames 6-12 are seen: its own 4-10
    assert track[1].trimmed_range_in_parent() == span(6, 6)
    assert track[1].source_range == span(4, 6)


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("plate/plate.####.png", "../mattes/a/"),
        ("/plate/plate.####.png", "/mattes/a/"),
        ("file:///plate/plate.####.png", "file:///mattes/a/"),
    ],
)
def test_mattes_are_referred_to_as_the_plates_are(url: str, base: str) -> None:
    made = timeline([clip("a", external(url), span(0, 6))])

    (track,) = mattes_of(made, outcome(made, twenty()))

    assert track[0].media_reference.target_url_base == base
    assert track[0].media_reference.abstract_target_url("%04d") == f"{base}a.%04d.exr"


# --- on disk --------------------------------------------------------------------------


def resolved(path: Path, track: otio.schema.Track) -> list[tuple[int, list[Path]]]:
    """Return, by the timeline's frames, which files the clips of a track show."""
    found = []
    for shown in track.find_clips():
        reference = reference_of(shown, path.parent)
        assert reference is not None
        begins = seconds(shown.source_range.start_time)
        media = find_media(reference, shown.name, begins, Fraction(24), Folders())
        at = shown.trimmed_range_in_parent()
        folders = Folders()
        files = [
            folders.file(media.pattern, media.frame_at(begins + Fraction(i, 24)))
            for i in range(int(at.duration.value))
        ]
        found.append((int(at.start_time.value), files))
    return found


@pytest.mark.parametrize("where", ["cut.mattes.otio", "mattes/cut.mattes.otio"])
def test_the_written_timeline_opens_again_with_every_frame_found(where: str, show: Any) -> None:
    cut, order = show.cut(), show.order(handles=2)
    before = cut.path.read_bytes()

    path = write_cut(cut, show.propagated(cut, order), order, show.folder / where)

    read = open_cut(path)
    plates, mattes = (resolved(path, track) for track in read.timeline.tracks)
    assert [at for at, _ in plates] == [at for at, _ in mattes] == [0, 9]
    for (_, plate), (_, matte) in zip(plates, mattes, strict=True):
        assert [p.name.split(".")[1] for p in plate] == [m.name.split(".")[1] for m in matte]
        assert all(file.is_file() for file in (*plate, *matte))
    assert cut.path.read_bytes() == before


def test_plates_that_were_found_elsewhere_are_linked(show: Any) -> None:
    lost = clip("a", otio.schema.MissingReference(), span(1003, 6))
    cut = show.cut([gap(2), lost])
    order = show.order(media=str(show.folder / "plate" / "plate.####.png"))

    path = write_cut(cut, show.propagated(cut, order), order, show.folder / "new.otio")

    read = open_cut(path)
    plates, mattes = (resolved(path, track) for track in read.timeline.tracks)
    assert [[file.name for file in files] for _, files in plates] == [
        [f"plate.{frame}.png" for frame in range(1003, 1009)]
    ]
    assert [at for at, _ in plates] == [at for at, _ in mattes] == [2]


def test_frames_on_twos_are_found_for_both_frames(show: Any) -> None:
    for frame in range(1002, 1021, 2):
        (show.folder / "plate" / f"plate.{frame}.png").unlink()
    show.key("c", 1005)
    twos = sequence(1001, span(0, 20), frame_step=2)
    cut, order = show.cut([clip("c", twos, span(2, 6))]), show.order()

    path = write_cut(cut, show.propagated(cut, order), order, show.folder / "new.otio")

    read = open_cut(path)
    ((_, files),) = resolved(path, read.timeline.tracks[1])
    assert [int(f.name.split(".")[1]) for f in files] == [1003, 1003, 1005, 1005, 1007, 1007]
    reference = read.timeline.tracks[1][0].media_reference
    assert reference.number_of_images_in_sequence() == 3


def test_every_object_with_files_of_its_own_has_a_track(show: Any) -> None:
    for shot in ("a", "b"):
        show.key(shot, 1007, "car")
    out = str(show.folder / "mattes/{shot}/{object}.####.exr")
    cut, order = show.cut(), show.order(out=out)

    path = write_cut(cut, show.propagated(cut, order), order, show.folder / "new.otio")

    read = open_cut(path)
    tracks = list(read.timeline.tracks)[1:]
    assert [track.name for track in tracks] == ["STMatte car", "STMatte hero"]
    assert all(f.is_file() for t in tracks for _, files in resolved(path, t) for f in files)


def test_settings_and_keys_are_told_in_the_metadata(show: Any) -> None:
    cut, order = show.cut(), show.order()

    path = write_cut(cut, show.propagated(cut, order), order, show.folder / "new.otio")

    read = open_cut(path)  # the library forgets a part whose whole is gone
    told = read.timeline.tracks[1][0].metadata["stmatte"]
    assert (told["shot"], told["frames"], list(told["objects"])) == ("a", "1003-1008", ["hero"])
    assert told["settings"]["working_height"] == 480
    assert [(key["frame"], key["object"]) for key in told["keys"]] == [(1006, "hero")]


def test_a_timeline_with_mattes_is_written_again_without_doubling_them(show: Any) -> None:
    cut, order = show.cut(), show.order()
    path = write_cut(cut, show.propagated(cut, order), order, show.folder / "new.otio")
    again = open_cut(path)

    second = write_cut(again, show.propagated(again, order), order, show.folder / "newer.otio")

    read = open_cut(second)
    assert [t.name for t in read.timeline.tracks] == ["V1", "STMatte"]


def test_a_marker_s_key_is_found_from_the_new_place(show: Any) -> None:
    said = {"stmatte": {"key": "keys/a/hero.1006.png", "object": "hero"}}
    media = external("plate/plate.####.png", span(1001, 20))
    marker = otio.schema.Marker("key", span(1006, 1), metadata=said)
    cut = show.cut([clip("a", media, span(1003, 6), markers=[marker])])
    order = show.order(keys=None)

    path = write_cut(cut, show.propagated(cut, order), order, show.folder / "deep/new.otio")

    read = open_cut(path)
    marker = read.timeline.tracks[0][0].markers[0]
    assert (path.parent / marker.metadata["stmatte"]["key"]).is_file()


def test_no_timeline_of_others_is_written_over(show: Any) -> None:
    cut = show.cut()
    with pytest.raises(StmatteError, match=r"cut\.otio.* would be written over"):
        check_target(cut, cut.path)
    other = show.folder / "other.otio"
    other.write_text("{}")
    with pytest.raises(StmatteError, match="stays as it is"):
        check_target(cut, other)
    with pytest.raises(StmatteError, match=r"does not end in .otio"):
        check_target(cut, show.folder / "new.edl")


def test_the_timeline_goes_beside_the_mattes(show: Any) -> None:
    cut = show.cut()

    assert default_path(cut, "out/{shot}/m/{shot}.####.exr") == Path("out/cut.mattes.otio")
    assert default_path(cut, "out/{shot}.####.exr") == Path("out/cut.mattes.otio")


def test_an_empty_batch_leaves_the_timeline_as_it_was(show: Any) -> None:
    cut = show.cut()

    written = with_mattes(cut, [], show.order(), cut.folder)

    assert [t.name for t in written.tracks] == ["V1"]
