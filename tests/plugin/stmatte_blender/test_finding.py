# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from stmatte_blender.stmatte_host import EngineError

import stmatte
from stmatte_blender.finding import (
    READY,
    Wishes,
    chosen,
    next_environment,
    other_version,
    own_environment,
    python_in,
    version,
)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="programs are made with a mode bit")


def program(path: Path) -> Path:
    """Make something that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def environ(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"PATH": str(tmp_path / "path"), **more}


def own(folder: Path, number: int, *, whole: bool = True) -> Path:
    """Make an environment as the button does."""
    environment = folder / f"engine-{number}"
    program(python_in(environment))
    if whole:
        (environment / READY).touch()
    return environment


def test_the_preferences_come_first_then_the_variable_then_the_button_then_the_path(
    tmp_path: Path,
) -> None:
    named = program(tmp_path / "named")
    variable = program(tmp_path / "variable")
    button = python_in(own(tmp_path / "folder", 1))
    path = program(tmp_path / "path" / "stmatte")
    said = environ(tmp_path, STMATTE_ENGINE=str(variable))
    plain = environ(tmp_path)
    folder = tmp_path / "folder"

    assert chosen(Wishes(str(named)), said, folder).words == (str(named), "serve")
    assert chosen(Wishes(), said, folder).words == (str(variable), "serve")
    assert chosen(Wishes(), plain, folder).words == (str(button), "-m", "stmatte", "serve")
    assert chosen(Wishes(), plain).words == (str(path), "serve")


def test_a_list_of_words_is_taken_as_it_is(tmp_path: Path) -> None:
    python = program(tmp_path / "python")
    words = [str(python), "-m", "stmatte", "serve", "--keep-features"]

    assert chosen(Wishes(json.dumps(words)), environ(tmp_path)).words == tuple(words)


def test_where_no_engine_is_the_artist_reads_which_button_to_press(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as raised:
        chosen(Wishes(), environ(tmp_path), tmp_path / "nothing")

    assert str(raised.value) == (
        "The engine was not found: STMatte's engine is a program of its own, beside Blender. "
        "Press Install Engine in STMatte's preferences, or name its program there."
    )


def test_an_engine_that_was_named_and_is_not_there_is_named_again(tmp_path: Path) -> None:
    program(tmp_path / "path" / "stmatte")  # not taken in its place

    with pytest.raises(EngineError, match=r'The engine "gone", named by the preferences, was not'):
        chosen(Wishes("gone"), environ(tmp_path))
    with pytest.raises(EngineError, match=r'The engine "gone", named by STMATTE_ENGINE, was not'):
        chosen(Wishes(), environ(tmp_path, STMATTE_ENGINE="gone"))


def test_a_command_that_cannot_be_read_says_where_it_stands(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="command in the preferences cannot be read"):
        chosen(Wishes('["stmatte", 3]'), environ(tmp_path))


def test_store_and_device_reach_the_engine_by_its_environment(tmp_path: Path) -> None:
    program(tmp_path / "path" / "stmatte")

    wished = chosen(Wishes("", 50, "CPU"), environ(tmp_path, HOME="home")).environ
    plain = chosen(Wishes(), environ(tmp_path, CUDA_VISIBLE_DEVICES="1")).environ

    assert (wished["STMATTE_STORE_LIMIT"], wished["CUDA_VISIBLE_DEVICES"]) == ("50G", "-1")
    assert wished["HOME"] == "home"
    assert plain == environ(tmp_path, CUDA_VISIBLE_DEVICES="1")


def test_the_newest_whole_environment_of_the_button_is_taken(tmp_path: Path) -> None:
    own(tmp_path, 2)
    own(tmp_path, 10)
    own(tmp_path, 11, whole=False)

    assert own_environment(tmp_path) == tmp_path / "engine-10"
    assert next_environment(tmp_path) == tmp_path / "engine-12"
    assert next_environment(tmp_path / "new") == tmp_path / "new" / "engine-1"
    assert own_environment(tmp_path / "new") is None


@pytest.mark.parametrize(("engine", "told"), [("0.1.7", False), ("0.2.0", True), ("1.1.0", True)])
def test_an_engine_of_another_version_is_told_unless_only_the_last_number_differs(
    engine: str, told: bool
) -> None:
    said = other_version(engine, "0.1.0")

    assert bool(said) is told
    assert not told or f"The engine is STMatte {engine}, the extension is STMatte 0.1.0." in said


def test_the_extension_knows_its_version() -> None:
    assert version() == stmatte.__version__
