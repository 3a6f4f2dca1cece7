# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte.errors import StmatteError
from stmatte.images.pattern import check_pattern, file_of, has_object, marked, shot_name


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("out/matte.####.exr", "out/matte.0007.exr"),
        ("out/matte.%06d.exr", "out/matte.000007.exr"),
        ("out/matte.{frame}.exr", "out/matte.0007.exr"),
        ("out/matte.{frame:6}.exr", "out/matte.000007.exr"),
        ("out/matte.{frame:06}.exr", "out/matte.000007.exr"),
        ("{shot}/{object}/{shot}_{object}.####.exr", "sh010/hero/sh010_hero.0007.exr"),
        ("{frame}/{object}.{frame:2}.exr", "0007/hero.07.exr"),
        ("take#2/%d/m.####.exr", "take#2/%d/m.0007.exr"),
        ("{lone/m.####.exr", "{lone/m.0007.exr"),
    ],
)
def test_tokens_and_places_become_words_and_numbers(pattern: str, path: str) -> None:
    check_pattern(pattern, "sh010")

    assert file_of(pattern, 7, object="hero", shot="sh010") == Path(path)


def test_a_minus_comes_before_the_digits_and_long_numbers_are_not_cut() -> None:
    for pattern in ("m.####.exr", "m.{frame}.exr"):
        assert file_of(pattern, -5) == Path("m.-0005.exr")
        assert file_of(pattern, 123456) == Path("m.123456.exr")


def test_a_pattern_names_a_file_for_each_object_where_it_says_object() -> None:
    assert has_object("{object}/m.####.exr")
    assert not has_object("object/m.####.exr")


@pytest.mark.parametrize("token", ["take", "Object", "", "frame:", "frame:x", "object.__class__"])
def test_a_token_that_is_not_known_is_refused_with_those_that_are(token: str) -> None:
    with pytest.raises(StmatteError) as error:
        check_pattern(f"out/{{{token}}}.####.exr", "sh010")

    assert f'asks for "{{{token}}}": known are {{object}}, {{shot}}, {{frame}}' in str(error.value)


@pytest.mark.parametrize("pattern", ["m.exr", "{frame}/m.exr", "####/m.exr", "{object}.exr"])
def test_a_file_without_a_place_for_its_number_is_refused(pattern: str) -> None:
    with pytest.raises(StmatteError, match="has no place for the frame number"):
        check_pattern(pattern, "sh010")


def test_a_shot_without_a_name_cannot_be_asked_for_it() -> None:
    with pytest.raises(StmatteError, match="asks for the name of a shot that has none"):
        check_pattern("{shot}.####.exr", "")
    check_pattern("{object}.####.exr", "")


@pytest.mark.parametrize("name", ["../sh010", "a/b", "a\\b", ".hidden", "C:", "sh 010", "-rf"])
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(StmatteError, match="cannot be part of a file's name"):
        check_pattern("{shot}.####.exr", name)
    check_pattern("m.####.exr", name)  # it is not asked for


@pytest.mark.parametrize(
    ("pattern", "beside"),
    [
        ("out/m.####.exr", "out/m_crypto.####.exr"),
        ("m_%04d.exr", "m_crypto_%04d.exr"),
        ("m%04d.exr", "m_crypto%04d.exr"),
        ("####.exr", "crypto.####.exr"),
        ("m.####_v2.exr", "m_crypto.####_v2.exr"),
        ("{shot}.{frame:06}.exr", "{shot}_crypto.{frame:06}.exr"),
        ("{object}/{shot}_{object}.####.exr", "crypto/{shot}_crypto.####.exr"),
    ],
)
def test_files_beside_others_are_told_apart_by_a_word(pattern: str, beside: str) -> None:
    assert Path(marked(pattern, "crypto")) == Path(beside)
    assert file_of(marked(pattern, "crypto"), 7, object="hero", shot="sh010")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("shots/sh010.json", "sh010"),
        ("plates/sh010_bg_v002.####.exr", "sh010_bg_v002"),
        ("plates/sh010_bg.%04d.exr", "sh010_bg"),
        ("sh020/####.exr", "sh020"),
        ("C:\\plates\\sh030.####.exr", "sh030"),
        ("clip 01 (copy).mov", "clip_01_copy"),
        ("../.hidden.####.exr", "hidden"),
        ("####.exr", ""),
        ("", ""),
    ],
)
def test_a_shot_is_called_as_its_files_are(text: str, name: str) -> None:
    assert shot_name(text) == name


@given(st.text())
def test_no_name_of_a_shot_leaves_the_folder(text: str) -> None:
    name = shot_name(text)

    assert name == "" or file_of("out/{shot}.####.exr", 1, shot=name).parent == Path("out")
    assert not name.startswith((".", "-", "_"))
    assert name.isascii()
