# SPDX-License-Identifier: Apache-2.0
"""Deliveries as tests word them: what is said of the files beside what is said of the work."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from stmatte import Shot
from stmatte.output import Output
from stmatte.pipeline import Delivery
from stmatte.pipeline import deliver as deliver_output

WORDS = {field.name for field in fields(Output)}


def deliver(given: Shot, out: str | Path, **how: Any) -> Delivery:
    """Deliver to a pattern; `how` has fields of `Output` and words of `pipeline.deliver`."""
    said = {name: how.pop(name) for name in WORDS & how.keys()}
    return deliver_output(given, Output(str(out), **said), **how)
