# SPDX-License-Identifier: Apache-2.0
"""The README's table says what the file says, what was slower among it."""

from __future__ import annotations

import torch

from benchmarks.test_records import range_of, run
from benchmarks.timing.machine import KEEPS, machine
from benchmarks.timing.records import Result
from benchmarks.timing.told import as_markdown, as_text, disturbed, losses, made_on, others


def told(**changed: object) -> Result:
    return run(**changed).results[0]


def test_a_row_says_what_was_measured() -> None:
    rows = as_markdown([run()]).splitlines()

    cells = [cell.strip() for cell in rows[2].strip("|").split("|")]
    assert cells[:4] == ["`stmatte-s`, as a library", "network", "1", "12 %"]
    assert cells[4:8] == ["0.500 (0.500-0.500)", "2.00", "1.00", "2.00 (2.00-2.00)"]
    assert cells[8].startswith("Cutie-small 0.540, Cutie-base 0.670")
    assert len({row.count("|") for row in rows[:3]}) == 1


def test_how_it_ran_is_in_the_row() -> None:
    rows = as_markdown([run(precision="bfloat16", compile=True, device="cuda")])

    assert "| `stmatte-s` bfloat16 compiled cuda, as a library |" in rows


def test_what_is_slower_than_its_plain_path_is_said() -> None:
    (said,) = losses([told(plain={"frame": range_of(0.4), "parts": {}}, ratio=range_of(0.8))])

    assert "slower than its plain path" in said
    assert "0.500 s against 0.400 s" in said


def test_what_is_slower_than_others_is_said_by_their_names() -> None:
    (said,) = losses([told(ours={"frame": range_of(0.6), "parts": {}})])

    assert said.endswith("0.600 s, is **slower than** Cutie-small (0.540 s).")


def test_where_nothing_is_slower_that_is_said() -> None:
    assert losses([told()]) == ["Nothing here is slower than what it is held against."]


def test_a_published_network_is_held_against_its_own_public_implementation() -> None:
    assert others(told(model="stm", objects=3)) == {"STM": 5.1}


def test_nobody_is_held_against_what_was_measured_otherwise() -> None:
    for changed in ({"size": (240, 427)}, {"device": "cuda"}, {"level": "pipeline"}):
        assert others(told(**changed)) == {}


def test_a_line_tells_the_parts() -> None:
    line = as_text(told())

    assert line.startswith(
        "stmatte-s, network, 1 object, covering 12 %, 854x480, 8 memory frames: 0.500"
    )
    assert "(encode 0.100)" in line
    assert "plain takes 2.00 (2.00-2.00) times as long" in line


def test_a_process_that_keeps_what_it_frees_is_the_usual_one() -> None:
    usual = run().machine.model_copy(update={"allocator": "the system's" + KEEPS})

    assert "| `stmatte-s` |" in as_markdown([run().model_copy(update={"machine": usual})])


def test_a_machine_that_did_something_else_is_told_of() -> None:
    """A quarter, as `run` has it."""
    assert disturbed(run()).startswith("Other processes took 25 % of this machine")
    assert made_on([run("x")])[0].endswith(": x (25 % of the machine taken by others).")
    assert disturbed(run().model_copy(update={"elsewhere": 0.01})) == ""


def test_this_machine_tells_its_threads() -> None:
    assert machine(torch.device("cpu")).threads == torch.get_num_threads()
