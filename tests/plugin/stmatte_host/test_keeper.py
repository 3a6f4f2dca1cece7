# SPDX-License-Identifier: Apache-2.0
"""The engine dies at every moment that there is, and the host sees one continuous job."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from staged import QUICK, SHOT, Job, Stage, open_files, result, until

from stmatte_host import EngineError, KeyFile

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and groups are POSIX's")
ALL = list(range(1001, 1011))
CORRECTED = replace(SHOT, keys=(*SHOT.keys, KeyFile(1005, "hero", "keys/hero.1005.exr")))


@pytest.mark.parametrize(
    "rules",
    [
        {"die_at": "start"},
        {"die_at": "initialize"},
        {"die_after": "initialize"},
        {"die_at": "shot/open"},
        {"die_after": "shot/open"},
        {"die_at": "shot/update"},
        {"die_after": "shot/update"},
        {"die_at": "job/start"},
        {"die_after": "job/start"},
        {"die_at_frame": 0},
        {"die_at_frame": 4},
        {"half_at_frame": 4},
        {"die_at_frame": 9},
        {"die_at_frame": 4, "code": 0},
        {"die_at_frame": 4, "kill": True},
        {"die_at_frame": 4, "early": True},
    ],
    ids=str,
)
def test_whenever_the_engine_dies_the_host_sees_one_continuous_job(
    stage: Stage, rules: dict[str, Any]
) -> None:
    stage.lives(rules)
    session = stage.session()
    shot = stage.opened(session).shot
    result(session, session.update_shot(shot, CORRECTED.document()))
    job = Job(session, shot)

    end = job.over()

    assert [event.frame for event in job.frames] == ALL  # each once, and in order
    assert [event.done for event in job.frames] == list(range(1, 11))
    assert {event.frames for event in job.frames} == {10}
    assert {event.job for event in job.events} == {job.name}
    assert (end.outcome, end.done, end.frames) == ("done", 10, 10)
    assert len(stage.pids()) == 2
    assert [said["document"] for said in stage.journal() if "document" in said][-1] == (
        CORRECTED.document()
    )


def test_an_engine_that_dies_while_it_rests_is_started_when_it_is_needed(stage: Stage) -> None:
    session = stage.session()
    shot = stage.opened(session).shot
    os.kill(stage.pids()[0], signal.SIGTERM)
    session.pump(0.5)
    assert len(stage.pids()) == 1

    Job(session, shot).over()

    assert stage.asked() == [
        (1, "initialize"),
        (1, "shot/open"),
        (2, "initialize"),
        (2, "shot/open"),
        (2, "job/start"),
    ]


def test_the_host_is_told_that_and_how_the_engine_stopped(stage: Stage) -> None:
    stage.lives({"die_at_frame": 3, "code": 7})
    session = stage.session()
    job = Job(session, stage.opened(session).shot)
    job.over()

    assert [event.sentence for event in job.interruptions] == [
        "The engine stopped (exit code 7) and is started again; the job goes on."
    ]
    assert [type(event).__name__ for event in job.events[:5]] == [
        *["JobFrame"] * 3,
        "JobInterrupted",
        "JobFrame",
    ]


@POSIX
def test_an_engine_that_was_killed_is_said_to_want_memory(stage: Stage) -> None:
    stage.lives({"die_at_frame": 3, "kill": True})
    session = stage.session()
    job = Job(session, stage.opened(session).shot)
    job.over()

    assert "(killed by SIGKILL, often for want of memory)" in job.interruptions[0].sentence


def test_a_job_that_waits_its_turn_is_started_again_too_and_in_order(stage: Stage) -> None:
    stage.lives({"die_at_frame": 4})
    session = stage.session()
    one = Job(session, stage.opened(session).shot)
    two = Job(session, stage.opened(session, replace(SHOT, frames="1-3")).shot)

    assert one.over().done == 10
    assert two.over().done == 3
    assert [event.frame for event in two.frames] == [1, 2, 3]


def test_a_job_goes_on_with_the_playhead_and_frames_it_was_started_with(stage: Stage) -> None:
    stage.lives({"die_at_frame": 2})
    session = stage.session()
    job = Job(session, stage.opened(session).shot, frames="1003-1007", first=1006)

    job.over()

    assert [event.frame for event in job.frames] == [1006, 1003, 1004, 1005, 1007]


def test_what_was_asked_and_not_answered_is_asked_again(stage: Stage) -> None:
    stage.lives({"die_at": "frame/matte"})
    session = stage.session()
    shot = stage.opened(session).shot

    futures = [session.plan(shot), session.matte(shot, 1003), session.matte(shot, 1004)]

    assert [result(session, future).get("frame") for future in futures] == [None, 1003, 1004]


def test_a_request_that_the_engine_dies_of_is_not_asked_for_ever(stage: Stage) -> None:
    dies = {"die_at": "shot/open", "code": 139, "stderr": "Segmentation fault in the reader\n"}
    stage.lives(dies, dies)
    session = stage.session()

    with pytest.raises(EngineError) as error:
        stage.opened(session)

    assert str(error.value).startswith(
        'The engine stops whenever it is asked "shot/open" (exit code 139). Its log is "'
    )
    assert str(error.value).endswith("and ends so:\nSegmentation fault in the reader")
    assert len(stage.pids()) == 2
    assert stage.opened(session).objects == ("hero",)  # and the third life is a good one


def test_a_request_is_not_blamed_for_what_a_job_does_to_the_engine(stage: Stage) -> None:
    stage.lives(*[{"die_at_frame": 2, "slow": 0.1, "silent_at": "shot/plan"}] * 2)
    session = stage.session(replace(QUICK, tries=1))
    shot = stage.opened(session).shot
    job, plan = Job(session, shot), session.plan(shot)

    assert result(session, plan)["spans"] == []
    assert job.over().outcome == "done"


def test_a_job_whose_shot_kills_the_engine_when_it_is_opened_again_is_given_up(
    stage: Stage,
) -> None:
    stage.lives({"die_at_frame": 1}, *[{"die_at": "shot/open"}] * 9)
    session = stage.session(replace(QUICK, restarts=99))
    end = Job(session, stage.opened(session).shot).over()

    assert str(end.error).startswith('The engine stops whenever it is asked "shot/open"')
    assert len(stage.pids()) == 3


def test_an_engine_that_cannot_live_is_given_up_with_its_last_words(stage: Stage) -> None:
    dies = {"die_at": "start", "stderr": "ImportError: no module named torch\n"}
    stage.lives(*[dies] * 9)
    session = stage.session(replace(QUICK, restarts=3))

    with pytest.raises(EngineError) as error:
        stage.opened(session)

    assert len(stage.pids()) == 4  # the first start and three more
    assert str(error.value).startswith(
        "The engine stopped 4 times before it was ready (exit code 1). Its log is "
    )
    assert str(error.value).endswith("ImportError: no module named torch")


def test_after_giving_up_another_press_tries_anew_and_as_often(stage: Stage) -> None:
    stage.lives(*[{"die_at": "start"}] * (4 + 3))
    session = stage.session()
    with pytest.raises(EngineError, match="stopped 4 times"):
        stage.opened(session)

    assert stage.opened(session).objects == ("hero",)


def test_giving_up_ends_every_job_with_the_error(stage: Stage) -> None:
    stage.lives({"die_at_frame": 2}, *[{"die_at": "start"}] * 9)
    session = stage.session(replace(QUICK, restarts=2))
    shot = stage.opened(session).shot
    jobs = Job(session, shot), Job(session, shot)

    ends = [job.over() for job in jobs]

    assert [end.outcome for end in ends] == ["failed", "failed"]
    assert {str(end.error)[:39] for end in ends} == {"The engine stopped 3 times before it wa"}
    assert (ends[0].done, ends[0].frames) == (2, 10)


def test_a_frame_that_kills_the_engine_ends_its_job_and_the_next_job_goes_on(
    stage: Stage,
) -> None:
    # The first life tells two frames; then three more lives tell none that is new.
    stage.lives(*[{"die_at_frame": 2}] * 4)
    session = stage.session(replace(QUICK, restarts=99, fruitless=2))
    one = Job(session, stage.opened(session).shot)
    two = Job(session, stage.opened(session, replace(SHOT, frames="1-3")).shot)

    end = one.over()

    assert end.outcome == "failed"
    assert str(end.error).startswith("The engine stops whenever it works on the next frame")
    assert (end.done, len(one.interruptions)) == (2, 3)
    assert two.over().outcome == "done"


def test_a_job_that_goes_on_a_little_with_each_start_gets_to_its_end(stage: Stage) -> None:
    # Lives tell 1, 2, 3 ... frames, of which one is new each time: 10 lives, 9 deaths.
    stage.lives(*[{"die_at_frame": n} for n in range(1, 10)])
    session = stage.session(replace(QUICK, restarts=99, fruitless=0, backoff=0.001))
    job = Job(session, stage.opened(session).shot)

    assert job.over().outcome == "done"
    assert [event.frame for event in job.frames] == ALL
    assert len(job.interruptions) == 9


def test_a_shot_that_cannot_be_opened_again_fails_its_job_with_the_engines_sentence(
    stage: Stage,
) -> None:
    refusal = {"shot/open": {"code": 1001, "message": "The plate has moved."}}
    stage.lives({"die_at_frame": 2}, {"refuse": refusal})
    session = stage.session()
    end = Job(session, stage.opened(session).shot).over()

    assert (end.outcome, str(end.error)) == ("failed", "The plate has moved.")


def test_a_new_document_mends_a_shot_that_cannot_be_opened_again(stage: Stage) -> None:
    session = stage.session()
    shot = stage.opened(session).shot
    os.kill(stage.pids()[0], signal.SIGTERM)
    session.pump(0.3)

    updated = result(session, session.update_shot(shot, CORRECTED.document()))

    assert updated.shot == shot
    opens = [said for said in stage.journal() if said["method"].startswith("shot/")]
    assert [said["method"] for said in opens] == ["shot/open", "shot/open"]
    assert opens[1]["document"] == CORRECTED.document()
    assert opens[1]["out"] == "out/matte.####.exr"


def test_a_new_document_that_waits_is_not_refused_with_the_old_one(stage: Stage) -> None:
    refusal = {"shot/open": {"code": 1001, "message": "The key is gone."}}
    stage.lives({"die_at_frame": 2}, {"refuse_once": refusal})
    session = stage.session(replace(QUICK, backoff=0.3))
    shot = stage.opened(session).shot
    job = Job(session, shot)
    until(session, lambda: bool(job.interruptions))

    update = session.update_shot(shot, CORRECTED.document())

    assert str(job.over().error) == "The key is gone."
    assert result(session, update).shot == shot


def test_a_shot_that_is_let_go_while_it_is_opened_again_is_closed(stage: Stage) -> None:
    stage.lives({}, {"late": {"shot/open": 0.3}})
    session = stage.session()
    shot = stage.opened(session).shot
    os.kill(stage.pids()[0], signal.SIGTERM)
    session.plan(shot)
    until(session, lambda: stage.asked()[-1] == (2, "shot/open"))

    session.close_shot(shot)

    until(session, lambda: stage.asked()[-1] == (2, "shot/close"))
    assert stage.journal()[-1]["shot"] == "s1-of-life-2"


def test_a_document_that_was_refused_is_not_what_the_next_engine_gets(stage: Stage) -> None:
    stage.lives(
        {"refuse": {"shot/update": {"code": 1001, "message": "No."}}, "die_at": "job/start"}
    )
    session = stage.session()
    shot = stage.opened(session).shot
    with pytest.raises(EngineError, match="No"):
        result(session, session.update_shot(shot, CORRECTED.document()))

    Job(session, shot).over()

    assert [said["document"] for said in stage.journal() if said["method"] == "shot/open"] == [
        SHOT.document(),
        SHOT.document(),
    ]


def test_a_job_that_was_cancelled_is_not_started_again(stage: Stage) -> None:
    stage.lives({"die_at": "job/cancel", "slow": 0.05})
    session = stage.session()
    job = Job(session, stage.opened(session).shot)
    until(session, lambda: bool(job.frames))

    session.cancel_job(job.name)

    assert job.over().outcome == "cancelled"
    assert len(stage.pids()) == 1


def test_a_job_can_be_cancelled_between_two_engines(stage: Stage) -> None:
    stage.lives({"die_at_frame": 2})
    session = stage.session(replace(QUICK, backoff=0.5))
    job = Job(session, stage.opened(session).shot)
    until(session, lambda: bool(job.interruptions))

    session.cancel_job(job.name)

    assert job.over().outcome == "cancelled"
    assert job.over().done == 2


def test_a_job_that_was_cancelled_before_it_was_taken_does_not_outlive_the_engine(
    stage: Stage,
) -> None:
    stage.lives({"silent_at": "job/start"})
    session = stage.session()
    job = Job(session, stage.opened(session).shot)
    until(session, lambda: stage.asked()[-1] == (1, "job/start"))
    session.cancel_job(job.name)
    os.kill(stage.pids()[0], signal.SIGTERM)

    assert job.over().outcome == "cancelled"
    session.pump(0.5)
    assert len(stage.pids()) == 1


def test_closing_between_two_engines_starts_no_other(stage: Stage) -> None:
    stage.lives({"die_at_frame": 2})
    session = stage.session(replace(QUICK, backoff=0.3))
    job = Job(session, stage.opened(session).shot)
    until(session, lambda: bool(job.interruptions))

    session.close()
    time.sleep(0.5)

    assert job.over().outcome == "cancelled"
    assert len(stage.pids()) == 1


def test_a_person_may_restart_an_engine_that_hangs(stage: Stage) -> None:
    stage.lives({"silent_at": "shot/plan"})
    session = stage.session()
    shot = stage.opened(session).shot
    plan = session.plan(shot)
    until(session, lambda: stage.asked()[-1] == (1, "shot/plan"))

    session.restart()

    assert result(session, plan)["spans"] == []
    assert len(stage.pids()) == 2


def test_restarting_goes_on_with_the_job_and_counts_as_no_failure(stage: Stage) -> None:
    stage.lives(*[{"slow": 0.05}] * 9)
    session = stage.session(replace(QUICK, restarts=0, fruitless=0))
    job = Job(session, stage.opened(session).shot)
    until(session, lambda: bool(job.frames))

    session.restart()

    assert job.over().outcome == "done"
    assert [event.frame for event in job.frames] == ALL
    assert "(it was ended by hand)" in job.interruptions[0].sentence


def test_restarting_by_hand_gives_the_engine_all_its_tries_again(stage: Stage) -> None:
    stage.lives(*[{"die_at_frame": n, "slow": 0.05} for n in (1, 2)], *[{"slow": 0.2}] * 2)
    session = stage.session(replace(QUICK, restarts=2))
    job = Job(session, stage.opened(session).shot)
    until(session, lambda: len(stage.pids()) == 3 and len(job.frames) == 3)

    session.restart()
    until(session, lambda: len(stage.pids()) == 4)
    os.kill(stage.pids()[3], signal.SIGTERM)

    assert job.over().outcome == "done"
    assert len(stage.pids()) == 5


def test_restarting_an_engine_that_waits_to_be_started_starts_it_now(stage: Stage) -> None:
    stage.lives({"die_at_frame": 2})
    session = stage.session(replace(QUICK, backoff=1000))
    job = Job(session, stage.opened(session).shot)
    until(session, lambda: bool(job.interruptions))

    session.restart()

    assert job.over().outcome == "done"


def test_restarting_without_an_engine_starts_none(stage: Stage) -> None:
    session = stage.session()
    session.restart()
    session.pump(0.2)

    assert stage.pids() == []


def test_an_engine_that_never_greets_is_given_up(stage: Stage) -> None:
    stage.lives(*[{"silent_at": "initialize"}] * 9)
    session = stage.session(replace(QUICK, starting=0.3, restarts=1))

    with pytest.raises(
        EngineError, match=r"2 times before it was ready \(it did not answer and was ended\)"
    ):
        stage.opened(session)

    assert len(stage.pids()) == 2


@POSIX
def test_an_engine_that_leaves_something_behind_is_known_to_be_dead(stage: Stage) -> None:
    # What it leaves holds standard output open: no end of file will come for a minute.
    stage.lives({"orphan": True, "die_at_frame": 4})
    session = stage.session()
    job = Job(session, stage.opened(session).shot)
    start = time.monotonic()

    assert job.over().outcome == "done"
    assert time.monotonic() - start < 30
    assert [event.frame for event in job.frames] == ALL


def test_ten_restarts_leave_no_thread_and_no_file_open(stage: Stage) -> None:
    stage.lives(*[{"die_at_frame": n} for n in range(1, 10)])
    session = stage.session(replace(QUICK, restarts=99, backoff=0.001))
    opened = stage.opened(session)
    threads, files = threading.active_count(), open_files()

    Job(session, opened.shot).over()

    assert len(stage.pids()) == 10
    assert len(stage.living()) == 1
    assert threading.active_count() == threads
    assert open_files() <= files
