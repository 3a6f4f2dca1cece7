# SPDX-License-Identifier: Apache-2.0
"""The extension itself: it is built, comes, goes, and leaves Blender as it was."""

from __future__ import annotations

import zipfile

from blenders import Blender


def test_the_zip_carries_the_hosts_side_inside_and_nothing_that_is_not_needed(
    blender: Blender,
) -> None:
    with zipfile.ZipFile(blender.zip) as archive:
        names = set(archive.namelist())

    assert {"__init__.py", "blender_manifest.toml", "LICENSE", "stmatte_host/session.py"} <= names
    assert {name.rpartition(".")[2] for name in names} == {"py", "toml", "LICENSE"}


def test_it_is_installed_disabled_enabled_and_replaced_and_blender_leaves_cleanly(
    blender: Blender,
) -> None:
    ran = blender.run("comes_and_goes.py", leaves=True)

    assert ran.code == 0
    assert "Traceback" not in ran.output
    assert "STMATTE_Preferences" in ran.told["enabled"]
    assert ran.told["again"] == ran.told["enabled"]
    assert ran.told["is the new one"]
    assert (ran.told["disabled"], ran.told["at the end"]) == ([], [])


def test_blender_leaves_cleanly_with_it_enabled(blender: Blender) -> None:
    ran = blender.run("stays_enabled.py", leaves=True)

    assert ran.code == 0
    assert "Traceback" not in ran.output
