# SPDX-License-Identifier: Apache-2.0
"""Outlines: splines of few points and few keys that follow a matte.

Pure functions on arrays. Knows no files, no hosts and no networks.
"""

from stmatte.outlines.contours import Points, contours, filled
from stmatte.outlines.outline import Outline, Spline, outline

__all__ = ["Outline", "Points", "Spline", "contours", "filled", "outline"]
