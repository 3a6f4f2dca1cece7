# SPDX-License-Identifier: Apache-2.0
"""Menus: what a plug-in's menu.py adds to them. There are none without the GUI."""

from __future__ import annotations

from typing import Any

from ._seat import seat
from ._threads import Guarded, check, main_only


class MenuItem(Guarded):
    """A line of a menu; `invoke` is a person who chooses it."""

    def __init__(self, name: str, command: Any = None, icon: str = "") -> None:
        check("MenuItem")
        self._name = name
        self._command = command
        self._icon = icon

    def name(self) -> str:
        return self._name

    def icon(self) -> str:
        return self._icon

    def invoke(self) -> None:
        if callable(self._command):
            self._command()
        elif isinstance(self._command, str):
            exec(compile(self._command, f"<menu {self._name}>", "exec"), {"__name__": "__main__"})
        else:
            raise RuntimeError(f"{self._name} is no command")


class Menu(MenuItem):
    """A menu, or a menu inside another."""

    def __init__(self, name: str, icon: str = "") -> None:
        super().__init__(name, None, icon)
        self._items: list[MenuItem] = []

    def addMenu(
        self, name: str, icon: str = "", tooltip: str = "", enabled: bool = True, index: int = -1
    ) -> Menu:
        found = self.findItem(name)
        if isinstance(found, Menu):
            return found
        made = Menu(name, icon)
        self._items.insert(len(self._items) if index < 0 else index, made)
        return made

    def addCommand(
        self,
        name: str,
        command: Any = "",
        shortcut: str = "",
        icon: str = "",
        tooltip: str = "",
        index: int = -1,
    ) -> MenuItem:
        if not isinstance(command, str) and not callable(command):
            raise TypeError("addCommand takes a str or something to call")
        *menus, last = name.split("/")
        here = self
        for each in menus:
            here = here.addMenu(each)
        made = MenuItem(last, command, icon)
        here._items.insert(len(here._items) if index < 0 else index, made)
        return made

    def addSeparator(self, index: int = -1) -> MenuItem:
        made = MenuItem("")
        self._items.append(made)
        return made

    def items(self) -> list[MenuItem]:
        return list(self._items)

    def findItem(self, name: str) -> MenuItem | None:
        first, _, rest = name.partition("/")
        found = next((each for each in self._items if each._name == first), None)
        if not rest or not isinstance(found, Menu):
            return None if rest else found
        return found.findItem(rest)

    def clearMenu(self) -> None:
        self._items.clear()

    def removeItem(self, name: str) -> None:
        self._items = [each for each in self._items if each._name != name]


_BARS = ("Nuke", "Nodes", "Pane", "Properties", "Animation", "Viewer", "Node Graph", "Axis")


@main_only
def menu(name: str) -> Menu:
    if not seat().gui:
        raise RuntimeError("there are no menus without the GUI")
    if name not in _BARS:
        raise RuntimeError(f"no menu is called {name}")
    found: Menu = seat().menus.setdefault(name, Menu(name))
    return found


@main_only
def toolbar(name: str, create: bool = True) -> Menu:
    return menu(name)
