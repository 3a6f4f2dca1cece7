# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stmatte.service import logs
from stmatte.service.messages import EngineLog


@contextmanager
def root_logger() -> Iterator[logging.Logger]:
    """The root logger alone: pytest's own handlers cannot carry half a letter."""
    root = logging.getLogger()
    before = list(root.handlers)
    root.handlers.clear()
    try:
        yield root
    finally:
        for added in root.handlers:
            added.close()
        root.handlers[:] = before


def test_the_log_file_does_not_grow_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "MOST", 1000)

    with root_logger() as root:
        logs.log_to_file(tmp_path / "deep" / "serve.log")
        for number in range(200):
            root.warning("Line %d with \udcff, which is half a letter", number)

    files = sorted(path.name for path in (tmp_path / "deep").iterdir())
    assert files == ["serve.log", "serve.log.1", "serve.log.2", "serve.log.3"]
    assert all(path.stat().st_size <= 1000 for path in (tmp_path / "deep").iterdir())
    assert "Line 199 with \\udcff" in (tmp_path / "deep" / "serve.log").read_text("utf-8")


def test_the_client_hears_warnings_and_worse_once_it_listens() -> None:
    told: list[tuple[str, EngineLog]] = []
    listens = False
    log = logging.Logger("one")
    log.addHandler(logs.ClientLog(lambda *said: told.append(said), lambda: listens))

    log.warning("too early")
    listens = True
    log.info("not worth it")
    log.warning("Key at frame %d is scaled", 7)
    try:
        raise KeyError("secret")
    except KeyError:
        log.exception("A mistake")
    log.critical("The end")

    assert [method for method, _ in told] == ["engine/log"] * 3
    assert [(said.level, said.message) for _, said in told] == [
        ("warning", "Key at frame 7 is scaled"),
        ("error", "A mistake"),
        ("error", "The end"),
    ]
