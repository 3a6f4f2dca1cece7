# SPDX-License-Identifier: Apache-2.0
"""The settings dialog in real Blenders."""

from __future__ import annotations

from blenders import Blender


def test_what_is_chosen_stands_on_the_node_and_only_what_differs(blender: Blender) -> None:
    told = blender.run("changes_settings.py").told

    assert told["as the engine has it"] == [["FINISHED"], {}, None, None, "//mattes/a", ["Hero"]]
    assert told["changed"] == [
        ["FINISHED"],
        {
            "adapt": 80,
            "edges": "off",
            "focus": "auto",
            "precision": "bfloat16",
            "reach": "all",
            "working_height": 720,
        },
        3,
        9,
        "//elsewhere",
        ["Hero"],
    ]
    assert told["another mask"][-1] == ["Car", "Dog"]
    assert told["back"][1:4] == [{}, None, None]
