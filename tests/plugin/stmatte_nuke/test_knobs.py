# SPDX-License-Identifier: Apache-2.0
"""Knobs are read and set by name, and left alone where nothing changes."""

from __future__ import annotations

from typing import Any

import nuke
import paths  # noqa: F401  (it puts what follows on the path)
import seat
from checks import refused

from stmatte_host import EngineError
from stmatte_nuke import knobs


def fresh() -> Any:
    return nuke.createNode("STMatte", "", False)


def test_each_kind_of_knob_is_read_as_what_it_means(script: seat.Seat) -> None:
    group = fresh()

    assert knobs.text(group, "model") == "stmatte-s"
    assert knobs.text(group, "out").startswith("[file dirname [value root.name]]/mattes/STMatte/")
    assert knobs.text(group, "object1_name") == ""
    assert knobs.number(group, "last") == 100
    assert knobs.real(group, "tolerance") == 1.0
    assert knobs.flag(group, "object1_on") is True
    assert knobs.flag(group, "steady") is False


def test_a_value_that_is_there_already_is_not_set_again(script: seat.Seat) -> None:
    group = fresh()
    nuke.root().setModified(False)

    knobs.put(group, "model", "stmatte-s")
    knobs.put(group, "last", 100)
    knobs.put(group, "object1_on", True)
    assert not nuke.root().modified()

    knobs.put(group, "last", 101)
    assert nuke.root().modified()
    assert knobs.number(group, "last") == 101


def test_no_text_is_a_blank_and_never_a_dividing_line(script: seat.Seat) -> None:
    group = fresh()

    knobs.show_text(group, "status", "Making mattes.")
    assert group["status"].value() == "Making mattes."
    knobs.show_text(group, "status", "")
    assert group["status"].value() == " "


def test_a_knob_that_lacks_says_how_to_get_it_and_a_text_is_passed_over(
    script: seat.Seat,
) -> None:
    group = fresh()
    for name in ("steady", "status"):
        group.removeKnob(group[name])

    with refused("Press Update this node", EngineError):
        knobs.flag(group, "steady")
    with refused('has no knob "steady"', EngineError):
        knobs.put(group, "steady", True)
    knobs.show_text(group, "status", "Making mattes.")  # of an older node: nothing to show it on
