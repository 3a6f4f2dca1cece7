# SPDX-License-Identifier: Apache-2.0
"""The README keeps its word: commands, options and code in it are those that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from stmatte.cli import stmatte as command_line

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^[ ]*```{language}\n(.*?)^[ ]*```", README, re.M | re.S)


def commands() -> list[list[str]]:
    """Return the words of every stmatte command line in a shell block."""
    lines = [line.strip() for block in blocks("(?:sh|powershell)") for line in block.splitlines()]
    found = [re.sub(r"^\S*[/\\](?=stmatte)", "", line) for line in lines]
    return [shlex.split(line, comments=True) for line in found if line.startswith("stmatte ")]


def options(name: str) -> set[str]:
    """Return every long option of a command, as a person writes it."""
    return {
        option
        for parameter in command_line.commands[name].params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if option.startswith("--")
    }


def chapter(name: str) -> str:
    """Return what the README says about one command."""
    found = re.search(rf"^### `stmatte {name}`(.*?)^##", README, re.M | re.S)
    assert found is not None, f"the README has no chapter on {name}"
    return found[1]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_line_uses_options_that_exist(words: list[str]) -> None:
    used = {word for word in words if word.startswith("--")}

    assert used <= options(words[1])


@pytest.mark.parametrize("name", sorted(command_line.commands))
def test_every_option_of_a_command_is_explained(name: str) -> None:
    said = set(re.findall(r"--[a-z][a-z-]+", chapter(name)))

    assert options(name) - {"--help"} == said


def test_the_settings_that_it_states_are_the_defaults() -> None:
    defaults = {
        option: parameter.default
        for parameter in command_line.commands["propagate"].params
        for option in parameter.opts
    }

    stated = dict(
        re.findall(r"^\| `(--memory-every|--working-height|--channels) ([\w.]+)`", README, re.M)
    )

    assert {name: str(defaults[name]) for name in stated} == stated
    assert len(stated) == 3


def test_python_in_it_is_python() -> None:
    for code in blocks("python"):
        compile(code, "README.md", "exec")


def test_its_links_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-")
        for line in re.findall(r"^#+ (.*)$", README, re.M)
    }
    for target in re.findall(r"\]\(([^)]+)\)", README):
        if target.startswith("#"):
            assert target[1:] in headings
        else:
            assert (ROOT / target).exists()


def test_the_demo_target_and_the_plain_lines_say_the_same() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8").replace("\\\n", " ")
    recipe = re.search(r"^\t@\$\(BIN\)/(stmatte propagate .*)$", makefile, re.M)
    assert recipe is not None
    line = recipe[1].replace("$(FRAMES)", "1001-1024").replace("$(OUT)", "out/demo")

    demo = [words for words in commands() if " ".join(words[2:]).startswith("demo/")]

    assert len(demo) == 2  # Linux and macOS, Windows
    assert all(words == shlex.split(line) for words in demo)
