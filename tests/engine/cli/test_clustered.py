# SPDX-License-Identifier: Apache-2.0
"""`stmatte run --cluster`: what is refused before anything is queued, and two workers here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from farming import mattes_in, write_document
from stmatte.cli import stmatte
from stmatte.errors import StmatteError

pytest.importorskip("distributed", reason="the extra cluster is not installed")


def run(shot: Path, *words: object) -> Result:
    out = shot.parent / "made/m.####.exr"
    all_words = ["run", shot, "--out", out, "--store", shot.parent / "store", *words]
    return CliRunner().invoke(stmatte, list(map(str, all_words)))


def test_jobs_are_for_this_machine_alone(tmp_path: Path) -> None:
    result = run(tmp_path / "sh010.json", "--cluster", "local:2", "--jobs", 2)

    assert result.exit_code == 2
    assert "--jobs is for this machine" in result.output


def test_a_cluster_that_is_open_to_its_network_is_refused(tmp_path: Path) -> None:
    result = run(write_document(tmp_path, "sh010"), "--cluster", "tcp://10.0.0.5:8786")

    assert isinstance(result.exception, StmatteError)
    assert "is open to its network" in str(result.exception)
    assert mattes_in(tmp_path / "made") == {}


@pytest.mark.slow
def test_a_cluster_makes_what_one_process_makes(tmp_path: Path) -> None:
    shot = write_document(tmp_path, "sh010")
    out = str(tmp_path / "alone/m.####.exr")
    alone = ["propagate", str(shot), "--out", out, "--store", "none"]

    result = run(shot, "--cluster", "local:2")

    assert result.exit_code == 0, result.output
    subprocess.run([sys.executable, "-m", "stmatte", *alone], check=True, capture_output=True)
    assert len(mattes_in(tmp_path / "made")) == 12
    assert mattes_in(tmp_path / "made") == mattes_in(tmp_path / "alone")
