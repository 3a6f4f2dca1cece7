# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte.errors import StmatteError
from stmatte.naming import MOST_LETTERS, alike, check_object_name, in_nuke, proposed


@pytest.mark.parametrize(
    "name", ["hero", "H", "car_2", "LeftHand", "left_hand", "masked", "a__b", "x" * MOST_LETTERS]
)
def test_a_name_that_every_host_shows_as_it_is(name: str) -> None:
    assert check_object_name(name) == name


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "01hero",
            (
                'Object name "01hero" cannot become a layer name: a name starts with a letter and '
                "goes on with letters, digits and underscores; Nuke would show this one as "
                '"hero.alpha". Rename the object, for instance "hero_01".'
            ),
        ),
        (
            "main",
            (
                'Object name "main" is taken: Nuke has a view of that name, and would show '
                '"main.A" as the alpha of that view. Rename the object, for instance '
                '"main_object".'
            ),
        ),
        (
            "Alpha",
            (
                'Object name "Alpha" is taken: Nuke has a layer of that name, and the matte would '
                'become a part of it. Rename the object, for instance "Alpha_object".'
            ),
        ),
        (
            "Combined",
            (
                'Object name "Combined" is taken: Blender uses that name for the whole picture. '
                'Rename the object, for instance "Combined_object".'
            ),
        ),
        (
            "x" * 64,
            (
                f'Object name "{"x" * 40}…" has 64 letters: at most 63; Blender cuts off the '
                f'rest. Shorten it, for instance to "{"x" * 63}".'
            ),
        ),
    ],
)
def test_a_name_that_a_host_would_mangle_is_refused(name: str, sentence: str) -> None:
    with pytest.raises(StmatteError) as refused:
        check_object_name(name)

    assert str(refused.value) == sentence
    assert refused.value.value == name


@pytest.mark.parametrize(
    "name",
    [
        *("rgb", "rgba", "alpha", "depth", "motion", "forward", "backward", "disparity"),
        *("disparityL", "disparityR", "mask", "rotopaint_mask", "mask_planartrack"),
        *("mask_splinewarp", "deep", "main", "left", "right", "Ci", "all", "none", "Image"),
    ],
)
def test_what_hosts_keep_for_themselves_is_refused_in_capitals_too(name: str) -> None:
    for written in (name, name.upper(), name.capitalize()):
        with pytest.raises(StmatteError, match="is taken"):
            check_object_name(written)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("hero", "hero.alpha"),
        ("01hero", "hero.alpha"),
        ("hero-1", "hero_1.alpha"),
        ("hero 1", "hero_1.alpha"),
        ("a.b.c", "a_b.c_A"),
        ("hero.matte", "hero_matte.alpha"),
        ("h\u00e9ro", "h__ro.alpha"),  # two bytes in UTF-8
        ("", "rgba.alpha"),
    ],
)
def test_what_nuke_makes_of_a_name(name: str, shown: str) -> None:
    assert in_nuke(name) == shown


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("hero-1", "hero_1"),
        ("h\u00e9ro", "hero"),
        (" left  hand!", "left_hand"),
        ("2nd", "nd_2"),
        ("42", "object_42"),
        ("\u4eba", "object"),
        ("mask", "mask_object"),
        ("hero", "hero"),
    ],
)
def test_the_name_proposed_is_near(name: str, instead: str) -> None:
    assert proposed(name) == instead


@given(name=st.text(st.characters(codec=None), max_size=90))
def test_the_name_proposed_is_allowed(name: str) -> None:
    assert check_object_name(proposed(name))


@given(name=st.from_regex(r"[A-Za-z][A-Za-z0-9_]*", fullmatch=True))
def test_nuke_leaves_a_name_that_is_allowed_alone(name: str) -> None:
    assert in_nuke(name) == f"{name}.alpha"


def test_names_that_differ_in_capitals_only_are_alike() -> None:
    names = ["hero", "car", "Hero", "hero", "HERO", "cars"]

    assert list(alike(names)) == [("Hero", "hero"), ("HERO", "hero")]
