# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte_host import EngineError
from stmatte_host.messages import LONGEST, Answer, Notice, Refusal, message_in, request_line


def test_a_request_is_one_line() -> None:
    line = request_line(7, "shot/plan", {"shot": "a\nb"})

    assert line.count(b"\n") == 1
    assert json.loads(line) == {
        "jsonrpc": "2.0",
        "id": 7,
        "method": "shot/plan",
        "params": {"shot": "a\nb"},
    }


def test_a_file_name_that_is_no_unicode_survives() -> None:
    name = b"h\xe9ros.exr".decode("utf-8", "surrogateescape")

    said = json.loads(request_line(1, "m", {"path": name}))

    assert said["params"]["path"].encode("utf-8", "surrogateescape") == b"h\xe9ros.exr"


def test_a_request_may_be_as_long_as_the_engine_takes_and_no_longer() -> None:
    rest = len(request_line(1, "m", {"a": ""}))
    assert len(request_line(1, "m", {"a": "x" * (LONGEST - rest)})) == LONGEST

    with pytest.raises(EngineError, match="the engine takes 8 MiB"):
        request_line(1, "m", {"a": "x" * (LONGEST - rest + 1)})


def test_a_number_that_is_none_cannot_be_asked_with() -> None:
    with pytest.raises(EngineError, match="cannot be written down"):
        request_line(1, "m", {"a": float("nan")})


def test_the_three_kinds_are_told_apart() -> None:
    assert message_in(b'{"jsonrpc":"2.0","id":3,"result":{"a":1}}\r\n') == Answer(3, {"a": 1})
    assert message_in(b'{"jsonrpc":"2.0","id":3,"result":null}\n') == Answer(3, None)
    assert message_in(b'{"method":"job/done","params":{"job":"j1"}}\n') == Notice(
        "job/done", {"job": "j1"}
    )
    refusal = message_in(b'{"id":null,"error":{"code":-32700,"message":"Parse error"}}\n')
    assert isinstance(refusal, Refusal)
    assert (refusal.id, str(refusal.error), refusal.error.code) == (None, "Parse error", -32700)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"Loading ...\n",
        b"\xff\xfe\n",
        b"[]\n",
        b'{"id":true,"result":1}\n',
        b'{"id":"3","result":1}\n',
        b'{"id":3}\n',
        b'{"id":3,"method":"host/ask","params":{}}\n',
        b'{"method":7}\n',
        b'{"method":"a","params":[1]}\n',
        b'{"jsonrpc":"2.0","id":3,"resu',
        b"[" * 100_000,
    ],
)
def test_what_no_engine_says_is_no_message(line: bytes) -> None:
    assert message_in(line) is None


@given(st.binary())
def test_no_line_makes_it_fail(line: bytes) -> None:
    message_in(line)
