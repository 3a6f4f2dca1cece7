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
    "from stmatte.allocating import keep_what_is_freed\n"
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
    from stmatte.allocating import keep_what_is_freed

    monkeypatch.setattr(sys, "platform", system)

    assert not keep_what_is_freed()


HOLES = (
    "import ctypes, psutil\n"
    "from stmatte.allocating import EVERY, give_back_holes, keep_what_is_freed\n"
    "keep_what_is_freed()\n"
    "blocks = [bytearray(b'x') * 2**20 for _ in range(128)]\n"
    "del blocks[1::2]\n"  # 64 MiB of holes between what stays
    "before = psutil.Process().memory_info().rss\n"
    "done = [give_back_holes(EVERY - 1), give_back_holes(EVERY)]\n"
    "print(done, (before - psutil.Process().memory_info().rss) // 2**20)\n"
)


@pytest.mark.skipif(not GLIBC, reason="only there is such a heap")
def test_holes_are_given_back_now_and_then() -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    ran = subprocess.run(
        [sys.executable, "-c", HOLES], capture_output=True, text=True, check=True, env=clean
    )

    done, _, freed = ran.stdout.strip().rpartition(" ")
    assert done == "[False, True]"
    assert int(freed) >= 48


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_elsewhere_holes_stay(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from stmatte.allocating import EVERY, give_back_holes

    monkeypatch.setattr(sys, "platform", system)

    assert not give_back_holes(EVERY)
