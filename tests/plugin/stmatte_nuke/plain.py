# SPDX-License-Identifier: Apache-2.0
"""Run test files without pytest, on a Python that has nothing but its own library.

    python3.9 -S -E plain.py [--otherwise] test_this.py test_that.py...

A test is a function `test_*`; what it may ask for is in `lent`, and `tmp_path`. A test with a
decorator of pytest cannot be run so.
"""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import lent
import seat
from checks import Skip


def tests_of(path: Path) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the tests of a file, in its order."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    for name, member in list(vars(module).items()):
        if name.startswith("test_") and inspect.isfunction(member):
            yield name, member


def run(test: Callable[..., Any]) -> None:
    """Run a test with what it asks for by name."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        given: dict[str, Any] = {}
        for name in inspect.signature(test).parameters:
            if name == "tmp_path":
                given[name] = folder
            else:
                given[name] = stack.enter_context(getattr(lent, name)(folder))
        test(**given)


def main(files: list[str]) -> int:
    """Run all tests of all files; return how many failed, 255 at most."""
    if files[:1] == ["--otherwise"]:
        seat.OTHERWISE[0] = True
        files = files[1:]
    passed = failed = skipped = 0
    for file in files:
        path = Path(file).resolve()
        for name, test in tests_of(path):
            try:
                run(test)
            except Skip as why:
                skipped += 1
                print(f"SKIPPED {path.name}::{name}: {why}")
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    raise
                failed += 1
                print(f"FAILED {path.name}::{name}")
                traceback.print_exc(file=sys.stdout)
            else:
                passed += 1
    print(f"{passed} passed, {skipped} skipped, {failed} failed")
    return min(failed + (passed == 0), 255)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
