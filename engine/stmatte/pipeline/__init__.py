# SPDX-License-Identifier: Apache-2.0
"""Read, see, propagate, write: how a shot becomes mattes."""

from stmatte.pipeline.deliver import Delivery, Progress, deliver
from stmatte.pipeline.propagate import FrameMattes, propagate, propagate_frames

__all__ = ["Delivery", "FrameMattes", "Progress", "deliver", "propagate", "propagate_frames"]
