# SPDX-License-Identifier: Apache-2.0
"""The table of knobs: complete, foldable, in step with the engine and with the Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import paths  # noqa: F401 (it puts the plug-in on the path)
import pytest

from stmatte.networks.registry import names_that_ship
from stmatte.settings import Edges, Focus, Precision, Settings
from stmatte_host.program import words_in
from stmatte_nuke import knob_list, sources
from stmatte_nuke.knob_list import (
    BOOL,
    BUTTON,
    BUTTONS,
    CLOSED,
    DOUBLE,
    END,
    ENUMERATION,
    FILE,
    INT,
    KEPT,
    KNOBS,
    MULTILINE,
    NAMED,
    OPEN,
    ROWS,
    STRING,
    TAB,
    TEXT,
)
from stmatte_nuke.marks_text import frames_meant, marks_in
from stmatte_nuke.version import VERSION

ROOT = Path(__file__).parents[3]
MODULES = sorted((ROOT / "plugin" / "stmatte_nuke").glob("*.py"))
PROMISED = {
    *("propagate", "propagate_span", "cancel", "refresh", "find_objects", "key_here"),
    *("drop_key_here", "absent_here", "lock_here", "clear_marks", "next_key", "to_roto"),
    *("update_node", "status", "notes", "strip", "key_list", "advice", "forecast"),
    *("engine_state", "show", "object", "tint", "marks", "mark_frames", "model"),
    *("working_height", "reach", "edges", "focus", "steady", "adapt"),
    *("precision", "range"),
    *("first", "last", "out"),
    *("view", "plate_from", "colorspace", "uncertainty", "cryptomatte", "engine", "tolerance"),
    *("stm_version", "stm_identity", "stm_known_as", "stm_exposure", "stm_plate"),
    *("object1_on", "object1_name", "object1_source", "object16_source"),
}
"""Names that saved scripts and other modules count on."""

KINDS = {
    "text": {STRING, FILE, ENUMERATION, MULTILINE},
    "number": {INT},
    "real": {DOUBLE},
    "flag": {BOOL},
    "put": {STRING, FILE, INT, ENUMERATION, BOOL, DOUBLE, MULTILINE},
    "show_text": {TEXT},
}
"""Which kinds of knob a function of `knobs` is for."""


def used() -> Iterator[tuple[str, str, str]]:
    """Each knob that Python names, as module, function of `knobs`, and knob."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            of, name = node.func.value, node.func.attr
            if isinstance(of, ast.Name) and of.id == "knobs" and name in KINDS:
                said = node.args[1]
                if isinstance(said, ast.Constant):
                    yield path.name, name, str(said.value)


def test_all_promised_knobs_are_there_and_no_name_comes_twice() -> None:
    assert set(NAMED) >= PROMISED
    assert len(NAMED) == len(KNOBS)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in NAMED)


def test_every_knob_that_an_artist_sees_says_what_it_does() -> None:
    for knob in KNOBS:
        seen = "+INVISIBLE" not in knob.flags and knob.kind != TAB and knob.name != "line_output"
        assert bool(knob.tooltip) == seen, knob.name


def test_groups_of_knobs_open_and_close_in_turn() -> None:
    folds = [knob.fold for knob in KNOBS if knob.fold]

    assert folds == [each for pair in zip(folds[::2], folds[1::2], strict=True) for each in pair]
    assert all(fold in (OPEN, CLOSED) for fold in folds[::2])
    assert all(fold == END for fold in folds[1::2])


def test_the_first_knob_is_a_tab_and_what_is_needed_first_lies_open() -> None:
    assert (KNOBS[0].kind, KNOBS[0].fold) == (TAB, 0)
    names = [knob.name for knob in KNOBS]
    shut = next(place for place, knob in enumerate(KNOBS) if knob.fold == CLOSED)
    for name in ("propagate", "cancel", "status", "strip", "object", "find_objects", "key_here"):
        assert names.index(name) < shut


def test_three_rows_of_objects_are_seen_at_first_and_the_others_can_be_shown() -> None:
    for row in range(1, ROWS + 1):
        for name in knob_list.row_names(row):
            assert ("+HIDDEN" in NAMED[name].flags) == (row > 3)
            assert "+INVISIBLE" not in NAMED[name].flags  # which show() could not undo


def test_choices_are_those_of_the_engine_and_the_first_is_its_own() -> None:
    assert set(knob_list.MODELS) == set(names_that_ship())
    assert set(knob_list.EDGES) == set(get_args(Edges))
    assert set(knob_list.FOCUSES) == set(get_args(Focus))
    assert set(knob_list.PRECISIONS) == set(get_args(Precision))
    assert knob_list.MODELS[0] == Settings().model
    assert knob_list.EDGES[0] == Settings().edges
    assert knob_list.FOCUSES[0] == Settings().focus
    assert knob_list.PRECISIONS[0] == Settings().precision
    assert int(knob_list.NAMED["adapt"].default) == Settings().adapt
    assert knob_list.REACHES[0] == str(Settings().reach)


def test_a_node_remembers_the_version_that_the_project_has() -> None:
    said = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

    assert f'version = "{VERSION}"' in said
    assert NAMED["stm_version"].default == VERSION


def test_kept_is_all_that_an_artist_may_have_chosen() -> None:
    assert {"object", "show", "marks", "out", "stm_identity", "object20_source"} <= set(KEPT)
    assert not set(KEPT) & {*BUTTONS, *knob_list.TEXTS, "stm_version", "stmatte", "line_output"}


@pytest.mark.parametrize(("module", "function", "name"), sorted(set(used())))
def test_a_knob_that_python_touches_is_there_and_of_its_kind(
    module: str, function: str, name: str
) -> None:
    assert name in NAMED, f"{module} asks for it"
    assert NAMED[name].kind in KINDS[function]


def test_every_button_is_known_to_the_presses() -> None:
    said = (ROOT / "plugin" / "stmatte_nuke" / "presses.py").read_text(encoding="utf-8")

    assert [name for name in BUTTONS if f'"{name}"' not in said] == []
    assert all(NAMED[name].kind == BUTTON for name in BUTTONS)


def test_what_tooltips_give_as_examples_can_be_written_so() -> None:
    told = NAMED["marks"].tooltip.splitlines()[1:]
    assert {(m.object, m.kind, m.first, m.last) for m in marks_in("\n".join(told))} == {
        ("hero", "keyed", 1010, 1010),
        ("hero", "keyed", 1030, 1030),
        ("hero", "ignored", 1001, 1001),
        ("hero", "absent", 1030, 1044),
        ("hero", "locked", 1001, 1020),
    }
    for example in ("1030-1044", "1001, 1010-1012"):
        assert example in NAMED["mark_frames"].tooltip
        assert frames_meant(example, 1)
    for example in ("roto", "shape hero", "shape body/arm", "channel hero.alpha", "matte1"):
        assert example in NAMED["object1_source"].tooltip
        assert sources.parse(example).text == example
    assert "matte1 channel hero.red" in NAMED["object1_source"].tooltip
    assert sources.parse("matte1 channel hero.red").input_name == "matte1"
    assert '["stmatte", "serve"]' in NAMED["engine"].tooltip
    assert words_in('["stmatte", "serve"]') == words_in("stmatte")
