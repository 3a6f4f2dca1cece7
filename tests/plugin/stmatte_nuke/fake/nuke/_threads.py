# SPDX-License-Identifier: Apache-2.0
"""The rule of the main thread, and the two ways around it that Nuke has.

Measured or documented: both `executeInMainThread` calls hang on the main thread;
`executeInMainThreadWithResult` prints an exception and returns None. Touching nodes and knobs
from another thread is forbidden by the documentation; what happens then is not known, so it is
taken as a crash.
"""

from __future__ import annotations

import functools
import inspect
import threading
import traceback
from typing import Any, Callable, TypeVar, cast

from ._seat import Call, Crash, Hang, seat

F = TypeVar("F", bound=Callable[..., Any])


def main_only(function: F) -> F:
    """Make a function of the module crash when it is called from a thread but the main one."""

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        check(function.__name__)
        return function(*args, **kwargs)

    return cast(F, checked)


def check(what: str) -> None:
    """Crash unless this is the main thread."""
    if threading.get_ident() != seat().threads_main:
        said = f"nuke: {what} was used outside the main thread ({threading.current_thread().name})"
        seat().accidents.append(said + "\n" + "".join(traceback.format_stack(limit=8)))
        raise Crash(said)


class Guarded:
    """A class whose public methods check the thread, and that their node still exists."""

    _FREE = ("__init__", "__repr__", "__hash__", "__eq__", "__ne__", "__init_subclass__")

    def __init_subclass__(cls) -> None:
        for name, member in list(vars(cls).items()):
            hidden = name.startswith("_") and not name.endswith("__")
            if inspect.isfunction(member) and not hidden and name not in cls._FREE:
                setattr(cls, name, _guarded(member))

    def _stand(self) -> None:
        """Refuse when what this speaks of is gone."""


def _guarded(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def checked(self: Any, *args: Any, **kwargs: Any) -> Any:
        check(f"{type(self).__name__}.{method.__name__}")
        self._stand()
        return method(self, *args, **kwargs)

    return checked


def executeInMainThread(call: Callable[..., Any], args: Any = (), kwargs: Any = None) -> None:
    """Have something done on the main thread, later."""
    _post(call, args, kwargs, "executeInMainThread")


def executeInMainThreadWithResult(
    call: Callable[..., Any], args: Any = (), kwargs: Any = None
) -> Any:
    """Have something done on the main thread and wait for it; None where it raised."""
    posted = _post(call, args, kwargs, "executeInMainThreadWithResult")
    posted.done.wait()  # without time limit, as in Nuke's own source
    return posted.result


def _post(call: Callable[..., Any], args: Any, kwargs: dict[str, Any] | None, name: str) -> Call:
    if threading.get_ident() == seat().threads_main:
        said = f"nuke.{name} was called on the main thread: Nuke stands still here"
        seat().accidents.append(said)
        raise Hang(said)
    if not seat().gui:
        # Whether anybody does in a terminal what is asked for so is not known: plug-ins don't ask.
        said = f"nuke.{name} was called without the GUI: perhaps nobody ever answers"
        seat().accidents.append(said)
        raise Hang(said)
    posted = Call(call, args if isinstance(args, tuple) else (args,), kwargs or {})
    seat().waiting.put(posted)
    return posted


def run_posted(seconds: float) -> bool:
    """Do one thing that another thread asked for; False when none came in time."""
    import queue

    try:
        posted = seat().waiting.get(timeout=seconds)
    except queue.Empty:
        return False
    try:
        posted.result = posted.call(*posted.args, **posted.kwargs)
    except Exception:
        seat().script_editor.append(traceback.format_exc())
    finally:
        posted.done.set()
    return True
