# SPDX-License-Identifier: Apache-2.0
"""Starts an engine and exchanges first words with it.

Knows which words these are, and nothing of what is asked later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .agenda import Agenda
from .connection import Connection
from .errors import EngineError
from .logs import new_log
from .messages import PROTOCOL, Notice
from .patience import Patience
from .program import clean_environment, engine_words, found


@dataclass(frozen=True)
class Engine:
    """What to start.

    words    the command; () asks STMATTE_ENGINE, and then takes `stmatte serve`
    environ  the host's environment
    logs     folder for the engine's standard error
    client   name and version of host and plug-in
    """

    words: tuple[str, ...]
    environ: Mapping[str, str]
    logs: Path
    client: tuple[str, str]


def start(
    engine: Engine,
    agenda: Agenda,
    patience: Patience,
    *,
    on_notice: Callable[[Notice], None],
    on_stop: Callable[[], None],
    greeted: Callable[[dict[str, Any]], None],
    refused: Callable[[EngineError], None],
) -> Connection:
    """Start an engine, greet it, and return the way to it at once.

    on_notice, on_stop  see `Connection`
    greeted             called with its answer to `initialize`
    refused             called if there is none, or one of another protocol. If the engine
                        stopped, with EngineStoppedError, and `on_stop` follows

    Raises EngineError if it cannot be started at all.
    """
    environ = clean_environment(engine.environ)
    words = found(engine.words or engine_words(engine.environ), environ)
    connection = Connection(
        agenda,
        words,
        environ,
        new_log(engine.logs),
        looking=patience.looking,
        on_notice=on_notice,
        on_stop=on_stop,
    )

    def answered(said: Any) -> None:
        spoken = said.get("protocol") if isinstance(said, dict) else None
        if spoken == PROTOCOL:
            greeted(said)
            return
        refused(
            EngineError(
                f"The engine speaks protocol {spoken}, the plug-in speaks {PROTOCOL}",
                repair="Bring plug-in and engine to the same version of STMatte",
            )
        )

    name, version = engine.client
    greeting = {"protocol": PROTOCOL, "client": {"name": name, "version": version}}
    connection.ask("initialize", greeting, patience.starting, answered, refused)
    return connection
