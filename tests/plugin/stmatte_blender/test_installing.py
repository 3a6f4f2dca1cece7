# SPDX-License-Identifier: Apache-2.0
"""The installation's order and its failures, with a Python that only plays its part."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest
from stmatte_blender.stmatte_host import EngineError

from stmatte_blender import installing
from stmatte_blender.finding import own_environment, own_environments
from stmatte_blender.installing import Installation
from stmatte_blender.ordering import Order

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the player is a program with #!")

# Makes an environment whose Python is itself; FAILS names a word at which it fails, SLOW one at
# which it waits.
PLAYER = f"""#!{sys.executable} -S
import os, pathlib, shutil, sys, time
words = sys.argv[1:]
if words[:2] == ["-m", "venv"]:
    place = pathlib.Path(words[2], "bin")
    place.mkdir(parents=True)
    shutil.copy(sys.argv[0], place / "python")
print("stmatte, version 0.1.0" if "--version" in words else "Collecting " + words[-1], flush=True)
if os.environ.get("SLOW") in words:
    time.sleep(60)
if os.environ.get("FAILS") in words:
    sys.exit("ERROR: No matching distribution found for torch")
"""


@pytest.fixture
def order(tmp_path: Path) -> Order:
    source = tmp_path / "source"
    source.mkdir()
    (source / "pyproject.toml").touch()
    (source / "constraints.txt").touch()
    player = tmp_path / "player"
    player.write_text(PLAYER)
    player.chmod(0o755)
    return Order(tmp_path / "folder", source, str(player))


def ended(installation: Installation, seconds: float = 30) -> Installation:
    """Look until it is over, as a timer does."""
    deadline = time.monotonic() + seconds
    while not installation.poll():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return installation


def environ(**more: str) -> dict[str, str]:
    return {**os.environ, **more}


def test_an_installation_ends_with_a_whole_environment_beside_the_one_that_is_in_use(
    order: Order,
) -> None:
    first = ended(Installation(order, environ()))
    second = ended(Installation(order, environ()))
    both = own_environments(order.folder)

    second.tidy()

    assert (first.error, second.error) == (None, None)
    assert own_environment(order.folder) == second.place == order.folder / "engine-2"
    assert both == [first.place, second.place]
    assert own_environments(order.folder) == [second.place]
    assert second.share == 1.0
    assert (first.version, second.version) == ("0.1.0", "0.1.0")
    assert second.line.startswith("Installed STMatte 0.1.0 in ")


def test_an_installation_that_fails_leaves_the_one_before_alone(order: Order) -> None:
    first = ended(Installation(order, environ()))
    second = ended(Installation(order, environ(FAILS="torch")))

    assert str(second.error).startswith("Installing PyTorch failed, pip finds no")
    assert own_environments(order.folder) == [first.place]


def test_cancelling_ends_the_process_and_removes_what_is_half_made(order: Order) -> None:
    installation = Installation(order, environ(SLOW="torch"))
    deadline = time.monotonic() + 30
    while "Collecting" not in installation.line or "PyTorch" not in installation.line:
        assert not installation.poll()
        assert time.monotonic() < deadline
        time.sleep(0.01)

    installation.cancel()

    assert installation.over
    assert str(installation.error) == "The installation was cancelled."
    assert own_environments(order.folder) == []


def test_the_line_tells_the_step_and_what_pip_says(order: Order) -> None:
    installation = Installation(order, environ(SLOW="venv"))

    assert installation.line.startswith("Making an environment (1 of 4, 0 s)")
    assert installation.share == 0.0
    installation.cancel()


def test_blenders_own_python_variables_do_not_reach_pip(order: Order) -> None:
    installation = Installation(order, environ(PYTHONHOME="nowhere", SLOW="venv"))

    assert "PYTHONHOME" not in installation._environ
    installation.cancel()


def test_a_disk_without_room_is_told_before_anything_is_loaded(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installing, "ROOM", 10**18)

    with pytest.raises(EngineError, match="The engine needs about 1000000000 GB"):
        Installation(order, environ())
