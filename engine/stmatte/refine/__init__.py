# SPDX-License-Identifier: Apache-2.0
"""From the network's resolution to the plate's: mattes that end where the plate's edges are.

Knows tensors of one frame. Refuses to know files, frame numbers, keys and hosts; the plate
is a function that shows a piece of it. See engine/decisions/0009.
"""

from __future__ import annotations

from stmatte.refine.edges import check_edges, refine
from stmatte.refine.guided import Guide, Places

__all__ = ["Guide", "Places", "check_edges", "refine"]
