# SPDX-License-Identifier: Apache-2.0
"""`stmatte serve` is the service behind a desk of its own; what it says is tested there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stmatte.pipeline.desk import Desk
from stmatte.store import open_store
from talking import PATIENCE, InProcess, line

TESTS = Path(__file__).parents[2]
PRETEND = f"""
import sys, types
sys.path.insert(0, {str(TESTS)!r})
from desks import StubDesk
from stmatte.cli import main
pipeline = types.ModuleType("stmatte.pipeline")
pipeline.desk = types.SimpleNamespace(Desk=lambda store, **_: StubDesk(folder=store.folder))
sys.modules["stmatte.pipeline"] = pipeline  # no torch: the desk is a stub
sys.argv = ["stmatte", "serve", *sys.argv[1:]]
main()
"""


def serve(requests: bytes, *words: object, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run `stmatte serve` on these lines; the desk behind it is a stub."""
    command = [sys.executable, "-c", PRETEND, *map(str, words)]
    return subprocess.run(command, input=requests, capture_output=True, timeout=PATIENCE, **options)


def test_it_serves_until_its_input_ends(tmp_path: Path) -> None:
    ran = serve(line("initialize", 1, protocol=1), "--store", tmp_path / "store")

    assert ran.returncode == 0
    (answer,) = map(json.loads, ran.stdout.splitlines())
    assert answer["result"]["store"]["path"] == str(tmp_path / "store")
    assert (tmp_path / "store" / "logs" / "serve.log").is_file()


def test_the_log_may_lie_elsewhere(tmp_path: Path) -> None:
    said = line("initialize", 1, protocol=1, client={"name": "nuke", "version": "15.1"})

    serve(said, "--store", tmp_path / "store", "--log", tmp_path / "my.log")

    assert "Client nuke 15.1" in (tmp_path / "my.log").read_text("utf-8")
    assert not (tmp_path / "store").exists()


def test_a_desk_that_cannot_be_opened_is_an_answer_and_no_end(tmp_path: Path) -> None:
    said = line("initialize", 1, protocol=1) + line("shot/plan", 2, shot="s1")
    environ = {"STMATTE_STORE_LIMIT": "much"}

    ran = serve(said, "--store", tmp_path, env=environ)

    assert ran.returncode == 0
    errors = [json.loads(answer)["error"] for answer in ran.stdout.splitlines()]
    assert [error["code"] for error in errors] == [1001, 1004]
    assert 'STMATTE_STORE_LIMIT is "much"' in errors[0]["message"]


@pytest.mark.parametrize("words", [["--help"], ["serve", "--help"]])
def test_help_loads_nothing_of_the_service(words: list[str]) -> None:
    script = (
        f"import sys; sys.argv = ['stmatte', *{words!r}]\n"
        "from stmatte.cli import main\n"
        "main()\n"
        "print([name for name in ('pydantic', 'torch', 'stmatte.service') if name in sys.modules])"
    )

    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert told.stdout.splitlines()[-1] == "[]"


def test_the_service_makes_the_same_bytes_as_the_command_line(
    run: Any, place: Any, tmp_path: Path
) -> None:
    out = str(place.folder / "here" / "matte.####.exr")
    assert run(*place.propagate(out=out)).code == 0
    document = {
        "format": "stmatte.shot/1",
        "plate": "plate/plate.####.png",
        "keys": [{"frame": 1003, "object": "object1", "matte": {"path": "keys/key.png"}}],
        "settings": {"model": "label-propagation", "device": "cpu"},
    }

    with InProcess(lambda: Desk(open_store(tmp_path / "store"))) as talk:
        opened = talk.hello().ask(
            "shot/open",
            document=document,
            base=str(place.folder),
            out="there/matte.####.exr",
            uncertainty=False,
        )
        job = talk.ask("job/start", shot=opened["shot"], first=1005)["job"]
        files = [Path(talk.notice("job/progress")["file"]) for _ in range(5)]
        done = talk.notice("job/done")
        stale = talk.ask("shot/update", shot=opened["shot"], document=document)["stale"]

    assert opened["frames"] == opened["stale"]["frames"] == "1001-1005"
    assert (done["job"], done["outcome"], done["done"]) == (job, "done", 5)
    assert stale == {"frames": "", "objects": {"object1": ""}}
    assert {file.parent for file in files} == {place.folder / "there"}
    for file in files:
        assert file.read_bytes() == (place.folder / "here" / file.name).read_bytes()


def test_how_files_are_written_is_said_alike_to_both(run: Any, place: Any, tmp_path: Path) -> None:
    document = {
        "format": "stmatte.shot/1",
        "plate": "plate/plate.####.png",
        "keys": [{"frame": 1003, "object": "hero", "matte": {"path": "keys/key.png"}}],
        "settings": {"model": "label-propagation", "device": "cpu"},
    }
    (place.folder / "sh010.json").write_text(json.dumps(document))
    layout = {"channels": "object.V", "compression": "piz", "depth": "float"}
    words = [word for name, said in layout.items() for word in (f"--{name}", said)]
    out = "{object}/{shot}_{object}.{frame:05}.exr"
    folder = place.folder / "here"
    ran = run(
        *("propagate", place.folder / "sh010.json", "--out", f"{folder}/{out}", *words),
        *("--uncertainty", "--raw-probabilities", "--overwrite", "--progress", "json"),
    )
    assert ran.code == 0, ran.err

    with InProcess(lambda: Desk(open_store(tmp_path / "store"))) as talk:
        shot = talk.hello().ask(
            "shot/open",
            document=document,
            base=str(place.folder),
            out=f"there/{out}",
            name="sh010",
            raw_probabilities=True,
            overwrite=True,
            **layout,
        )["shot"]
        talk.ask("job/start", shot=shot)
        told = [talk.notice("job/progress") for _ in range(5)]
        now = talk.ask("frame/matte", shot=shot, frame=1003)

    first = json.loads(ran.out.splitlines()[0])
    assert [Path(path).name for path in first["files"]] == [
        "sh010_hero.01003.exr",
        "sh010_uncertainty.01003.exr",
    ]
    assert now["files"] == next(said["files"] for said in told if said["frame"] == 1003)
    assert now["fresh"]
    for path in (Path(path) for said in told for path in said["files"]):
        same = folder / path.relative_to(place.folder / "there")
        assert path.read_bytes() == same.read_bytes()
