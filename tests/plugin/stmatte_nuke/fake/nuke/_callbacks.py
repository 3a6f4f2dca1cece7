# SPDX-License-Identifier: Apache-2.0
"""What Nuke calls when something happens: `addOnScriptClose` and its like."""

from __future__ import annotations

from typing import Any, Callable

from ._seat import seat
from ._threads import main_only

_SCRIPT = "Root"


class _Added:
    """A call with what it is called with; equal to another one of the same."""

    def __init__(self, call: Callable[..., Any], args: Any, kwargs: Any) -> None:
        self._all = (call, tuple(args), dict(kwargs or {}))

    def __call__(self) -> Any:
        call, args, kwargs = self._all
        return call(*args, **kwargs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Added) and self._all == other._all

    __hash__ = None  # type: ignore[assignment]


def _add(event: str, call: Callable[..., Any], args: Any, kwargs: Any, kind: str) -> None:
    if not callable(call):
        raise ValueError("call must be a callable")
    seat().callbacks.setdefault(event, {}).setdefault(kind, []).append(_Added(call, args, kwargs))


def _remove(event: str, call: Callable[..., Any], args: Any, kwargs: Any, kind: str) -> None:
    added = seat().callbacks.get(event, {}).get(kind, [])
    one: Any = _Added(call, args, kwargs)
    if one in added:
        added.remove(one)


@main_only
def addOnScriptClose(
    call: Callable[..., Any],
    args: Any = (),
    kwargs: Any = None,
    nodeClass: str = _SCRIPT,
) -> None:
    _add("onScriptClose", call, args, kwargs, nodeClass)


@main_only
def removeOnScriptClose(
    call: Callable[..., Any],
    args: Any = (),
    kwargs: Any = None,
    nodeClass: str = _SCRIPT,
) -> None:
    _remove("onScriptClose", call, args, kwargs, nodeClass)


@main_only
def addOnScriptLoad(
    call: Callable[..., Any],
    args: Any = (),
    kwargs: Any = None,
    nodeClass: str = _SCRIPT,
) -> None:
    _add("onScriptLoad", call, args, kwargs, nodeClass)


@main_only
def addOnScriptSave(
    call: Callable[..., Any],
    args: Any = (),
    kwargs: Any = None,
    nodeClass: str = _SCRIPT,
) -> None:
    _add("onScriptSave", call, args, kwargs, nodeClass)


@main_only
def addOnCreate(
    call: Callable[..., Any],
    args: Any = (),
    kwargs: Any = None,
    nodeClass: str = "*",
) -> None:
    _add("onCreate", call, args, kwargs, nodeClass)


@main_only
def addKnobChanged(
    call: Callable[..., Any],
    args: Any = (),
    kwargs: Any = None,
    nodeClass: str = "*",
) -> None:
    _add("knobChanged", call, args, kwargs, nodeClass)
