# SPDX-License-Identifier: Apache-2.0
"""Which engine a node uses, and what is said of one of another version.

Pure, but for looking whether the program is there; starts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from stmatte_host import EngineError, words_in
from stmatte_host.program import VARIABLE, clean_environment, engine_words, found

KNOB = 'the knob "engine"'


def command(said: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the engine's command, its program with the full path.

    said     what the knob says: a program, a JSON list of words, or "" for STMATTE_ENGINE and
             then `stmatte` on the path
    environ  Nuke's environment

    Raises EngineError if it cannot be read, or if there is no such program.
    """
    try:
        words = words_in(said) if said.strip() else engine_words(environ)
    except EngineError as error:
        if not said.strip():
            raise
        raise EngineError(
            f"{KNOB[0].upper()}{KNOB[1:]} cannot be read ({said.strip()})",
            allowed='it is the path of the program, or a JSON list of words: ["stmatte", "serve"]',
        ) from error
    try:
        return found(words, clean_environment(environ))
    except EngineError as error:
        named = KNOB if said.strip() else VARIABLE if environ.get(VARIABLE, "").strip() else ""
        raise EngineError(
            f'The engine "{words[0]}"{f", named by {named}," if named else ""} was not found',
            allowed="STMatte's engine is a program of its own, beside Nuke",
            repair="Install it as its README says, and name its program in the node's Engine tab, "
            f"or by {VARIABLE} before Nuke starts",
        ) from error


def other_version(engine: str, ours: str) -> str:
    """Return what to say of an engine of another version; "" if they belong together.

    The first two numbers must be the same; the protocol itself is looked at elsewhere.
    """
    if engine.split(".")[:2] == ours.split(".")[:2]:
        return ""
    return (
        f"The engine is STMatte {engine}, the plug-in in Nuke is STMatte {ours}. "
        "Bring both to the same version."
    )
