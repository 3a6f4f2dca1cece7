# SPDX-License-Identifier: Apache-2.0
"""The job of OpenCue, whole; no Cuebot was asked."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from farming import task
from stmatte.errors import StmatteError
from stmatte.farm.chunks import chunks_of
from stmatte.farm.jobs import MIB, ShotJob, job_of
from stmatte.farm.opencue import MOST_LAYERS, check_layers, runs_of, specification

STORE = Path("/store")
OUT = "/mattes/{shot}/m.####.exr"


def job(name: str = "sh 010", seconds: tuple[float, ...] = (4, 4, 4, 20, 30)) -> ShotJob:
    shot = f"/jobs/{name}.json"
    tasks = [
        task(n, seconds=s, memory=1000 * MIB, device="cuda", shot=shot)
        for n, s in enumerate(seconds, start=1)
    ]
    return job_of(Path(shot), tasks, OUT)


SPECIFICATION = """\
<?xml version="1.0"?>
<!DOCTYPE spec PUBLIC "SPI Cue  Specification Language" \
"http://localhost:8080/spcue/dtd/cjsl-1.15.dtd">
<spec>
<facility>local</facility><show>testing</show><shot>default</shot>
<user>mira</user><uid>7</uid>
<job name="stmatte">
<paused>False</paused><priority>1</priority><maxretries>2</maxretries><autoeat>False</autoeat>
<env />
<layers>
<layer name="sh_010_spans_1_3" type="Render">
<cmd>stmatte span '/jobs/sh 010.json' --span '#FRAME_START#-#FRAME_END#' --store /store \
--device cuda --progress plain --memory-budget 1000Mi</cmd>
<range>1-3</range><chunk>3</chunk><cores>1.0</cores><memory>4096m</memory>
<gpus>1</gpus><gpu_memory>1536m</gpu_memory><timeout>30</timeout>
<env /><services><service>shell</service></services><outputs />
</layer>
<layer name="sh_010_spans_4_5" type="Render">
<cmd>stmatte span '/jobs/sh 010.json' --span '#IFRAME#' --store /store \
--device cuda --progress plain --memory-budget 1000Mi</cmd>
<range>4-5</range><chunk>1</chunk><cores>1.0</cores><memory>4096m</memory>
<gpus>1</gpus><gpu_memory>1536m</gpu_memory><timeout>30</timeout>
<env /><services><service>shell</service></services><outputs />
</layer>
<layer name="sh_010_merge" type="Render">
<cmd>stmatte merge '/jobs/sh 010.json' --out '/mattes/sh_010/m.####.exr' --store /store \
--device cuda --progress plain --compression piz</cmd>
<range>1-1</range><chunk>1</chunk><cores>1.0</cores><memory>4096m</memory>
<gpus>1</gpus><gpu_memory>1536m</gpu_memory><timeout>30</timeout>
<env /><services><service>shell</service></services><outputs />
</layer>
</layers>
</job>
<depends>
<depend type="LAYER_ON_LAYER" anyframe="False"><depjob>stmatte</depjob>\
<deplayer>sh_010_merge</deplayer><onjob>stmatte</onjob><onlayer>sh_010_spans_1_3</onlayer></depend>
<depend type="LAYER_ON_LAYER" anyframe="False"><depjob>stmatte</depjob>\
<deplayer>sh_010_merge</deplayer><onjob>stmatte</onjob><onlayer>sh_010_spans_4_5</onlayer></depend>
</depends>
</spec>
"""


@pytest.fixture
def _of_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave out what a user or a site has set for OpenCue."""
    pytest.importorskip("outline", reason="the extra opencue is not installed")
    pytest.importorskip("packaging", reason="the extra opencue is not installed")
    monkeypatch.setattr("outline.util.get_uid", lambda: 7)
    for name in ("SHOW", "SHOT", "FACILITY", "RENDER_TO", "OL_OS", "OL_TAG_OVERRIDE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_of_nobody")
@pytest.mark.skipif(sys.platform == "win32", reason="paths from the root are written as on Unix")
def test_the_whole_specification() -> None:
    text = specification([job()], STORE, how=("--compression", "piz"), user="mira")

    assert text == SPECIFICATION.replace("\n", "")


@pytest.mark.usefixtures("_of_nobody")
def test_a_network_that_learns_first_holds_the_other_layers_back() -> None:
    tasks = [task(n, seconds=20, learns=100) for n in (1, 2, 3)]

    text = specification([job_of(Path("/jobs/sh010.json"), tasks, OUT)], STORE)

    depends = ElementTree.fromstring(text).findall("depends/depend")
    assert {(d.findtext("deplayer"), d.findtext("onlayer")) for d in depends} == {
        ("sh010_spans_2_3", "sh010_spans_1_1"),
        ("sh010_merge", "sh010_spans_1_1"),
        ("sh010_merge", "sh010_spans_2_3"),
    }


def test_every_layer_holds_whole_chunks_only() -> None:
    # a Cuebot drops a frame of a last chunk that is not full
    seconds = (4, 4, 4, 4, 4, 4, 4, 4)
    chunks = chunks_of([task(n, seconds=s) for n, s in enumerate(seconds, start=1)])

    runs = runs_of(chunks)

    assert [(run.range, run.size) for run in runs] == [("1-6", 3), ("7-8", 2)]


def test_shots_that_opencue_cannot_tell_apart_are_refused() -> None:
    with pytest.raises(StmatteError, match="are one for OpenCue"):
        check_layers([job("sh-010"), job("SH_010")])


def test_a_job_of_more_layers_than_opencue_takes_is_refused() -> None:
    jobs = [job(f"sh{n}", seconds=()) for n in range(MOST_LAYERS + 1)]

    with pytest.raises(StmatteError, match="1001 layers"):
        check_layers(jobs)


def test_without_the_extra_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "outline", None)

    with pytest.raises(StmatteError, match=r"pip install 'stmatte\[opencue\]'"):
        specification([job()], STORE)
