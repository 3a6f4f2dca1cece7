# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import opentimelineio as otio
import pytest

from cutting import clip, external, save, span, timeline
from stmatte.errors import StmatteError
from stmatte.timelines.clips import used_clips
from stmatte.timelines.opening import open_cut

EDL = """TITLE: CUT
FCM: NON-DROP FRAME

001  A001C001 V     C        01:00:00:10 01:00:01:10 01:00:00:00 01:00:01:00
* FROM CLIP NAME: sh010
002  A001C001 V     C        01:00:01:10 01:00:01:10 01:00:01:00 01:00:01:00
002  A002C002 V     D    012 01:00:05:00 01:00:06:00 01:00:01:00 01:00:02:00
* FROM CLIP NAME: sh010
* TO CLIP NAME: sh020
003  A003C001 V     C        01:00:00:00 01:00:02:00 01:00:02:00 01:00:03:00
M2   A003C001       048.0                01:00:00:00
* FROM CLIP NAME: sh030
004  BL       V     C        00:00:00:00 00:00:01:00 01:00:03:00 01:00:04:00
005  A005     V     C        01:00:00:00 01:00:01:00 01:00:04:00 01:00:05:00
M2   A005       -024.0                01:00:00:00
* FROM CLIP NAME: sh050
006  A006     AA    C        01:00:00:00 01:00:01:00 01:00:05:00 01:00:06:00
"""


@pytest.fixture
def edl(tmp_path: Path) -> Path:
    path = tmp_path / "cut.edl"
    path.write_text(EDL)
    return path


def test_an_otio_file_is_read(tmp_path: Path) -> None:
    path = save(timeline([clip("a", external("a.####.exr"), span(0, 5))]), tmp_path / "cut.otio")

    cut = open_cut(path)

    assert [used.name for used in used_clips(cut.timeline)] == ["a"]
    assert cut.folder == tmp_path


def test_an_otiod_is_read_and_its_paths_are_within_it(tmp_path: Path) -> None:
    bundle = tmp_path / "cut.otiod"
    save(timeline([clip("a", external("media/a.####.exr"), span(0, 5))]), bundle / "content.otio")

    assert open_cut(bundle).folder == bundle


def test_an_otioz_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(StmatteError, match="picture sequence cannot lie in one"):
        open_cut(tmp_path / "cut.otioz")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("no.otio", 'no.otio" does not exist'),
        ("cut.aaf", "timelines are .otio, .otiod and .edl"),
        ("broken.otio", 'broken.otio" cannot be read'),
        ("clip.otio", 'clip.otio" holds no timelines'),
    ],
)
def test_what_is_no_timeline_is_named(name: str, what: str, tmp_path: Path) -> None:
    (tmp_path / "broken.otio").write_text('{"OTIO_SCHEMA": "Timeline.1", "tracks":')
    save(clip("a", None), tmp_path / "clip.otio")

    with pytest.raises(StmatteError) as refused:
        open_cut(tmp_path / name)

    assert what in str(refused.value)


def test_a_collection_of_one_timeline_is_that_timeline(tmp_path: Path) -> None:
    bin_of_one = otio.schema.SerializableCollection("bin", [timeline()])

    assert open_cut(save(bin_of_one, tmp_path / "bin.otio")).timeline.name == "cut"


def test_a_rate_beside_an_otio_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StmatteError, match="only an EDL needs it"):
        open_cut(save(timeline(), tmp_path / "cut.otio"), 24)


def test_an_edl_asks_for_its_rate(edl: Path) -> None:
    with pytest.raises(StmatteError) as asked:
        open_cut(edl)

    assert str(asked.value).endswith("Give it, such as --rate 24, 25 or 23.976.")


@pytest.mark.parametrize("rate", [15, -24, 1000])
def test_a_rate_that_has_no_time_code_is_refused(edl: Path, rate: float) -> None:
    with pytest.raises(StmatteError, match="has no time code"):
        open_cut(edl, rate)


@pytest.mark.parametrize("rate", [24, 23.976, 25])
def test_an_edl_is_read_with_dissolves_and_speeds(edl: Path, rate: float) -> None:
    cut = open_cut(edl, rate)

    clips = {used.name: used for used in used_clips(cut.timeline)}

    assert list(clips) == ["sh010", "sh020", "sh030", "004", "sh050"]
    assert [round(used.at.start) for used in clips.values()] == [0, 1, 2, 3, 4]
    assert clips["sh010"].tail * round(rate) == pytest.approx(12, rel=0.01)
    assert clips["sh030"].speed == pytest.approx(48 / rate, rel=0.002)


def test_an_edl_says_which_clips_run_backwards(edl: Path) -> None:
    assert open_cut(edl, 24).backwards == {("A005", 3600): "-024.0"}


def test_without_the_library_a_person_hears_what_to_install() -> None:
    code = (
        "import sys; sys.modules['opentimelineio'] = None\n"
        "from stmatte.errors import StmatteError\n"
        "try:\n    import stmatte.timelines.opening\n"
        "except StmatteError as error:\n    print(error)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "pip install 'stmatte[timelines]'" in said.stdout
