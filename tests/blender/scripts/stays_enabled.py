# SPDX-License-Identifier: Apache-2.0
"""Install, and end as an artist does who closes the window."""

from __future__ import annotations

import inside

inside.install()
