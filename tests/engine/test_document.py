# SPDX-License-Identifier: Apache-2.0
"""Shot documents: what is written is what is read. What is refused: test_document_refuses."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stmatte.document import as_document, parse_shot, read_shot, schema, write_shot
from stmatte.document.entries import SettingsEntry
from stmatte.errors import ManyError, StmatteError
from stmatte.naming import proposed
from stmatte.settings import Settings
from stmatte.shot import Absence, FrameRange, Key, Lock, MatteFile, ObjectSpec, Shot

BASE = Path("shots/sh010").absolute()

CANONICAL: dict[str, Any] = {
    "format": "stmatte.shot/1",
    "plate": "plate/plate.####.exr",
    "frames": "1001-1100",
    "objects": [{"name": "hero"}, {"name": "car"}],
    "keys": [
        {
            "frame": 1001,
            "object": "hero",
            "matte": {"path": "keys/hero.1001.exr", "channel": "hero.A"},
        },
        {"frame": 1001, "object": "car", "matte": {"path": "keys/labels.1001.png", "label": 2}},
        {"frame": 1100, "object": "car", "matte": {"path": "keys/car.####.png"}},
    ],
    "absences": [{"object": "hero", "frames": "1050-1060"}, {"object": "car", "frames": "1002"}],
    "locks": [
        {
            "object": "hero",
            "frames": "1010-1020",
            "mattes": {"path": "approved/matte.####.exr", "channel": "hero.A"},
        }
    ],
    "cuts": [1040],
    "settings": {
        "model": "stmatte-s",
        "working_height": 480,
        "memory_every": 5,
        "device": "auto",
        "memory_frames": 20,
        "reach": 1,
        "colorspace": "ACEScg",
        "layer": "beauty",
        "exposure": 1.5,
        "edges": "off",
        "focus": "auto",
        "steady": False,
        "adapt": 0,
        "adapt_on": [],
        "precision": "float32",
        "compile": False,
    },
}

LEAST: dict[str, Any] = {
    "format": "stmatte.shot/1",
    "plate": "plate.####.exr",
    "keys": [{"frame": 7, "object": "hero", "matte": {"path": "hero.exr"}}],
}

# --- strategies -----------------------------------------------------------------------

# what hosts keep for themselves is refused; test_naming says what that is
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}", fullmatch=True).map(proposed)
FRAMES = st.integers(-2000, 2000)
# A path of a few parts; none is "." or "..", so that its text is the only way to write it
PARTS = st.text(st.characters(codec="utf-8", exclude_characters="/\\\0"), min_size=1, max_size=8)
PATHS = st.builds(
    lambda root, parts: str(Path(root, *parts)),
    st.sampled_from([str(BASE), str(BASE.parent), "/elsewhere" if BASE.root == "/" else "C:/x"]),
    st.lists(PARTS.filter(lambda part: part.strip(". ") == part), min_size=1, max_size=3),
)


@st.composite
def matte_files(draw: st.DrawFn, end: str = "") -> MatteFile:
    channel = draw(st.text(st.characters(codec="utf-8"), max_size=6))
    label = 0 if channel else draw(st.integers(0, 9))
    return MatteFile(draw(PATHS) + end, channel, label)


@st.composite
def ranges(draw: st.DrawFn) -> FrameRange:
    first = draw(FRAMES)
    return FrameRange(first, first + draw(st.integers(0, 30)))


@st.composite
def choices(draw: st.DrawFn) -> Settings:
    return Settings(
        model=draw(st.sampled_from(["stmatte-s", "stm"]) | PATHS),
        working_height=draw(st.integers(64, 4000)),
        memory_every=draw(st.integers(0, 50)),
        device=draw(st.sampled_from(["auto", "cpu", "cuda"])),
        memory_frames=draw(st.integers(1, 99)),
        reach=draw(st.just("all") | st.integers(1, 5)),
        colorspace=draw(st.sampled_from(["", "ACEScg", "sRGB - Texture"])),
        layer=draw(st.sampled_from(["", "beauty"])),
        exposure=draw(st.none() | st.floats(-20, 20)),
        edges=draw(st.sampled_from(["off", "guided", "matting"])),
        focus=draw(st.sampled_from(["off", "auto"])),
        steady=draw(st.booleans()),
        precision=draw(st.sampled_from(["float32", "bfloat16", "float16"])),
        compile=draw(st.booleans()),
    )


@st.composite
def shots(draw: st.DrawFn) -> Shot:
    """Shots as a document makes them: one key a frame, everything in files."""
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique_by=str.lower))
    spoken = st.dictionaries(st.sampled_from(names), matte_files(), min_size=1)
    keys = [Key(f, draw(spoken)) for f in draw(st.lists(FRAMES, unique=True, max_size=4))]
    absences = [
        absence
        for absence in draw(st.lists(st.builds(Absence, st.sampled_from(names), ranges())))
        if not any(key.frame in absence.frames and absence.object in key.mattes for key in keys)
    ]
    locked = draw(st.lists(st.sampled_from(names), unique=True, min_size=0 if keys else 1))
    return Shot(
        plate=draw(PATHS),
        keys=tuple(keys),
        frames=draw(st.none() | ranges()),
        settings=draw(choices()),
        specs=tuple(ObjectSpec(name) for name in names),
        absences=tuple(absences),
        locks=tuple(Lock(name, draw(ranges()), draw(matte_files(".####.exr"))) for name in locked),
        cuts=tuple(draw(st.lists(FRAMES, max_size=3))),
    )


# --- identity -------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(shot=shots())
def test_a_shot_is_the_same_after_it_was_a_document(shot: Shot) -> None:
    text = json.dumps(as_document(shot, BASE))

    assert parse_shot(text, BASE) == shot


@settings(max_examples=25, deadline=None)
@given(shot=shots())
def test_a_canonical_document_is_the_same_after_it_was_a_shot(shot: Shot) -> None:
    document = as_document(shot, BASE)

    assert as_document(parse_shot(document, BASE), BASE) == document


@pytest.mark.parametrize("left_out", ["frames", "objects", "absences", "locks", "cuts"])
def test_the_document_of_the_handbook_is_canonical(left_out: str) -> None:
    for document in (CANONICAL, {k: v for k, v in CANONICAL.items() if k != left_out}):
        again = as_document(parse_shot(document, BASE), BASE)

        assert again == document
        assert list(again) == list(document)


def test_a_document_is_a_shot() -> None:
    shot = parse_shot(json.dumps(CANONICAL), BASE)

    assert shot == Shot(
        plate=str(BASE / "plate/plate.####.exr"),
        keys=(
            Key(
                1001,
                {
                    "hero": MatteFile(str(BASE / "keys/hero.1001.exr"), "hero.A"),
                    "car": MatteFile(str(BASE / "keys/labels.1001.png"), label=2),
                },
            ),
            Key(1100, {"car": MatteFile(str(BASE / "keys/car.####.png"))}),
        ),
        frames=FrameRange(1001, 1100),
        settings=Settings(
            colorspace="ACEScg", layer="beauty", exposure=1.5, edges="off", focus="auto"
        ),
        specs=(ObjectSpec("hero"), ObjectSpec("car")),
        absences=(
            Absence("hero", FrameRange(1050, 1060)),
            Absence("car", FrameRange(1002, 1002)),
        ),
        locks=(
            Lock(
                "hero",
                FrameRange(1010, 1020),
                MatteFile(str(BASE / "approved/matte.####.exr"), "hero.A"),
            ),
        ),
        cuts=(1040,),
    )


def test_what_is_left_out_is_as_the_nouns_have_it() -> None:
    shot = parse_shot(LEAST, BASE)

    key = Key(7, {"hero": MatteFile(str(BASE / "hero.exr"))})
    assert shot == Shot(str(BASE / "plate.####.exr"), (key,))
    assert parse_shot({**LEAST, "settings": {"reach": "all"}}, BASE).settings == Settings(
        reach="all"
    )


def test_settings_are_written_in_full() -> None:
    document = as_document(parse_shot(LEAST, BASE), BASE)

    in_full = {**dataclasses.asdict(Settings()), "adapt_on": []}  # JSON knows lists only
    assert document == {**LEAST, "settings": in_full}


def test_keys_of_one_frame_are_one_key_wherever_they_stand() -> None:
    order = [(2, "hero"), (1, "hero"), (2, "car")]
    matte = {"path": "m.exr"}
    keys = [{"frame": f, "object": name, "matte": matte} for f, name in order]

    shot = parse_shot({**LEAST, "keys": keys}, BASE)

    assert [(key.frame, list(key.mattes)) for key in shot.keys] == [
        (2, ["hero", "car"]),
        (1, ["hero"]),
    ]


def test_a_lock_alone_makes_a_shot() -> None:
    lock = {"object": "hero", "frames": "7", "mattes": {"path": "hero.exr"}}

    document = {**LEAST, "objects": [{"name": "hero"}], "keys": [], "locks": [lock]}
    assert parse_shot(document, BASE).keys == ()


# --- files ----------------------------------------------------------------------------


def test_a_written_shot_is_read_again(tmp_path: Path) -> None:
    shot = parse_shot(CANONICAL, tmp_path / "shots")

    write_shot(shot, tmp_path / "shots" / "sh010.json")

    assert read_shot(tmp_path / "shots" / "sh010.json") == shot
    assert json.loads((tmp_path / "shots" / "sh010.json").read_bytes()) == CANONICAL
    assert [path.name for path in (tmp_path / "shots").iterdir()] == ["sh010.json"]


def test_a_name_that_is_not_ascii_is_written_as_it_is(tmp_path: Path) -> None:
    shot = parse_shot({**LEAST, "plate": "Prärie.####.exr"}, tmp_path)

    write_shot(shot, tmp_path / "a.json")

    assert "Prärie" in (tmp_path / "a.json").read_text("utf-8")
    assert read_shot(tmp_path / "a.json") == shot


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(LEAST).encode())

    assert read_shot(tmp_path / "a.json") == parse_shot("\ufeff" + json.dumps(LEAST), tmp_path)


def test_a_shot_that_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("old")
    shot = Shot({7: np.ones((4, 6, 3))}, (Key(7, {"hero": MatteFile("m.exr")}),))

    with pytest.raises(StmatteError, match="The plate lies in memory"):
        write_shot(shot, tmp_path / "a.json")

    assert (tmp_path / "a.json").read_text() == "old"


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "a").touch()

    with pytest.raises(StmatteError, match="Cannot write"):
        write_shot(parse_shot(LEAST, tmp_path), tmp_path / "a" / "b.json")


def test_a_shot_in_memory_is_no_document_and_every_reason_is_told() -> None:
    matte = np.ones((4, 6), np.float32)
    shot = Shot(
        {7: np.ones((4, 6, 3))},
        (Key(7, {"hero": matte, "car": MatteFile("m.exr")}),),
        locks=(Lock("hero", FrameRange(8, 8), {8: MatteFile("m.exr")}),),
    )

    with pytest.raises(ManyError) as refused:
        as_document(shot, BASE)

    assert str(refused.value).splitlines() == [
        "The plate lies in memory: a document names files. Write it to files first.",
        (
            'Key at frame 7 of object "hero" lies in memory: a document names files. '
            "Write it to files first."
        ),
        (
            'Lock of "hero" over frames 8 has a matte for each frame: in a document, a lock has '
            "one name of files with a place for the frame number. Write its mattes as a sequence."
        ),
    ]


def test_what_no_reader_would_take_is_not_written() -> None:
    shot = Shot("p.####.exr", (Key(10**9, {"hero": MatteFile("m.exr")}),))

    with pytest.raises(StmatteError, match=r"At keys\[0\]\.frame, 1000000000 cannot stand here"):
        as_document(shot, BASE)


# --- the schema -----------------------------------------------------------------------


def test_the_published_schema_is_that_of_the_reader() -> None:
    published = files("stmatte") / "schemas" / "stmatte.shot-1.schema.json"

    assert published.read_text("utf-8") == json.dumps(schema(), indent=2) + "\n"


def test_settings_of_a_document_are_those_of_a_shot() -> None:
    said = {name: f.default for name, f in SettingsEntry.model_fields.items()}

    assert said == dataclasses.asdict(Settings())


@pytest.mark.parametrize("name", ["working_height", "memory_every", "memory_frames"])
def test_the_schema_knows_the_least_that_a_setting_can_be(name: str) -> None:
    least = schema()["$defs"]["SettingsEntry"]["properties"][name]["minimum"]

    assert Settings(**{name: least})
    with pytest.raises(StmatteError):
        Settings(**{name: least - 1})


def test_the_schema_knows_every_device() -> None:
    for device in schema()["$defs"]["SettingsEntry"]["properties"]["device"]["enum"]:
        assert Settings(device=device)


def test_reading_a_document_needs_no_numpy_and_no_torch() -> None:
    script = (
        "import sys, stmatte.document\n"
        "print([name for name in ('numpy', 'torch', 'OpenImageIO') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert (done.stdout.strip(), done.stderr) == ("[]", "")
