# SPDX-License-Identifier: Apache-2.0
"""A shot as a document: versioned JSON, "stmatte.shot/1", that people and programs write.

    {"format": "stmatte.shot/1",
     "plate": "plate/plate.####.exr",
     "keys": [{"frame": 1001, "object": "hero", "matte": {"path": "keys/hero.1001.exr"}}]}

`schemas/stmatte.shot-1.schema.json` in this package tells all that can stand in one. A
document names files and holds no pictures; nothing here opens one. What is wrong with a
document is told all at once, each with its place. Knows no numpy and no torch.
"""

from __future__ import annotations

from typing import Any

from stmatte.document.entries import FORMAT, Document
from stmatte.document.reading import parse_shot, read_shot
from stmatte.document.writing import as_document, write_shot

__all__ = ["FORMAT", "as_document", "parse_shot", "read_shot", "schema", "write_shot"]


def schema() -> dict[str, Any]:
    """Return the JSON Schema of shot documents, as published in `stmatte/schemas`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Document.model_json_schema(),
    }
