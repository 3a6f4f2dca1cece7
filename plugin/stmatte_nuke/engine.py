# SPDX-License-Identifier: Apache-2.0
"""The ways to the engines, and what is under way for each node.

One session for each engine's command that nodes of this Nuke name: mostly one. Nodes are known by
their identity, which outlives renaming, undo and a load; nothing here holds a node. Everything
runs on Nuke's main thread.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any

import nuke

from stmatte_host import Patience, Session

from . import delivery, knobs
from .command import command, other_version
from .port import Port
from .version import VERSION

patience: Patience | None = None
"""How long to wait for engines; None waits as `Patience` has it."""

_sessions: dict[tuple[str, ...], Session] = {}
_about: dict[tuple[str, ...], str] = {}  # what is to be said of an engine
_ports: dict[str, Port] = {}  # identity -> what is under way
_listening = False  # whether Nuke tells us of a script that is closed


def port_of(group: nuke.Node) -> Port:
    """Return the port of a node, made when first needed; settle its identity before.

    Raises EngineError if the node's engine is not there, or if its command cannot be read.
    """
    words = command(knobs.text(group, "engine"), os.environ)
    identity, name = knobs.text(group, "stm_identity"), str(group.fullName())
    port = _ports.get(identity)
    if port is not None and port.words != words:  # another engine was named
        port.close()
        port = None
    if port is None:
        port = Port(identity, name, words, session_for(words), partial(about, words))
        _ports[identity] = port
    port.name = name
    _listen()
    return port


def session_for(words: tuple[str, ...]) -> Session:
    """Return the session with an engine; the engine is started when it is first asked."""
    if words not in _sessions:
        client = ("nuke", str(nuke.NUKE_VERSION_STRING))
        session = Session(delivery.deliver, words=words, client=client, patience=patience)
        _sessions[words] = session
        session.greet().add_done_callback(partial(_greeted, words))
    return _sessions[words]


def about(words: tuple[str, ...]) -> str:
    """Return what is to be said of an engine; "" while it is not known."""
    return _about.get(words, "")


def known(group: nuke.Node) -> Port | None:
    """Return the port of a node if something was asked of the engine for it; starts nothing.

    A copy that was not yet pressed says that it is its original, and has none.
    """
    port = _ports.get(knobs.text(group, "stm_identity"))
    node = None if port is None else port.node
    return port if node is not None and node.fullName() == group.fullName() else None


def wait_for(port: Port) -> None:
    """Return when all that a node asked for is over.

    For where there is no window, and for scripts that want to go on with the mattes. Ctrl-C
    cancels, and is raised when the engine has stopped.
    """
    wait_until(lambda: not port.busy or _ports.get(port.identity) is not port, port.cancel)


def wait_until(over: Callable[[], bool], cancel: Callable[[], object]) -> None:
    """Make the calls that are due until `over` says so; Ctrl-C cancels, and is raised then."""
    try:
        while not over():
            delivery.waited(0.1)
    except KeyboardInterrupt:
        cancel()
        while not over():  # within a frame; who presses it once more does not want to wait
            delivery.waited(0.1)
        raise


def forget() -> None:
    """Cancel all and forget the nodes, because their script goes; the engines stay."""
    for port in list(_ports.values()):
        port.close()
    _ports.clear()


def close() -> None:
    """End the engines and all that is under way. The next press begins anew."""
    global _listening
    forget()
    if _listening:
        nuke.removeOnScriptClose(forget)
        _listening = False
    for session in list(_sessions.values()):
        session.close()
    delivery.waited(0)  # what was asked and not answered fails, and goes nowhere
    _sessions.clear()
    _about.clear()


def _listen() -> None:
    global _listening
    if not _listening:
        nuke.addOnScriptClose(forget)
        _listening = True


def _greeted(words: tuple[str, ...], future: Future[Mapping[str, Any]]) -> None:
    """Have it said which engine it is; why it is none, the press says."""
    if future.cancelled() or future.exception() is not None:
        _about.pop(words, None)
        return
    version = str(future.result().get("version", ""))
    _about[words] = other_version(version, VERSION) or f"STMatte {version}"
    for port in _ports.values():
        if port.words == words:
            port.redraw()
