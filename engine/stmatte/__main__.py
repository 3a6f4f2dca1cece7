# SPDX-License-Identifier: Apache-2.0
"""`python -m stmatte`, and what the console command `stmatte` runs."""

from __future__ import annotations

from stmatte.cli import main

if __name__ == "__main__":
    main()
