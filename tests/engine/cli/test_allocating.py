# SPDX-License-Identifier: Apache-2.0
"""How a process of STMatte asks the system for memory. Each test has one of its own."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

GLIBC = sys.platform.startswith("linux") and platform.libc_ver()[0] == "glibc"

BLOCKS = (
    "import psutil\n"
    "from stmatte.cli.allocating import keep_what_is_freed\n"
    "print(keep_what_is_freed())\n"
    "before = psutil.Process().memory_info().rss\n"
    "blocks = [bytearray(b'x') * 2**24 for _ in range(8)]\n"  # 8 blocks of 16 MiB
    "del blocks\n"
    "print((psutil.Process().memory_info().rss - before) // 2**20)\n"
)


def told(**environ: str) -> tuple[str, int]:
    """Return whether anything was set, and the MiB that a process keeps of 128 that it freed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    clean.pop("GLIBC_TUNABLES", None)
    ran = subprocess.run(
        [sys.executable, "-c", BLOCKS],
        capture_output=True,
        text=True,
        check=True,
        env={**clean, **environ},
    )
    set_, kept = ran.stdout.split()
    return set_, int(kept)


@pytest.mark.skipif(not GLIBC, reason="only there it can be set")
def test_what_is_freed_is_kept_for_what_comes_next() -> None:
    set_, kept = told()

    assert set_ == "True"
    assert kept >= 100


@pytest.mark.skipif(not GLIBC, reason="only there it can be set")
@pytest.mark.parametrize(
    "environ", [{"MALLOC_ARENA_MAX": "2"}, {"GLIBC_TUNABLES": "glibc.malloc.arena_max=2"}]
)
def test_what_the_environment_says_stands(environ: dict[str, str]) -> None:
    set_, kept = told(**environ)

    assert set_ == "False"
    assert kept < 32


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_elsewhere_nothing_is_done(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from stmatte.cli.allocating import keep_what_is_freed

    monkeypatch.setattr(sys, "platform", system)

    assert not keep_what_is_freed()
