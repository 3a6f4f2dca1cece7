# SPDX-License-Identifier: Apache-2.0
"""Passes over frames, from keys on any frame, both ways."""
