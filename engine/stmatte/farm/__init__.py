# SPDX-License-Identifier: Apache-2.0
"""Beyond one process: shots cut into tasks, and the command lines that any farm can start."""
