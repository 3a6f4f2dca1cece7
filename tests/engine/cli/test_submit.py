# SPDX-License-Identifier: Apache-2.0
"""`stmatte submit`: what is written, and what is refused before anything is."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from farming import write_document
from stmatte.cli import stmatte
from stmatte.errors import StmatteError

pytest.importorskip("openjd.model", reason="the extra farm is not installed")


def submit(*words: object) -> Result:
    return CliRunner().invoke(stmatte, ["submit", *map(str, words)])


def refused(result: Result) -> str:
    assert isinstance(result.exception, StmatteError), result.output
    return str(result.exception)


def test_a_job_for_each_queue_is_written_and_counted(tmp_path: Path) -> None:
    pytest.importorskip("outline", reason="the extra opencue is not installed")
    shots = [write_document(tmp_path, name) for name in ("sh010", "sh020")]
    bundle, specification = tmp_path / "bundle", tmp_path / "job.xml"

    result = submit(
        *(*shots, "--out", tmp_path / "{shot}/m.####.exr", "--store", tmp_path / "store"),
        *("--openjd", bundle, "--opencue", specification, "--chunk", 0),
    )

    assert result.exit_code == 0, result.output
    # two spans a shot: 1002-1004 and 1006-1011
    assert "2 shots, 4 spans to compute in 4 commands" in result.output
    assert sorted(path.name for path in bundle.iterdir()) == [
        *("asset_references.yaml", "parameter_values.yaml", "template.yaml")
    ]
    assert specification.read_text("utf-8").startswith('<?xml version="1.0"?>')


def test_how_files_are_written_is_handed_on(tmp_path: Path) -> None:
    shot = write_document(tmp_path, "sh010")

    submit(
        *(shot, "--out", tmp_path / "m.####.exr", "--store", tmp_path / "store"),
        *("--openjd", tmp_path / "bundle", "--compression", "piz", "--cryptomatte"),
    )

    text = (tmp_path / "bundle/template.yaml").read_text("utf-8")
    assert "- piz\n" in text
    assert "- --cryptomatte\n" in text


def test_a_plate_that_no_queue_can_map_is_told(tmp_path: Path) -> None:
    shot = write_document(tmp_path, "sh010")
    text = shot.read_text("utf-8").replace('"sh010/', f'"{(tmp_path / "sh010").as_posix()}/')
    shot.write_text(text, "utf-8")

    result = submit(
        *(shot, "--out", tmp_path / "m.####.exr", "--store", tmp_path / "store"),
        *("--openjd", tmp_path / "bundle"),
    )

    assert "every machine must find it there" in result.output


def test_a_job_without_a_store_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STMATTE_STORE")

    result = submit("sh010.json", "--out", "m.####.exr", "--openjd", tmp_path / "bundle")

    assert "The job has no store" in refused(result)


def test_a_bundle_folder_that_is_not_empty_is_refused_before_shots_are_read(
    tmp_path: Path,
) -> None:
    result = submit("nowhere.json", "--out", "m.####.exr", "--openjd", tmp_path.parent)

    assert "is not empty" in refused(result)


def test_a_document_that_is_not_there_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    shot = write_document(tmp_path, "sh010")

    result = submit(
        *(shot, tmp_path / "sh020.json", "--out", tmp_path / "{shot}.####.exr"),
        *("--store", tmp_path / "store", "--openjd", tmp_path / "bundle"),
    )

    assert 'sh020.json" does not exist' in refused(result)
    assert not (tmp_path / "bundle").exists()


def test_one_queue_must_be_named() -> None:
    result = submit("sh010.json", "--out", "m.####.exr")

    assert result.exit_code == 2
    assert "--openjd DIR, --opencue FILE, or both" in result.output
