# SPDX-License-Identifier: Apache-2.0
"""The bank, the policies that fill and thin it, and the reads."""
