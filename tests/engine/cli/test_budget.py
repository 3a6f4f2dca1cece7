# SPDX-License-Identifier: Apache-2.0
"""`--memory-budget`: what does not fit is refused before work starts, and foretold by `plan`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shots import soft_disc, write_grey

TOO_LITTLE = ("--memory-budget", "1M")


def document(place: Any) -> Path:
    write_grey(place.folder / "key.png", soft_disc(40))
    shot = {
        "format": "stmatte.shot/1",
        "plate": "plate/plate.####.png",
        "keys": [{"frame": 1001, "object": "hero", "matte": {"path": "key.png"}}],
        "settings": {"model": "label-propagation", "device": "cpu"},
    }
    path: Path = place.folder / "shot.json"
    path.write_text(json.dumps(shot))
    return path


def test_what_does_not_fit_is_refused_and_nothing_is_written(run: Any, place: Any) -> None:
    before = place.made()

    ran = run(*place.propagate(), *TOO_LITTLE)

    assert ran.code == 2
    assert "of memory: the memory budget is 1 MB. " in ran.err
    assert "aise the memory budget to " in ran.err
    assert place.made() == before


def test_the_budget_that_the_refusal_names_is_enough(run: Any, place: Any) -> None:
    words = run(*place.propagate(), *TOO_LITTLE).err.split()
    at = len(words) - words[::-1].index("budget") + 1
    named = words[at] + words[at + 1].strip(".")[0]  # "64 MB." is "64M" on a command line

    assert run(*place.propagate(), "--memory-budget", named).code == 0


def test_a_plan_foretells_memory_and_a_refusal(run: Any, place: Any) -> None:
    shot = document(place)

    told = run("plan", shot, "--memory-budget", "1T")
    refused = run("plan", shot, *TOO_LITTLE)
    as_json = json.loads(run("plan", shot, "--json", *TOO_LITTLE).out)["forecast"]

    assert told.out.splitlines()[-1].endswith("MB of memory.")
    assert refused.code == 0
    assert refused.out.splitlines()[-1].startswith("This will be refused. Working height 64 ")
    assert as_json["bytes"] > 10**6
    assert as_json["refused"] in refused.out


def test_a_budget_that_is_no_size_is_refused_with_an_example(run: Any, place: Any) -> None:
    ran = run(*place.propagate(), "--memory-budget", "plenty")

    assert ran.code == 2
    assert '--memory-budget is "plenty": a number above 0 and its unit' in ran.err
