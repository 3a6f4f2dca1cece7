# SPDX-License-Identifier: Apache-2.0
"""Which program is the engine, and what environment it gets.

Pure, but for looking whether the program is there. STMATTE_ENGINE names the engine, either
as the path of its program (/opt/stmatte/bin/stmatte) or as a JSON list of words
(["/opt/stmatte/bin/python", "-m", "stmatte", "serve"]). It is never a line for a shell:
nothing in it is expanded or split.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence

from .errors import EngineError

VARIABLE = "STMATTE_ENGINE"
_FORMS = f'{VARIABLE} is the path of the program, or a JSON list of words: ["stmatte", "serve"]'

# What hosts set for their own Python and their own libraries, and what breaks a Python that
# is not theirs. All of PYTHON* goes: PYTHONHOME makes the engine look for its standard library
# inside the host, PYTHONPATH puts the host's modules, made for another Python, before its
# own, and the others (PYTHONPLATLIBDIR, PYTHONEXECUTABLE, PYTHONSTARTUP ...) are no better.
_POISON_BEGINNINGS = ("PYTHON", "LD_", "DYLD_")
# Nuke and Blender come with own builds of libraries that torch and OpenImageIO bring too, and
# what the loader finds in LD_* or DYLD_* is taken first. A macOS Python leaves the last one to
# its children, who then think that they are it.
_POISON = ("__PYVENV_LAUNCHER__",)


def words_in(text: str) -> tuple[str, ...]:
    """Return the command that `text` names, in one of the two forms of STMATTE_ENGINE.

    A path alone gets the word "serve"; a list is taken as it is.

    Raises EngineError if the text begins like a list and is no list of words.
    """
    text = text.strip()
    if not text.startswith("["):
        return (os.path.expanduser(text), "serve")  # noqa: PTH111 (a bare name stays a bare name)
    try:
        words = json.loads(text)
    except ValueError:
        words = None
    if not isinstance(words, list) or not words or not all(isinstance(w, str) for w in words):
        raise EngineError(f"{VARIABLE} cannot be read ({text})", allowed=_FORMS)
    return tuple(words)


def engine_words(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the command that starts the engine: STMATTE_ENGINE's, else `stmatte serve`.

    Raises EngineError if STMATTE_ENGINE cannot be read.
    """
    text = environ.get(VARIABLE, "")
    return words_in(text) if text.strip() else ("stmatte", "serve")


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the host's environment without what would poison the engine's Python.

    Removed are PYTHON*, LD_*, DYLD_* and __PYVENV_LAUNCHER__. All else stays: PATH, HOME, OCIO,
    CUDA_VISIBLE_DEVICES, OMP_NUM_THREADS and what a studio sets for itself. An engine that does
    need one of the removed gets it from a small program which sets it, named by STMATTE_ENGINE.
    """
    return {
        name: value
        for name, value in environ.items()
        if not name.upper().startswith(_POISON_BEGINNINGS) and name.upper() not in _POISON
    }


def found(words: Sequence[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the command with the full path of its program.

    Raises EngineError if there is no such program, saying what to type.
    """
    program = shutil.which(words[0], path=environ.get("PATH"))
    if program is None:
        raise EngineError(
            f'The engine "{words[0]}" was not found',
            allowed="STMatte's engine is a program of its own, beside the host",
            repair="Install it as its README says, then name its program before the host starts, "
            f"for example {VARIABLE}=/opt/stmatte/bin/stmatte",
        )
    return (program, *words[1:])
