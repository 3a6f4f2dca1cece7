# SPDX-License-Identifier: Apache-2.0
"""Which STMatte this is: what a node remembers, and what is compared with the engine's. Pure."""

from __future__ import annotations

VERSION = "0.1.0"
