# SPDX-License-Identifier: Apache-2.0
"""What only a process of its own can show: streams, signals, exit codes, memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from talking import PATIENCE, line, process

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


def free_signals() -> None:
    """Let Ctrl-C through: a shell may start tests in the background, where it is ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_a_whole_conversation_over_pipes(tmp_path: Path) -> None:
    with process(tmp_path / "log") as (talk, engine):
        shot = talk.hello().open(frames="1-3")
        talk.ask("job/start", shot=shot)
        assert [talk.notice("job/progress")["frame"] for _ in range(3)] == [1, 2, 3]
        assert talk.notice("job/done")["outcome"] == "done"
        talk.ask("shutdown")

        assert engine.wait(PATIENCE) == 0


def test_the_end_of_standard_input_ends_it(tmp_path: Path) -> None:
    with process(tmp_path / "log") as (talk, engine):
        talk.hello()
        talk.ask("job/start", shot=talk.open(frames="1-1000", pause=0.01))
        talk.notice("job/progress")
        talk.hang_up()

        assert talk.notice("job/done")["outcome"] == "cancelled"
        assert engine.wait(PATIENCE) == 0


def test_an_engine_that_lost_its_device_fails_the_job_and_ends_to_be_started_anew(
    tmp_path: Path,
) -> None:
    with process(tmp_path / "log") as (talk, engine):
        talk.hello()
        failing = talk.open(frames="1-3", happens={"2": "lost"}, pause=0.5)
        waiting = talk.open(frames="1-3")
        lost = talk.ask("job/start", shot=failing)["job"]
        talk.ask("job/start", shot=waiting)

        done = talk.notice("job/done")
        assert (done["job"], done["outcome"], done["done"]) == (lost, "failed", 1)
        assert done["error"]["message"] == "The GPU stopped working. Propagate again."
        assert engine.wait(PATIENCE) == 75
        told = [notice["method"] for notice in talk.rest()]

    assert "job/done" not in told  # the other job is not over: another process may take it
    assert "engine/log" in told


def test_nothing_that_prints_or_reads_gets_between_the_lines(tmp_path: Path) -> None:
    with process(tmp_path / "log") as (talk, engine):
        talk.hello()
        talk.ask("job/start", shot=talk.open(frames="1-2", noise=True))
        assert talk.notice("job/done")["outcome"] == "done"  # every line until now was checked
        assert talk.open(frames="1") == "s2"  # and no line of ours was taken by the process
        talk.hang_up()
        assert engine.wait(PATIENCE) == 0
        assert engine.stderr is not None
        said = engine.stderr.read().decode()

    for words in ("a library prints", "a library in C prints", "a process prints"):
        assert said.count(words) == 2
    assert said.count("a process read 0") == 2


def test_a_client_that_reads_no_more_ends_it(tmp_path: Path) -> None:
    from_engine, answers = os.pipe()
    desks = Path(__file__).parents[2] / "desks.py"
    engine = subprocess.Popen(
        [sys.executable, str(desks), str(tmp_path / "log")],
        stdin=subprocess.PIPE,
        stdout=answers,
        stderr=subprocess.PIPE,
    )
    os.close(answers)
    os.close(from_engine)
    assert engine.stdin is not None
    assert engine.stderr is not None
    engine.stdin.write(line("initialize", 1, protocol=1))
    engine.stdin.flush()  # and it stays open

    assert engine.wait(PATIENCE) == 0
    assert b"Traceback" not in engine.stderr.read()
    engine.stdin.close()
    engine.stderr.close()


@posix
@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 0), ("SIGINT", 130)])
def test_a_signal_finishes_the_frame_and_ends_it(tmp_path: Path, name: str, code: int) -> None:
    with process(tmp_path / "log", preexec_fn=free_signals) as (talk, engine):
        talk.hello()
        talk.ask("job/start", shot=talk.open(frames="1-1000", pause=0.02))
        talk.notice("job/progress")
        engine.send_signal(signal.Signals[name])

        assert talk.notice("job/done")["outcome"] == "cancelled"
        assert engine.wait(PATIENCE) == code
        assert engine.stderr is not None
        assert b"Traceback" not in engine.stderr.read()


@posix
def test_a_signal_ends_it_while_it_only_waits(tmp_path: Path) -> None:
    with process(tmp_path / "log") as (talk, engine):
        talk.hello()
        engine.terminate()

        assert engine.wait(PATIENCE) == 0
        assert talk.rest() == []


@posix
def test_a_second_signal_does_not_wait_for_the_frame(tmp_path: Path) -> None:
    with process(tmp_path / "log", preexec_fn=free_signals) as (talk, engine):
        talk.hello()
        talk.ask("job/start", shot=talk.open(frames="1", happens={"1": "hang"}))
        assert engine.stderr is not None
        assert b"hanging\n" in iter(engine.stderr.readline, b"")
        engine.send_signal(signal.SIGINT)
        while talk.ask_or_none("shot/close", shot="s1") is not None:
            pass  # until it says that it is ending
        engine.send_signal(signal.SIGTERM)

        assert engine.wait(PATIENCE) == 128 + signal.SIGTERM


def test_a_client_that_dies_leaves_no_engine_behind(tmp_path: Path) -> None:
    desks = Path(__file__).parents[2] / "desks.py"
    host = (
        "import os, subprocess, sys\n"
        f"words = [sys.executable, {str(desks)!r}, {str(tmp_path / 'log')!r}]\n"
        "engine = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        f"engine.stdin.write({line('initialize', 1, protocol=1)!r})\n"
        "engine.stdin.flush()\n"
        "engine.stdout.readline()\n"
        "print(engine.pid, flush=True)\n"
        "os._exit(1)\n"
    )
    died = subprocess.run([sys.executable, "-c", host], stdout=subprocess.PIPE, timeout=PATIENCE)

    try:
        engine = psutil.Process(int(died.stdout))
        psutil.wait_procs([engine], timeout=PATIENCE)
        assert not engine.is_running() or engine.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        pass  # it had gone before we looked


def test_a_flood_on_one_line_does_not_fill_the_memory(tmp_path: Path) -> None:
    with process(tmp_path / "log") as (talk, engine):
        talk.hello()
        before = psutil.Process(engine.pid).memory_info().rss

        def flood() -> None:
            for _ in range(1600):  # x 64 KiB = 100 MiB
                talk.send(b"x" * 2**16)
            talk.send(b"\n")

        sender = threading.Thread(target=flood)
        sender.start()
        assert talk.answer()["error"]["code"] == 1005
        sender.join()
        assert talk.open(frames="1") == "s1"

        assert psutil.Process(engine.pid).memory_info().rss - before < 50 * 2**20


def test_the_log_has_what_the_client_is_spared(tmp_path: Path) -> None:
    with process(tmp_path / "logs" / "serve.log") as (talk, _):
        talk.hello()
        talk.ask("job/start", shot=talk.open(frames="1-2", happens={"1": "defect"}))
        told = talk.notice("engine/log")
        talk.notice("job/done")
        talk.hang_up()
        talk.rest()

    log = (tmp_path / "logs" / "serve.log").read_text("utf-8")
    assert told == {"level": "error", "message": "Job j1 of shot s1 ended by a mistake"}
    assert "Traceback" in log
    assert "KeyError: 1" in log


def test_a_log_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "logs").touch()  # where the folder should be

    with process(tmp_path / "logs" / "serve.log") as (talk, engine):
        assert talk.hello().open(frames="1") == "s1"
        talk.hang_up()
        assert engine.wait(PATIENCE) == 0
        assert engine.stderr is not None
        assert b"cannot be written" in engine.stderr.read()


@posix
def test_a_missing_error_stream_does_not_let_prints_into_the_protocol(tmp_path: Path) -> None:
    with process(tmp_path / "log", preexec_fn=lambda: os.close(2)) as (talk, _):
        shot = talk.hello().open(frames="1-2", happens={"1": "defect"})
        talk.ask("job/start", shot=shot)
        assert talk.notice("job/done")["outcome"] == "failed"
        assert talk.open(frames="1") == "s2"


@posix
@pytest.mark.parametrize("stream", [0, 1])
def test_a_closed_stream_is_told_in_a_sentence(tmp_path: Path, stream: int) -> None:
    with process(tmp_path / "log", preexec_fn=lambda: os.close(stream)) as (_, engine):
        assert engine.wait(PATIENCE) == 1
        assert engine.stderr is not None
        assert b"StmatteError: There is nobody to talk to" in engine.stderr.read()
