# SPDX-License-Identifier: Apache-2.0
"""Each method and each error, over a conversation."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

import stmatte
from desks import Gate, StubDesk, StubShot
from stmatte.errors import StmatteError
from stmatte.service import Server
from stmatte.service.calls import Calls
from stmatte.service.messages import REQUESTS
from talking import INITIALIZE, InProcess, RefusedError, checked, line

STALE = {"frames": "1-3", "objects": {"hero": "1-3"}}


class Kept(BytesIO):
    """Where lines go, to be looked at afterwards."""

    def messages(self) -> list[dict[str, Any]]:
        return [checked(said) for said in self.getvalue().splitlines(keepends=True)]


def served(*lines: bytes) -> list[dict[str, Any]]:
    """Return all that the service says to these lines, the first after hello."""
    kept = Kept()
    hello = json.dumps(INITIALIZE).encode() + b"\n"

    assert Server(StubDesk, kept).serve(BytesIO(hello + b"".join(lines))) == 0

    return kept.messages()[1:]


def refused(talk: InProcess, method: str, **params: Any) -> RefusedError:
    with pytest.raises(RefusedError) as no:
        talk.ask(method, **params)
    return no.value


# --- methods --------------------------------------------------------------------------


def test_every_method_of_the_protocol_has_its_function() -> None:
    assert Calls(StubDesk, None, None).table.keys() == REQUESTS.keys()  # type: ignore[arg-type]


def test_initialize_tells_who_answers_and_what_is_installed() -> None:
    with InProcess(StubDesk) as talk:
        said = talk.ask("initialize", protocol=1, client={"name": "nuke", "version": "15.1"})

    assert said == {
        "name": "stmatte",
        "version": stmatte.__version__,
        "protocol": 1,
        "models": [{"name": "stmatte-s", "ships": True}, {"name": "stm", "ships": False}],
        "devices": ["cpu"],
        "store": {"path": "store", "limit": 1000},
    }


def test_initialize_may_be_said_again() -> None:
    desks: list[StubDesk] = []

    def open_desk() -> StubDesk:
        desks.append(StubDesk())
        return desks[-1]

    with InProcess(open_desk) as talk:
        assert talk.ask("initialize", protocol=1) == talk.ask("initialize", protocol=1)

    assert len(desks) == 1


def test_another_protocol_is_refused_by_name_and_the_right_one_still_taken() -> None:
    with InProcess(StubDesk) as talk:
        no = refused(talk, "initialize", protocol=2)
        assert talk.ask("initialize", protocol=1)["protocol"] == 1

    assert no.code == 1001
    assert "Protocol 2 is not spoken" in str(no)


def test_a_desk_that_cannot_be_opened_is_told_and_may_be_tried_again() -> None:
    desks = iter([StmatteError("The store is full", repair="Make room"), None])

    def open_desk() -> StubDesk:
        if problem := next(desks):
            raise problem
        return StubDesk()

    with InProcess(open_desk) as talk:
        no = refused(talk, "initialize", protocol=1)
        talk.hello()

    assert (no.code, str(no)) == (1001, "The store is full. Make room.")


def test_a_shot_is_opened_under_a_name_of_its_own(talk: InProcess) -> None:
    document = {"frames": "1-3,7", "objects": ["hero", "car"], "notes": ["Frame 5 is missing."]}

    said = talk.ask("shot/open", document=document, base="/b", out="m.####.exr")

    assert said == {
        "shot": "s1",
        "frames": "1-3,7",
        "objects": ["hero", "car"],
        "stale": {"frames": "1-3,7", "objects": {"hero": "1-3,7", "car": "1-3,7"}},
        "view": {"colorspace": "lin_ap1_scene", "why": "as you said", "exposure": 1.5},
        "notes": ["Frame 5 is missing."],
    }
    assert talk.open(frames="1-3") == "s2"


def test_options_reach_the_desk_and_have_their_defaults(talk: InProcess) -> None:
    words = {"document": {"frames": "1", "echo": True}, "base": "/b", "out": "m.####.exr"}
    layout = {"channels": "object.V", "compression": "piz", "depth": "float", "name": "sh010"}
    wishes = {"uncertainty": False, "raw_probabilities": True, "cryptomatte": True}
    others = {"skip_errors": True, **layout, **wishes}

    def told(**more: object) -> object:
        return talk.ask("shot/open", **words, **more)["notes"]

    def expected(overwrite: str, skip_existing: str) -> list[str]:
        return [*layout.values(), "False", "True", overwrite, skip_existing, "True", "True"]

    assert told() == ["object.A", "zips", "half", "", "True", *["False"] * 5]
    assert told(**others, overwrite=True) == expected("True", "False")
    assert told(**others, skip_existing=True) == expected("False", "True")


def test_files_cannot_be_written_over_and_left_alone(talk: InProcess) -> None:
    both = {"overwrite": True, "skip_existing": True}
    error = refused(talk, "shot/open", document={"frames": "1"}, base="/b", out="m.exr", **both)

    assert str(error).startswith("Files that exist are to be written over and to be left alone")


def test_a_layout_that_is_not_known_is_refused(talk: InProcess) -> None:
    error = refused(
        talk,
        "shot/open",
        document={"frames": "1"},
        base="/b",
        out="m.####.exr",
        compression="bogus",
    )

    assert 'Compression "bogus" is not known' in str(error)


def test_an_update_puts_another_document_in_the_shot_s_place(talk: InProcess) -> None:
    shot = talk.open(frames="1-9")

    said = talk.ask("shot/update", shot=shot, document={"frames": "1-3", "notes": ["New."]})

    assert said == {"shot": shot, "stale": STALE, "notes": ["New."]}
    assert talk.ask("shot/plan", shot=shot)["forecast"]["frames"] == 3


def test_an_update_that_fails_leaves_the_shot_as_it_was(talk: InProcess) -> None:
    shot = talk.open(frames="1-9")

    refused(talk, "shot/update", shot=shot, document={"frames": "1", "wrong": ["No plate"]})

    assert talk.ask("shot/plan", shot=shot)["forecast"]["frames"] == 9


def test_a_plan_tells_spans_and_the_forecast(talk: InProcess) -> None:
    shot = talk.open(frames="1-3", pause=0.5)

    said = talk.ask("shot/plan", shot=shot)

    span = {"object": "hero", "frames": "1-3", "keys": [1], "stale": "1-3"}
    assert said == {
        "spans": [{**span, "why": "Not computed yet."}],
        "forecast": {"frames": 3, "seconds": 1.5, "bytes": 2**20},  # 3 x 0.5 s
    }


def test_a_suggestion_names_frame_object_and_reasons(talk: InProcess) -> None:
    shot = talk.open(frames="1-9")

    said = talk.ask("shot/suggest", shot=shot, count=2)

    best = {"frame": 9, "object": "hero", "gain": 0.5, "reasons": ["Far from keys"]}
    assert said == {"advice": [best, {**best, "frame": 8}]}
    assert refused(talk, "shot/suggest", shot=shot, count=0).code == -32602


def test_what_cannot_be_foretold_is_null(talk: InProcess) -> None:
    assert talk.ask("shot/plan", shot=talk.open(frames="1"))["forecast"]["seconds"] is None


def test_a_closed_shot_is_unknown_and_its_name_is_not_given_again(talk: InProcess) -> None:
    shot = talk.open(frames="1")

    assert talk.ask("shot/close", shot=shot) == {}

    assert refused(talk, "shot/plan", shot=shot).code == 1002
    assert talk.open(frames="1") != shot


def test_a_frame_tells_its_digest_before_and_its_file_after_it_was_made(talk: InProcess) -> None:
    shot = talk.open(frames="1-3")
    stale = talk.ask("frame/matte", shot=shot, frame=2)
    talk.ask("job/start", shot=shot)
    talk.notice("job/done")

    fresh = talk.ask("frame/matte", shot=shot, frame=2)

    nothing = {"file": None, "files": [], "fresh": False, "uncertainty": None}
    assert stale == {"frame": 2, "digest": "d2", **nothing}
    path = "/base/m.0002.exr"
    there = {"file": path, "files": [path], "fresh": True, "uncertainty": {"hero": 0.25}}
    assert fresh == {"frame": 2, "digest": "d2", **there}


def test_a_job_tells_every_frame_and_its_end(talk: InProcess) -> None:
    shot = talk.open(frames="1-3", happens={"2": "skip"})

    assert talk.ask("job/start", shot=shot, first=3) == {"job": "j1"}
    told = [talk.notice("job/progress"), talk.notice("job/progress"), talk.notice("job/done")]

    assert [said.pop("seconds") >= 0 for said in told[:2]] == [True, True]
    frame = {"job": "j1", "shot": shot, "frames": 3, "fresh": False, "uncertainty": {"hero": 0.25}}
    path = "/base/m.0003.exr"
    place = {"file": path, "files": [path]}
    assert told[0] == {**frame, "frame": 3, "done": 1, "digest": "d3", **place}
    assert told[1]["frame"] == 1
    assert told[2] == {
        "job": "j1",
        "shot": shot,
        "outcome": "done",
        "done": 2,
        "frames": 3,
        "skipped": {"2": "Plate frame 2 cannot be read."},
        "error": None,
    }


def test_only_the_frames_that_were_asked_for_are_made(talk: InProcess) -> None:
    shot = talk.open(frames="1-9")

    talk.ask("job/start", shot=shot, frames="2-3,7-20")

    assert [talk.notice("job/progress")["frame"] for _ in range(5)] == [2, 3, 7, 8, 9]
    assert talk.notice("job/done")["done"] == 5
    assert talk.ask("shot/open", document={"frames": "1"}, base="", out="")["frames"] == "1"


def test_no_frames_are_a_job_that_is_done(talk: InProcess) -> None:
    talk.ask("job/start", shot=talk.open(frames="1-9"), frames="")

    assert (done := talk.notice("job/done"))["outcome"] == "done"
    assert (done["done"], done["frames"]) == (0, 0)


def test_shutdown_is_answered_before_the_engine_goes() -> None:
    with InProcess(StubDesk) as talk:
        talk.hello()
        assert talk.ask("shutdown") == {}
        assert talk.rest() == []
        assert talk.join() == 0


def test_a_path_that_is_no_unicode_survives_the_way_there_and_back(talk: InProcess) -> None:
    odd = "/caf\udce9"  # what Python makes of b"/caf\xe9", a name from another age

    shot = talk.ask("shot/open", document={"frames": "1"}, base=odd, out="m.####.exr")["shot"]
    talk.ask("job/start", shot=shot)

    assert talk.notice("job/progress")["file"] == f"{odd}/m.0001.exr"


# --- refusals -------------------------------------------------------------------------


@pytest.mark.parametrize("method", [*sorted(REQUESTS.keys() - {"initialize"}), "nosuch"])
def test_whatever_comes_before_initialize_is_refused(method: str) -> None:
    with InProcess(StubDesk) as talk:
        assert refused(talk, method, any="thing").code == 1004


def test_an_unknown_method_is_named_and_the_known_ones_told(talk: InProcess) -> None:
    no = refused(talk, "shot/opne")

    assert no.code == -32601
    assert str(no).startswith('There is no method "shot/opne": methods are initialize, shot/open')


def test_all_that_is_wrong_with_parameters_is_told_at_once(talk: InProcess) -> None:
    no = refused(talk, "frame/matte", frame="1", zoom=2)

    assert no.code == -32602
    allowed = "its parameters are shot, frame"
    assert no.data["problems"] == [
        f'"frame/matte" lacks "shot": {allowed}.',
        f'"frame/matte" got a wrong "frame", input should be a valid integer: {allowed}.',
        f'"frame/matte" knows no "zoom": {allowed}.',
    ]
    assert str(no) == "\n".join(no.data["problems"])


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("frame/matte", {"shot": "s1", "frame": True}),
        ("frame/matte", {"shot": "s1", "frame": 1.0}),
        ("frame/matte", {"shot": "s1", "frame": 2**31}),
        ("frame/matte", {"shot": "s1", "frame": 10**400}),
        ("frame/matte", {"shot": 1, "frame": 1}),
        ("shot/open", {"document": [], "base": "", "out": ""}),
        ("shot/open", {"document": {}, "base": "", "out": "", "uncertainty": 1}),
        ("job/start", {"shot": "s1", "frames": [1, 2]}),
        ("initialize", {"protocol": "1"}),
        ("initialize", {"protocol": 1, "client": {"name": "nuke"}}),
        ("shutdown", {"now": True}),
    ],
)
def test_nothing_is_turned_into_another_kind(
    talk: InProcess, method: str, params: dict[str, Any]
) -> None:
    assert refused(talk, method, **params).code == -32602


def test_parameters_as_a_list_are_refused() -> None:
    (said,) = served(b'{"jsonrpc": "2.0", "id": 1, "method": "shutdown", "params": []}\n')

    assert said["error"]["code"] == -32602


def test_what_a_person_can_mend_keeps_its_sentence_and_its_parts(talk: InProcess) -> None:
    shot = talk.open(frames="1001-1100")

    no = refused(talk, "frame/matte", shot=shot, frame=987)

    assert no.code == 1001
    assert str(no) == "Frame 987 is not in the shot: the shot has frames 1001-1100."
    assert no.data == {
        "what": "Frame 987 is not in the shot",
        "allowed": "the shot has frames 1001-1100",
        "repair": "",
    }


def test_all_problems_of_a_document_are_told_and_thousands_are_cut_short(talk: InProcess) -> None:
    wrong = [f"Key {i} is bad" for i in range(1000)]

    few = refused(talk, "shot/open", document={"wrong": wrong[:2]}, base="", out="")
    many = refused(talk, "shot/open", document={"wrong": wrong}, base="", out="")

    assert few.data["problems"] == ["Key 0 is bad.", "Key 1 is bad."]
    assert str(few) == "Key 0 is bad.\nKey 1 is bad."
    assert len(many.data["problems"]) == 101
    assert many.data["problems"][-1] == "There are 900 more."


def test_frames_that_cannot_be_read_are_for_a_person_to_mend(talk: InProcess) -> None:
    shot = talk.open(frames="1-9")

    assert "cannot be read" in str(refused(talk, "job/start", shot=shot, frames="a-b"))
    assert refused(talk, "job/start", shot=shot, frames="100-200").code == 1001


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("shot/update", {"document": {}}),
        ("shot/plan", {}),
        ("shot/suggest", {}),
        ("shot/close", {}),
        ("job/start", {}),
        ("frame/matte", {"frame": 1}),
    ],
)
def test_a_shot_that_is_not_open_is_named(
    talk: InProcess, method: str, params: dict[str, Any]
) -> None:
    talk.open(frames="1")

    no = refused(talk, method, shot="s9", **params)

    assert no.code == 1002
    assert str(no) == 'No shot "s9" is open: open shots are s1. Open the shot again.'


def test_a_job_that_never_was_is_named(talk: InProcess) -> None:
    no = refused(talk, "job/cancel", job="j1")

    assert no.code == 1003
    assert 'no job "j1"' in str(no)


def test_our_own_mistake_is_told_without_its_traceback(
    talk: InProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shot = talk.open(frames="1")
    monkeypatch.setattr(StubShot, "spans", lambda _: next(iter(())))

    no = refused(talk, "shot/plan", shot=shot)

    assert no.code == -32603
    assert str(no).startswith('STMatte made a mistake in "shot/plan" (StopIteration).')
    assert "Traceback" in caplog.text
    assert "Traceback" not in json.dumps(no.data)
    monkeypatch.undo()
    assert talk.ask("shot/plan", shot=shot)["forecast"]["frames"] == 1


def test_a_line_that_is_too_long_is_refused_and_the_next_is_taken(talk: InProcess) -> None:
    sender = threading.Thread(target=talk.send, args=(b"x" * (9 * 2**20) + b"\n",))
    sender.start()
    no = talk.answer()
    sender.join()

    assert (no["id"], no["error"]["code"]) == (None, 1005)
    assert talk.open(frames="1") == "s1"


def test_while_the_engine_ends_every_request_is_refused(gated: InProcess, gate: Gate) -> None:
    shot = gated.open(frames="1-9")
    gated.ask("job/start", shot=shot)
    assert gate.reached(1)
    gated.ask("shutdown")

    assert refused(gated, "shot/plan", shot=shot).code == 1006
    assert refused(gated, "shutdown").code == 1006

    gate.let(100)
    gated.rest()


# --- rules ----------------------------------------------------------------------------


def test_notifications_are_carried_out_and_never_answered() -> None:
    document = {"frames": "1"}

    said = served(
        line("shot/open", document=document, base="/b", out="m.####.exr"),
        line("shot/open", document="no document", base="/b", out="m.####.exr"),
        line("nosuch"),
        line("shot/plan", shot="s9"),
        line("shot/plan", 7, shot="s1"),
    )

    assert [one["id"] for one in said] == [7]
    assert said[0]["result"]["forecast"]["frames"] == 1


def test_answers_come_in_the_order_of_the_requests_and_repeat_their_ids() -> None:
    ids = [3, "3", 1, 1, -1.5, None, "\u00fc"]
    lines = [
        json.dumps({"jsonrpc": "2.0", "id": i, "method": "shot/close"}).encode() + b"\n"
        for i in ids
    ]

    assert [one["id"] for one in served(*lines)] == ids


def test_the_last_line_needs_no_ending() -> None:
    assert served(line("shot/plan", 1, shot="s1").rstrip()) != []


def test_a_stream_that_breaks_off_ends_the_service_as_its_end_does() -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if piece := super().read(size):
                return piece
            raise OSError(5, "Input/output error")

    assert Server(StubDesk, BytesIO()).serve(Broken(line("initialize", 1, protocol=1))) == 0


def test_a_client_that_reads_no_more_ends_the_service() -> None:
    class Deaf:
        def write(self, _: memoryview, /) -> int:
            raise BrokenPipeError

    class Waiting(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if piece := super().read(size):
                return piece
            threading.Event().wait()  # says nothing more, and does not go
            return b""

    assert Server(StubDesk, Deaf()).serve(Waiting(line("initialize", 1, protocol=1))) == 0


def test_lines_are_not_read_far_ahead_of_their_turn() -> None:
    taken = 0
    busy, go_on = threading.Event(), threading.Event()

    def requests() -> Iterator[bytes]:
        nonlocal taken
        yield line("initialize", 0, protocol=1)
        for taken in range(1, 100):
            yield line("shot/close", taken, shot="s1")

    class Stream:
        lines = requests()

        def read(self, _: int, /) -> bytes:
            return next(self.lines, b"")

    def open_desk() -> StubDesk:
        busy.set()
        go_on.wait()
        return StubDesk()

    server = Server(open_desk, BytesIO())
    thread = threading.Thread(target=server.serve, args=(Stream(),))
    thread.start()
    busy.wait()
    go_on.wait(0.2)  # give the reader time to run ahead, if it would
    ahead = taken
    go_on.set()
    thread.join()

    assert ahead <= 5  # four in the queue and one in hand
    assert taken == 99
