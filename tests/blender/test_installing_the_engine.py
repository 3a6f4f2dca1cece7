# SPDX-License-Identifier: Apache-2.0
"""The preferences, and the button that installs the engine."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from blenders import Blender

ANSWER = "import sys; sys.stdout.write('stmatte, version 0.1.0\\n')\n"


def wheel(folder: Path, name: str, version: str, files: dict[str, str]) -> Path:
    """Make a wheel with these files; pip wants no more of one than this."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        for place, text in files.items():
            archive.writestr(place, text)
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


def test_the_button_says_why_nothing_can_be_installed(blender: Blender) -> None:
    told = blender.run("installs_engine.py", "none", "none", leaves=True).told

    assert told["before"].startswith("The engine was not found: STMatte's engine is a program")
    assert told["offline"].startswith("Blender is not allowed to go online, and pip needs that.")
    assert told["nothing"].startswith("Nothing to install is named: it is STMatte's folder")
    shown = " ".join(told["drawn before"])
    assert "The engine was not found: STMatte's engine is a program of its own" in shown
    assert "[stmatte.install_engine] Nothing to install is named: it is STMatte's" in shown
    assert told["named"].startswith('The engine "/nowhere/stmatte", named by the preferences, was')


@pytest.mark.slow
def test_the_button_makes_an_environment_whose_engine_is_taken_from_then_on(
    blender: Blender, tmp_path: Path
) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    wheel(wheels, "torch", "2.13.0", {"torch.py": ""})
    engine = wheel(
        wheels, "stmatte", "0.1.0", {"stmatte/__init__.py": "", "stmatte/__main__.py": ANSWER}
    )

    ran = blender.run(
        "installs_engine.py",
        engine,
        wheels,
        leaves=True,
        PIP_NO_INDEX="1",
        PIP_CONFIG_FILE="/dev/null",
    )

    assert ran.told["pressed"].startswith("Installed STMatte 0.1.0 in")
    assert ran.told["after"].endswith("engine-1/bin/python -m stmatte serve by Install Engine")
    shown = " ".join(ran.told["drawn after"])
    assert "Installed STMatte 0.1.0 in" in shown
    assert "Or in a terminal" in shown
    assert "[stmatte.copy_install_lines]" in shown
