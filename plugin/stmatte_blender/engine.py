# SPDX-License-Identifier: Apache-2.0
"""The one way to the engine, and what is under way for each node group.

Everything here runs on Blender's main thread. In a window a timer pumps the session; without one
(`blender -b`) whoever asks waits by `wait_for`. Groups are kept by `session_uid`, because undo
and loading make every reference stale.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

import bpy

from . import preferences, shown
from .finding import other_version, version
from .port import Port
from .stmatte_host import Session

_BUSY, _IDLE = 0.05, 0.5  # seconds between two pumps
_session: Session | None = None
_ports: dict[int, Port] = {}
_waiting = 0  # how deep in `wait_for`: the timer keeps still then


def session() -> Session:
    """Return the one session; it is made, and its timer started, when first needed.

    Raises EngineError if no engine is found.
    """
    global _session
    if _session is None:
        engine = preferences.engine_chosen()
        client = ("blender", bpy.app.version_string)
        _session = Session(words=engine.words, environ=engine.environ, client=client)
        _session.greet().add_done_callback(_greeted)
    if not bpy.app.background and not bpy.app.timers.is_registered(_tick):
        bpy.app.timers.register(_tick, first_interval=_BUSY, persistent=True)
    return _session


def close() -> None:
    """End the engine, all that is under way, and the timer. The next use begins anew."""
    global _session
    forget()
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    ended, _session = _session, None
    if ended is not None:
        ended.close()


def forget() -> None:
    """Cancel all and forget the groups, because another file is loaded; the engine stays."""
    for port in _ports.values():
        port.propagation.close()
    _ports.clear()
    shown.forget()


def port_of(group: bpy.types.NodeTree) -> Port:
    """Return the port of a node group, made when first needed."""
    if group.session_uid not in _ports:
        _ports[group.session_uid] = Port(group.session_uid, session())
    return _ports[group.session_uid]


def running(group: bpy.types.NodeTree) -> bool:
    """Whether something is under way for this group."""
    port = _ports.get(group.session_uid)
    return port is not None and port.propagation.running


def wait_for(port: Port) -> None:
    """Return when all that a node group asked for is over; for where there is no timer."""
    global _waiting
    _waiting += 1
    try:
        while port.busy and _ports.get(port.uid) is port:  # it may be forgotten meanwhile
            session().pump(0.1)
    except KeyboardInterrupt:
        port.cancel()
        raise
    finally:
        _waiting -= 1


def _greeted(future: Future[Mapping[str, Any]]) -> None:
    """Have it said if the engine is not of our version."""
    if future.exception() is None:
        shown.about_engine = other_version(str(future.result().get("version", "")), version())


def _tick() -> float:
    """Make the calls that are due; Blender calls this again after the seconds it returns.

    While Blender renders they wait: a render must not have its images taken away.
    """
    if bpy.app.is_job_running("RENDER"):
        return _IDLE
    if _session is not None and not _waiting:
        _session.pump()
    return _BUSY if any(port.propagation.running for port in _ports.values()) else _IDLE


def register() -> None:
    """Nothing is started before it is needed."""


def unregister() -> None:
    """End what was started."""
    close()
