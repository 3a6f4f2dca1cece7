# SPDX-License-Identifier: Apache-2.0
"""The engine's own service behind the pipe: what the fake engine says is what it says, too.

Only the desk behind the service is a stub, so there are no pictures and nothing heavy.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from staged import QUICK, SHOT, Job, Port, Stage, result, until

from stmatte_host import EngineError, HostShot, Propagation, Session, State

DESK = Path(__file__).parents[2] / "desks.py"


class StubShot(HostShot):
    """A shot whose document is one that the stub desk knows."""

    def document(self) -> dict[str, Any]:
        return {**super().document(), "objects": list(self.objects)}


@pytest.fixture
def session(stage: Stage) -> Iterator[Session]:
    session = stage.session(
        replace(QUICK, starting=60),
        words=(sys.executable, str(DESK), str(stage.folder / "serve.log")),
    )
    yield session
    session.close()


@pytest.fixture
def opened(session: Session, tmp_path: Path) -> Callable[..., Any]:
    def open_shot(**document: Any) -> Any:
        document = {"frames": "1-5", "objects": ["hero"], **document}
        return result(session, session.open_shot(document, str(tmp_path), "m.####.exr"))

    return open_shot


def test_the_service_greets(session: Session) -> None:
    greeting = result(session, session.greet())

    assert (greeting["name"], greeting["protocol"]) == ("stmatte", 1)


def test_a_shot_is_opened_planned_propagated_and_closed(session: Session, opened: Any) -> None:
    shot = opened(notes=["One key only."])
    assert (shot.frames, shot.objects) == ((1, 2, 3, 4, 5), ("hero",))
    assert shot.stale == {"hero": (1, 2, 3, 4, 5)}
    assert shot.notes == ("One key only.",)
    assert result(session, session.plan(shot.shot))["forecast"]["frames"] == 5

    job = Job(session, shot.shot, first=4)
    end = job.over()

    assert [event.frame for event in job.frames] == [4, 1, 2, 3, 5]
    assert job.frames[0].file.endswith("m.0004.exr")
    assert job.frames[0].uncertainty == {"hero": 0.25}
    assert (end.outcome, end.done, end.frames, end.skipped, end.error) == ("done", 5, 5, {}, None)
    assert result(session, session.matte(shot.shot, 3))["fresh"] is True

    session.close_shot(shot.shot)
    with pytest.raises(EngineError, match="The shot was closed"):
        result(session, session.plan(shot.shot))


def test_an_update_says_what_is_stale(session: Session, opened: Any) -> None:
    shot = opened()
    Job(session, shot.shot).over()

    again = result(session, session.update_shot(shot.shot, {"frames": "1-5", "objects": ["hero"]}))

    assert again.stale == {"hero": (1, 2, 3, 4, 5)}  # the stub desk begins anew


def test_what_is_wrong_comes_as_the_service_says_it(opened: Any) -> None:
    with pytest.raises(EngineError) as error:
        opened(wrong=["The shot has no key", "The plate is gone"])

    assert str(error.value) == "The shot has no key.\nThe plate is gone."
    assert error.value.code == 1001
    assert error.value.problems == ("The shot has no key.", "The plate is gone.")


def test_what_waits_for_an_engine_that_lost_its_device_goes_on_with_the_next(
    session: Session, opened: Any
) -> None:
    failing = Job(session, opened(frames="1-3", happens={"2": "lost"}, pause=0.3).shot)
    waiting = Job(session, opened(frames="1-3").shot)

    end = failing.over()
    assert (end.outcome, end.done, str(end.error)) == (
        "failed",
        1,
        "The GPU stopped working. Propagate again.",
    )
    assert waiting.over().outcome == "done"
    again = result(session, session.greet())  # by an engine that was started meanwhile
    assert again["name"] == "stmatte"


def test_a_job_may_skip_fail_and_be_cancelled(session: Session, opened: Any) -> None:
    skipping = Job(session, opened(happens={"3": "skip"}).shot)
    failing = Job(session, opened(happens={"3": "mendable"}).shot)
    long = Job(session, opened(pause=0.2).shot)

    assert skipping.over().skipped == {3: "Plate frame 3 cannot be read."}
    assert (failing.over().outcome, str(failing.over().error)) == (
        "failed",
        "Plate frame 3 cannot be read. Render it again.",
    )
    until(session, lambda: bool(long.frames))
    session.cancel_job(long.name)
    assert long.over().outcome == "cancelled"
    assert long.over().done < 5


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_a_service_that_is_killed_is_started_again_and_the_job_goes_on(
    session: Session, opened: Any
) -> None:
    shot = opened(pause=0.1)
    job = Job(session, shot.shot)
    until(session, lambda: len(job.frames) == 2)

    os.kill(session._keeper._connection._child._process.pid, signal.SIGKILL)  # type: ignore[union-attr]

    assert job.over().outcome == "done"
    assert [event.frame for event in job.frames] == [1, 2, 3, 4, 5]
    assert "killed by SIGKILL" in job.interruptions[0].sentence


def test_a_service_leaves_when_the_session_is_closed(session: Session, opened: Any) -> None:
    job = Job(session, opened(pause=0.1).shot)
    until(session, lambda: bool(job.frames))
    process = session._keeper._connection._child._process  # type: ignore[union-attr]

    session.close()

    assert process.returncode == 0
    assert job.over().outcome == "cancelled"


def test_the_button_works_with_the_service(session: Session, tmp_path: Path) -> None:
    port = Port()
    propagation = Propagation(session, port)
    shot = StubShot(SHOT.plate, SHOT.objects, SHOT.out, str(tmp_path), frames="1-3")

    propagation.propagate(shot, first=2)
    until(session, lambda: bool(port.progress) and port.progress[-1].over)

    assert port.errors == []
    assert port.progress[-1].state is State.DONE
    assert [frame for frame, _ in port.ready] == [2, 1, 3]
