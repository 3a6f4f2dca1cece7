# SPDX-License-Identifier: Apache-2.0
"""Outlines as jobs of the service: the same file as the command line's, told and cancelled."""

from __future__ import annotations

from pathlib import Path

import pytest

from desks import StubDesk
from shots import soft_disc
from stmatte.images.mattes import write_mattes
from stmatte.pipeline.outlining import outlining
from talking import InProcess, RefusedError


@pytest.fixture
def mattes(tmp_path: Path) -> str:
    for frame in range(1, 5):
        write_mattes(tmp_path / f"m.{frame:04d}.exr", {"hero": soft_disc(30 + frame)})
    return str(tmp_path / "m.####.exr")


def test_an_outline_is_a_job_that_leaves_the_command_lines_file(
    mattes: str, tmp_path: Path
) -> None:
    out = tmp_path / "o.json"
    with InProcess(StubDesk) as talk:
        talk.hello()
        asked = {"mattes": mattes, "object": "hero", "out": str(out), "frames": "1-3"}
        job = talk.ask("outline/start", **asked)["job"]
        told = [talk.notice("job/progress") for _ in range(3)]
        done = talk.notice("job/done")

    assert [(one["frame"], one["done"], one["frames"]) for one in told] == [
        (1, 1, 3),
        (2, 2, 3),
        (3, 3, 3),
    ]
    assert (done["job"], done["outcome"], done["done"]) == (job, "done", 3)
    other = tmp_path / "other.json"
    outlining(mattes, "hero", other, lambda found: found[:3]).made()
    assert out.read_bytes() == other.read_bytes()


def test_what_cannot_be_outlined_ends_the_job_with_words(mattes: str, tmp_path: Path) -> None:
    with InProcess(StubDesk) as talk:
        talk.hello()
        out = tmp_path / "o.json"
        talk.ask("outline/start", mattes=mattes, object="nobody", out=str(out))
        done = talk.notice("job/done")

    assert done["outcome"] == "failed"
    assert 'has no object "nobody"' in done["error"]["message"]
    assert not out.exists()


def test_mattes_that_are_not_there_are_refused_at_once(tmp_path: Path) -> None:
    with InProcess(StubDesk) as talk:
        talk.hello()
        with pytest.raises(RefusedError) as no:
            talk.ask("outline/start", mattes=str(tmp_path / "x.####.exr"), object="a", out="o.json")

    assert no.value.code == 1001


def test_a_job_that_is_stopped_writes_nothing(mattes: str, tmp_path: Path) -> None:
    work = outlining(mattes, "hero", tmp_path / "o.json")
    read: list[int] = []

    delivery = work.deliver(None, None, lambda: len(read) >= 2, lambda one: read.append(one.frame))

    assert (delivery.cancelled, read, (tmp_path / "o.json").exists()) == (True, [1, 2], False)
