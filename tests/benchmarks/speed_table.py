# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""The README's table of speed, from files that `speed.py --json` wrote.

    python tests/benchmarks/speed_table.py [docs/speed.json ...]

Every result of these files has a row, and below the table stands a sentence for whatever is
slower than what it is held against. Seconds of public implementations are given, not measured
here: see `timing/told.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from timing.records import read
from timing.told import as_markdown, made_on

SHIPPED = Path(__file__).parents[2] / "docs" / "speed.json"


def main() -> None:
    """Print the table."""
    paths = [Path(word) for word in sys.argv[1:]] or [SHIPPED]
    runs = [run for path in paths for run in read(path).runs]
    print(as_markdown(runs))
    print()
    print("\n".join(made_on(runs)))


if __name__ == "__main__":
    main()
