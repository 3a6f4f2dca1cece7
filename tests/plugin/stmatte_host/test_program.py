# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import sys
from pathlib import Path

import pytest

from stmatte_host import EngineError, words_in
from stmatte_host.program import clean_environment, engine_words, found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/opt/stmatte/bin/stmatte", ("/opt/stmatte/bin/stmatte", "serve")),
        ("  /opt/my tools/stmatte\n", ("/opt/my tools/stmatte", "serve")),
        (r"C:\Program Files\stmatte.exe", (r"C:\Program Files\stmatte.exe", "serve")),
        ("~/stmatte", (str(Path("~/stmatte").expanduser()), "serve")),
        ("stmatte", ("stmatte", "serve")),
        ('["/opt/python", "-m", "stmatte", "serve"]', ("/opt/python", "-m", "stmatte", "serve")),
        ('["/my tools/stmatte"]', ("/my tools/stmatte",)),
    ],
)
def test_the_variable_is_a_path_or_a_list_of_words(text: str, words: tuple[str, ...]) -> None:
    assert words_in(text) == words
    assert engine_words({"STMATTE_ENGINE": text}) == words


@pytest.mark.parametrize("environ", [{}, {"STMATTE_ENGINE": ""}, {"STMATTE_ENGINE": "  "}])
def test_without_it_the_engine_is_the_installed_command(environ: dict[str, str]) -> None:
    assert engine_words(environ) == ("stmatte", "serve")


@pytest.mark.parametrize("text", ["[", "[]", '["a", 1]', '["a" "b"]', "[stmatte serve]"])
def test_half_a_list_is_an_error_that_shows_a_whole_one(text: str) -> None:
    with pytest.raises(EngineError) as error:
        words_in(text)

    assert text in str(error.value)
    assert '["stmatte", "serve"]' in str(error.value)


def test_nothing_is_left_to_a_shell() -> None:
    assert words_in("stmatte serve; rm -rf $HOME") == ("stmatte serve; rm -rf $HOME", "serve")


def test_what_poisons_another_python_is_taken_out_and_the_rest_stays() -> None:
    poison = [
        "PYTHONHOME",
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "PYTHONNOUSERSITE",
        "LD_LIBRARY_PATH",
        "LD_PRELOAD",
        "DYLD_LIBRARY_PATH",
        "DYLD_INSERT_LIBRARIES",
        "__PYVENV_LAUNCHER__",
        "PythonHome",
    ]
    useful = ["PATH", "HOME", "SYSTEMROOT", "OCIO", "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS"]

    clean = clean_environment(dict.fromkeys([*poison, *useful], "x"))

    assert sorted(clean) == sorted(useful)


def test_cleaning_leaves_the_hosts_own_environment_alone() -> None:
    environ = {"PYTHONHOME": "/nuke"}
    clean_environment(environ)

    assert environ == {"PYTHONHOME": "/nuke"}


def test_a_program_is_found_by_its_path_and_on_the_search_path() -> None:
    python = Path(sys.executable)

    assert found([str(python), "-V"], {}) == (str(python), "-V")
    program, word = found([python.name, "-V"], {"PATH": str(python.parent)})
    assert Path(program).samefile(python)
    assert word == "-V"


@pytest.mark.parametrize("program", ["no-such-stmatte", "/no/such/stmatte", "/"])
def test_a_program_that_is_not_there_is_a_sentence_with_what_to_type(program: str) -> None:
    with pytest.raises(EngineError) as error:
        found([program, "serve"], {"PATH": "/nowhere"})

    assert f'The engine "{program}" was not found' in str(error.value)
    assert "STMATTE_ENGINE=" in str(error.value)
