# SPDX-License-Identifier: Apache-2.0
"""Whatever a client sends, every line that comes back is of the protocol, and the engine lives."""

from __future__ import annotations

import copy
import json
from collections import Counter
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desks import StubDesk
from stmatte.service import Server
from talking import INITIALIZE, InProcess, checked, line

DOCUMENT = {"frames": "1-3", "objects": ["hero"], "happens": {"2": "skip"}}
OPEN = {"document": DOCUMENT, "base": "/b", "out": "m.####.exr", "channels": "object.A"}
PARAMS: dict[str, dict[str, Any]] = {
    "initialize": {"protocol": 1, "client": {"name": "nuke", "version": "15"}},
    "shot/open": OPEN,
    "shot/update": {"shot": "s1", "document": DOCUMENT},
    "shot/plan": {"shot": "s1"},
    "shot/suggest": {"shot": "s1", "count": 2},
    "shot/close": {"shot": "s2"},
    "job/start": {"shot": "s1", "frames": "1-2,3", "first": 2},
    "job/cancel": {"job": "j1"},
    "frame/matte": {"shot": "s1", "frame": 2},
}
KNOWN = [-32700, -32600, -32601, -32602, -32603, 1001, 1002, 1003, 1004, 1005, 1006]

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()  # with NaN and infinity, which Python writes and JSON does not know
    | st.text(st.characters(codec=None), max_size=8)  # with halves of surrogate pairs
    | st.sampled_from(["s1", "j1", "1-3", "5-1", "2.0", "shutdown", 10**30, -(2**31) - 1]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value inside a value."""
    inner = value.items() if isinstance(value, dict) else ()
    return [at] * bool(at) + [place for name, one in inner for place in places(one, (*at, name))]


@st.composite
def mutated(draw: st.DrawFn, methods: list[str]) -> bytes:
    """Return a valid request in which up to three things were changed, and perhaps its end cut."""
    method = draw(st.sampled_from(methods))
    request = {"jsonrpc": "2.0", "id": draw(st.integers(0, 5)), "method": method}
    request["params"] = copy.deepcopy(PARAMS.get(method, {}))
    for _ in range(draw(st.integers(0, 3))):
        way = draw(st.sampled_from(places(request) or [("id",)]))
        inside: Any = request
        for name in way[:-1]:
            inside = inside[name]
        change = draw(st.sampled_from(["drop", "replace", "rename"]))
        old = inside.pop(way[-1], None)
        if change == "replace":
            inside[way[-1]] = draw(values)
        elif change == "rename":
            inside[draw(st.text(max_size=6))] = old
    text = json.dumps(request, ensure_ascii=draw(st.booleans()))
    said = text.encode("utf-8", "surrogatepass")
    return said[: draw(st.integers(0, len(said)))] if draw(st.integers(0, 9)) == 0 else said


def lines(methods: list[str]) -> st.SearchStrategy[bytes]:
    """Return what a line may be: a request gone wrong, any JSON, any text, any bytes."""
    anything = st.one_of(
        mutated(methods),
        mutated(methods),
        values.map(lambda value: json.dumps(value).encode()),
        st.text(max_size=60).map(str.encode),
        st.binary(max_size=60),
    )
    return anything.map(lambda said: said.replace(b"\n", b" "))


@settings(max_examples=300, deadline=None)
@given(st.lists(lines([*PARAMS, "shutdown", "nosuch"]), min_size=1, max_size=8), st.booleans())
def test_any_conversation_is_answered_by_the_rules_and_ends_well(
    said: list[bytes], greeted: bool
) -> None:
    hello = [json.dumps(INITIALIZE).encode()] if greeted else []
    kept = BytesIO()

    assert Server(StubDesk, kept).serve(BytesIO(b"\n".join([*hello, *said]))) == 0

    messages = [checked(one) for one in kept.getvalue().splitlines(keepends=True)]
    answers = [message for message in messages if "method" not in message]
    assert len(answers) <= len(hello) + len(said)
    assert [a["error"] for a in answers if "error" in a and a["error"]["code"] not in KNOWN] == []
    started = [a["result"]["job"] for a in answers if "job" in a.get("result", {})]
    ended = [m["params"]["job"] for m in messages if m.get("method") == "job/done"]
    assert set(started) <= set(ended)  # those that were started without an id have an end, too
    assert len(ended) == len(set(ended))


@pytest.mark.slow
def test_ten_thousand_messages_leave_the_engine_alive() -> None:
    sent = 0
    codes: Counter[int] = Counter()
    with InProcess(StubDesk) as talk:
        talk.hello()
        talk.open(**DOCUMENT)

        @settings(
            max_examples=2_100,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(st.lists(lines(list(PARAMS)), min_size=8, max_size=8))
        def flood(said: list[bytes]) -> None:
            nonlocal sent
            sent += len(said)
            probe = f"probe {sent}"
            talk.send(b"\n".join([*said, line("shot/open", probe, **OPEN)]))
            while (answer := talk.answer())["id"] != probe:
                codes[answer.get("error", {}).get("code", 0)] += 1
            assert answer["result"]["frames"] == "1-3"
            talk.notices.clear()

        flood()

        assert sent >= 10_000
        assert talk.ask("initialize", protocol=1)["protocol"] == 1
        shot = talk.open(**DOCUMENT)
        assert talk.ask("shot/plan", shot=shot)["forecast"]["frames"] == 3
    assert {0, -32700, -32600, -32601, -32602, 1001, 1002} <= codes.keys()
