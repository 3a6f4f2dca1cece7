# SPDX-License-Identifier: Apache-2.0
"""Every host's Python must be able to run the plug-in: 3.9 and later, nothing installed."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parents[3] / "plugin"
FILES = sorted((PLUGIN / "stmatte_host").glob("*.py"))
# Of `typing` and `dataclasses`, what Python 3.9 has and is used here. Add to it with care.
IN_3_9 = {
    "typing": {"IO", "Any", "Protocol", "Union", "cast"},
    "dataclasses": {"dataclass", "field", "replace"},
    "collections.abc": {"Callable", "Collection", "Iterable", "Iterator", "Mapping", "Sequence"},
}
SINCE_3_10 = {"tomllib", "compression", "annotationlib"}


def imports(tree: ast.AST) -> Iterator[tuple[int, str, set[str]]]:
    """Yield (level, module, names) of all imports; level 0 is absolute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield 0, alias.name, set()
        elif isinstance(node, ast.ImportFrom):
            yield node.level, node.module or "", {alias.name for alias in node.names}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_python_3_9_and_imports_the_standard_library_only(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))

    for level, module, names in imports(tree):
        if level:
            assert level == 1  # a plug-in may carry this folder inside its own
            continue
        top = module.split(".")[0]
        assert top in sys.stdlib_module_names
        assert top not in SINCE_3_10
        assert names <= IN_3_9.get(module, names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_annotations_are_not_run(path: Path) -> None:
    """`int | None` is fine for Python 3.9 as long as nobody evaluates it."""
    assert "from __future__ import annotations\n" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_dataclass_asks_for_nothing_newer_than_3_9(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("dataclass", "zip"):
            assert not {word.arg for word in node.keywords} & {"slots", "kw_only", "strict"}


def test_importing_it_brings_nothing_heavy_into_the_host() -> None:
    script = "import stmatte_host, sys; print(*sorted({n.split('.')[0] for n in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", script],
        env={**os.environ, "PYTHONPATH": str(PLUGIN)},
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = set(done.stdout.split())
    assert "stmatte_host" in loaded
    assert not loaded & {"torch", "numpy", "stmatte", "nuke", "bpy", "asyncio", "multiprocessing"}


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.11", "3.12", "3.13"])
def test_it_runs_where_a_host_has_that_python(version: str, tmp_path: Path) -> None:
    python = shutil.which(f"python{version}")
    runs = python and subprocess.run([python, "-c", ""], capture_output=True, check=False)
    if not python or not runs or runs.returncode:
        pytest.skip(f"no Python {version} here")
    (tmp_path / "scenario.json").write_text('{"lives": [{"die_at_frame": 1}]}')
    script = (
        "import sys; from pathlib import Path\n"
        "from stmatte_host import *\n"
        "class Port:\n"
        "    def __getattr__(self, name): return lambda *said: print(name, *said)\n"
        "session, port = Session(words=sys.argv[1:], logs=Path(sys.argv[-1])), Port()\n"
        "p = Propagation(session, port)\n"
        "p.propagate(HostShot('p.####.exr', ('hero',), 'o.####.exr', '/', frames='1-3'))\n"
        "while p.running: session.pump(0.1)\n"
        "session.close()\n"
    )
    fake = str(Path(__file__).parent / "fake_engine.py")

    done = subprocess.run(
        [python, "-W", "error", "-c", script, python, fake, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(PLUGIN), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.stderr == ""
    ready = [line for line in done.stdout.splitlines() if line.startswith("frame_ready")]
    assert ready == [f"frame_ready {n} o.000{n}.exr" for n in (1, 2, 3)]
