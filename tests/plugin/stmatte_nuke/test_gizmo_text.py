# SPDX-License-Identifier: Apache-2.0
"""STMatte.gizmo as a real Tcl reads it: what is in it, how it hangs together, what it never has."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import paths  # noqa: F401 (it puts the plug-in on the path)
import pytest
from tcl_check import Node, Script, read_script, run_tcl, tcl_word

from stmatte_nuke.gizmo_text import button_script, gizmo_text, group_text
from stmatte_nuke.knob_list import BUTTON, BUTTONS, KNOBS, ROWS, TAB, TEXT
from stmatte_nuke.tcl import word
from stmatte_nuke.wiring import crypto_levels_for, inside

ROOT = Path(__file__).parents[3]
GIZMO = ROOT / "nuke_gizmo" / "STMatte.gizmo"
STOCK = {
    *("Input", "Read", "Copy", "CopyMetaData", "Switch", "Premult", "Expression", "Output"),
}
"""Classes that every Nuke has, and all that may be inside."""

KNOBS_OF = {
    "Input": {"number"},
    "Read": {
        *("file_type", "file", "first", "last", "before", "after", "origfirst", "origlast"),
        *("origset", "on_error", "raw", "localizationPolicy"),
    },
    "Copy": {f"{way}{number}" for way in ("from", "to") for number in range(4)},
    "CopyMetaData": {"metadatafilter"},
    "Switch": {"which"},
    "Premult": set(),
    "Expression": {"expr0", "expr1", "expr2"},
    "Output": set(),
}
"""Of each class the knobs that documents or saved scripts show."""


def named(count: int) -> list[str]:
    return [f"object_{number}" for number in range(1, count + 1)]


def group_of(script: Script) -> Node:
    (group,) = [node for node in script.nodes if node.group is None]
    return group


def script_with(count: int) -> Script:
    """A node that has everything, with so many objects."""
    levels = crypto_levels_for(count)
    return read_script(
        group_text("STMatte1", {}, named(count), uncertainty=True, crypto_levels=levels)
    )


def test_the_committed_gizmo_is_the_one_that_is_made() -> None:
    assert GIZMO.read_text(encoding="utf-8") == gizmo_text()


@pytest.mark.parametrize("count", [0, 1, 5, ROWS])
def test_it_is_sound_tcl_and_wired_as_described(count: int) -> None:
    script = script_with(count)
    levels = crypto_levels_for(count)

    assert script.problems == []
    read = [
        (node.name, node.kind, tuple(i.name if i else None for i in node.inputs))
        for node in script.inside(group_of(script))
    ]
    wanted = inside(named(count), uncertainty=True, crypto_levels=levels)
    assert read == [(node.name, node.kind, node.inputs) for node in wanted]


@pytest.mark.parametrize("count", [0, 1, 5, ROWS])
def test_all_inside_is_stock_and_no_knob_computes(count: int) -> None:
    script = script_with(count)
    group = group_of(script)

    assert group.kind == "Group"
    for node in script.inside(group):
        assert node.kind in STOCK
        assert set(node.knobs) <= KNOBS_OF[node.kind] | {"inputs", "name"}
        assert not any("python" in text for text in node.knobs.values())
    assert not {"knobChanged", "onCreate", "onDestroy", "updateUI"} & set(group.knobs)
    assert not any("python" in text for text in group.knobs.values())


def test_layers_are_known_before_a_node_names_their_channels() -> None:
    text = group_text("STMatte1", {}, named(5), uncertainty=True, crypto_levels=3)
    script = read_script(text)

    known = {channel for _, *channels in script.layers for channel in channels}
    for node in script.inside(group_of(script)):
        if node.kind == "Copy":
            said = {text for knob, text in node.knobs.items() if re.match("from|to", knob)}
            assert {channel for channel in said if not channel.startswith("rgba.")} <= known
    assert text.rindex("add_layer") < text.index(" Input {")


def test_a_stream_carries_each_object_once_in_four_at_a_time() -> None:
    script = script_with(5)

    carried = [
        [text for knob, text in node.knobs.items() if knob.startswith("to")]
        for node in script.inside(group_of(script))
        if node.name.startswith("Carry") and not node.name.startswith("CarryCrypto")
    ]

    assert carried == [  # five objects and the uncertainty: four and two
        [f"object_{number}.alpha" for number in range(1, 5)],
        ["object_5.alpha", "uncertainty.alpha"],
    ]


def test_the_panel_is_the_table_of_knobs() -> None:
    read = group_of(read_script(gizmo_text())).user_knobs

    for knob, line in zip(KNOBS, read, strict=True):
        assert (line.kind, line.name, line.label, line.tooltip, line.items, line.fold) == (
            *(knob.kind, knob.name, knob.label, knob.tooltip, knob.items, knob.fold),
        )
        assert line.flags == knob.flags
        assert " ".join(line.limits) == knob.limits


def test_a_fresh_nodes_values_are_those_of_the_table() -> None:
    said = group_of(read_script(gizmo_text())).knobs

    for knob in KNOBS:
        if knob.kind not in (TAB, BUTTON, TEXT):
            assert said.get(knob.name, "") == knob.default


def test_values_come_back_as_they_were_said() -> None:
    hard = 'a "b" [c] $d \\e {f}} { \n second line: ü #'
    said = {"marks": hard, "object1_name": "hero", "show": "premultiplied plate"}

    group = group_of(read_script(group_text("STMatte7", said, ["hero", "car"])))

    assert {name: group.knobs[name] for name in said} == said
    assert group.knobs["object"] == "hero"
    assert group.name == "STMatte7"


def test_a_word_is_the_same_text_for_tcl() -> None:
    texts = [
        "",
        "plain",
        "two words",
        "{",
        "}",
        "[exec]",
        "$HOME",
        '"',
        "\\",
        "\\n",
        "a\nb",
        "#",
        "-x",
        "é",
    ]

    for text in texts:
        back = run_tcl(f"lindex [list {word(text)}] 0")
        assert back == text
        assert run_tcl(f"llength [lindex {tcl_word('{' + word(text) + '}')} 0]") in ("0", "1")


def test_every_buttons_script_is_python_for_the_oldest_nuke_and_presses_it() -> None:
    read = group_of(read_script(gizmo_text())).user_knobs

    scripts = {line.name: line.text for line in read if line.kind == BUTTON}

    assert scripts == {name: button_script(name) for name in BUTTONS}
    for name, text in scripts.items():
        ast.parse(text, feature_version=(3, 9))
        assert f'stmatte_nuke.press(nuke.thisNode(), "{name}")' in text


@pytest.mark.parametrize("window", [True, False])
def test_a_button_says_what_is_missing_where_stmatte_is_not_installed(
    window: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    fake: Any = SimpleNamespace(GUI=window, message=said.append)
    monkeypatch.setitem(__import__("sys").modules, "nuke", fake)
    monkeypatch.setitem(__import__("sys").modules, "stmatte_nuke", None)  # as if not there

    if window:
        exec(button_script("propagate"), {})
        assert "NUKE_PATH" in said[0]
    else:
        with pytest.raises(RuntimeError, match="NUKE_PATH"):
            exec(button_script("propagate"), {})
