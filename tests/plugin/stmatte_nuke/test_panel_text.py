# SPDX-License-Identifier: Apache-2.0
"""What a node's text knobs say."""

from __future__ import annotations

from stmatte_host.shown import KeyRow, Shown
from stmatte_nuke.knob_list import NAMED
from stmatte_nuke.panel_text import texts


def test_every_text_has_its_knob() -> None:
    assert {NAMED[name].kind for name in texts(Shown(), "")} == {26}


def test_an_error_stands_where_the_progress_stood_unchanged() -> None:
    sentence = 'Key at 987 of "hero" <b>is</b> outside [the] {plate}.\nMove it.'
    shown = Shown(line="Failed", error=sentence)

    assert texts(shown, "")["status"] == sentence
    assert texts(Shown(line="Failed"), "")["status"] == "Failed"


def test_each_object_has_a_line_in_the_strip() -> None:
    strip = {"hero": (("keyed", "1001"), ("stale", "1002-1005, 1007")), "car": (("fresh", "1001"),)}

    assert texts(Shown(strip=strip), "")["strip"] == (
        "hero: keyed 1001, stale 1002-1005, 1007\ncar: fresh 1001"
    )


def test_keys_that_stand_alike_share_a_line() -> None:
    rows = (
        KeyRow("hero", 1001, "fresh"),
        KeyRow("hero", 1005, "new"),
        KeyRow("hero", 1012, "fresh"),
    )

    assert texts(Shown(keys=rows), "")["key_list"] == (
        "hero: 1001, 1012 (heard, mattes fresh)\nhero: 1005 (new)"
    )


def test_the_forecast_says_what_would_be_made() -> None:
    shown = Shown(forecast="5 frames to do", touched=("hero: 1002-1006",))

    assert texts(shown, "")["forecast"] == "5 frames to do\nhero: 1002-1006"
    assert texts(Shown(), "STMatte 0.1.0")["engine_state"] == "STMatte 0.1.0"
