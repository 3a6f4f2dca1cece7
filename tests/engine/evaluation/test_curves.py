# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from xml.etree import ElementTree

import pytest

from stmatte.evaluation.curves import LEAST_APART, as_markdown, as_svg

CURVES = {"advice": [0.5, 0.7], "evenly <>": [0.5, 0.6]}
SVG = "{http://www.w3.org/2000/svg}"


def drawn() -> ElementTree.Element:
    return ElementTree.fromstring(as_svg(CURVES, "Title", "corrections", "J"))


def test_a_table_has_a_row_a_curve_in_percent() -> None:
    assert as_markdown(CURVES, "corrections").splitlines() == [
        "| corrections | 0 | 1 |",
        "| --- | ---: | ---: |",
        "| advice | 50.0 | 70.0 |",
        "| evenly <> | 50.0 | 60.0 |",
    ]


def test_a_plot_names_its_curves_and_axes() -> None:
    texts = [text.text for text in drawn().iter(f"{SVG}text")]

    assert {"Title", "corrections", "J", "advice", "evenly <>", "0", "1"} <= set(texts)


def test_higher_numbers_are_drawn_higher() -> None:
    (evenly, advice) = drawn().iter(f"{SVG}g")

    heights = [[float(c.attrib["cy"]) for c in g.iter(f"{SVG}circle")] for g in (advice, evenly)]
    assert heights[0][0] == heights[1][0]
    assert heights[0][1] < heights[1][1] < heights[0][0]
    # lines at 50, 55 ... 70 percent, over 400 - 60 - 52 pixels
    assert heights[0][0] - heights[0][1] == pytest.approx(288)
    assert heights[1][0] - heights[1][1] == pytest.approx(144)


def test_names_of_curves_that_end_alike_do_not_lie_on_each_other() -> None:
    curves = {name: [0.5, 0.6] for name in "abc"}

    root = ElementTree.fromstring(as_svg(curves, "", "", ""))

    heights = [float(t.attrib["y"]) for t in root.iter(f"{SVG}text") if t.text in set("abc")]
    assert heights[1] - heights[0] == heights[2] - heights[1] == LEAST_APART


def test_curves_that_never_change_can_be_drawn() -> None:
    assert as_svg({"flat": [0.5, 0.5, 0.5]}, "", "", "").count("<circle") == 3
