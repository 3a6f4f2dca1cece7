# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from staged import open_files

from stmatte_host import EngineError
from stmatte_host.child import Child
from stmatte_host.messages import LONGEST

POSIX = pytest.mark.skipif(os.name != "posix", reason="groups of processes are POSIX's")


class Heard:
    """What a child said."""

    def __init__(self, script: str, folder: Path) -> None:
        self.lines: list[bytes] = []
        self.ends = 0
        self.over = threading.Event()
        words = [sys.executable, "-c", "import os, sys, time\n" + script]
        self.child = Child(words, os.environ, folder / "log", self.lines.append, self.end)

    def end(self) -> None:
        self.ends += 1
        self.over.set()


def test_lines_come_as_they_are_said_and_go_as_they_are_sent(tmp_path: Path) -> None:
    heard = Heard("for line in sys.stdin: print(line.upper(), end='', flush=True)", tmp_path)
    for word in (b"one\n", b"two\n"):
        heard.child.send(word)

    assert heard.child.end(10) == 0
    assert heard.lines == [b"ONE\n", b"TWO\n"]
    assert heard.ends == 1


def test_half_a_line_at_the_end_comes_before_the_end(tmp_path: Path) -> None:
    heard = Heard("sys.stdout.write('whole\\nha')", tmp_path)
    assert heard.over.wait(20)

    assert heard.child.end(10) == 0
    assert heard.lines == [b"whole\n", b"ha"]


def test_a_line_that_is_too_long_is_passed_over_and_the_next_is_heard(tmp_path: Path) -> None:
    script = (
        f"print('x' * {LONGEST - 1})\n"  # with its line break just short enough
        f"print('y' * {2 * LONGEST + 5})\n"
        "print('z')"
    )
    heard = Heard(script, tmp_path)
    assert heard.over.wait(60)
    heard.child.end(10)

    assert [line[:1] for line in heard.lines] == [b"x", b"z"]


def test_standard_error_goes_to_the_log(tmp_path: Path) -> None:
    heard = Heard("sys.stderr.write('a warning')", tmp_path)
    heard.child.end(20)

    assert (tmp_path / "log").read_text() == "a warning"


def test_what_does_not_leave_is_forced_and_nothing_is_left(tmp_path: Path) -> None:
    threads, files = threading.active_count(), open_files()
    heard = Heard("print('ready', flush=True)\nwhile True: time.sleep(1)", tmp_path)
    pid = heard.child._process.pid

    code = heard.child.end(0.2)

    assert code == (-9 if os.name == "posix" else 1)
    assert not psutil.pid_exists(pid)
    assert threading.active_count() == threads
    assert open_files() <= files


def test_what_does_not_read_is_ended_although_a_line_is_on_its_way(tmp_path: Path) -> None:
    heard = Heard("while True: time.sleep(1)", tmp_path)
    heard.child.send(b"x" * 10_000_000)

    heard.child.end(0.2)

    assert not any(thread.is_alive() for thread in heard.child._threads)


def test_sending_to_the_dead_does_nothing(tmp_path: Path) -> None:
    heard = Heard("", tmp_path)
    assert heard.over.wait(20)
    heard.child.send(b"hello\n")
    heard.child.send(b"hello\n")

    assert heard.child.end(10) == 0
    assert heard.child.end(10) == 0  # once more is no error


@POSIX
@pytest.mark.parametrize("forced", [True, False])
def test_what_the_engine_started_goes_with_it(tmp_path: Path, forced: bool) -> None:
    script = (
        "import subprocess\n"
        "wait = [sys.executable, '-c', 'import time; time.sleep(60)']\n"
        "print(subprocess.Popen(wait).pid, flush=True)\n"
        f"if {forced}: time.sleep(60)"
    )
    heard = Heard(script, tmp_path)
    deadline = time.monotonic() + 20
    while not heard.lines and time.monotonic() < deadline:
        time.sleep(0.01)

    heard.child.end(0 if forced else 10)

    grandchild = int(heard.lines[0])
    while _alive(grandchild) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _alive(grandchild)
    assert heard.ends == 1


@POSIX
def test_the_hosts_control_c_is_not_the_engines(tmp_path: Path) -> None:
    heard = Heard("print(os.getpgid(0), flush=True)", tmp_path)
    heard.child.end(20)

    assert int(heard.lines[0]) != os.getpgid(0)


@POSIX
def test_a_file_that_is_no_program_is_a_sentence(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(b"\x00\x01")
    program.chmod(0o755)

    with pytest.raises(EngineError, match=r"cannot be started \(Exec format error\)"):
        Child([str(program)], os.environ, tmp_path / "log", lambda _: None, lambda: None)


def _alive(pid: int) -> bool:
    """Whether a process is there and is not merely waiting to be buried by its parent."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
