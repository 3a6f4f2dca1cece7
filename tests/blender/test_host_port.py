# SPDX-License-Identifier: Apache-2.0
"""Blender's side of the port keeps what every host's must."""

from __future__ import annotations

from pathlib import Path

from blenders import Blender

SUITE = Path(__file__).parents[1] / "plugin"


def test_blenders_port_keeps_every_promise(blender: Blender, tmp_path: Path) -> None:
    ran = blender.run("keeps_its_promises.py", SUITE, tmp_path / "engine", leaves=True)

    assert ran.told["promises"] > 0
    assert ran.told["broken"] == {}
