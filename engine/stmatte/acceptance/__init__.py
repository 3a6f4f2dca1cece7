# SPDX-License-Identifier: Apache-2.0
"""What a supervisor accepts: a delivery of mattes checked against its plate, one file a check."""

from stmatte.acceptance.check import check_delivery
from stmatte.acceptance.finding import CHECKS, Finding, Group, Report
from stmatte.acceptance.limits import Limits, limits_for

__all__ = ["CHECKS", "Finding", "Group", "Limits", "Report", "check_delivery", "limits_for"]
