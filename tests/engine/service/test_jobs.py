# SPDX-License-Identifier: Apache-2.0
"""Jobs work one at a time, stop within a frame, and end exactly once."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import Any

import pytest

from desks import Gate
from stmatte.errors import StmatteError
from stmatte.service.jobs import Job, Jobs
from talking import InProcess


def ends(notices: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return (job, outcome) of every end, in their order."""
    done = [n["params"] for n in notices if n["method"] == "job/done"]
    return [(end["job"], end["outcome"]) for end in done]


def test_requests_are_answered_while_a_job_works(gated: InProcess, gate: Gate) -> None:
    shot = gated.open(frames="1-3")
    gated.ask("job/start", shot=shot)
    assert gate.reached(1)

    assert gated.ask("shot/plan", shot=shot)["forecast"]["frames"] == 3
    gate.let(1)
    assert gated.notice("job/progress")["frame"] == 1
    assert gated.ask("frame/matte", shot=shot, frame=1)["fresh"]
    assert gated.open(frames="1-2") == "s2"


def test_a_cancelled_job_is_answered_at_once_and_ends_within_one_frame(
    gated: InProcess, gate: Gate
) -> None:
    shot = gated.open(frames="1-100")
    job = gated.ask("job/start", shot=shot)["job"]
    gate.let(2)
    assert gate.reached(3)  # so frame 3 is in work

    assert gated.ask("job/cancel", job=job) == {}
    gate.let(100)

    assert [gated.notice("job/progress")["frame"] for _ in range(3)] == [1, 2, 3]
    done = gated.notice("job/done")
    assert (done["outcome"], done["done"], done["frames"]) == ("cancelled", 3, 100)
    assert gated.ask("shot/plan", shot=shot)["forecast"]["frames"] == 97


def test_cancelling_what_is_over_is_no_error_and_tells_nothing(talk: InProcess) -> None:
    job = talk.ask("job/start", shot=talk.open(frames="1"))["job"]
    talk.notice("job/done")

    assert talk.ask("job/cancel", job=job) == {}
    assert talk.ask("job/cancel", job=job) == {}

    talk.ask("shutdown")
    assert talk.rest() == []


def test_a_job_that_still_waits_is_cancelled_at_once(gated: InProcess, gate: Gate) -> None:
    shot = gated.open(frames="1-3")
    gated.ask("job/start", shot=shot)
    assert gate.reached(1)
    waiting = gated.ask("job/start", shot=shot, frames="2-3")["job"]

    gated.ask("job/cancel", job=waiting)

    done = gated.notice("job/done")  # though the first job stands at the gate
    assert (done["job"], done["outcome"], done["done"], done["frames"]) == (
        waiting, "cancelled", 0, 2
    )  # fmt: skip


def test_jobs_work_in_the_order_of_their_start(talk: InProcess) -> None:
    shot = talk.open(frames="1-3")
    jobs = [talk.ask("job/start", shot=shot, frames=f"{i}")["job"] for i in (3, 1, 2)]

    done = [talk.notice("job/done")["job"] for _ in range(3)]

    assert done == jobs


def test_a_second_job_finds_what_the_first_has_made(talk: InProcess) -> None:
    shot = talk.open(frames="1-3")
    for _ in range(2):
        talk.ask("job/start", shot=shot)
        fresh = [talk.notice("job/progress")["fresh"] for _ in range(3)]
        talk.notice("job/done")

    assert fresh == [True, True, True]


def test_a_job_goes_on_with_the_document_that_it_began_with(gated: InProcess, gate: Gate) -> None:
    shot = gated.open(frames="1-3")
    gated.ask("job/start", shot=shot)

    gated.ask("shot/update", shot=shot, document={"frames": "50"})
    gate.let(3)

    assert gated.notice("job/done")["done"] == 3
    assert gated.ask("shot/plan", shot=shot)["forecast"]["frames"] == 1


def test_a_closed_shot_takes_its_jobs_along_and_no_others(gated: InProcess, gate: Gate) -> None:
    first, second = gated.open(frames="1-9"), gated.open(frames="1-3")
    gated.ask("job/start", shot=first)
    gated.ask("job/start", shot=first)
    gated.ask("job/start", shot=second)
    assert gate.reached(1)

    gated.ask("shot/close", shot=first)
    outcomes = [gated.notice("job/done")]  # of the job that waited, at once: the gate is shut
    gate.let(100)
    outcomes += [gated.notice("job/done") for _ in range(2)]

    assert [(end["job"], end["outcome"]) for end in outcomes] == [
        ("j2", "cancelled"),
        ("j1", "cancelled"),
        ("j3", "done"),
    ]


def test_what_a_person_can_mend_fails_the_job_and_keeps_what_was_done(talk: InProcess) -> None:
    talk.ask("job/start", shot=talk.open(frames="1-5", happens={"3": "mendable"}))

    done = talk.notice("job/done")

    assert (done["outcome"], done["done"], done["frames"]) == ("failed", 2, 5)
    assert done["error"]["code"] == 1001
    assert done["error"]["message"] == "Plate frame 3 cannot be read. Render it again."


@pytest.mark.parametrize(("happens", "name"), [("defect", "KeyError"), ("exit", "SystemExit")])
def test_a_mistake_of_ours_ends_the_job_and_not_the_engine(
    talk: InProcess, caplog: pytest.LogCaptureFixture, happens: str, name: str
) -> None:
    shot = talk.open(frames="1-5", happens={"2": happens})
    talk.ask("job/start", shot=shot)

    done = talk.notice("job/done")

    assert (done["outcome"], done["done"]) == ("failed", 1)
    assert done["error"]["code"] == -32603
    assert name in done["error"]["message"]
    assert "Traceback" in caplog.text
    talk.ask("job/start", shot=shot, frames="4-5")
    assert talk.notice("job/done")["outcome"] == "done"


def test_a_desk_that_tells_nonsense_fails_the_job(
    talk: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)  # its traceback is not what is looked at here
    talk.ask("job/start", shot=talk.open(frames="1-5", happens={"2": "nonsense"}))

    done = talk.notice("job/done")

    assert done["error"]["code"] == -32603
    assert done["done"] == 1


def test_every_job_ends_exactly_once_when_the_engine_does(gated: InProcess, gate: Gate) -> None:
    shot = gated.open(frames="1-9")
    for _ in range(3):
        gated.ask("job/start", shot=shot)
    gate.let(1)
    gated.notice("job/progress")

    gated.ask("shutdown")
    gate.let(100)

    assert sorted(ends(gated.rest())) == [(f"j{n}", "cancelled") for n in (1, 2, 3)]
    assert gated.join() == 0


def test_the_end_of_standard_input_cancels_what_runs(gated: InProcess, gate: Gate) -> None:
    gated.ask("job/start", shot=gated.open(frames="1-1000"))
    gate.let(2)
    gated.notice("job/progress")

    gated.hang_up()
    gate.let(2000)

    (end,) = [n["params"] for n in gated.rest() if n["method"] == "job/done"]
    assert end["outcome"] == "cancelled"
    assert gated.join() == 0


def test_a_job_that_nobody_waits_for_an_answer_of_works_too(talk: InProcess) -> None:
    talk.open(frames="1-2")

    talk.send(b'{"jsonrpc": "2.0", "method": "job/start", "params": {"shot": "s1"}}\n')

    assert talk.notice("job/done")["job"] == "j1"


def test_every_step_that_a_network_learns_is_told() -> None:
    @dataclass
    class Learning:
        begun: threading.Event
        frames: tuple[int, ...] = (7,)

        def deliver(self, *said: Any) -> Any:
            self.begun.set()
            *_, learns = said
            learns(1, 2)
            learns(2, 2)
            raise StmatteError("That is all")

    told: list[tuple[str, dict[str, Any]]] = []
    over = threading.Event()
    jobs = Jobs(lambda method, message: told.append((method, message.model_dump())), over.set)
    begun = threading.Event()
    jobs.add(Job("j1", "s1", Learning(begun)))
    assert begun.wait(10)
    jobs.end()

    assert over.wait(10)
    steps = [message for method, message in told if method == "job/learning"]
    assert steps == [{"job": "j1", "shot": "s1", "step": n, "steps": 2} for n in (1, 2)]
