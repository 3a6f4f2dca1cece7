# SPDX-License-Identifier: Apache-2.0
"""Spans, digests, forecast: what depends on what. Pure arithmetic, no tensors, no files."""
