# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from staged import QUICK, SHOT, Job, Stage, open_files, result, until

from stmatte_host import EngineError, KeyFile, Session

PLUGIN = Path(__file__).parents[3] / "plugin"


def test_no_engine_runs_before_something_is_asked(stage: Stage) -> None:
    session = stage.session()
    session.pump(0.2)

    assert stage.pids() == []


def test_a_greeting_says_what_the_engine_can(stage: Stage) -> None:
    session = stage.session(client=("nuke", "15.1"))

    greeting = result(session, session.greet())

    assert greeting["devices"] == ["cpu"]
    assert stage.journal() == [
        {
            "life": 1,
            "method": "initialize",
            "protocol": 1,
            "client": {"name": "nuke", "version": "15.1"},
        }
    ]


def test_an_opened_shot_has_a_name_and_says_what_is_stale(stage: Stage) -> None:
    opened = stage.opened(stage.session())

    assert opened.frames == tuple(range(1001, 1011))
    assert opened.objects == ("hero",)
    assert opened.stale == {"hero": tuple(range(1001, 1011))}
    assert opened.notes == ("opened in life 1",)


def test_what_a_shot_is_opened_with_reaches_the_engine(stage: Stage) -> None:
    choices = {"channels": "object.V", "uncertainty": False}
    stage.opened(stage.session(), replace(SHOT, choices=choices))

    asked = stage.journal()[-1]
    assert asked == {
        "life": 1,
        "method": "shot/open",
        "document": SHOT.document(),
        "base": "/shot",
        "out": "out/matte.####.exr",
        "channels": "object.V",
        "uncertainty": False,
    }


def test_a_job_tells_every_frame_beginning_at_the_playhead(stage: Stage) -> None:
    session = stage.session()
    job = Job(session, stage.opened(session).shot, first=1007)

    end = job.over()

    assert [event.frame for event in job.frames[:3]] == [1007, 1001, 1002]
    assert [event.done for event in job.frames] == list(range(1, 11))
    assert job.frames[0].file == "out/matte.1007.exr"
    assert {event.job for event in job.events} == {job.name}
    assert (end.outcome, end.done, end.frames) == ("done", 10, 10)


def test_a_job_can_be_of_some_frames_only(stage: Stage) -> None:
    session = stage.session()
    job = Job(session, stage.opened(session).shot, frames="1003-1004")

    job.over()

    assert [event.frame for event in job.frames] == [1003, 1004]


def test_what_was_done_is_no_longer_stale(stage: Stage) -> None:
    session = stage.session()
    shot = stage.opened(session).shot
    Job(session, shot, frames="1001-1004").over()

    again = result(session, session.update_shot(shot, SHOT.document()))

    assert again.stale == {"hero": tuple(range(1005, 1011))}


def test_an_update_brings_the_new_document(stage: Stage) -> None:
    session = stage.session()
    shot = stage.opened(session).shot
    corrected = replace(SHOT, keys=(*SHOT.keys, KeyFile(1005, "hero", "keys/hero.1005.exr")))

    result(session, session.update_shot(shot, corrected.document()))

    assert stage.journal()[-1]["method"] == "shot/update"
    assert stage.journal()[-1]["document"]["keys"][1]["frame"] == 1005


def test_plan_and_frame_are_asked_of_the_right_shot(stage: Stage) -> None:
    session = stage.session()
    first, second = stage.opened(session).shot, stage.opened(session).shot

    result(session, session.plan(second))
    matte = result(session, session.matte(first, 1003))

    assert matte["frame"] == 1003
    assert [said["shot"] for said in stage.journal()[-2:]] == ["s2-of-life-1", "s1-of-life-1"]


def test_a_refusal_is_the_engines_sentence_unchanged(stage: Stage) -> None:
    sentence = 'The key at frame 987 of object "hero" is outside the plate: … Move it.'
    said = {"what": "key outside", "allowed": "1001-1100", "repair": "Move it", "problems": ["a"]}
    stage.lives({"refuse": {"shot/open": {"code": 1001, "message": sentence, "data": said}}})
    session = stage.session()

    with pytest.raises(EngineError) as error:
        stage.opened(session)

    assert str(error.value) == sentence
    assert (error.value.code, error.value.repair) == (1001, "Move it")
    assert error.value.problems == ("a",)


def test_a_job_that_cannot_start_ends_as_failed(stage: Stage) -> None:
    stage.lives({"refuse": {"job/start": {"code": 1001, "message": "The disk is full."}}})
    session = stage.session()
    end = Job(session, stage.opened(session).shot).over()

    assert end.outcome == "failed"
    assert str(end.error) == "The disk is full."


def test_a_job_stops_when_it_is_cancelled(stage: Stage) -> None:
    stage.lives({"slow": 0.1})
    session = stage.session()
    job = Job(session, stage.opened(session).shot)
    until(session, lambda: len(job.frames) == 2)

    session.cancel_job(job.name)
    end = job.over()

    assert end.outcome == "cancelled"
    assert end.done < 10


def test_a_job_that_is_cancelled_at_once_is_over_and_cancelled(stage: Stage) -> None:
    stage.lives({"slow": 0.1})
    session = stage.session()
    job = Job(session, stage.opened(session).shot)
    session.cancel_job(job.name)
    session.cancel_job(job.name)

    assert job.over().outcome == "cancelled"


def test_cancelling_what_is_over_does_nothing(stage: Stage) -> None:
    session = stage.session()
    job = Job(session, stage.opened(session).shot)
    job.over()
    count = len(job.events)

    session.cancel_job(job.name)
    session.cancel_job("no such job")
    result(session, session.greet())

    assert len(job.events) == count


def test_jobs_of_two_shots_are_told_apart(stage: Stage) -> None:
    session = stage.session()
    one = stage.opened(session).shot
    two = stage.opened(session, replace(SHOT, frames="1-3")).shot
    jobs = Job(session, one), Job(session, two)

    assert [job.over().done for job in jobs] == [10, 3]
    assert {event.frame for event in jobs[1].frames} == {1, 2, 3}


def test_frames_told_before_the_job_has_a_name_are_heard(stage: Stage) -> None:
    stage.lives({"early": True})
    session = stage.session()
    job = Job(session, stage.opened(session).shot)

    assert job.over().outcome == "done"
    assert len(job.frames) == 10


def test_closing_a_shot_cancels_its_job_and_tells_the_engine(stage: Stage) -> None:
    stage.lives({"slow": 0.1})
    session = stage.session()
    shot = stage.opened(session).shot
    job = Job(session, shot)
    until(session, lambda: bool(job.frames))

    session.close_shot(shot)

    assert job.over().outcome == "cancelled"
    assert [method for _, method in stage.asked()[-2:]] == ["job/cancel", "shot/close"]
    with pytest.raises(EngineError, match="was closed"):
        result(session, session.plan(shot))


def test_garbage_on_standard_output_is_logged_and_passed_over(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    garbage = [
        "Loading libraries ...\n",
        "\n",
        "[1, 2]\n",
        '{"jsonrpc": "2.0", "id": 77, "result": {}}\n',
        '{"jsonrpc": "2.0", "id": true, "result": {}}\n',
        '{"jsonrpc": "2.0", "id": null, "error": {"code": -32700, "message": "Parse error"}}\n',
        '{"jsonrpc": "2.0", "method": "job/progress", "params": {}}\n',
        '{"jsonrpc": "2.0", "method": "job/progress", "params": {"job": "j1"}}\n',
        '{"jsonrpc": "2.0", "method": "weather/rain", "params": {}}\n',
        '{"method": "engine/log", "params": {"level": "warning", "message": "x"}}\n',
        "[" * 100_000 + "\n",
        '{"jsonrpc": "2.0", "method": "half a li\n',
        "\xff\r\n",
    ]
    stage.lives({"garbage": garbage})
    session = stage.session()

    with caplog.at_level(logging.DEBUG):
        opened = stage.opened(session)

    assert opened.objects == ("hero",)
    assert "Loading libraries" in caplog.text
    assert ("stmatte_host.engine", logging.WARNING, "x") in caplog.record_tuples
    assert len(stage.pids()) == 1


def test_a_request_that_takes_too_long_fails_and_the_session_goes_on(stage: Stage) -> None:
    stage.lives({"silent_at": "shot/plan"})
    session = stage.session(replace(QUICK, answering=0.3))
    shot = stage.opened(session).shot

    with pytest.raises(EngineError, match=r'not answered "shot/plan" for 0\.3 seconds'):
        result(session, session.plan(shot))

    assert result(session, session.matte(shot, 1001))["frame"] == 1001


def test_what_json_cannot_say_fails_alone(stage: Stage) -> None:
    session = stage.session()
    shot = stage.opened(session).shot

    with pytest.raises(EngineError, match="cannot be written down"):
        result(session, session.update_shot(shot, {"a": object()}))
    with pytest.raises(EngineError, match=r"is 9\.0 MiB long: the engine takes 8 MiB"):
        result(session, session.update_shot(shot, {"a": "x" * (9 * 1024**2)}))

    assert result(session, session.matte(shot, 1001))["frame"] == 1001


def test_a_large_document_arrives_although_a_pipe_holds_little(stage: Stage) -> None:
    session = stage.session()
    many = replace(SHOT, cuts=tuple(range(200_000)))

    stage.opened(session, many)

    assert stage.journal()[-1]["document"]["cuts"][-1] == 199_999


def test_nothing_waits_for_an_engine_that_does_not_read(stage: Stage) -> None:
    stage.lives({"deaf": True})
    session = stage.session(replace(QUICK, leaving=0.2))
    result(session, session.greet())
    start = time.monotonic()

    for _ in range(20):  # each far more than a pipe holds
        session.open_shot({"a": "x" * 1_000_000}, "/", "out.####.exr")

    assert time.monotonic() - start < 5  # it would be for ever


def test_all_that_is_called_is_called_through_the_hosts_dispatch(stage: Stage) -> None:
    calls: list[Any] = []
    dispatched_from: set[threading.Thread] = set()

    def dispatch(call: Any) -> None:
        dispatched_from.add(threading.current_thread())
        calls.append(call)

    session = stage.session(dispatch=dispatch)
    future = session.greet()
    heard: list[threading.Thread] = []
    future.add_done_callback(lambda _: heard.append(threading.current_thread()))
    deadline = time.monotonic() + 20
    while not calls and time.monotonic() < deadline:
        time.sleep(0.01)

    assert not future.done()  # nothing happens behind the host's back
    calls.pop()()
    assert future.done()
    assert heard == [threading.main_thread()]
    assert threading.main_thread() not in dispatched_from
    assert session.pump() == 0


def test_a_host_that_fails_to_dispatch_does_not_break_the_session(stage: Stage) -> None:
    def dispatch(_: Any) -> None:
        raise RuntimeError("the host is going")

    session = stage.session(dispatch=dispatch)
    session.greet()
    deadline = time.monotonic() + 20
    while not stage.pids() and time.monotonic() < deadline:
        time.sleep(0.01)

    session.close()  # and `stage` sees that nothing is left


def test_a_callback_that_fails_does_not_keep_the_next_from_coming(stage: Stage) -> None:
    session = stage.session()
    shot = stage.opened(session).shot
    seen: list[Any] = []

    def tell(event: Any) -> None:
        seen.append(event)
        raise RuntimeError("a defect of the host's")

    session.start_job(shot, tell)
    until(session, lambda: len(seen) == 11)  # ten frames and the end


def test_a_future_that_the_host_cancelled_is_left_alone(stage: Stage) -> None:
    session = stage.session()
    future = session.greet()
    assert future.cancel()

    assert stage.opened(session).objects == ("hero",)
    assert future.cancelled()


def test_closing_ends_the_engine_within_the_patience(stage: Stage) -> None:
    session = stage.session()
    stage.opened(session)

    session.close()

    assert stage.living() == []
    assert stage.asked()[-1] == (1, "shutdown")


def test_closing_ends_an_engine_that_will_not_leave(stage: Stage) -> None:
    stage.lives({"linger": True})
    session = stage.session(replace(QUICK, leaving=0.3))
    stage.opened(session)

    session.close()

    assert stage.living() == []


def test_closing_cancels_jobs_and_fails_what_was_asked(stage: Stage) -> None:
    stage.lives({"slow": 0.2, "silent_at": "shot/plan"})
    session = stage.session()
    shot = stage.opened(session).shot
    job, plan = Job(session, shot), session.plan(shot)
    until(session, lambda: bool(job.frames))

    session.close()

    assert job.over().outcome == "cancelled"
    with pytest.raises(EngineError, match="stopped before it answered"):
        result(session, plan)


def test_closing_twice_and_before_anything_is_no_error(stage: Stage) -> None:
    session = stage.session()
    session.close()
    session.close()


def test_a_closed_session_says_so(stage: Stage) -> None:
    session = stage.session()
    session.close()

    with pytest.raises(EngineError, match="session with the engine is closed"):
        session.greet().result(0)
    with pytest.raises(EngineError, match="session with the engine is closed"):
        session.start_job("shot-1", lambda _: None)


def test_closing_without_waiting_returns_at_once_and_still_ends_all(stage: Stage) -> None:
    stage.lives({"linger": True})
    session = stage.session(replace(QUICK, leaving=1.0))
    stage.opened(session)

    session.close(wait=False)
    assert stage.living() != []  # it is still leaving; `stage` sees that it goes


@pytest.mark.parametrize("lives", [[{}], [{"linger": True}], [{"deaf": True}]])
def test_a_host_that_forgets_to_close_can_quit(stage: Stage, lives: list[Any]) -> None:
    stage.lives(*lives)
    script = (
        "import sys; from stmatte_host import Session, Patience\n"
        "session = Session(words=sys.argv[1:], patience=Patience(leaving=0.5))\n"
        "future = session.greet()\n"
        "while not future.done(): session.pump(0.1)\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(PLUGIN), "XDG_STATE_HOME": str(stage.folder)}

    done = subprocess.run(
        [sys.executable, "-c", script, *stage.words],
        env=environ,
        timeout=60,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_an_engine_of_another_protocol_is_refused_and_not_tried_again(stage: Stage) -> None:
    stage.lives({"protocol": 2})
    session = stage.session()

    with pytest.raises(EngineError, match="speaks protocol 2, the plug-in speaks 1"):
        stage.opened(session)

    assert len(stage.pids()) == 1
    assert stage.living() == []


def test_an_engine_that_refuses_the_plug_in_is_not_tried_again(stage: Stage) -> None:
    error = {"code": 1001, "message": "Protocol 1 is not spoken here."}
    stage.lives({"refuse": {"initialize": error}})
    session = stage.session()

    with pytest.raises(EngineError, match=r"^Protocol 1 is not spoken here\.$"):
        stage.opened(session)

    assert len(stage.pids()) == 1


def test_a_missing_program_is_a_sentence_with_what_to_type(stage: Stage) -> None:
    session = stage.session(words=("no-such-stmatte", "serve"))

    with pytest.raises(EngineError) as error:
        stage.opened(session)

    assert str(error.value).startswith('The engine "no-such-stmatte" was not found')
    assert "STMATTE_ENGINE=/opt/stmatte/bin/stmatte" in str(error.value)


def test_the_engine_is_the_one_that_the_environment_names(stage: Stage) -> None:
    environ = {**os.environ, "STMATTE_ENGINE": json.dumps(stage.words)}
    session = stage.session(words=(), environ=environ)

    assert result(session, session.greet())["version"] == "0.0"


def test_an_environment_that_names_the_engine_wrongly_is_a_sentence(stage: Stage) -> None:
    session = stage.session(words=(), environ={"STMATTE_ENGINE": "[stmatte serve]"})

    with pytest.raises(EngineError, match=r"STMATTE_ENGINE cannot be read \(\[stmatte serve\]\)"):
        result(session, session.greet())


def test_a_place_for_logs_that_cannot_be_written_is_a_sentence(stage: Stage) -> None:
    (stage.folder / "logs").touch()
    session = stage.session()

    with pytest.raises(EngineError, match="Cannot write the engine's log"):
        result(session, session.greet())


def test_the_engine_gets_a_clean_environment(stage: Stage) -> None:
    poison = {"PYTHONHOME": "/nuke/python", "PYTHONPATH": "/nuke", "LD_LIBRARY_PATH": "/nuke"}
    session = stage.session(environ={**os.environ, **poison, "OCIO": "/studio/config.ocio"})
    result(session, session.greet())  # with that PYTHONHOME no Python would start

    environ = json.loads((stage.folder / "environ.json").read_text())
    assert not poison.keys() & environ.keys()
    assert environ["OCIO"] == "/studio/config.ocio"


def test_two_sessions_do_not_disturb_each_other(stage: Stage) -> None:
    one, two = stage.session(), stage.session()
    stage.opened(one)
    stage.opened(two)

    one.close()

    assert len(stage.living()) == 1
    assert stage.opened(two).objects == ("hero",)


def test_many_sessions_leave_no_thread_and_no_file_open(stage: Stage) -> None:
    def once() -> None:
        session: Session = stage.session()
        result(session, session.greet())
        session.close()
        session.pump()

    once()
    before = open_files()
    for _ in range(5):
        once()

    assert open_files() <= before
