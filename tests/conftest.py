# SPDX-License-Identifier: Apache-2.0
"""What all tests share: one thread for each process, set before anything imports torch.

The pictures are tiny, so threads cost more than they bring, and on a busy machine two
threads that wait for each other crawl. Processes that a test starts inherit it.
"""

from __future__ import annotations

import os

for library in ("OMP", "MKL", "OPENBLAS"):
    os.environ[f"{library}_NUM_THREADS"] = "1"
