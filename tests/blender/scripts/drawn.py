# SPDX-License-Identifier: Apache-2.0
"""A layout that draws nothing: it keeps what is said, and refuses what Blender would refuse.

Without a window no panel is drawn, so a wrong icon, word or operator would only be seen by an
artist. What a layout can do is read from Blender's own description of it.
"""

from __future__ import annotations

from types import FunctionType, MethodType, SimpleNamespace
from typing import Any

import bpy

LAYOUT = bpy.types.UILayout.bl_rna
INNER = ("row", "column", "box", "split", "column_flow", "grid_flow", "menu_pie")


class Drawn:
    """A layout, and all that is drawn in it.

    said  texts in their order, operators by their names in brackets, and properties' names
    """

    def __init__(self, said: list[str] | None = None) -> None:
        object.__setattr__(self, "said", [] if said is None else said)

    def __setattr__(self, name: str, value: object) -> None:
        """Take what a layout lets be set, such as `enabled`."""
        assert name in LAYOUT.properties, f"a layout has no {name}"

    def __getattr__(self, name: str) -> Any:
        """Return a function that checks its words as Blender does."""
        assert name in LAYOUT.functions, f"a layout has no {name}"
        parameters = LAYOUT.functions[name].parameters

        def draw(*words: Any, **named: Any) -> Any:
            for key, value in named.items():
                assert key in parameters, f"{name} has no {key}"
                allowed = getattr(parameters[key], "enum_items", ())
                # Without a context some lists are empty; those can't be checked.
                assert not allowed or value in allowed.keys(), f"{name} has no {key}={value}"  # noqa: SIM118
            self._say(name, words, named)
            return Drawn(self.said) if name in INNER else SimpleNamespace()

        return draw

    def _say(self, name: str, words: tuple[Any, ...], named: dict[str, Any]) -> None:
        if name == "operator":
            operator = words[0] if words else named["operator"]
            module, _, function = operator.partition(".")
            getattr(getattr(bpy.ops, module), function).get_rna_type()  # raises if unknown
            self.said.append(f"[{operator}]")
        elif name == "prop":
            data, what = words[:2] if words else (named["data"], named["property"])
            assert hasattr(data, what), f"{data} has no {what}"
            self.said.append(what)
        if named.get("text"):
            self.said.append(named["text"])


def draw(kind: type, **more: Any) -> list[str]:
    """Have a class draw itself, and return what was said; `more` is what it has besides."""
    layout = Drawn()
    self = SimpleNamespace(layout=layout, **more)
    for name in dir(kind):
        value = getattr(kind, name, None)
        if isinstance(value, FunctionType) and not hasattr(self, name):
            setattr(self, name, MethodType(value, self))
    kind.draw(self, bpy.context)
    return layout.said
