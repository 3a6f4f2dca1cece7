# SPDX-License-Identifier: Apache-2.0
"""A farm's way: make the mattes of a script's nodes without a window, and say how it went.

    nuke -t stmatte_render.py [-F 1001-1100] script.nk [NODE ...]

The script is not saved. It ends with 0 when all is done, 1 when something went wrong, 2 when it was
asked wrongly, 130 when it was interrupted. Only what is stale is made, so a task that is sent again
goes on where the last one was.
"""

from __future__ import annotations

import argparse
import os
import re
import traceback
from collections.abc import Sequence

import nuke

from stmatte_host import EngineError, frames_in, spans

from . import engine, presses, telling

DONE, FAILED, WRONG, INTERRUPTED = 0, 1, 2, 130
FRAMES = ("-F", "--frames")
_RANGE = re.compile(r"-?\d+([-, ]+\d+)*")


def run(words: Sequence[str]) -> int:
    """Do what the command line says, and return the exit code.

    words  what follows stmatte_render.py
    """
    try:
        asked = _parser().parse_args(_whole(words, nuke.rawArgs))
    except SystemExit as error:  # argparse has said why
        return WRONG if error.code else DONE
    try:
        ranges = _ranges(asked.frames or _kept_by_nuke(words, nuke.rawArgs))
        nodes = _nodes(asked.script, asked.nodes)
    except EngineError as error:
        telling.to_editor(str(error))
        return WRONG
    try:
        failed = [node for node in nodes if not _made(node, ranges)]
    except KeyboardInterrupt:
        telling.to_editor("Interrupted; what was done stays.")
        return INTERRUPTED
    finally:
        engine.close()
    return FAILED if failed else DONE


def _made(node: nuke.Node, ranges: Sequence[spans.Range]) -> bool:
    """Make a node's mattes, and return whether all went well."""
    name = str(node.fullName())
    try:
        for each in ranges or (None,):
            presses.propagate(node, "RANGE" if each else "ALL", each)()
    except EngineError as error:
        telling.to_editor(f"{name}: {error}")
        return False
    except Exception:
        telling.to_editor(f"{name}: a defect of STMatte\n{traceback.format_exc()}")
        return False
    return True


def _nodes(script: str, names: Sequence[str]) -> list[nuke.Node]:
    """Open a script and return its nodes of STMatte, those that are named or all.

    It is opened by its whole path: Nuke takes what `[value root.name]` says from that.
    """
    try:
        nuke.scriptOpen(os.path.abspath(script).replace("\\", "/"))  # noqa: PTH100  (it may be a link)
    except (RuntimeError, OSError) as error:
        raise EngineError(f'The script "{script}" cannot be opened ({error})') from None
    ours = [each for each in nuke.allNodes("Group", nuke.root(), True) if _is_ours(each)]
    known = {str(each.fullName()): each for each in ours}
    lacking = [name for name in names if name not in known]
    if lacking or not known:
        raise EngineError(
            f'The script has no STMatte node "{lacking[0]}"'
            if lacking
            else f'The script "{script}" has no STMatte node',
            allowed=f"it has {', '.join(known)}" if known else "",
            repair="Name one of them, or none for all" if known else "",
        )
    return [known[name] for name in names] if names else ours


def _is_ours(node: nuke.Node) -> bool:
    return node.knob("stm_identity") is not None


def _ranges(text: str) -> tuple[spans.Range, ...]:
    """Return first and last frame of each run of frames; () for all. Raises EngineError.

    text  as Nuke has ranges, apart by spaces, or as the engine has them, apart by commas
    """
    return spans.runs(frames_in(",".join(text.split())))


def _whole(words: Sequence[str], raw: Sequence[str]) -> list[str]:
    """Return the line with its last word, if that was a range: Nuke takes it for its own."""
    taken = bool(words) and words[-1] in FRAMES and len(raw) > 0
    return [*words, str(raw[-1])] if taken else list(words)


def _kept_by_nuke(words: Sequence[str], raw: Sequence[str]) -> str:
    """Return the frames that Nuke did not hand on to the script; "" for none.

    raw  Nuke's whole line: its own -F may stand before the script, and a range at the end is not
         handed on either
    """
    said = [str(word) for word in raw]
    places = [place for place, word in enumerate(said[:-1]) if word == "-F"]
    if places:
        return said[places[-1] + 1]
    last = said[-1] if said else ""
    return last if _RANGE.fullmatch(last) and last not in words else ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nuke -t stmatte_render.py",
        description="Make the mattes of a script's STMatte nodes, without a window.",
    )
    parser.add_argument("script", help="the Nuke script")
    parser.add_argument("nodes", nargs="*", metavar="NODE", help="full names; without, all")
    parser.add_argument(*FRAMES, default="", metavar="1001-1100", help="without, all")
    return parser
