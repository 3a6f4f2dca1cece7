# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from staged import QUICK, SHOT, Port, Stage, result, until

from stmatte_host import AbsentFrames, KeyFile, Mark, Propagation, Session, State
from stmatte_host.answers import JobLearning

CORRECTED = replace(SHOT, keys=(*SHOT.keys, KeyFile(1005, "hero", "keys/hero.1005.exr")))
ALL = list(range(1001, 1011))


@pytest.fixture
def host(stage: Stage) -> Callable[..., tuple[Session, Port, Propagation]]:
    def make(*lives: dict[str, Any], **how: Any) -> tuple[Session, Port, Propagation]:
        stage.lives(*lives)
        session, port = stage.session(replace(QUICK, **how)), Port()
        return session, port, Propagation(session, port)

    return make


def over(session: Session, port: Port) -> None:
    until(session, lambda: bool(port.progress) and port.progress[-1].over)


def strip(port: Port) -> str:
    """Return the newest marks of "hero" as initials, such as "KFFSA"."""
    return "".join(mark.value[0].upper() for mark in port.marks[-1]["hero"].values())


def test_a_press_brings_every_frame_the_playhead_first(host: Any) -> None:
    session, port, propagation = host()

    propagation.propagate(SHOT, first=1004)
    assert propagation.running
    over(session, port)

    assert [frame for frame, _ in port.ready] == [1004, *(f for f in ALL if f != 1004)]
    assert port.ready[0] == (1004, "out/matte.1004.exr")
    assert not propagation.running
    assert port.errors == []


def test_progress_goes_from_opening_to_done(host: Any) -> None:
    session, port, propagation = host()

    propagation.propagate(SHOT)
    over(session, port)

    states = [progress.state for progress in port.progress]
    assert states == [State.OPENING, State.WAITING, *[State.WORKING] * 10, State.DONE]
    assert [progress.done for progress in port.progress[2:]] == [*range(1, 11), 10]
    assert {progress.frames for progress in port.progress[2:]} == {10}


def test_steps_of_learning_are_shown_before_the_frames(host: Any) -> None:
    session, port, propagation = host({"learns": 3})

    propagation.propagate(SHOT)
    over(session, port)

    learning = [p for p in port.progress if p.state is State.LEARNING]
    assert [(p.step, p.steps, p.share) for p in learning] == [
        (1, 3, 1 / 3),
        (2, 3, 2 / 3),
        (3, 3, 1),
    ]
    states = [progress.state for progress in port.progress]
    assert states[1:6] == [State.WAITING, *[State.LEARNING] * 3, State.WORKING]
    assert [p.share for p in port.progress[5:7]] == [0.1, 0.2]  # then the bar is that of frames


def test_who_cancels_while_it_learns_reads_that_it_stops(host: Any) -> None:
    _, port, propagation = host()
    propagation.propagate(SHOT)
    propagation._job = "job-1"
    propagation.cancel()

    propagation._heard(JobLearning("job-1", 2, 80))

    assert port.progress[-1].state is State.CANCELLING


def test_the_strip_turns_from_stale_to_fresh_frame_by_frame(host: Any) -> None:
    session, port, propagation = host()

    propagation.propagate(SHOT)
    over(session, port)

    strips = ["".join(m.value[0] for m in marks["hero"].values()) for marks in port.marks]
    assert strips[0] == "ksssssssss"  # keyed at 1001, the rest stale
    assert strips[2] == "kfssssssss"  # after 1001 and 1002
    assert strips[-1] == "kfffdfffff"  # the fake doubts 1005


def test_looking_shows_what_is_stale_and_computes_nothing(host: Any, stage: Stage) -> None:
    session, port, propagation = host()

    propagation.look(SHOT)
    until(session, lambda: bool(port.marks))

    assert strip(port) == "KSSSSSSSSS"
    assert port.progress == []
    assert stage.asked()[-1] == (1, "shot/open")


def test_notes_of_the_engine_are_shown(host: Any) -> None:
    session, port, propagation = host()
    propagation.look(SHOT)
    until(session, lambda: bool(port.notes))

    assert port.notes == ["opened in life 1"]


def test_pressing_again_updates_and_starts_anew(host: Any, stage: Stage) -> None:
    session, port, propagation = host({"slow": 0.1})
    propagation.propagate(SHOT)
    until(session, lambda: len(port.ready) == 2)

    propagation.propagate(CORRECTED, first=1006)
    count = len(port.ready)
    over(session, port)

    assert [method for _, method in stage.asked()[2:]] == [
        "job/start",
        "job/cancel",
        "shot/update",
        "job/start",
    ]
    assert [frame for frame, _ in port.ready[count:]] == [1006, *(f for f in ALL if f != 1006)]
    assert port.progress[-1].state is State.DONE
    assert [p.state for p in port.progress].count(State.CANCELLED) == 0
    assert strip(port) == "KFFFKFFFFF"


def test_pressing_many_times_in_a_row_starts_only_the_last(host: Any, stage: Stage) -> None:
    session, port, propagation = host()
    shots = [replace(SHOT, cuts=(frame,)) for frame in ALL]
    for shot in shots:
        propagation.propagate(shot)
    over(session, port)

    methods = [method for _, method in stage.asked()]
    assert methods == ["initialize", "shot/open", "shot/update", "job/start"]
    assert stage.journal()[2]["document"]["cuts"] == [1010]
    assert [frame for frame, _ in port.ready] == ALL


def test_looking_right_after_a_press_does_not_undo_the_press(host: Any, stage: Stage) -> None:
    session, port, propagation = host()

    propagation.propagate(SHOT, first=1003)
    propagation.look(CORRECTED)
    over(session, port)

    assert port.ready[0][0] == 1003
    assert stage.journal()[-1]["method"] == "job/start"
    assert strip(port) == "KFFFKFFFFF"


def test_looking_while_a_job_runs_lets_it_go_on_and_shows_the_truth_at_its_end(
    host: Any, stage: Stage
) -> None:
    session, port, propagation = host({"slow": 0.05})
    propagation.propagate(SHOT)
    until(session, lambda: len(port.ready) == 2)

    propagation.look(CORRECTED)
    over(session, port)
    count = len(port.marks)
    until(session, lambda: len(port.marks) > count)

    assert [frame for frame, _ in port.ready] == ALL
    # To the fake, any change of the document makes everything stale; and what the old job
    # still does makes nothing fresh.
    stale = "ksssksssss"
    looked = ["".join(m.value[0] for m in marks["hero"].values()) for marks in port.marks]
    assert set(looked[looked.index(stale) :]) == {stale}
    assert [method for _, method in stage.asked()].count("job/cancel") == 0


def test_cancelling_stops_and_keeps_what_is_done(host: Any) -> None:
    session, port, propagation = host({"slow": 0.1})
    propagation.propagate(SHOT)
    until(session, lambda: len(port.ready) == 2)

    propagation.cancel()
    assert port.progress[-1].state is State.CANCELLING
    over(session, port)

    assert port.progress[-1].state is State.CANCELLED
    assert strip(port).startswith("KF")
    assert strip(port).endswith("S")


def test_cancelling_before_the_shot_is_open_starts_no_job(host: Any, stage: Stage) -> None:
    session, port, propagation = host()
    propagation.propagate(SHOT)

    propagation.cancel()
    until(session, lambda: bool(port.marks))

    assert port.progress[-1].state is State.CANCELLED
    assert not propagation.running
    assert (1, "job/start") not in stage.asked()


def test_cancelling_after_two_presses_starts_no_job_either(host: Any, stage: Stage) -> None:
    session, port, propagation = host()
    propagation.propagate(SHOT)
    propagation.propagate(CORRECTED)

    propagation.cancel()
    until(session, lambda: bool(port.marks) and strip(port)[4] == "K")
    session.pump(0.2)

    assert not propagation.running
    assert (1, "job/start") not in stage.asked()


def test_cancelling_nothing_shows_nothing(host: Any) -> None:
    session, port, propagation = host()
    propagation.cancel()
    session.pump(0.1)

    assert port.progress == []


def test_an_error_is_shown_unchanged_and_the_next_press_works(host: Any) -> None:
    sentence = "Key at frame 987 is outside the plate: it has 1001-1100. Move the key."
    session, port, propagation = host(
        {"refuse": {"shot/open": {"code": 1001, "message": sentence}}}
    )
    propagation.propagate(SHOT)
    over(session, port)

    assert port.errors == [sentence]
    assert port.progress[-1].state is State.FAILED

    session.restart()
    propagation.propagate(SHOT)
    over(session, port)
    assert port.progress[-1].state is State.DONE
    assert port.errors == [sentence]


def test_a_refused_correction_leaves_the_shot_as_it_was(host: Any) -> None:
    sentence = "Two keys on one frame."
    session, port, propagation = host(
        {"refuse": {"shot/update": {"code": 1001, "message": sentence}}}
    )
    propagation.look(SHOT)
    until(session, lambda: bool(port.marks))

    propagation.look(CORRECTED)
    until(session, lambda: bool(port.errors))

    assert port.errors == [sentence]
    assert strip(port) == "KSSSSSSSSS"
    assert port.progress == []


def test_an_error_of_an_older_wish_is_not_shown_and_the_newer_one_is_carried_out(
    host: Any,
) -> None:
    refusals = {"shot/open": {"code": 1001, "message": "No key."}}
    session, port, propagation = host({"refuse_once": refusals})
    propagation.look(replace(SHOT, keys=()))
    propagation.look(SHOT)
    until(session, lambda: bool(port.marks))

    assert port.errors == []
    assert strip(port) == "KSSSSSSSSS"


def test_a_missing_engine_is_an_error_in_the_host(stage: Stage) -> None:
    session, port = stage.session(words=("no-such-stmatte",)), Port()
    propagation = Propagation(session, port)
    propagation.propagate(SHOT)
    over(session, port)

    assert port.errors[0].startswith('The engine "no-such-stmatte" was not found')
    assert port.progress[-1].state is State.FAILED


def test_a_closed_session_is_an_error_in_the_host(host: Any) -> None:
    session, port, propagation = host()
    session.close()

    propagation.propagate(SHOT)

    assert port.errors == [
        "The session with the engine is closed. Start the plug-in again.",
    ]
    assert port.progress[-1].state is State.FAILED


def test_when_the_engine_dies_the_host_sees_a_note_and_one_job(host: Any) -> None:
    session, port, propagation = host({"die_at_frame": 4})
    propagation.propagate(SHOT)
    over(session, port)

    assert [frame for frame, _ in port.ready] == ALL
    assert [note for note in port.notes if "stopped" in note] == [
        "The engine stopped (exit code 1) and is started again; the job goes on."
    ]
    states = [progress.state for progress in port.progress]
    assert states[6:8] == [State.INTERRUPTED, State.WORKING]
    assert states[-1] is State.DONE
    assert port.progress[6].done == 4  # the bar stays where it was
    assert port.errors == []


def test_when_the_engine_cannot_live_the_host_sees_one_error(host: Any) -> None:
    session, port, propagation = host({"die_at_frame": 4}, *[{"die_at": "start"}] * 9)
    propagation.propagate(SHOT)
    over(session, port)

    assert len(port.errors) == 1
    assert port.errors[0].startswith("The engine stopped 4 times before it was ready")
    assert port.progress[-1].state is State.FAILED


def test_another_range_or_plate_is_opened_anew(host: Any, stage: Stage) -> None:
    session, port, propagation = host()
    propagation.propagate(SHOT)
    over(session, port)

    propagation.propagate(replace(SHOT, frames="1001-1012"))
    until(session, lambda: port.progress[-1].frames == 12 and port.progress[-1].over)

    methods = [method for _, method in stage.asked()]
    assert methods[-3:] == ["shot/close", "shot/open", "job/start"]
    assert list(port.marks[-1]["hero"]) == list(range(1001, 1013))


def test_a_new_object_gets_a_row_of_its_own(host: Any) -> None:
    session, port, propagation = host()
    propagation.propagate(SHOT)
    over(session, port)

    two = replace(SHOT, objects=("hero", "car"), absences=(AbsentFrames("car", "1001-1002"),))
    count = len(port.marks)
    propagation.look(two)
    until(session, lambda: len(port.marks) > count)

    assert list(port.marks[-1]) == ["hero", "car"]
    assert port.marks[-1]["car"][1002] is Mark.ABSENT
    assert port.marks[-1]["car"][1003] is Mark.STALE


def test_two_shots_share_a_session(stage: Stage) -> None:
    session = stage.session()
    ports = Port(), Port()
    for port, frames in ((ports[0], "1001-1004"), (ports[1], "1-3")):
        Propagation(session, port).propagate(replace(SHOT, frames=frames))
    for port in ports:
        over(session, port)

    assert [frame for frame, _ in ports[0].ready] == [1001, 1002, 1003, 1004]
    assert [frame for frame, _ in ports[1].ready] == [1, 2, 3]
    assert len(stage.pids()) == 1


def test_after_a_look_a_host_can_ask_more_about_the_shot(host: Any) -> None:
    session, port, propagation = host()
    assert propagation.shot_name == ""

    propagation.look(SHOT)
    until(session, lambda: bool(port.marks))

    advice = result(session, session.suggest(propagation.shot_name, 2))["advice"]
    assert [each["frame"] for each in advice] == [1009, 1010]
    assert propagation.stale == {"hero": tuple(ALL)}


def test_the_measured_exposure_outlives_an_update_that_does_not_say_it(host: Any) -> None:
    session, port, propagation = host()
    propagation.look(SHOT)
    propagation.look(CORRECTED)
    until(session, lambda: len(port.marks) == 2)

    assert propagation.exposure == 1.5


@pytest.mark.parametrize("when", ["opening", "working", "over"])
def test_closing_forgets_the_shot_and_shows_nothing_any_more(
    host: Any, stage: Stage, when: str
) -> None:
    session, port, propagation = host({"slow": 0.05})
    propagation.propagate(SHOT)
    if when == "working":
        until(session, lambda: bool(port.ready))
    elif when == "over":
        over(session, port)

    propagation.close()
    shown = len(port.progress), len(port.marks)
    until(session, lambda: (1, "shot/close") in stage.asked())
    session.pump(0.2)

    assert (len(port.progress), len(port.marks)) == shown
    assert ((1, "job/cancel") in stage.asked()) == (when == "working")


def test_everything_is_shown_on_the_hosts_thread(host: Any) -> None:
    session, port, propagation = host({"die_at_frame": 4})
    propagation.propagate(SHOT)
    over(session, port)  # `Port` looks at the thread with every call

    assert len(port.ready) == 10
