# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from checks import refused

from stmatte_host.marking import NodeMark, marked
from stmatte_nuke.marks_text import frames_meant, marks_in, text_of

SAID = """car: locked 1001-1020
hero: key 1010, 1030
hero: no key 1001
hero: absent 1030-1044"""

MARKS = (
    NodeMark("car", "locked", 1001, 1020),
    NodeMark("hero", "absent", 1030, 1044),
    NodeMark("hero", "ignored", 1001, 1001),
    NodeMark("hero", "keyed", 1010, 1010),
    NodeMark("hero", "keyed", 1030, 1030),
)


def test_each_line_says_one_kind_of_mark_of_one_object() -> None:
    assert marks_in(SAID) == MARKS


def test_what_is_written_is_read_again_as_the_same() -> None:
    assert text_of(MARKS) == SAID
    assert marks_in(text_of(MARKS)) == MARKS
    assert text_of(()) == ""
    assert marks_in("") == ()


def test_a_button_and_a_line_by_hand_come_to_the_same_text() -> None:
    pressed = marked(marks_in("hero: absent 1030-1044"), "hero", "absent", 1045, 1050)

    assert text_of(pressed) == "hero: absent 1030-1050"
    by_hand = "hero: absent 1030-1044\n\n  car: Absent  5\nhero:absent 1045 - 1050"
    assert text_of(marks_in(by_hand)) == "car: absent 5\nhero: absent 1030-1050"


def test_of_two_lines_that_contradict_each_other_the_lower_counts() -> None:
    assert text_of(marks_in("hero: absent 1-10\nhero: locked 5-6")) == (
        "hero: absent 1-4, 7-10\nhero: locked 5-6"
    )


def test_frames_before_zero_are_frames() -> None:
    assert marks_in("hero: absent -5--2") == (NodeMark("hero", "absent", -5, -2),)


def test_a_line_that_cannot_be_read_is_named_by_its_number() -> None:
    with refused('Line 2 of the marks, "car: gone 5", cannot be read: a line is "hero: key 1010"'):
        marks_in("hero: key 5\ncar: gone 5")
    with refused('Line 1 of the marks: "12-x" are no frames: frames are written "1030"'):
        marks_in("hero: key 12-x")
    with refused('Line 1 of the marks: "20-10" are no frames'):
        marks_in("hero: absent 20-10")
    with refused("Line 3 of the marks: 1-100001 are 100001 frames: 100000 at most"):
        marks_in("\n\nhero: absent 1-100001")


def test_a_mark_button_means_the_frames_that_were_written_else_the_current_one() -> None:
    assert frames_meant("", 1034) == ((1034, 1034),)
    assert frames_meant(" 1030-1044, 1050", 1034) == ((1030, 1044), (1050, 1050))
    with refused('The frames to mark: "here" are no frames'):
        frames_meant("here", 1034)
