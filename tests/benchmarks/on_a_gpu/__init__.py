# SPDX-License-Identifier: Apache-2.0
"""What is looked at where there is a GPU: ceilings, right numbers, pace. `on_cuda.py` uses it."""
