# SPDX-License-Identifier: Apache-2.0
"""Check, plan, compute, put together, write: how a shot becomes mattes."""

from stmatte.pipeline.deliver import Delivery, Progress, deliver
from stmatte.pipeline.frames import FrameMattes
from stmatte.pipeline.propagate import propagate, propagate_frames

__all__ = ["Delivery", "FrameMattes", "Progress", "deliver", "propagate", "propagate_frames"]
