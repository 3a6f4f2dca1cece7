# SPDX-License-Identifier: Apache-2.0
"""What a panel shows while an engine answers: a host whose frames count from 1, plate from 1001."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from staged import SHOT, Stage, until

from stmatte_host import AbsentFrames, EngineError, HostShot, KeyFile, Progress, Session, State
from stmatte_host.gathered import files_of, key_rows
from stmatte_host.showing import Showing
from stmatte_host.shown import KeyRow, Shown


@dataclass(frozen=True)
class Shot:
    """A shot as this host gathers it."""

    shot: HostShot = SHOT
    offset: int = 1000
    first: int = 1
    last: int = 10
    heard: Any = None
    unheard: tuple[KeyRow, ...] = ()
    notes: tuple[str, ...] = ()


PRESSED = Shot(heard={"hero": (1,)})
TWO_KEYS = Shot(
    shot=replace(SHOT, keys=(*SHOT.keys, KeyFile(1005, "hero", "keys/hero.1005.exr"))),
    heard={"hero": (1, 5)},
)


class Face:
    """A host that remembers what it was asked to do besides."""

    def __init__(self) -> None:
        self.drawn = 0
        self.log: list[str] = []
        self.complaints: list[str] = []
        self.frames: list[int] = []
        self.exposures: list[tuple[str, float]] = []
        self.rests = 0

    def redraw(self) -> None:
        self.drawn += 1

    def say(self, sentence: str) -> None:
        self.log.append(sentence)

    def complain(self, sentence: str) -> None:
        self.complaints.append(sentence)

    def take_frame(self, gathered: Any, frame: int, path: str) -> None:
        assert path == f"out/matte.{frame}.exr"
        self.frames.append(frame - gathered.offset)

    def keep_exposure(self, gathered: Any, stops: float) -> None:
        self.exposures.append((gathered.shot.plate, stops))

    def rest(self) -> None:
        self.rests += 1


class Host:
    """A face, what it shows, and the engine behind it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.face = Face()
        self.shown = Shown()
        self.showing = Showing(session, self.face, self.shown)

    def settle(self) -> None:
        until(self.session, lambda: not self.showing.busy)


@pytest.fixture
def host(stage: Stage) -> Any:
    def make(*lives: dict[str, Any]) -> Host:
        stage.lives(*lives)
        return Host(stage.session())

    return make


def test_a_press_brings_mattes_and_shows_them_in_the_hosts_frames(host: Any) -> None:
    one = host()

    one.showing.propagate(PRESSED, playhead=4)
    assert one.showing.busy
    one.settle()

    assert one.face.frames == [4, 1, 2, 3, 5, 6, 7, 8, 9, 10]
    # The fake engine is in doubt about plate frame 1005.
    hero = (("keyed", "1"), ("fresh", "2-4, 6-10"), ("doubtful", "5"))
    assert one.shown.strip == {"hero": hero}
    assert one.shown.keys == (KeyRow("hero", 1, "fresh"),)
    assert one.shown.line == "Done: 10 of 10 frames"
    assert (one.shown.running, one.shown.share, one.shown.error) == (False, 1.0, "")
    assert one.shown.touched == ()
    assert one.face.rests == 1
    assert one.face.log[-1] == one.shown.line


def test_looking_tells_what_would_be_computed_and_what_that_takes(host: Any) -> None:
    one = host()

    one.showing.look(PRESSED)
    one.settle()

    assert one.face.frames == []
    assert one.shown.touched == ("hero: 1-10",)
    assert one.shown.stale == {"hero": tuple(range(1, 11))}
    assert one.shown.keys == (KeyRow("hero", 1, "sent"),)
    assert one.shown.forecast == "10 frames to do, about 5 s"  # half a second each
    assert not one.shown.running


def test_only_the_span_under_the_playhead_is_asked_for(host: Any) -> None:
    one = host()

    one.showing.propagate(TWO_KEYS, playhead=7, which="SPAN")
    one.settle()

    assert sorted(one.face.frames) == [5, 6, 7, 8, 9, 10]
    assert one.face.frames[0] == 7


def test_a_range_is_cut_to_the_shot_and_one_outside_is_refused_in_words(host: Any) -> None:
    one = host()

    one.showing.propagate(PRESSED, playhead=99, which="RANGE", ranges=(8, 99))
    one.settle()
    assert sorted(one.face.frames) == [8, 9, 10]

    with pytest.raises(EngineError, match="Frames 50-99 are not in the shot: it has frames 1-10"):
        one.showing.propagate(PRESSED, playhead=1, which="RANGE", ranges=(50, 99))
    assert not one.showing.busy


def test_a_key_is_new_until_the_engine_has_it(host: Any) -> None:
    one = host()
    one.showing.propagate(PRESSED, playhead=1)
    one.settle()

    one.showing.look(TWO_KEYS)
    assert one.shown.keys == (KeyRow("hero", 1, "fresh"), KeyRow("hero", 5, "new"))
    one.settle()

    assert one.shown.keys == (KeyRow("hero", 1, "sent"), KeyRow("hero", 5, "sent"))


def test_keys_that_are_not_heard_are_listed_with_their_reason_in_order() -> None:
    unheard = (KeyRow("car", 3, "ignored"), KeyRow("hero", 2, "ignored"))
    gathered = replace(TWO_KEYS, unheard=unheard)

    rows = key_rows(gathered, {("hero", 1): gathered.shot.keys[0]}, {"hero": (7,)})

    # 7 lies in the span after key 5; key 1 is heard in 1-5, where nothing is stale.
    assert rows == (
        KeyRow("car", 3, "ignored"),
        KeyRow("hero", 1, "fresh"),
        KeyRow("hero", 2, "ignored"),
        KeyRow("hero", 5, "new"),
    )
    assert files_of(gathered)["hero", 5].path == "keys/hero.1005.exr"


def test_the_next_key_is_told_in_words_and_by_frame(host: Any) -> None:
    one, went = host(), []

    one.showing.suggest(PRESSED, lambda name, frame: went.append((name, frame)))
    one.settle()

    assert went == [("hero", 10)]
    assert one.shown.advice == 'Key "hero" at 10: far from keys'
    assert one.shown.advice in one.face.log


def test_a_refused_advice_is_an_error_and_nothing_waits_for_it(host: Any) -> None:
    sentence = "Nothing is known of this shot."
    one, went = host({"refuse": {"shot/suggest": {"code": 1, "message": sentence}}}), []

    one.showing.suggest(PRESSED, lambda *said: went.append(said))
    one.settle()

    assert (one.shown.error, one.face.complaints, went) == (sentence, [sentence], [])


def test_what_was_gathered_may_have_notes_and_a_new_press_forgets_the_old_ones(host: Any) -> None:
    one = host()

    one.showing.look(replace(PRESSED, notes=("A layer is gone.",)))
    one.settle()
    assert one.shown.notes == ["A layer is gone.", "opened in life 1"]

    one.shown.begin()
    one.showing.look(PRESSED)
    one.settle()
    assert one.shown.notes == []


def test_the_exposure_is_kept_with_the_plate_that_it_was_measured_on(host: Any) -> None:
    one = host()

    one.showing.look(PRESSED)
    one.settle()

    assert one.face.exposures == [("plate.####.exr", 1.5)]  # as the engine said at the opening


def test_a_press_that_is_cancelled_rests_and_keeps_what_is_done(host: Any) -> None:
    one = host({"slow": 0.05})
    one.showing.propagate(PRESSED, playhead=1)
    until(one.session, lambda: len(one.face.frames) == 2)

    one.showing.cancel()
    one.settle()

    assert one.shown.line.startswith("Cancelled; what was done stays")
    assert 2 <= len(one.face.frames) < 10
    assert not one.shown.running
    assert one.face.rests == 1


def test_an_engine_that_refuses_leaves_its_sentence(host: Any) -> None:
    sentence = "Key at frame 987 is outside the plate."
    one = host({"refuse": {"shot/open": {"code": 1001, "message": sentence}}})

    one.showing.propagate(PRESSED, playhead=1)
    one.settle()

    assert (one.shown.error, one.face.complaints) == (sentence, [sentence])
    assert one.shown.line == "Failed"


def test_speed_counts_frames_that_took_time_and_not_those_that_were_fresh(host: Any) -> None:
    one = host({"slow": 0.02})
    one.showing.propagate(PRESSED, playhead=1, which="RANGE", ranges=(1, 6))
    one.settle()
    one.shown.begin()

    one.showing.propagate(PRESSED, playhead=1)
    one.settle()

    assert [count for _, count in one.shown.ticks] == [0, 1, 2, 3]  # 7 to 10; 1 to 6 were there


def test_many_frames_that_were_left_out_are_told_by_the_first_five(host: Any) -> None:
    one = host()
    skipped = {1000 + n: f"Frame {n} is dark." for n in range(1, 9)}

    one.showing.show_progress(Progress(State.DONE, 2, 10, skipped=skipped))

    assert len(one.shown.notes) == 5
    assert one.shown.notes[0] == "Frame 1001 was left out: Frame 1 is dark."


def test_marks_of_the_artist_come_in_the_hosts_frames(host: Any) -> None:
    one = host()
    shot = replace(SHOT, absences=(AbsentFrames("hero", "1003-1004"),))

    one.showing.look(replace(PRESSED, shot=shot))
    one.settle()

    assert one.shown.strip["hero"] == (("keyed", "1"), ("stale", "2, 5-10"), ("absent", "3-4"))
