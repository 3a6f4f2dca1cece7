# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte.errors import StmatteError
from stmatte.training.recipe import TRAINABLE, Recipe, load_recipe, shipped_recipes

WriteRecipe = Callable[[object], str]


@pytest.fixture
def write(tmp_path: Path) -> WriteRecipe:
    def written(settings: object) -> str:
        path = tmp_path / "own.json"
        path.write_text(settings if isinstance(settings, str) else json.dumps(settings))
        return str(path)

    return written


def test_every_recipe_that_ships_can_be_loaded_by_name() -> None:
    assert "stage1" in shipped_recipes()
    assert {load_recipe(name).network for name in shipped_recipes()} <= set(TRAINABLE)


def test_every_paper_has_its_recipes() -> None:
    papers = {"stm-stills", "stm-video", "stm-interactive", "kmn-stills", "stcn-stills"}
    papers |= {"rgmp-stills", "rgmp-video"}

    assert papers <= set(shipped_recipes())
    assert load_recipe("kmn-stills").hiding == 0.5  # Hide-and-Seek rises to one half
    moving = load_recipe("stm-video")
    assert [moving.skip(0), moving.skip(moving.steps - 1)] == [1, 25]
    stills, video = load_recipe("rgmp-stills"), load_recipe("rgmp-video")
    assert (stills.frames, stills.deform) == (2, 1.0)  # two frames, and a mask that is off
    assert (video.frames, video.deform) == (5, 0.0)  # five, each with the result before
    lmrc = load_recipe("lmrc-video")
    assert (lmrc.frames - 1) * lmrc.skip_last == 10  # three frames within ten
    assert (lmrc.scale_weight, lmrc.scale_steps) == (1e-4, 1000)


def test_a_recipe_of_one_s_own_changes_what_it_names(write: WriteRecipe) -> None:
    assert load_recipe(write({"steps": 7, "rate": 1})) == Recipe(steps=7, rate=1)


def test_an_unknown_recipe_is_told_which_ones_there_are() -> None:
    with pytest.raises(StmatteError) as refused:
        load_recipe("stage9")

    assert str(refused.value) == (
        f'Recipe "stage9" does not exist: a file, or one of these: {", ".join(shipped_recipes())}.'
    )


def test_a_folder_is_no_recipe(tmp_path: Path) -> None:
    with pytest.raises(StmatteError, match="does not exist"):
        load_recipe(str(tmp_path))


def test_entries_that_cannot_be_used_are_all_named_at_once(write: WriteRecipe) -> None:
    settings = {"stepps": 5, "steps": 2.5, "rate": "high", "seed": True, "batch": 2}

    with pytest.raises(StmatteError, match=r"cannot be used: stepps, steps, rate, seed: ") as told:
        load_recipe(write(settings))

    assert told.value.value == ["stepps", "steps", "rate", "seed"]
    assert "steps (int)" in told.value.allowed


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is not JSON"),
        ("[1, 2]", "holds a list: one JSON object"),
        ('"stage1"', "holds a str"),
    ],
)
def test_a_file_that_is_no_recipe_is_refused(write: WriteRecipe, text: str, told: str) -> None:
    with pytest.raises(StmatteError, match=told):
        load_recipe(write(text))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("network", "label-propagation"),
        ("height", 250),  # no multiple of 16
        ("width", 16),
        ("frames", 1),  # nothing to learn from: the first frame is given
        ("batch", 0),
        ("steps", 0),
        ("warmup", -1),
        ("decay", -1),
        ("rate", 0.0),
        ("rate", float("nan")),
        ("encoder_rate", -1e-5),
        ("frozen_blocks", 14),  # there are blocks 0 to 13
        ("rendered", 1.1),
        ("swing", 1.1),
        ("twins", -0.1),
        ("cut", 2.0),
        ("passing", float("nan")),
        ("pieces", -1.0),
        ("blurred", 1.5),
        ("compressed", -0.5),
        ("hiding", -0.1),
        ("average", 1.0),  # would keep the beginning for ever
        ("clip_norm", 0.0),
        ("seed", -1),
    ],
)
def test_a_number_that_no_run_can_be_made_with_is_refused(name: str, value: object) -> None:
    with pytest.raises(StmatteError, match=f'Entry "{name}" of the recipe is {value}: ') as refused:
        Recipe(**{name: value})  # type: ignore[arg-type]

    assert refused.value.allowed


def test_rates_rise_stay_and_fall_on_straight_lines() -> None:
    recipe = Recipe(steps=10, warmup=4, decay=5)

    factors = [recipe.factor(step) for step in range(10)]

    # up by 1/4 a step to step 3; from step 5 on, (10 - step) / 5
    assert factors == pytest.approx([0.25, 0.5, 0.75, 1, 1, 1, 0.8, 0.6, 0.4, 0.2])


def test_where_the_rise_meets_the_fall_the_lower_one_counts() -> None:
    recipe = Recipe(steps=4, warmup=4, decay=4)

    # rise 1/4, 2/4, 3/4, 4/4 against fall 4/4, 3/4, 2/4, 1/4
    assert [recipe.factor(step) for step in range(4)] == [0.25, 0.5, 0.5, 0.25]


@given(steps=st.integers(1, 500), warmup=st.integers(0, 600), decay=st.integers(0, 600))
def test_no_step_of_a_run_is_wasted_and_none_is_above_the_rate(
    steps: int, warmup: int, decay: int
) -> None:
    recipe = Recipe(steps=steps, warmup=warmup, decay=decay)

    assert all(0 < recipe.factor(step) <= 1 for step in range(steps))
