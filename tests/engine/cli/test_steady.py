# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stmatte.images import read_words

DIGEST = "stmatte/digest"


def digests(place: Any) -> list[str]:
    """Return the digests of frames 1001-1005, whose key is 1003."""
    files = [Path(place.out.replace("####", str(frame))) for frame in range(1001, 1006)]
    return [(read_words(file) or {})[DIGEST] for file in files]


def test_steadied_mattes_are_others(run: Any, place: Any) -> None:
    assert run(*place.propagate()).code == 0
    plain = digests(place)

    ran = run(*place.propagate(), "--steady")

    assert ran.code == 0
    assert not set(digests(place)) & set(plain)


def test_a_document_says_itself_whether_mattes_are_steadied(
    run: Any, place: Any, tmp_path: Path
) -> None:
    document = {
        "format": "stmatte.shot/1",
        "plate": place.plate,
        "keys": [{"frame": 1003, "object": "hero", "matte": {"path": str(place.key)}}],
        "settings": {"model": "label-propagation", "device": "cpu", "steady": True},
    }
    path = tmp_path / "shot.json"
    path.write_text(json.dumps(document), "utf-8")

    refused = run("propagate", path, "--out", place.out, "--steady")
    ran = run("propagate", path, "--out", place.out, "--progress", "log")
    steadied = digests(place)
    run(*place.propagate(object="hero"), "--steady")

    assert refused.code == 2
    assert "--steady beside the shot document" in refused.err
    assert ran.code == 0
    assert digests(place) == steadied
