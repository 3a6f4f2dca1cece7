# SPDX-License-Identifier: Apache-2.0
"""A node: its class, its knobs, its inputs, where it hangs, and what stands around it.

Two things are kept from Nuke: `node["nope"]` is a NameError, and a node that was deleted answers
nothing but "A PythonObject is not attached to a node".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Callable

from . import _classes, _flags, _running
from ._knob import Knob
from ._links import Linked
from ._seat import seat

if TYPE_CHECKING:
    from ._format import Format
    from ._group import Group

_NAME = re.compile(r"[A-Za-z_]\w*\Z")


class Node(Linked):
    """A node of a stock class."""

    def __init__(self, kind: str, parent: Group | None) -> None:
        self._kind = kind
        self._parent = parent
        self._attached = True
        self._inputs: list[Node | None] = []
        self._panel = False
        self._knobs: dict[str, Knob] = {}
        for name, knob in _classes.knobs_of(kind):
            knob._node = self
            self._knobs[name] = knob
        stock = _classes.STOCK.get(kind)
        self._least, self._most = (stock.least, stock.most) if stock else (0, 0)

    def _stand(self) -> None:
        if not self._attached:
            raise ValueError("A PythonObject is not attached to a node")

    def __repr__(self) -> str:
        return f"<{self._kind} node {self._called()}>" if self._attached else "<detached node>"

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    # -- kept for the fake's own files

    def _called(self) -> str:
        return str(self._knobs["name"]._state())

    def _path(self) -> str:
        above = self._parent
        outer = above._path() if above is not None and above is not seat().root else ""
        return f"{outer}.{self._called()}" if outer else self._called()

    def _knob_changed(self, knob: Knob) -> None:
        # Documented: knobChanged runs only while the panel is open, never in -t, not recursively.
        if self._panel and seat().gui:
            _running.callbacks("knobChanged", self, knob)

    def _run(self, knob: Knob, program: str) -> None:
        _running.run(self, knob, program)

    # -- names and places

    def Class(self) -> str:
        return self._kind

    def name(self) -> str:
        return self._called()

    def fullName(self) -> str:
        return self._path()

    def setName(self, name: str, uncollide: bool = True, updateExpressions: bool = False) -> None:
        if not isinstance(name, str):
            raise TypeError("setName takes a str")
        if not _NAME.match(name):
            raise ValueError(f'"{name}" is no name for a node')
        if updateExpressions:
            raise NotImplementedError("updateExpressions is not replayed here")
        if self._parent is not None:
            taken = self._parent._child(name)
            if taken is not None and taken is not self:
                if not uncollide:
                    raise ValueError(f'the name "{name}" is taken')
                name = self._parent._free_name(name)
        self._knobs["name"]._change(name)

    def parent(self) -> Group | None:
        # The stubs say Group; of the root it is None.
        return self._parent

    def rootNode(self) -> Group:
        return seat().root

    def xpos(self) -> int:
        return int(self._knobs["xpos"]._at(0, 0))  # type: ignore[attr-defined]

    def ypos(self) -> int:
        return int(self._knobs["ypos"]._at(0, 0))  # type: ignore[attr-defined]

    def setXpos(self, x: int) -> None:
        self._knobs["xpos"].setValue(x)  # type: ignore[attr-defined]

    def setYpos(self, y: int) -> None:
        self._knobs["ypos"].setValue(y)  # type: ignore[attr-defined]

    def setXYpos(self, x: int, y: int) -> None:
        self.setXpos(x)
        self.setYpos(y)

    def screenWidth(self) -> int:
        return 80

    def screenHeight(self) -> int:
        return 18

    # -- selection and panel

    def isSelected(self) -> bool:
        return bool(self._knobs["selected"]._at(0, 0))  # type: ignore[attr-defined]

    def setSelected(self, selected: bool) -> None:
        # Selecting is not a change of the script: neither undo nor the modified flag hears of it.
        channel = self._knobs["selected"]._channels[0]  # type: ignore[attr-defined]
        channel.constant = float(bool(selected))

    def selectOnly(self) -> None:
        for node in seat().root._all():
            node.setSelected(node is self)

    def showControlPanel(self, forceFloat: bool = False) -> None:
        if not seat().gui:
            raise RuntimeError("there are no panels without the GUI")
        self._panel = True

    def hideControlPanel(self) -> None:
        self._panel = False

    def shown(self) -> bool:
        return self._panel

    # -- knobs

    def __getitem__(self, name: str) -> Knob:
        if not isinstance(name, str):
            raise TypeError("a knob is asked for by its name")
        knob = self._knobs.get(name)
        if knob is None:
            raise NameError(f"knob {name} does not exist")
        return knob

    def knob(self, p: str | int, follow_link: bool = False) -> Knob | None:
        if isinstance(p, int):
            found = list(self._knobs.values())
            return found[p] if 0 <= p < len(found) else None
        return self._knobs.get(p)

    def knobs(self) -> dict[str, Knob]:
        return dict(self._knobs)

    def allKnobs(self) -> list[Knob]:
        return list(self._knobs.values())

    def numKnobs(self) -> int:
        return len(self._knobs)

    def addKnob(self, knob: Knob) -> None:
        if not isinstance(knob, Knob):
            raise TypeError("addKnob takes a Knob")
        if knob._name in self._knobs:
            raise ValueError(f"the node has a knob {knob._name} already")
        if knob._node is not None:
            raise ValueError("the knob is on a node already")
        self._put_knob(knob)
        seat().touched(lambda: self._drop_knob(knob), lambda: self._put_knob(knob))

    def _put_knob(self, knob: Knob) -> None:
        knob._node, knob._user = self, True
        self._knobs[knob._name] = knob

    def _drop_knob(self, knob: Knob) -> None:
        knob._node = None
        del self._knobs[knob._name]

    def removeKnob(self, knob: Knob) -> None:
        if self._knobs.get(knob._name) is not knob or not knob._user:
            raise ValueError("only a user knob of this node can be removed")
        self._drop_knob(knob)
        seat().touched(lambda: self._put_knob(knob), lambda: self._drop_knob(knob))

    def writeKnobs(self, flags: int = _flags.WRITE_NON_DEFAULT_ONLY | _flags.TO_SCRIPT) -> str:
        from ._nk_write import knob_lines

        if not flags & _flags.TO_SCRIPT:
            raise NotImplementedError("writeKnobs is replayed with TO_SCRIPT only")
        return "\n".join(
            knob_lines(
                self,
                user=bool(flags & _flags.WRITE_USER_KNOB_DEFS),
                everything=bool(flags & _flags.WRITE_ALL),
            )
        )

    def readKnobs(self, s: str) -> None:
        from ._nk_read import read_knobs

        read_knobs(self, s)

    def resetKnobsToDefault(self) -> None:
        for name, knob in self._knobs.items():
            if name not in ("name", "xpos", "ypos", "selected"):
                knob._change(knob._default)

    # -- what flows

    def firstFrame(self) -> int:
        return self._span()[0]

    def lastFrame(self) -> int:
        return self._span()[1]

    def frameRange(self) -> Any:
        from ._frames import FrameRange

        return FrameRange(*self._span(), 1)

    def _span(self) -> tuple[int, int]:
        from ._stream import span

        return span(self)

    def format(self) -> Format:
        from ._stream import format_of

        return format_of(self)

    def width(self) -> int:
        return self.format().width()

    def height(self) -> int:
        return self.format().height()

    def pixelAspect(self) -> float:
        return self.format().pixelAspect()

    def channels(self) -> list[str]:
        from ._stream import channels_of

        return channels_of(self)

    def bbox(self) -> Any:
        from ._stream import bbox

        return bbox(self)

    def metadata(self, key: str | None = None, time: float | None = None, view: str = "") -> Any:
        from ._stream import metadata

        found = metadata(self, seat().frame if time is None else int(time))
        return found if key is None else found.get(key)

    def hasError(self) -> bool:
        return False

    def error(self) -> bool:
        return False

    def forceValidate(self) -> None:
        """Nothing to do: nothing is kept."""

    def addCallback(self, name: str, callback: Callable[..., Any]) -> None:
        raise NotImplementedError("Node.addCallback is not replayed here")
