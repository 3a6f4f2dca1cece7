# SPDX-License-Identifier: Apache-2.0
"""The functions of `nuke` that find, make and delete nodes, and that speak of the script."""

from __future__ import annotations

from . import _file_names
from ._format import Format, parsed
from ._group import Group, Root, current
from ._knob import Knob
from ._node import Node
from ._seat import seat
from ._threads import Guarded, check, main_only


class Layer(Guarded):
    """A layer of the script; making one again adds what channels it lacks."""

    def __init__(self, name: str, channels: list[str] | None = None) -> None:
        check("Layer")
        if not isinstance(name, str) or not name:
            raise TypeError("a layer needs a name")
        self._name = name
        kept = seat().layers.setdefault(name, [])
        for channel in channels or []:
            full = channel if "." in channel else f"{name}.{channel}"
            if full not in kept:
                kept.append(full)

    def name(self) -> str:
        return self._name

    def channels(self) -> list[str]:
        return list(seat().layers[self._name])


@main_only
def root() -> Root:
    return seat().root


@main_only
def thisRoot() -> Root:
    return seat().root


@main_only
def thisGroup() -> Group:
    return current()


@main_only
def thisNode() -> Node:
    # Outside a callback Nuke gives the context's group.
    return seat().nodes[-1] if seat().nodes else current()


@main_only
def thisKnob() -> Knob:
    if not seat().knobs:
        raise ValueError("there is no knob just now")
    return seat().knobs[-1]


@main_only
def thisParent() -> Group | None:
    return thisNode()._parent


@main_only
def thisClass() -> str:
    return thisNode()._kind


@main_only
def thisView() -> str:
    return seat().view


@main_only
def allNodes(
    filter: str | None = None, group: Group | None = None, recurseGroups: bool = False
) -> list[Node]:
    around = current() if group is None else group
    found = list(around._all()) if recurseGroups else list(around._children)
    return [node for node in found if filter is None or node._kind == filter]


@main_only
def toNode(s: str) -> Node | None:
    if not isinstance(s, str):
        raise TypeError("toNode takes a name")
    if s == "root":
        return seat().root
    path = s[len("root.") :] if s.startswith("root.") else s
    return current()._find(path) or seat().root._find(path)


@main_only
def exists(s: str) -> bool:
    return toNode(s) is not None


@main_only
def selectedNodes(filter: str | None = None) -> list[Node]:
    found = [node for node in current()._children if node.isSelected()]
    return [node for node in found if filter is None or node._kind == filter]


@main_only
def selectedNode() -> Node:
    found = selectedNodes()
    if not found:
        raise ValueError("no node selected")
    return found[-1]


@main_only
def nodesSelected() -> bool:
    return bool(selectedNodes())


@main_only
def selectAll() -> None:
    for node in current()._children:
        node.setSelected(True)


@main_only
def invertSelection() -> None:
    for node in current()._children:
        node.setSelected(not node.isSelected())


@main_only
def knobDefault(classknob: str, value: str | None = None) -> str | None:
    """Set or return the default of a knob of all nodes that are made from now on."""
    if value is None:
        return seat().knob_defaults.get(classknob)
    seat().knob_defaults[classknob] = value
    return None


@main_only
def modified(state: bool | None = None) -> bool:
    if state is not None:
        seat().modified = bool(state)
    return seat().modified


@main_only
def frame(f: int | None = None) -> int:
    if f is not None:
        if isinstance(f, bool) or not isinstance(f, (int, float)):
            raise TypeError("frame takes a number")
        seat().frame = int(f)
        seat().root._knobs["frame"]._channels[0].constant = float(f)  # type: ignore[attr-defined]
    return seat().frame


@main_only
def views() -> list[str]:
    return list(seat().views)


@main_only
def formats() -> list[Format]:
    return list(seat().formats)


@main_only
def addFormat(s: str) -> Format:
    found = parsed(s)
    seat().formats.append(found)
    return found


@main_only
def layers(node: Node | None = None) -> list[str]:
    if node is None:
        return list(seat().layers)
    return list(dict.fromkeys(name.split(".")[0] for name in node.channels()))


@main_only
def channels(node: Node | None = None) -> list[str]:
    if node is None:
        return [name for kept in seat().layers.values() for name in kept]
    return node.channels()


@main_only
def scriptName() -> str:
    name = str(seat().root._knobs["name"]._state())
    if not name:
        raise RuntimeError("The script has no name: it was never saved")
    return name


@main_only
def filename(node: Node, i: int = 0) -> str | None:
    """Return the file of a Read or Write with its Tcl evaluated; `REPLACE` puts the frame in."""
    from . import _string_tcl
    from ._flags import REPLACE

    knob = node._knobs.get("file")
    if knob is None:
        return None
    # Documented: in proxy mode it is the proxy's file, where one is given.
    proxy = node._knobs.get("proxy")
    if seat().root.proxy() and proxy is not None and proxy._state():
        knob = proxy
    text = _file_names.technical(_string_tcl.evaluated(str(knob._state()), node))
    if not text:
        return None
    return _file_names.at(text, seat().frame, seat().view) if i == REPLACE else text


@main_only
def value(knob: str, default: str | None = None) -> str:
    from ._references import find

    found = find(knob, seat().nodes[-1] if seat().nodes else current())
    if found is None:
        if default is None:
            raise NameError(f"no knob {knob}")
        return default
    return found.text()


@main_only
def expression(s: str) -> int | float:
    from . import _expressions

    return _expressions.value(s, thisNode(), seat().frame)
