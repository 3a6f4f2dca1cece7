# SPDX-License-Identifier: Apache-2.0
"""A device that fails under the service: a real desk, and a network that raises what torch does."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from shots import Mixing, soft_disc, write_grey, write_plate
from stmatte.memory.bank import Bank
from stmatte.networks.protocol import Query
from stmatte.pipeline import loaded
from stmatte.pipeline.desk import Desk
from stmatte.store import open_store
from talking import InProcess

OUT_OF_MEMORY = torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 9.8 GiB")


@dataclass
class Failing(Mixing):
    """Raises an error at the steps that `fails` tells."""

    fails: Callable[[int], bool] = lambda _: False
    error: Exception = OUT_OF_MEMORY
    asked: int = 0

    def segment(self, query: Query, bank: Bank) -> Tensor:
        self.asked += 1
        if self.fails(self.asked):
            raise self.error
        return super().segment(query, bank)


@pytest.fixture
def propagated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Failing], dict[str, Any]]:
    """Propagate frames 1-6 with a network; return how the job ended."""
    write_plate(tmp_path / "plate", range(1, 7))
    write_grey(tmp_path / "key.png", soft_disc(32))
    document = {
        "format": "stmatte.shot/1",
        "plate": "plate/plate.####.png",
        "keys": [{"frame": 1, "object": "hero", "matte": {"path": "key.png"}}],
        "settings": {"device": "cpu"},
    }

    def propagate(network: Failing) -> dict[str, Any]:
        monkeypatch.setattr(loaded, "load_for", lambda _: network)
        with InProcess(lambda: Desk(open_store(tmp_path / "store"))) as talk:
            talk.hello()
            opened = talk.ask(
                "shot/open", document=document, base=str(tmp_path), out="matte.####.exr"
            )
            talk.ask("job/start", shot=opened["shot"])
            return talk.notice("job/done")

    return propagate


def test_a_job_goes_on_where_memory_ran_out_and_warns_of_it(
    propagated: Any, caplog: pytest.LogCaptureFixture
) -> None:
    network = Failing(fails=lambda step: step == 3)

    with caplog.at_level(logging.WARNING, logger="stmatte"):  # which the process tells the client
        done = propagated(network)

    assert (done["outcome"], done["done"]) == ("done", 6)
    assert network.asked == 6  # frame 4 twice
    assert [record.message for record in caplog.records] == [
        "Memory ran out; going on with less: nothing that was seen of other frames is held"
    ]


def test_a_job_that_never_fits_fails_in_words_and_the_next_one_makes_the_rest(
    propagated: Any, tmp_path: Path
) -> None:
    done = propagated(Failing(fails=lambda step: step >= 4))

    assert (done["outcome"], done["error"]["code"]) == ("failed", 1001)
    assert done["error"]["message"].startswith("Memory is full at working height 480 with 1 object")
    there = sorted(path.name for path in tmp_path.glob("matte.*.exr"))
    assert there == [f"matte.000{frame}.exr" for frame in (1, 2, 3, 4)]

    network = Failing()
    done = propagated(network)

    assert done["outcome"] == "done"
    assert network.asked == 2  # frames 5 and 6


def test_a_job_that_lost_its_gpu_fails_in_words_and_the_next_engine_makes_the_rest(
    propagated: Any,
) -> None:
    gone = torch.AcceleratorError("CUDA error: unspecified launch failure\nCUDA kernel errors ...")

    done = propagated(Failing(fails=lambda step: step == 4, error=gone))
    assert done["outcome"] == "failed"
    assert done["error"]["message"].startswith(
        "The GPU stopped working (CUDA error: unspecified launch failure): mattes that are done"
    )

    network = Failing()
    assert propagated(network)["outcome"] == "done"
    assert network.asked == 2
