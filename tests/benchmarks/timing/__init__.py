# SPDX-License-Identifier: Apache-2.0
"""How speed is measured: clocks, records, the plain path. `speed.py` and `scaling.py` use it."""
