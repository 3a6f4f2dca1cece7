# SPDX-License-Identifier: Apache-2.0
"""STMatte in Blender: an extension whose engine is a process of its own.

Knows its parts, and in which order they are registered. Importing it registers nothing and
does not import Blender, so that the parts that are plain arithmetic can be tested outside.
All that is registered is unregistered: Blender 4.5 hangs and 4.2 crashes at exit otherwise.
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

PARTS = (
    "preferences",
    "install",
    "engine",
    "menu",
    "operators",
    "settings",
    "baking",
    "panel",
    "handlers",
)
"""Modules that register something, each with `register` and `unregister`, in that order."""

_registered: list[str] = []


def register() -> None:
    """Register every part; if one fails, none stays registered."""
    try:
        for name in PARTS:
            part = import_module(f"{__name__}.{name}")
            _registered.append(name)
            part.register()
    except BaseException:
        with suppress(Exception):  # the first reason is the one to be seen
            unregister()
        raise


def unregister() -> None:
    """Unregister what `register` did, the last first; one that fails does not keep the others."""
    failures = []
    while _registered:
        part = import_module(f"{__name__}.{_registered.pop()}")
        try:
            part.unregister()
        except Exception as error:
            failures.append(error)
    if failures:
        raise failures[0]
