# SPDX-License-Identifier: Apache-2.0
"""JSON from a file, or the reason why there is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stmatte.errors import StmatteError


def read_json(path: Path, what: str) -> Any:
    """Return what a JSON file holds.

    what  the file's name for a person, such as "Strokes"

    Raises StmatteError if it cannot be read, or is no JSON.
    """
    try:
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise StmatteError(
            f'{what} "{path}" cannot be read', value=str(path), allowed=str(error.strerror)
        ) from None
    except ValueError as error:
        raise StmatteError(
            f'{what} "{path}" are no JSON', value=str(path), allowed=str(error)
        ) from None
