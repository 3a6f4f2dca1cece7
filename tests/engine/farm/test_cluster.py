# SPDX-License-Identifier: Apache-2.0
"""A cluster of one's own: who may reach it, and two workers on this machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from stmatte.errors import StmatteError
from stmatte.farm.cluster import Cluster, Wanted, cluster
from stmatte.farm.commands import HERE
from stmatte.farm.processes import Halt
from stmatte.farm.reaching import check_open
from stmatte.farm.workers import asking


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:8786", "127.0.0.1:8786", "localhost:8786", "tls://farm:8786"]
)
def test_this_machine_and_tls_are_nobody_elses(address: str) -> None:
    check_open(address, trusted=False)


@pytest.mark.parametrize("address", ["tcp://10.0.0.5:8786", "farm:8786", "tcp://localhost.evil:1"])
def test_a_scheduler_that_others_reach_is_refused_unless_they_are_trusted(address: str) -> None:
    with pytest.raises(StmatteError, match="is open to its network"):
        check_open(address, trusted=False)

    check_open(address, trusted=True)


def test_without_the_extra_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)

    with (
        pytest.raises(StmatteError, match=r"pip install 'stmatte\[cluster\]'"),
        cluster("local:2", Wanted()),
    ):
        pass


def test_an_address_is_read_from_the_file_that_a_scheduler_wrote(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra cluster is not installed")
    (tmp_path / "scheduler.json").write_text(json.dumps({"address": "tcp://10.0.0.5:8786"}))

    with (
        pytest.raises(StmatteError, match=r'"tcp://10\.0\.0\.5:8786" is open'),
        cluster(str(tmp_path / "scheduler.json"), Wanted()),
    ):
        pass


def test_a_gpu_is_asked_for_before_anything_is_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="the extra cluster is not installed")
    monkeypatch.setattr("stmatte.farm.reaching._gpus", lambda: 0)

    with (
        pytest.raises(StmatteError, match="This machine has no GPU"),
        cluster("local:2", Wanted(gpu=True)),
    ):
        pass


@pytest.fixture(scope="module")
def two() -> Iterator[Cluster]:
    pytest.importorskip("distributed", reason="the extra cluster is not installed")
    with cluster("local:2", Wanted(wait=20)) as made:
        yield made


def silent(said: Mapping[str, Any]) -> None:
    del said


def test_a_command_runs_on_a_worker_as_a_child(two: Cluster) -> None:
    ended = two.start([*HERE, "--version"], tell=silent, halt=Halt(), more={})

    assert (ended.code, ended.late) == (0, False)


def test_what_a_command_says_at_last_and_its_exit_code_come_back(two: Cluster) -> None:
    command = [*HERE, "span", "nowhere.json", "--span", "0"]

    ended = two.start(command, tell=silent, halt=Halt(), more={})

    assert ended.code == 2
    assert 'Spans "0" cannot be read' in ended.words


def test_workers_share_this_machines_store(two: Cluster, tmp_path: Path) -> None:
    with asking(tmp_path, [], []) as asked:
        two.check(asked)


def test_every_worker_that_lacks_something_is_named(two: Cluster, tmp_path: Path) -> None:
    lost = [tmp_path / "plate.1001.png"]

    with asking(tmp_path, lost, []) as asked, pytest.raises(StmatteError) as refused:
        two.check(asked)

    told = str(refused.value).splitlines()
    assert [line.split(":")[0] for line in told] == ["Worker tcp", "Worker tcp"]
    assert all("plate.1001.png" in line for line in told)


def test_workers_know_no_torch(two: Cluster) -> None:
    two.start([*HERE, "--version"], tell=silent, halt=Halt(), more={})

    loaded = two.client.run(lambda: "torch" in sys.modules)

    assert set(loaded.values()) == {False}


def test_a_gpu_that_no_worker_has_is_an_error_in_time(two: Cluster) -> None:
    wanting = Cluster(two.client, Wanted(gpu=True, wait=0.5))

    with pytest.raises(StmatteError, match="None of the cluster's 2 workers has a GPU"):
        wanting.check({})
