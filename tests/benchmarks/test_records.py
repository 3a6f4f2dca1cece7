# SPDX-License-Identifier: Apache-2.0
"""A file of measurements says what the schema allows, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError

from benchmarks.timing.machine import Elsewhere, allocator, commit, cpu_of, machine
from benchmarks.timing.records import Run, Speed, add, read, schema
from stmatte.errors import StmatteError

SCHEMA = Path(__file__).with_name("speed.schema.json")


def range_of(median: float) -> dict[str, float]:
    return {"median": median, "low": median, "high": median, "count": 5}


def result(**changed: object) -> dict[str, Any]:
    told: dict[str, Any] = {
        "level": "network",
        "model": "stmatte-s",
        "weights": "shipped",
        "size": [480, 854],
        "objects": 1,
        "covered": 0.125,
        "memory": 8,
        "place": 45,
        "precision": "float32",
        "compile": False,
        "device": "cpu",
        "seed": 0,
        "warm": 2,
        "ours": {"frame": range_of(0.5), "parts": {"encode": range_of(0.1)}},
        "plain": {"frame": range_of(1.0), "parts": {}},
        "ratio": range_of(2.0),
        "agreement": None,
    }
    return {**told, **changed}


def run(command: str = "speed.py", **changed: object) -> Run:
    here = machine(torch.device("cpu"))
    return Run.model_validate(
        {
            "machine": here.model_dump(),
            "command": command,
            "elsewhere": 0.25,
            "results": [result(**changed)],
        }
    )


def test_the_schema_beside_is_that_of_the_records() -> None:
    assert SCHEMA.read_text("utf-8") == schema(), "python tests/benchmarks/speed.py --schema"


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    add(tmp_path / "speed.json", run())

    assert read(tmp_path / "speed.json") == Speed(runs=(run(),))


def test_the_same_command_again_replaces_what_it_found_before(tmp_path: Path) -> None:
    path = tmp_path / "speed.json"
    for command, objects in (("a", 1), ("b", 1), ("a", 3)):
        add(path, run(command, objects=objects))

    found = [(one.command, one.results[0].objects) for one in read(path).runs]

    assert found == [("b", 1), ("a", 3)]


def test_a_file_of_another_kind_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "speed.json"
    path.write_text('{"runs": [{"machine": {}}]}', "utf-8")

    with pytest.raises(StmatteError, match=r"speed.json is not a file of measurements"):
        read(path)


@pytest.mark.parametrize(
    "changed",
    [
        {"objects": 0},
        {"seconds": 1},
        {"level": "somewhere"},
        {"ratio": {"median": 2, "low": 3, "high": 4, "count": 5}},
        {"ratio": {"median": -1, "low": -1, "high": 1, "count": 5}},
        {"ours": {"frame": range_of(1), "parts": {"sleep": range_of(1)}}},
        {"agreement": {"jaccard": 1.5, "apart": 0}},
    ],
)
def test_a_file_that_cannot_be_so_is_refused(tmp_path: Path, changed: dict[str, Any]) -> None:
    path = tmp_path / "speed.json"
    add(path, run())
    told = json.loads(path.read_text("utf-8"))
    told["runs"][0]["results"][0].update(changed)
    path.write_text(json.dumps(told), "utf-8")

    with pytest.raises(StmatteError):
        read(path)


def test_a_file_without_a_machine_is_refused() -> None:
    with pytest.raises(ValidationError, match="machine"):
        Speed.model_validate({"runs": [{"command": "speed.py", "elsewhere": 0, "results": []}]})


def test_a_cpu_is_told_with_the_flags_that_matter() -> None:
    told = "processor : 0\nmodel name : Fast 9\nflags : fpu avx2 avx512f\n\nprocessor : 1\n"

    assert cpu_of(told) == ("Fast 9", ("avx2", "avx512f"))
    assert cpu_of("") == ("", ())


def test_what_others_took_is_what_was_busy_less_this_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of 10 s of all cores 8 were busy, and 4 of them with this process: 0.4."""
    told = iter([(100.0, 50.0, 10.0), (110.0, 58.0, 14.0)])
    monkeypatch.setattr("benchmarks.timing.machine._times", lambda: next(told))

    assert Elsewhere().share() == 0.4


def test_what_hands_out_memory_is_told() -> None:
    assert allocator("/usr/lib/libjemalloc.so.2") == "jemalloc"
    assert allocator("") == "the system's"


def test_a_folder_without_git_has_no_commit(tmp_path: Path) -> None:
    assert commit(tmp_path) == "unknown"
