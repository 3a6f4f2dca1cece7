# SPDX-License-Identifier: Apache-2.0
"""How a model is asked for: a name that ships, a weights file, or a network and a file of it.

Knows no network and no document: both read models by this.
"""

from __future__ import annotations

import re


def split_model(model: str) -> tuple[str, str]:
    """Return the network that a model asks for, "" if it names none, and the rest.

    "kmn:weights.pth" is that file in the network kmn. One letter before a colon is a drive.
    """
    named = re.fullmatch(r"([a-z][a-z0-9-]+):(.+)", model)
    return (named[1], named[2]) if named else ("", model)
