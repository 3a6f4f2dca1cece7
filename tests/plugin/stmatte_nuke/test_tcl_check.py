# SPDX-License-Identifier: Apache-2.0
"""The reader of scripts sees what would break one in Nuke."""

from __future__ import annotations

import paths  # noqa: F401 (it puts the plug-in on the path)
import pytest
from tcl_check import read_script

from stmatte_nuke.gizmo_text import group_text

GOOD = group_text("STMatte1", {}, ["hero", "car"])


@pytest.mark.parametrize(
    ("from_", "to", "said"),
    [
        ("end_group\n", "", "a group has no end"),
        ("end_group\n", "end_group\nend_group\n", "end_group without a group"),
        ("push $NMattes", "push $NMatte", "no such variable"),
        (" name Chosen", " name", "a knob has no value"),
        (" name Pick2", " name Pick1", "two nodes are called Pick1"),
        ("  inputs 4\n", "  inputs 40\n", "nothing is left on the stack"),
        (' l "working height"', ' l "working height', "odd"),
        (" file_type exr", " file_type {exr", ""),
        ("The colour", "The {colour", ""),
        ("+HIDDEN}", "+HIDDEN +}", "what is '+'?"),
    ],
)
def test_a_mistake_is_found(from_: str, to: str, said: str) -> None:
    text = GOOD if from_ in GOOD else GOOD.replace("Colour of the overlay", "The colour")
    broken = text.replace(from_, to, 1)
    assert broken != text

    problems = read_script(broken).problems

    assert problems
    assert not said or said == "odd" or any(said in problem for problem in problems)


def test_a_lost_connection_is_no_mistake_of_the_text_but_seen_in_the_inputs() -> None:
    """Nuke would take whatever lies on its stack: hence the wiring is compared, node for node."""
    broken = read_script(GOOD.replace("push $NMatte\n", "", 1))

    (show,) = [node for node in broken.nodes if node.name == "Show"]
    assert broken.problems == []
    assert [source.name for source in show.inputs if source] == [
        *("Chosen", "Premultiplied", "Overlay", "Overlay"),
    ]


def test_a_good_script_has_no_problem() -> None:
    assert read_script(GOOD).problems == []
