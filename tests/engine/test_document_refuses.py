# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a shot document is told all at once, each with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stmatte.document import parse_shot
from stmatte.document.places import quoted
from stmatte.errors import ManyError, StmatteError
from stmatte.shot import Shot

BASE = Path("/p")
MATTE = {"path": "hero.exr"}
KEY = {"frame": 7, "object": "hero", "matte": MATTE}
SHOT: dict[str, Any] = {"format": "stmatte.shot/1", "plate": "p.####.exr", "keys": [KEY]}


def told(document: Any) -> list[str]:
    """Return the sentences with which a document is refused."""
    with pytest.raises(StmatteError) as refused:
        parse_shot(document, BASE)
    return str(refused.value).splitlines()


def lock(frames: str, path: str = "m.####.exr") -> dict[str, Any]:
    return {"object": "hero", "frames": frames, "mattes": {"path": path}}


# --- each entry alone -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"plate": 3},
            'At plate, 3 cannot stand here: text can, in double quotes. Write "3".',
        ),
        (
            {"plate": ""},
            "At plate, the text is empty: something must be written here. Correct it.",
        ),
        (
            {"plate": "p\0.exr"},
            "At plate, the path holds a null character: no file has one in its name.",
        ),
        (
            {"frames": "1080-1001"},
            (
                "At frames, frame range 1080-1001 runs backwards: the first frame comes before the "
                "last. Write 1001-1080."
            ),
        ),
        (
            {"frames": "all"},
            (
                'At frames, frame range "all" cannot be read: a range is written "1001-1080", a '
                'single frame "1001".'
            ),
        ),
        (
            {"frames": 1001},
            'At frames, 1001 cannot stand here: text can, in double quotes. Write "1001".',
        ),
        (
            {"frames": "1-1000001"},
            (
                "At frames, frame range 1-1000001 is too long: a range has at most 1000000 frames. "
                "Name only the frames that are meant."
            ),
        ),
        (
            {"frames": "999999999"},
            (
                "At frames, frame range 999999999 goes too far: frame numbers have at most eight "
                "digits."
            ),
        ),
        (
            {"keys": {}},
            "At keys, an entry in { } cannot stand here: a list in [ ] can. Correct it.",
        ),
        (
            {"keys": [KEY, 5]},
            (
                "At keys[1], 5 cannot stand here: an entry in { } can, with frame, object and "
                "matte. Correct it."
            ),
        ),
        (
            {"keys": [{"frame": 7, "object": "hero"}]},
            'At keys[0], "matte" is missing: frame, object and matte are needed here. Add it.',
        ),
        (
            {"keys": [{**KEY, "frame": "1001"}]},
            (
                'At keys[0].frame, "1001" cannot stand here: a whole number can, without quotes '
                "and without a point. Write 1001."
            ),
        ),
        (
            {"keys": [{**KEY, "frame": 7.0}]},
            (
                "At keys[0].frame, 7.0 cannot stand here: a whole number can, without quotes and "
                "without a point. Write 7."
            ),
        ),
        (
            {"keys": [{**KEY, "object": "2nd"}]},
            (
                'At keys[0].object, object name "2nd" cannot become a layer name: a name starts '
                "with a letter and goes on with letters, digits and underscores; Nuke would show "
                'this one as "nd.alpha". Rename the object, for instance "nd_2".'
            ),
        ),
        (
            {"keys": [{**KEY, "object": "Mask"}]},
            (
                'At keys[0].object, object name "Mask" is taken: Nuke has a layer of that name, '
                "and the matte would become a part of it. Rename the object, for instance "
                '"Mask_object".'
            ),
        ),
        (
            {"keys": [{**KEY, "matte": {**MATTE, "label": -1}}]},
            (
                'At keys[0].matte, matte "hero.exr" is asked for label -1: a label is 1 or more, '
                "and a matte has a label or a channel, not both."
            ),
        ),
        (
            {"cuts": [7, True]},
            (
                "At cuts[1], true cannot stand here: a whole number can, without quotes and "
                "without a point. Correct it."
            ),
        ),
        (
            {"cuts": [-(10**8)]},
            "At cuts[0], -100000000 cannot stand here: -99999999 or more can. Correct it.",
        ),
        (
            {"settings": {"working_height": 3}},
            "At settings.working_height, working height 3 is too small: 64 pixels or more.",
        ),
        (
            {"settings": {"reach": 1.5}},
            'At settings.reach, reach 1.5 is not possible: 1 key on either side or more, or "all".',
        ),
        (
            {"settings": {"reach": 0}},
            'At settings.reach, reach 0 is not possible: 1 key on either side or more, or "all".',
        ),
        (
            {"settings": {"working_heigth": 480}},
            (
                'At settings, "working_heigth" is not known (did you mean "working_height"?): '
                "model, working_height, memory_every, device, memory_frames, reach, colorspace, "
                "layer, exposure, edges, focus, steady, adapt, adapt_on, precision and compile can "
                "stand here. Correct the name."
            ),
        ),
        (
            {"colour": "red"},
            (
                '"colour" is not known: format, plate, frames, objects, keys, absences, locks, '
                "cuts and settings can stand here. Remove it."
            ),
        ),
        (
            {"plate": "x" * 5000},
            "At plate, the text is too long: at most 4096 letters. Correct it.",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_stand_is_told_with_its_place(change: dict[str, Any], sentence: str) -> None:
    assert told({**SHOT, **change}) == [sentence]


def test_a_name_that_is_nearly_right_is_not_also_missing() -> None:
    assert told({**SHOT, "keys": [{"fram": 7, "object": "hero", "matte": MATTE}]}) == [
        (
            'At keys[0], "fram" is not known (did you mean "frame"?): frame, object and matte can '
            "stand here. Correct the name."
        )
    ]


# --- entries against each other -------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"keys": [KEY, {**KEY, "frame": 8}, KEY]},
            (
                'At keys[2], object "hero" has a second key at frame 7: one key per object and '
                "frame, the first is keys[0]. Remove one of them."
            ),
        ),
        (
            {
                "absences": [
                    {"object": "hero", "frames": "1-3"},
                    {"object": "hero", "frames": "6-9"},
                ]
            },
            (
                'At keys[0], object "hero" is keyed at frame 7 and said to be absent there: an '
                "object is there or it is not, and absences[1] says it is not. Remove the key, or "
                "shorten the absence."
            ),
        ),
        (
            {"objects": [{"name": "hero"}, {"name": "car"}, {"name": "hero"}]},
            (
                'At objects[2].name, object "hero" is listed again: every object has a name of its '
                "own, this one is objects[0]. Rename one of them, or remove it."
            ),
        ),
        (
            {"objects": [{"name": "hero"}, {"name": "Hero"}]},
            (
                'At objects[1].name, object "Hero" differs from "hero" in capitals only: on many '
                'disks their files would be one. Rename one of them, for instance "Hero_2".'
            ),
        ),
        (
            {"keys": [KEY, {**KEY, "frame": 8, "object": "HERO"}]},
            (
                'At keys[1].object, object "HERO" differs from "hero" in capitals only: on many '
                'disks their files would be one. Rename one of them, for instance "HERO_2".'
            ),
        ),
        (
            {"objects": [{"name": "car"}]},
            (
                'At keys[0].object, "hero" is no object of the shot: objects are car. Add the '
                "object, or correct the name."
            ),
        ),
        (
            {"absences": [{"object": "car", "frames": "1-3"}]},
            (
                'At absences[0].object, "car" is no object of the shot: objects are hero. Add the '
                "object, or correct the name."
            ),
        ),
        (
            {"locks": [lock("10-20"), lock("20-21")]},
            (
                'At locks[1].frames, frames 20-21 of object "hero" are partly locked already: '
                "locks of one object don't overlap, and locks[0] has 10-20. Shorten one of them."
            ),
        ),
        (
            {"locks": [lock("10-20", "m.exr")]},
            (
                'At locks[0].mattes.path, "m.exr" has no place for the frame number: a lock of '
                "several frames has a file for each, and the file name holds #### or %04d. Write "
                "the number's place into the name."
            ),
        ),
        (
            {"absences": [{"object": "hero", "frames": "1-600000"}] * 2},
            (
                "At absences, the ranges have 1200000 frames together: at most 1000000. Name only "
                "frames of the plate."
            ),
        ),
        (
            {"objects": [{"name": "hero"}, *({"name": f"o{i}"} for i in range(1000))]},
            "The shot speaks of 1001 objects: at most 1000. Cut it into several shots.",
        ),
        (
            {"keys": []},
            (
                "The shot has no key: at least one frame carries a matte. Key a roto shape on a "
                "frame where the object is well seen."
            ),
        ),
    ],
)
def test_entries_that_contradict_each_other_are_told(change: dict[str, Any], sentence: str) -> None:
    assert told({**SHOT, **change}) == [sentence]


def test_a_lock_of_one_frame_and_an_absence_within_another_are_fine() -> None:
    absences = [{"object": "hero", "frames": "1-3"}, {"object": "hero", "frames": "2-9"}]
    keys = [{**KEY, "frame": 10}]
    document = {**SHOT, "keys": keys, "locks": [lock("7", "m.exr")], "absences": absences}

    assert len(parse_shot(document, BASE).absences) == 2


def test_everything_is_told_at_once() -> None:
    sentences = told(
        {
            "format": "stmatte.shot/1",
            "frames": "9-1",
            "objects": [{"name": "hero"}],
            "keys": [KEY, {**KEY, "frame": None}, KEY, {**KEY, "object": "car", "x": 1}],
            "absences": [{"object": "dog", "frames": "7"}],
            "settings": {"device": "tpu", "memory_every": -1},
        }
    )

    assert [sentence.partition(":")[0] for sentence in sentences] == [
        '"plate" is missing',
        "At frames, frame range 9-1 runs backwards",
        "At keys[1].frame, null cannot stand here",
        'At keys[3], "x" is not known',
        "At settings.memory_every, memory every -1 frames is not possible",
        'At settings.device, device "tpu" is not known',
        'At absences[0].object, "dog" is no object of the shot',
        'At keys[2], object "hero" has a second key at frame 7',
    ]


def test_names_are_no_strangers_where_an_object_cannot_be_read() -> None:
    sentences = told({**SHOT, "objects": [{"name": "hero"}, {"nam": "car"}], "cuts": [None]})

    assert [sentence.partition(",")[0] for sentence in sentences] == ["At objects[1]", "At cuts[0]"]


def test_no_more_is_told_than_a_person_can_read() -> None:
    sentences = told({**SHOT, "keys": [0] * 1000})

    assert len(sentences) == 101
    assert sentences[100] == (
        "There are more problems, which are not listed: 100 are told at once. Mend these first."
    )


def test_programs_read_the_place_and_the_value() -> None:
    with pytest.raises(ManyError) as refused:
        parse_shot({**SHOT, "cuts": ["a"], "plate": 3}, BASE)

    assert [(p.place, p.value) for p in refused.value.problems] == [  # type: ignore[attr-defined]
        (("plate",), 3),
        (("cuts", 0), "a"),
    ]


# --- which document it is -------------------------------------------------------------


def test_a_newer_format_is_refused_by_name() -> None:
    assert told({"format": "stmatte.shot/2", "plates": []}) == [
        (
            'The format "stmatte.shot/2" is newer than this STMatte: it reads "stmatte.shot/1". '
            "Update STMatte, or write the shot again in the older format."
        )
    ]


@pytest.mark.parametrize("document", [{}, {"plate": "p"}, [], 3, "7", "null", '"text"'])
def test_what_is_no_shot_is_told_so(document: Any) -> None:
    assert told(document) == [
        (
            'This is no STMatte shot: a shot is JSON in { }, with "format": "stmatte.shot/1". '
            "Check the path, or add the format if it is a shot."
        )
    ]


@pytest.mark.parametrize("name", ["OTIO", "stmatte.shot", "stmatte.shot/0", "stmatte.shot/x", 1])
def test_another_format_is_named(name: object) -> None:
    (sentence,) = told({**SHOT, "format": name})

    assert sentence.startswith(f"This is no STMatte shot but {json.dumps(name)}: ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@settings(max_examples=30, deadline=None)
@given(
    change=st.dictionaries(
        st.sampled_from(["plate", "frames", "objects", "keys", "absences", "locks", "settings"]),
        JSON | st.lists(st.dictionaries(st.sampled_from(["frame", "object", "frames"]), JSON)),
        min_size=1,
    )
)
def test_whatever_stands_in_a_document_is_a_shot_or_a_sentence(change: dict[str, Any]) -> None:
    try:
        assert isinstance(parse_shot(json.dumps({**SHOT, **change}), BASE), Shot)
    except StmatteError as refused:
        str(refused).encode()  # can be printed


def test_values_are_shown_short_and_printable() -> None:
    assert quoted("x" * 100) == '"' + "x" * 59 + '…"'
    assert quoted("\x1b[31m\ud800") == '"\\u001b[31m\\ud800"'
    assert quoted({1}) == "a value of type set"
