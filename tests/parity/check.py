# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""Compare our networks with golden files made by the public implementations.

    python tests/parity/check.py --parity-dir DIR [--only NAME ...]

DIR holds weights.py (deterministic test weights), layouts.json, the same two of RGMP, and
golden/*.npz. Every golden file of a kind that `CHECKS` knows is run through the code that
propagates shots, on the CPU in float32. The exit code is 0 only if something ran and all of
it agrees.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that `parity` is found as a script too

from parity import (
    interactive_golden,
    kmn_golden,
    lmrc_golden,
    metrics_golden,
    rgmp_golden,
    stcn_golden,
    stm_golden,
)
from parity.outcome import Outcome


@dataclass(frozen=True)
class Check:
    """A kind of golden file: files whose names begin with `prefix` are given to `run`."""

    prefix: str
    run: Callable[[Path, ModuleType], Outcome]


CHECKS: tuple[Check, ...] = (
    Check("stm_internals", stm_golden.check_internals),
    Check("stm_", stm_golden.check_clip),
    Check("kmn_read_cases", kmn_golden.check_read),
    Check("kmn_", kmn_golden.check_clip),
    Check("rgmp_", rgmp_golden.check_clip),
    Check("stcn_internals", stcn_golden.check_internals),
    Check("stcn_", stcn_golden.check_clip),
    Check("lmrc_blocks", lmrc_golden.check_blocks),
    Check("soft_aggregation", stm_golden.check_aggregation),
    Check("metrics_pairs", metrics_golden.check_pairs),
    Check("metrics_statistics", metrics_golden.check_statistics),
    Check("metrics_sequences", metrics_golden.check_sequences),
    Check("davis_interactive", interactive_golden.check_interactive),
)
"""The first kind that a file's name fits is the one that counts."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the golden files, print a table, and return the exit code."""
    parser = argparse.ArgumentParser(description="Compare networks with golden files.")
    parser.add_argument("--parity-dir", type=Path, required=True, metavar="DIR")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="files, by name")
    options = parser.parse_args(arguments)

    try:
        chosen = choose(options.parity_dir, options.only)
        weights = load_weights(options.parity_dir)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2
    width = max(len(file.stem) for file, _ in chosen)
    print(f"{'file':<{width}}  max |Δprob|  label pixels  ", flush=True)
    failed = 0
    for file, check in chosen:
        outcome = attempt(check, file, weights)
        failed += not outcome.agrees
        print(f"{file.stem:<{width}}  {outcome}", flush=True)
    print(f"{len(chosen) - failed} of {len(chosen)} agree")
    return 1 if failed else 0


def attempt(check: Check, file: Path, weights: ModuleType) -> Outcome:
    """Run one check; a file that can't be run fails, and the others still get their turn."""
    try:
        return check.run(file, weights)
    except Exception as error:
        return Outcome(math.nan, trouble=f"{type(error).__name__}: {error}")


def choose(parity: Path, only: Sequence[str]) -> list[tuple[Path, Check]]:
    """Return the golden files to run with their checks; FileNotFoundError if there are none."""
    golden = parity / "golden"
    known = {
        file.stem: (file, check)
        for file in sorted(golden.glob("*.npz"))
        if (check := next((c for c in CHECKS if file.stem.startswith(c.prefix)), None))
    }
    names = [name.removesuffix(".npz") for name in only] or list(known)
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        there = ", ".join(known) or "none"
        what = f"no golden file {', '.join(unknown)}" if unknown else "nothing to run"
        raise FileNotFoundError(f"{what} in {golden}; of the kinds known here there are: {there}")
    return [known[name] for name in names]


def load_weights(parity: Path) -> ModuleType:
    """Import weights.py of that directory, and no other that happens to be on the path."""
    path = parity / "weights.py"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: it makes the test weights")
    spec = importlib.util.spec_from_file_location("parity_weights", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main())
