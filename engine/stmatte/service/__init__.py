# SPDX-License-Identifier: Apache-2.0
"""A face for hosts: JSON-RPC lines in, JSON-RPC lines out. `docs/protocol.md` tells which."""

from stmatte.service.desk import (
    About,
    Delivery,
    Desk,
    Forecast,
    FrameDone,
    FrameNow,
    Model,
    OpenShot,
    SpanReport,
)
from stmatte.service.process import run
from stmatte.service.server import Server

__all__ = [
    "About",
    "Delivery",
    "Desk",
    "Forecast",
    "FrameDone",
    "FrameNow",
    "Model",
    "OpenShot",
    "Server",
    "SpanReport",
    "run",
]
