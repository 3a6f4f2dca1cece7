# SPDX-License-Identifier: Apache-2.0
"""Forty shots of a hundred frames at 2048x1152: what their pages weigh in a browser."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import psutil
import pytest

from shots import soft_disc
from stmatte.images import Picture
from stmatte.images.colour import SRGB
from stmatte.review import shot_page
from stmatte.review.facts import ObjectFacts, ShotFacts
from stmatte.review.index_page import write_index
from stmatte.review.looking import SeenMattes, SeenPlate
from stmatte.review.marks import Mark

pytestmark = pytest.mark.slow

SIZE, SHOWN = (1152, 2048), (540, 960)
FRAMES = tuple(range(1001, 1101))
SHOTS = [f"sh{number:03}" for number in range(10, 410, 10)]
GIBIBYTE = 2**30


def facts_of(name: str) -> ShotFacts:
    hero = ObjectFacts("hero", (0.0, 0.9, 0.62))
    hero.marks = [Mark.KEYED, *[Mark.FRESH] * 99]
    hero.stale = [False] * 100
    hero.doubts = [0.3 * (i % 10) / 10 for i in range(100)]
    hero.areas = [0.1] * 100
    return ShotFacts(name, FRAMES, SIZE, SHOWN, [hero], digests=["d" * 64] * 100)


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page of a hundred frames under forty names, and the index over them."""
    light = np.linspace(0.1, 0.8, SIZE[1], dtype=np.float32)[None, :, None]
    grain = np.random.default_rng(3).normal(0, 0.02, (*SIZE, 3)).astype(np.float32)
    plate = SeenPlate(Picture(np.clip(light + grain, 0, 1), SRGB), 0.0)

    def see_mattes(planned: Any, files: Any, frame: int) -> SeenMattes:
        del planned, files
        matte = soft_disc(600 + 8 * (frame - 1001), SIZE, 300)
        soft = np.random.default_rng(frame).normal(0, 0.02, SIZE).astype(np.float32)
        edge = (matte > 0) & (matte < 1)
        return SeenMattes({"hero": np.clip(matte + soft * edge, 0, 1)}, {})

    monkeypatch.setattr(shot_page, "see_plate", lambda *_: plate)
    monkeypatch.setattr(shot_page, "see_mattes", see_mattes)
    told = facts_of(SHOTS[0])
    told.objects[0].areas.clear()
    surveyed: Any = SimpleNamespace(planned=None, files=None, earlier=None, facts=told)
    first = tmp_path / f"{SHOTS[0]}.html"
    shot_page.write_shot_page(first, surveyed, rate=24, neighbours=("", ""), tell=lambda: None)
    others = [facts_of(name) for name in SHOTS[1:]]
    for each in others:
        each.thumb = told.thumb
        os.link(first, tmp_path / f"{each.name}.html")
    write_index(tmp_path / "index.html", [told, *others])
    return tmp_path


def in_memory() -> int:
    """Return the bytes of all that this process started."""
    found = 0
    for process in psutil.Process().children(recursive=True):
        try:
            if "chrom" in process.name():
                found += process.memory_full_info().uss
        except psutil.Error:  # noqa: PERF203  it ended meanwhile
            continue
    return found


def test_forty_shots_of_a_hundred_frames_are_light_to_look_at(
    opened: Any, pages: Path, record_property: Any
) -> None:
    opened.go(pages / "index.html")
    loaded = "() => performance.getEntriesByType('navigation')[0].duration"
    record_property("index_ms", opened.page.evaluate(loaded))
    assert (pages / "index.html").stat().st_size < 2**20
    assert opened.page.locator("tr[data-shot]").count() == len(SHOTS)

    most = 0
    for name in SHOTS[:8]:
        opened.go(pages / f"{name}.html", "#1050,view=grey")
        opened.wait_for("1050 grey")
        record_property(f"{name}_ms", opened.page.evaluate(loaded))
        opened.page.keyboard.press("Space")
        opened.page.wait_for_timeout(2000)
        opened.page.keyboard.press("Space")
        most = max(most, in_memory())
    record_property("page_mib", (pages / f"{SHOTS[0]}.html").stat().st_size / 2**20)
    record_property("memory_mib", most / 2**20)

    assert most < GIBIBYTE
    assert opened.complaints == []
