# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from stmatte_blender.stmatte_host import EngineError

from stmatte_blender.ordering import (
    Order,
    checked_source,
    fitting_python,
    lines_to_type,
    steps,
)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="paths are those of Linux and macOS")


@pytest.fixture
def order(tmp_path: Path) -> Order:
    source = tmp_path / "source"
    source.mkdir()
    (source / "pyproject.toml").touch()
    (source / "constraints.txt").touch()
    return Order(tmp_path / "folder", source, "python3")


def test_pins_and_the_place_of_pytorch_are_given_to_pip(order: Order, tmp_path: Path) -> None:
    address = Order(order.folder, order.source, "python", "https://example.org/cpu")
    wheels = Order(order.folder, order.source, "python", str(tmp_path))

    torch = steps(address, tmp_path / "e")[1].words
    local = steps(wheels, tmp_path / "e")[1].words

    assert torch[-4:] == (
        "-c",
        str(order.source / "constraints.txt"),
        "--extra-index-url",
        "https://example.org/cpu",
    )
    assert local[-2:] == ("--find-links", str(tmp_path))


def test_a_wheel_is_installed_with_the_pins_that_lie_beside_it(order: Order) -> None:
    wheel = order.source / "stmatte-0.1.0-py3-none-any.whl"
    wheel.touch()

    engine = steps(Order(order.folder, wheel, "python"), order.folder)[2].words

    assert engine[-3:] == (str(wheel), "-c", str(order.source / "constraints.txt"))


def test_the_lines_to_type_are_the_steps_with_what_a_shell_needs(order: Order) -> None:
    spaced = Order(Path("/a b"), order.source, "python3")

    lines = lines_to_type(spaced)

    assert len(lines) == 4
    assert lines[0] == "python3 -m venv '/a b/engine'"
    assert lines[3] == "'/a b/engine/bin/python' -m stmatte --version"


def test_a_folder_or_a_wheel_can_be_installed_and_nothing_else(
    order: Order, tmp_path: Path
) -> None:
    wheel = tmp_path / "stmatte-0.1.0-py3-none-any.whl"
    wheel.touch()

    assert checked_source(str(order.source)) == order.source
    assert checked_source(str(wheel)) == wheel
    with pytest.raises(EngineError, match="Nothing to install is named"):
        checked_source(" ")
    with pytest.raises(EngineError, match="cannot be installed from"):
        checked_source(str(tmp_path))


def test_the_python_that_blender_brings_is_taken_if_it_fits(tmp_path: Path) -> None:
    empty = {"PATH": str(tmp_path)}

    assert fitting_python(sys.executable, empty) == sys.executable
    with pytest.raises(EngineError, match="No Python was found"):
        fitting_python(str(tmp_path / "none"), empty)
