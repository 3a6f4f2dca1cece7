# SPDX-License-Identifier: Apache-2.0
"""The knob that holds a Roto's tree.

Its text is the fake's own, not Nuke's: it comes back from a script as it went, and nothing else
may be read out of it. Nuke's own text is refused.
"""

from __future__ import annotations

import json
from typing import Any

from ._knob import Knob
from ._roto_tree import Element, Layer, made_of
from ._seat import seat
from ._tcl_list import quoted


class CurveKnob(Knob):
    """`node["curves"]`."""

    def __init__(self, name: str, label: str | None = None) -> None:
        self._tree: Layer | None = None
        super().__init__(name, label)

    @property
    def rootLayer(self) -> Layer:
        """The layer that holds all others; made when it is first asked for."""
        self._stand()
        if self._tree is None:
            self._tree = Layer(_Here())
            self._tree.name = "Root"
            self._tree._of = self
        return self._tree

    def _state(self) -> Any:
        return "" if self._tree is None else json.dumps(self._tree._said())

    def _restore(self, state: Any) -> None:
        self._tree = made_of(_Here(), json.loads(state)) if state else None
        if self._tree is not None:
            self._adopt(self._tree)

    def _adopt(self, element: Element) -> None:
        element._of = self
        for each in element._inside:
            if isinstance(each, Element):
                self._adopt(each)

    def _text(self) -> str:
        state = self._state()
        return quoted(state) if state else ""

    def _read(self, text: str, how: str) -> None:
        if text and not text.startswith('{"kind"'):
            raise RuntimeError(f"{self._name}: curves as Nuke writes them are not read here")
        self._restore(text)

    def changed(self) -> None:
        seat().modified = True

    def toElement(self, path: str) -> Element | None:
        found: Any = self.rootLayer
        for name in path.split("/"):
            found = next((each for each in found if each.name == name), None)
            if found is None:
                return None
        return found  # type: ignore[no-any-return]


class _Here:
    """Stands for the knob while its tree is made."""

    rootLayer = None
