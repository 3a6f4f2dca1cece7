# SPDX-License-Identifier: Apache-2.0
"""The job bundle of Open Job Description, by the standard's own checker and runner."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from farming import mattes_in, task, write_document
from stmatte.errors import StmatteError
from stmatte.farm import openjd
from stmatte.farm.jobs import MIB, ShotJob, job_of, jobs_of
from stmatte.store import DiskStore

yaml = pytest.importorskip("yaml", reason="the extra farm is not installed")
pytest.importorskip("openjd.model", reason="the extra farm is not installed")

BESIDE = Path(sys.executable).parent
"""Where the programs of this environment lie."""


def job(name: str = "sh010", **what: Any) -> ShotJob:
    shot = f"/jobs/{name}.json"
    device = what.pop("device", "cpu")
    tasks = [
        task(n, seconds=s, memory=1000 * MIB, device=device, shot=shot, **what)
        for n, s in enumerate((4, 4, 4, 400), start=1)
    ]
    return job_of(Path(shot), tasks, "/mattes/{shot}/m.####.exr")


def run_openjd(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": os.pathsep.join((str(BESIDE), os.environ["PATH"]))}
    command = [sys.executable, "-m", "openjd", *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def checked(described: dict[str, Any]) -> Any:
    """Return a template as the standard's library reads it."""
    from openjd.model import decode_job_template

    return decode_job_template(template=described)


def test_a_shot_has_a_step_that_computes_and_one_that_waits_for_it_and_writes() -> None:
    spans, merge = openjd.template([job()])["steps"]

    assert (spans["name"], merge["name"]) == ("sh010 spans", "sh010 merge")
    assert merge["dependencies"] == [{"dependsOn": "sh010 spans"}]
    assert spans["parameterSpace"]["taskParameterDefinitions"] == [
        {"name": "Shot", "type": "PATH", "range": ["/jobs/sh010.json"]},
        {"name": "Spans", "type": "STRING", "range": ["1-3", "4"]},
    ]
    assert merge["parameterSpace"]["taskParameterDefinitions"][1:] == [
        {"name": "Out", "type": "PATH", "range": ["/mattes/sh010/m.####.exr"]}
    ]


def test_what_goes_wrong_with_a_shot_holds_no_other_back() -> None:
    steps = openjd.template([job("sh010"), job("sh020")])["steps"]

    waits = {step["name"]: step.get("dependencies", []) for step in steps}
    assert waits["sh020 merge"] == [{"dependsOn": "sh020 spans"}]
    assert waits["sh020 spans"] == []


def test_a_command_takes_its_paths_from_parameters_that_a_queue_can_map() -> None:
    described = openjd.template([job()], program=("rez-run", "stmatte"))

    run = described["steps"][0]["script"]["actions"]["onRun"]
    assert [run["command"], *run["args"]] == [
        *("rez-run", "stmatte", "span", "{{Task.Param.Shot}}", "--span", "{{Task.Param.Spans}}"),
        *("--store", "{{Param.Store}}", "--device", "cpu", "--progress", "openjd"),
        *("--memory-budget", "1000Mi"),
    ]
    assert run["timeout"] == 4000  # ten times the longest chunk's 400 s
    assert run["cancelation"]["mode"] == "NOTIFY_THEN_TERMINATE"


def test_a_gpu_and_its_memory_are_asked_for() -> None:
    step = openjd.template([job(device="cuda")])["steps"][0]

    amounts = {each["name"]: each["min"] for each in step["hostRequirements"]["amounts"]}
    assert amounts == {
        "amount.worker.vcpu": 1,
        "amount.worker.memory": 4096,
        "amount.worker.gpu": 1,
        "amount.worker.gpu.memory": 1536,
    }


def test_a_network_that_learns_first_has_a_step_for_it() -> None:
    steps = openjd.template([job(learns=100)])["steps"]

    assert [step["name"] for step in steps] == ["sh010 learn", "sh010 spans", "sh010 merge"]
    assert steps[1]["dependencies"] == [{"dependsOn": "sh010 learn"}]


def test_a_thousand_shots_are_a_template_that_the_checker_takes() -> None:
    described = openjd.template([job(f"sh{n:04}") for n in range(1000)])

    assert len(checked(described).steps) == 2000


def test_a_path_that_a_template_would_read_as_its_own_is_refused() -> None:
    with pytest.raises(StmatteError, match="cannot stand in a job template"):
        openjd.template([job("{{x}}")])


def test_a_name_that_the_standard_refuses_is_told_in_its_words() -> None:
    with pytest.raises(StmatteError, match="The job cannot be described"):
        openjd.write_bundle(Path("nowhere"), {"template": openjd.template([job()], name="")})


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(StmatteError, match="is not empty"):
        openjd.write_bundle(tmp_path, {"template": openjd.template([job()])})

    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_without_the_extra_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)

    with pytest.raises(StmatteError, match=r"pip install 'stmatte\[farm\]'"):
        openjd.write_bundle(tmp_path, {"template": openjd.template([job()])})


def bundle(tmp_path: Path) -> tuple[Path, Path]:
    """Write the bundle of two shots; return its folder and the store's."""
    shots = [write_document(tmp_path, name) for name in ("sh010", "sh020")]
    store = tmp_path / "store"
    out = str(tmp_path / "farm/{shot}/m.####.exr")
    jobs = jobs_of(shots, DiskStore(store, 10**9), out, seconds=0)
    parts = {
        "template": openjd.template(jobs),
        "parameter_values": openjd.parameter_values(store),
        "asset_references": openjd.asset_references(jobs),
    }
    openjd.write_bundle(tmp_path / "bundle", parts)
    return tmp_path / "bundle", store


def test_a_bundle_names_all_that_its_shots_read_and_where_they_write(tmp_path: Path) -> None:
    folder, store = bundle(tmp_path)

    read = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in folder.glob("*.yaml")}

    assert read.keys() == {"template", "parameter_values", "asset_references"}
    assert read["parameter_values"]["parameterValues"] == [{"name": "Store", "value": str(store)}]
    references = read["asset_references"]["assetReferences"]
    named = {Path(path).relative_to(tmp_path) for path in references["inputs"]["filenames"]}
    assert named == {
        *(Path(f"{shot}.json") for shot in ("sh010", "sh020")),
        *(Path(f"keys/{s}.{f}.png") for s in ("sh010", "sh020") for f in (1001, 1005, 1012)),
        *(Path(f"{s}/{s}.{f}.png") for s in ("sh010", "sh020") for f in range(1001, 1013)),
    }
    assert references["outputs"]["directories"] == [
        str(tmp_path / "farm" / shot) for shot in ("sh010", "sh020")
    ]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a session's commands are run by a shell")
def test_a_bundle_is_checked_and_run_and_its_mattes_are_those_of_one_process(
    tmp_path: Path,
) -> None:
    folder, store = bundle(tmp_path)
    template = str(folder / "template.yaml")

    check = run_openjd("check", template)
    ran = run_openjd("run", template, "-p", f"Store={store}")

    assert check.returncode == 0, check.stdout
    assert ran.returncode == 0, ran.stdout[-3000:]
    assert "openjd_progress: 100" in ran.stdout
    for shot in ("sh010", "sh020"):
        out = str(tmp_path / f"alone/{shot}/m.####.exr")
        words = ["propagate", str(tmp_path / f"{shot}.json"), "--out", out, "--store", "none"]
        subprocess.run([sys.executable, "-m", "stmatte", *words], check=True, capture_output=True)
    made = mattes_in(tmp_path / "farm")
    assert len(made) == 24
    assert made == mattes_in(tmp_path / "alone")
