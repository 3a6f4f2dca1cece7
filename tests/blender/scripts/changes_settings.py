# SPDX-License-Identifier: Apache-2.0
"""What an artist chooses in the dialog stands on the node, and only what differs."""

from __future__ import annotations

import bpy
import comps
import inside

inside.install()
states = inside.part("state")
scene = bpy.context.scene
comps.empty_comp(scene)
comps.mask("roto", "Hero")
comps.mask("other", "Car", "Dog")
bpy.ops.stmatte.add_node(take="a")
group = comps.our_node(scene).node_tree

MADE = {
    "mask": "roto",
    "out": "//mattes/a",
    "scene_range": True,
    "model": "stmatte-s",
    "working_height": 480,
    "reach": 1,
    "edges": "guided",
}


def chosen(**words: object) -> list[object]:
    """Press OK in the dialog; return what the node says then."""
    done = bpy.ops.stmatte.settings(group=group.name, **{**MADE, **words})
    state = states.state_of(group)
    names = [each.name for each in state.objects]
    return [list(done), state.settings, state.first, state.last, state.out, names]


inside.tell("as the engine has it", chosen())
inside.tell(
    "changed",
    chosen(
        working_height=720,
        reach=0,
        edges="off",
        focus=True,
        adapt=80,
        precision="bfloat16",
        scene_range=False,
        first=9,
        last=3,
        out="//elsewhere",
    ),
)
inside.tell("another mask", chosen(mask="other"))
inside.tell("back", chosen())
