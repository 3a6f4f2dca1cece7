# SPDX-License-Identifier: Apache-2.0
"""What only a process of its own can show: imports, streams, signals, exit codes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from shots import SIZE, cut_short, soft_disc, write_grey, write_plate
from stmatte.images import read_mattes

STMATTE = [sys.executable, "-m", "stmatte"]
HEAVY = "{'torch', 'cv2', 'OpenImageIO', 'numpy', 'rich'}"
PATIENCE = 120  # seconds until a process that hangs is a failure


def process(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*STMATTE, *map(str, words)], capture_output=True, text=True, timeout=PATIENCE
    )


@pytest.mark.parametrize("words", [["--help"], ["propagate", "--help"], ["--version"]])
def test_help_answers_without_loading_anything_heavy(words: list[str]) -> None:
    code = (
        f"import sys; sys.argv = ['stmatte', *{words!r}]\n"
        "from stmatte.cli import main\n"
        "main()\n"
        f"print('heavy', sorted({HEAVY} & set(sys.modules)))\n"
    )

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.splitlines()[-1] == "heavy []"


def test_importing_the_package_loads_nothing_heavy_until_a_shot_is_propagated() -> None:
    code = (
        "import sys, stmatte\n"
        "stmatte.Shot('p.####.exr', (stmatte.Key(1, {'hero': memoryview(b'x')}),))\n"
        f"print(sorted({HEAVY} & set(sys.modules)))\n"
        "stmatte.propagate\n"
        "print('torch' in sys.modules)\n"
    )

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.splitlines() == ["[]", "True"]


def test_the_module_runs_as_the_command_does(run: Any) -> None:
    told = process("--help")

    assert told.returncode == 0
    assert told.stdout == run("--help").out
    for command in ("propagate", "info", "evaluate", "score", "train"):
        assert f"\n  {command} " in told.stdout


def test_the_version_is_the_package_s(run: Any) -> None:
    assert run("--version").out == f"stmatte, version {version('stmatte')}\n"


@pytest.mark.parametrize("words", [["nosuch"], ["--nosuch"]])
def test_a_command_that_does_not_exist_is_misuse(run: Any, words: list[str]) -> None:
    ran = run(*words)

    assert ran.code == 2
    assert ran.err.startswith("Usage: stmatte")


def test_another_process_makes_the_same_bytes_and_warns_on_its_error_stream(
    run: Any, place: Any
) -> None:
    write_grey(place.key, soft_disc(18, (32, 48), 6))
    assert run(*place.propagate(out=place.folder / "here.####.exr")).code == 0

    told = process(*place.propagate(out=place.folder / "there.####.exr"))

    assert told.returncode == 0
    assert told.stdout == f"5 frames (1001-1005) written to {place.folder}.\n"
    assert told.stderr == (
        'WARNING: Key at frame 1003 "key.png" is 48x32 and is scaled to the plate\'s 96x64\n'
    )
    for frame in range(1001, 1006):
        here, there = (place.folder / f"{name}.{frame}.exr" for name in ("here", "there"))
        assert here.read_bytes() == there.read_bytes()


def test_an_error_is_one_sentence_and_no_traceback(place: Any) -> None:
    cut_short(place.folder / "plate" / "plate.1003.png")

    told = process(*place.propagate())

    assert told.returncode == 2
    assert told.stdout == ""
    lines = [line for line in told.stderr.splitlines() if not line.startswith("libpng")]
    assert len(lines) == 1
    assert lines[0].startswith("stmatte: Plate frame 1003 cannot be read from ")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C in another way")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])  # Ctrl-C, and a farm that ends a task
def test_a_signal_ends_cleanly_and_keeps_whole_frames(tmp_path: Path, name: str) -> None:
    frames = 400  # far more than are done before the signal comes
    plate = write_plate(tmp_path / "plate", range(1, frames + 1))
    key = write_grey(tmp_path / "key.png", soft_disc(32))
    out = tmp_path / "out"
    words = ["propagate", plate, "--key", f"1={key}", "--out", out / "matte.####.exr"]
    words += ["--model", "label-propagation", "--device", "cpu", "--progress", "json"]
    running = subprocess.Popen(
        [*STMATTE, *map(str, words), "--preview", str(tmp_path / "look")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a shell may start tests in the background, where Ctrl-C is ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert running.stdout is not None
    first = json.loads(running.stdout.readline())
    running.send_signal(signal.Signals[name])
    said, complaint = running.communicate(timeout=PATIENCE)

    events = [first, *map(json.loads, said.splitlines())]
    done = [event["frame"] for event in events]
    assert running.returncode == 130
    assert {event["event"] for event in events} == {"frame"}
    # the signal may come between a file and its line
    assert complaint.strip() in [
        f"Stopped: {n} of {frames} frames are done and kept in {out}."
        for n in (len(done), len(done) + 1)
    ]
    assert 1 <= len(done) < frames
    files = sorted(path.name for path in out.iterdir())
    assert files[: len(done)] == [f"matte.{frame:04d}.exr" for frame in sorted(done)]
    assert len(files) <= len(done) + 1
    for name in files:
        assert read_mattes(out / name)["object1.A"].shape == SIZE
    looks = {path.name for path in (tmp_path / "look").iterdir()}
    assert "contact_sheet.png" in looks
    assert not any(name.startswith(".") for name in looks)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")
def test_a_reader_that_goes_away_ends_it_without_a_traceback(tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "plate", range(1, 101))
    key = write_grey(tmp_path / "key.png", soft_disc(32))
    words = ["propagate", plate, "--key", f"1={key}", "--out", tmp_path / "matte.####.exr"]
    words += ["--model", "label-propagation", "--device", "cpu", "--progress", "json"]
    running = subprocess.Popen(
        [*STMATTE, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.readline()
    running.stdout.close()
    complaint = running.stderr.read()

    assert running.wait(PATIENCE) == 1
    assert "Traceback" not in complaint
    assert "Exception ignored" not in complaint
    running.stderr.close()
