# SPDX-License-Identifier: Apache-2.0
"""The README and its pages keep their word: commands, options and code in them exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from stmatte.cli import stmatte as command_line

ROOT = Path(__file__).parents[1]
NAMES = ("README.md", "docs/commands.md", "docs/measured.md", "docs/protocol.md")
PAGES = {name: (ROOT / name).read_text("utf-8") for name in NAMES}


def blocks(language: str) -> list[str]:
    fence = re.compile(rf"^[ ]*```{language}\n(.*?)^[ ]*```", re.M | re.S)
    return [block for page in PAGES.values() for block in fence.findall(page)]


def headings(page: str) -> set[str]:
    """Return what links to a page's headings are called."""
    return {
        re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-")
        for line in re.findall(r"^#+ (.*)$", page, re.M)
    }


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
    """Return what is said about one command."""
    page = PAGES["docs/commands.md"]
    found = re.search(rf"^## `stmatte {name}`(.*?)(?=^## |\Z)", page, re.M | re.S)
    assert found is not None, f"there is no chapter on {name}"
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

    options = "--memory-every|--memory-frames|--working-height|--channels"
    stated = {
        said
        for page in PAGES.values()
        for said in re.findall(rf"^\| `({options}) ([\w.]+)`", page, re.M)
    }

    assert stated == {(name, str(defaults[name])) for name in options.split("|")}


def test_python_in_it_is_python() -> None:
    for code in blocks("python"):
        compile(code, "a page", "exec")


@pytest.mark.parametrize("name", NAMES)
def test_its_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\((?!https:)([^)]+)\)", PAGES[name]):
        file, _, heading = target.partition("#")
        page = (ROOT / name).parent / file if file else ROOT / name
        assert page.exists(), target
        if heading:
            assert heading in headings(page.read_text("utf-8")), target


@pytest.mark.parametrize("name", sorted(command_line.commands))
def test_the_readme_leads_to_every_command(name: str) -> None:
    assert f"[`{name}`](docs/commands.md#stmatte-{name}-" in PAGES["README.md"]


def test_the_demo_target_and_the_plain_lines_say_the_same() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8").replace("\\\n", " ")
    recipe = re.search(r"^\t@\$\(BIN\)/(stmatte propagate .*)$", makefile, re.M)
    assert recipe is not None
    line = recipe[1].replace("$(FRAMES)", "1001-1024").replace("$(OUT)", "out/demo")

    demo = [words for words in commands() if " ".join(words[2:]).startswith("demo/")]

    assert len(demo) == 2  # Linux and macOS, Windows
    assert all(words == shlex.split(line) for words in demo)
