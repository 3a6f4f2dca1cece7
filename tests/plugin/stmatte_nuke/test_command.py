# SPDX-License-Identifier: Apache-2.0
"""Which engine a node uses, and what is said where it is not there or another."""

from __future__ import annotations

import os
from pathlib import Path

from checks import refused

from stmatte_nuke.command import command, other_version


def _program(folder: Path, name: str = "stmatte") -> Path:
    """Return a program that does nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_knob_counts_more_than_the_variable_and_that_more_than_the_path(tmp_path: Path) -> None:
    knob, variable = _program(tmp_path / "a"), _program(tmp_path / "b")
    path = _program(tmp_path / "c")
    environ = {"STMATTE_ENGINE": str(variable), "PATH": str(path.parent)}

    assert command(f" {knob} ", environ) == (str(knob), "serve")
    assert command("", environ) == (str(variable), "serve")
    assert command("", {"PATH": str(path.parent)}) == (str(path), "serve")
    assert command(f'["{knob}", "-m", "stmatte"]', environ) == (str(knob), "-m", "stmatte")


def test_who_named_an_engine_that_is_not_there_is_said(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    environ = {"PATH": os.fspath(tmp_path)}

    with refused(f'The engine "{nowhere}", named by the knob "engine", was not found'):
        command(nowhere, environ)
    with refused(f'The engine "{nowhere}", named by STMATTE_ENGINE, was not found'):
        command("", {**environ, "STMATTE_ENGINE": nowhere})
    with refused('The engine "stmatte" was not found'):
        command("", environ)


def test_a_command_that_is_no_list_of_words_is_refused_by_who_said_it() -> None:
    with refused('The knob "engine" cannot be read (["stmatte")'):
        command('["stmatte"', {})
    with refused("STMATTE_ENGINE cannot be read"):
        command("", {"STMATTE_ENGINE": "[1]"})


def test_an_engine_of_another_version_is_told_unless_only_the_last_number_differs() -> None:
    assert other_version("0.1.7", "0.1.0") == ""
    assert other_version("0.2.0", "0.1.0").startswith("The engine is STMatte 0.2.0, the plug-in")
