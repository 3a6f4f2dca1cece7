# SPDX-License-Identifier: Apache-2.0
"""The rules of JSON-RPC 2.0; several lines are the examples of its specification, section 7."""

from __future__ import annotations

import json

import pytest

from stmatte.service.envelope import Call, NoCallError, read_call


def refused(line: bytes) -> tuple[int, object, str]:
    with pytest.raises(NoCallError) as no:
        read_call(line)
    return no.value.code, no.value.id, str(no.value)


def test_a_request_has_a_method_params_and_an_id() -> None:
    line = b'{"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42}, "id": 3}'

    assert read_call(line) == Call("subtract", {"minuend": 42}, 3, awaited=True)


def test_params_may_be_missing_and_other_members_are_not_looked_at() -> None:
    line = b'{"jsonrpc": "2.0", "method": "foobar", "id": "1", "trace": true}'

    assert read_call(line) == Call("foobar", {}, "1", awaited=True)


def test_a_request_without_an_id_awaits_nothing_and_one_with_null_does() -> None:
    assert not read_call(b'{"jsonrpc": "2.0", "method": "foobar"}').awaited
    assert read_call(b'{"jsonrpc": "2.0", "method": "foobar", "id": null}').awaited


@pytest.mark.parametrize("id_", ["", "a", 0, -7, 2**70, 1.5, None])
def test_ids_are_text_numbers_or_null(id_: object) -> None:
    call = read_call(json.dumps({"jsonrpc": "2.0", "method": "m", "id": id_}).encode())

    assert call.id == id_
    assert type(call.id) is type(id_)


@pytest.mark.parametrize("id_", ["true", "[1]", '{"a": 1}', "1e999"])
def test_other_ids_are_refused_and_not_repeated(id_: str) -> None:
    line = f'{{"jsonrpc": "2.0", "method": "m", "id": {id_}}}'.encode()

    assert refused(line)[:2] == (-32600, None)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b'{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]', "is not JSON"),
        (b"\x00", "is not JSON at character 1"),
        (b"{", "is not JSON at character 2"),
        (b'{"jsonrpc": "2.0"} {}', "extra data"),
        (b'{"id": NaN}', "no NaN"),
        (b'{"id": -Infinity}', "no -Infinity"),
        (b'{"id": "\xff"}', "is not UTF-8 at byte 9"),
        (b'{"id": "\xed\xa0\x80"}', "is not UTF-8"),  # half of a surrogate pair
        (b"[" * 100_000, "nested too deeply"),
        (b'{"id": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b'{"id": ' + b"1" * 5000 + b"}", "too many digits"),
        ('{"id": 1}'.encode("utf-16"), "is not UTF-8"),
    ],
)
def test_what_is_no_json_is_a_parse_error(line: bytes, words: str) -> None:
    code, id_, sentence = refused(line)

    assert (code, id_) == (-32700, None)
    assert words in sentence


@pytest.mark.parametrize(
    ("line", "id_"),
    [
        (b'{"jsonrpc": "2.0", "method": 1, "params": "bar"}', None),
        (b'{"foo": "boo"}', None),
        (b"[]", None),
        (b"[1]", None),
        (b'[{"jsonrpc": "2.0", "method": "sum", "params": {}, "id": "1"}]', None),
        (b"1", None),
        (b'"text"', None),
        (b"null", None),
        (b'{"jsonrpc": 2.0, "method": "m", "id": 1}', 1),
        (b'{"method": "m", "id": "b"}', "b"),
        (b'{"jsonrpc": "2.0", "id": 4}', 4),
        (b'{"jsonrpc": "2.0", "id": 4, "result": {}}', 4),
        (b'{"jsonrpc": "2.0", "id": 5, "method": "m", "params": null}', 5),
        (b'{"jsonrpc": "2.0", "id": 5, "method": "m", "params": "bar"}', 5),
        (b'{"jsonrpc": "2.0", "id": 5, "id": 6, "method": "m"}', None),
        (b'{"jsonrpc": "2.0", "id": 5, "method": "m", "params": {"a": 1, "a": 2}}', None),
    ],
)
def test_what_is_no_request_repeats_the_id_if_there_is_one(line: bytes, id_: object) -> None:
    assert refused(line)[:2] == (-32600, id_)


def test_half_a_surrogate_pair_in_an_escape_is_text_like_any() -> None:
    assert read_call(b'{"jsonrpc": "2.0", "method": "\\ud800", "id": "\\udfff"}').id == "\udfff"
