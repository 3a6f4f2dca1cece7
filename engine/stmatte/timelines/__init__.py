# SPDX-License-Identifier: Apache-2.0
"""Timelines: which frames of which plates a cut uses, and the cut with its mattes in it."""
