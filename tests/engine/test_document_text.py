# SPDX-License-Identifier: Apache-2.0
"""Text that is no shot document: no JSON, too much of it, or another file altogether."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stmatte.document import parse_shot, read_shot
from stmatte.errors import ManyError, StmatteError

SHOT: dict[str, Any] = {
    "format": "stmatte.shot/1",
    "plate": "p.####.exr",
    "keys": [{"frame": 7, "object": "hero", "matte": {"path": "hero.exr"}}],
}


def told(document: Any) -> list[str]:
    """Return the sentences with which a document is refused."""
    with pytest.raises(StmatteError) as refused:
        parse_shot(document, Path("shots"))
    return str(refused.value).splitlines()


@pytest.mark.parametrize(
    ("text", "line", "column", "advice"),
    [
        ('{\n "plate" 3}', 2, 10, "a colon belongs between a name and its value"),
        ('{\n "plate": 3\n "keys": []}', 3, 2, "a comma belongs here, or the closing bracket"),
        ('{"plate": "C:\\plates"}', 1, 14, 'paths are written with "/"'),
        ('{"plate": "p', 1, 11, "has no closing quote"),
        ('{"plate": "p\n"}', 1, 13, "text in quotes is one line"),
        ('{"plate": }', 1, 11, "a value belongs here"),
        ("{} {}", 1, 4, "the document ended before this"),
        ("{plate: 3}", 1, 2, "a name in double quotes belongs here"),
        ("", 1, 1, "The text is empty"),
    ],
)
def test_malformed_json_is_told_with_line_and_column(
    text: str, line: int, column: int, advice: str
) -> None:
    (sentence,) = told(text)

    assert sentence.startswith(f"At line {line}, column {column}, this is no JSON: ")
    assert advice in sentence


def test_names_that_stand_twice_and_numbers_that_are_none_are_told_with_the_rest() -> None:
    text = (
        '{"format": "stmatte.shot/1", "plate": NaN, "cuts": [1, 1e999],'
        ' "keys": [{"frame": 1, "frame": 2, "object": "hero", "matte": {"path": ""}}]}'
    )

    assert told(text) == [
        (
            "At plate, nan is no number: JSON knows no NaN and no infinity. Write a number, or "
            "leave the entry out."
        ),
        (
            "At cuts[1], inf is no number: JSON knows no NaN and no infinity. Write a number, or "
            "leave the entry out."
        ),
        (
            'At keys[0], "frame" stands there more than once: every name stands once in an object. '
            "Keep one of them."
        ),
        "At keys[0].matte.path, the text is empty: something must be written here. Correct it.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"format": "stmatte.shot/1", "keys": ' + "[" * 200 + "]" * 200 + "}",
    ],
    ids=["lists", "objects", "in a shot"],
)
def test_brackets_without_end_are_refused(text: str) -> None:
    (sentence,) = told(text)

    assert "rackets are nested too deeply: at most 32 may be open at once" in sentence


def test_an_object_that_holds_itself_is_refused() -> None:
    keys: list[Any] = []
    keys.append(keys)

    assert "rackets are nested too deeply" in told({**SHOT, "keys": keys})[0]


def test_numbers_of_many_digits_are_refused() -> None:
    before = '{"format": "stmatte.shot/1", "plate": "p", "keys": [], "cuts": ['

    assert "thousands of digits" in told(before + "9" * 5000 + "]}")[0]
    assert told(before + "9" * 4000 + "]}")[0] == (
        "At cuts[0], a number of more than 20 digits cannot stand here: 99999999 or less can. "
        "Correct it."
    )


def test_what_is_too_large_is_refused() -> None:
    assert told(" " * (9 * 2**20))[0].startswith(
        "This is too large for a shot: a shot has at most 8 MiB."
    )
    assert told({**SHOT, "keys": [0] * 300_000})[0].startswith(
        "There is more than a shot can say: a document has at most 300000 values."
    )


def test_half_letters_are_refused() -> None:
    assert told('{"format": "stmatte.shot/1", "plate": "\\ud800", "keys": []}')[0] == (
        'At plate, "\\ud800" holds half a letter: text is whole Unicode. Correct it.'
    )
    assert told('{"format": "stmatte.shot/1", "\\ud800": 1}') == [
        '"\\ud800" is no name of an entry: names are text in double quotes.'
    ]
    assert "is no name of an entry" in told({**SHOT, 1: 2})[0]


# --- files ----------------------------------------------------------------------------


def test_the_file_is_named_in_every_sentence(tmp_path: Path) -> None:
    path = tmp_path / "sh010.json"
    path.write_text(json.dumps({**SHOT, "cuts": ["a"], "plate": 3}))

    with pytest.raises(ManyError) as refused:
        read_shot(path)

    assert [line.partition(", ")[0] for line in str(refused.value).splitlines()] == [
        f'In "{path}"',
        f'In "{path}"',
    ]


def test_a_picture_is_no_shot(tmp_path: Path) -> None:
    path = tmp_path / "plate.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")

    with pytest.raises(StmatteError) as refused:
        read_shot(path)

    assert str(refused.value) == (
        f'In "{path}", this is no text in UTF-8: a shot is JSON, in UTF-8. Check the path, or '
        "save the file again as UTF-8."
    )


@pytest.mark.parametrize("name", ["nothing.json", ".", "a\0b"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(StmatteError, match=r"(does not exist|cannot be read)"):
        read_shot(tmp_path / name)
