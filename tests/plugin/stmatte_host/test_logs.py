# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

from stmatte_host import EngineError
from stmatte_host.logs import KEPT, last_words, log_folder, log_for_engine, new_log


def test_every_start_has_its_own_log_and_the_newest_are_kept(tmp_path: Path) -> None:
    (tmp_path / "engine-20200101-000000-1-001.log").touch()
    (tmp_path / "notes.txt").touch()

    logs = [new_log(tmp_path / ".") for _ in range(KEPT + 2)]

    assert len(set(logs)) == KEPT + 2
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [*(path.name for path in logs[-KEPT:]), "notes.txt"]


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(EngineError, match=r"Cannot write the engine's log .*another folder"):
        new_log(tmp_path / "file" / "logs")


def test_the_last_words_are_the_last_lines_that_are_not_empty(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"x" * 100_000 + b"\n" + b"\n".join(b"%d" % n for n in range(20)) + b"\xff\n\n")

    assert last_words(log, lines=3) == "17\n18\n19\ufffd"
    assert len(last_words(log)) < 5000


def test_a_log_that_is_gone_has_no_last_words(tmp_path: Path) -> None:
    assert last_words(tmp_path / "a.log") == ""


@pytest.mark.skipif(sys.platform != "linux", reason="each system has its own place")
def test_logs_lie_where_the_system_keeps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/homes/mira")

    assert log_folder({}) == Path("/homes/mira/.local/state/stmatte/logs")
    assert log_folder({"XDG_STATE_HOME": "/state"}) == Path("/state/stmatte/logs")


def test_what_the_engine_says_is_logged_at_its_level(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        log_for_engine({"level": "error", "message": "a %s"})
        log_for_engine({"level": "whatever", "message": "b"})
        log_for_engine({})

    assert [(level, message) for _, level, message in caplog.record_tuples] == [
        (logging.ERROR, "a %s"),
        (logging.INFO, "b"),
        (logging.INFO, "None"),
    ]
