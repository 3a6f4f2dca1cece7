# SPDX-License-Identifier: Apache-2.0
"""STMatte in Nuke. Python 3.9 and later, standard library, `stmatte_host`, and `nuke`.

What lands in a script is a Group of stock nodes that renders without any of this; here is what
its buttons do. Nothing is imported before a button is pressed: Nuke starts as fast as before,
and modules that need no Nuke can be used without one.
"""

from __future__ import annotations

from typing import Any

__all__ = ["press"]


def press(node: Any, name: str) -> None:
    """Do what the button of this name does on an STMatte node; every button's script is this.

    Raises nothing in a window: what goes wrong is said there.
    """
    from .presses import press as pressed

    pressed(node, name)
