# SPDX-License-Identifier: Apache-2.0
"""A shot in two versions with every mark, its pages, and a browser to look at them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from delivering import deliver
from shots import soft_disc, write_grey, write_plate
from stmatte.document import read_shot
from stmatte.review import Reviewed, review
from stmatte.store import DiskStore, open_store

FRAMES = range(1001, 1010)


@dataclass(frozen=True)
class Made:
    """What lies in the folder.

    document  of the shot
    store     what it was propagated with
    """

    folder: Path
    document: Path
    store: DiskStore

    def out(self, version: str) -> str:
        return str(self.folder / f"mattes_{version}" / "{shot}.####.exr")

    def file(self, version: str, frame: int) -> Path:
        return self.folder / f"mattes_{version}" / f"sh010.{frame}.exr"


def key(frame: int, name: str, path: str) -> dict[str, Any]:
    return {"frame": frame, "object": name, "matte": {"path": path}}


@pytest.fixture(scope="package")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """hero and ball on frames 1001-1009, as v001; v002 has a lock, an absence and another key.

    After v002 was made, ball was keyed on 1003 too, and the mattes of 1009 were deleted.
    """
    folder = tmp_path_factory.mktemp("review")
    write_plate(folder / "plate", FRAMES)
    write_grey(folder / "keys" / "hero.png", soft_disc(32))
    write_grey(folder / "keys" / "later.png", soft_disc(44))
    write_grey(folder / "keys" / "ball.png", soft_disc(80, radius=8))
    document: dict[str, Any] = {
        "format": "stmatte.shot/1",
        "plate": "plate/plate.####.png",
        "keys": [key(1001, "hero", "keys/hero.png"), key(1001, "ball", "keys/ball.png")],
        "settings": {"model": "label-propagation", "device": "cpu"},
    }
    path = folder / "sh010.json"
    shot = Made(folder, path, open_store(folder / "store"))

    def deliver_as(version: str) -> None:
        path.write_text(json.dumps(document))
        deliver(read_shot(path), shot.out(version), store=shot.store, shot="sh010")

    deliver_as("v001")
    document["keys"].append(key(1007, "hero", "keys/later.png"))
    document["absences"] = [{"object": "ball", "frames": "1006"}]
    lock = {"path": str(shot.folder / "mattes_v001" / "sh010.####.exr"), "channel": "hero.A"}
    document["locks"] = [{"object": "hero", "frames": "1003-1004", "mattes": lock}]
    deliver_as("v002")
    document["keys"].append(key(1003, "ball", "keys/ball.png"))
    path.write_text(json.dumps(document))
    shot.file("v002", 1009).unlink()
    return shot


@pytest.fixture(scope="package")
def reviewed(made: Made) -> Reviewed:
    """Pages over v002."""
    return review([made.document], made.out("v002"), made.folder / "pages", made.store)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Chromium; the tests that want one are skipped where there is none.

    It is gone before other tests end processes right and left.
    """
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = os.environ.get("STMATTE_BROWSER") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip("no Chromium is installed; STMATTE_BROWSER names one")
    with api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=["--disable-gpu"])
        yield running
        running.close()


@dataclass
class Opened:
    """A page in a browser, with all that it complained of and asked for."""

    page: Any
    complaints: list[str]
    asked: list[str]

    def go(self, path: Path, address: str = "") -> None:
        """Open a page, and wait until it shows what its address asks for."""
        self.page.goto("about:blank")
        self.page.goto(f"{path.as_uri()}{address}")

    def wait_for(self, shown: str) -> None:
        """Wait until a page shows a frame in a view: "1003 matte hero"."""
        self.page.wait_for_function("words => document.body.dataset.shown === words", arg=shown)


@pytest.fixture
def opened(browser: Any) -> Iterator[Opened]:
    context = browser.new_context(viewport={"width": 1280, "height": 720}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(60_000)
    found = Opened(page, [], [])
    page.on("console", lambda said: said.type == "error" and found.complaints.append(said.text))
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.on("request", lambda request: found.asked.append(request.url))
    yield found
    context.close()
