# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte.errors import StmatteError
from stmatte.scribbles import Scribbles, Stroke, from_davis, read_scribbles, to_davis

PARTS = st.floats(0, 1)
STROKES = st.builds(
    Stroke,
    st.lists(st.tuples(PARTS, PARTS), min_size=1, max_size=5).map(tuple),
    st.integers(0, 9),
    st.floats(0, 1e9),
    st.floats(0, 1e9),
)
SCRIBBLES = st.builds(
    Scribbles,
    st.text(max_size=8),
    st.lists(st.lists(STROKES, max_size=3).map(tuple), max_size=4).map(tuple),
    st.none() | st.integers(0, 3),
)


@given(SCRIBBLES)
def test_scribbles_come_back_as_they_were_written(scribbles: Scribbles) -> None:
    assert from_davis(json.loads(json.dumps(to_davis(scribbles)))) == scribbles


def test_a_file_is_read(tmp_path: Path) -> None:
    line = {"path": [[0.25, 0.5], [0.5, 0.5]], "object_id": 2, "start_time": 0, "end_time": 7}
    path = tmp_path / "001.json"
    path.write_text(json.dumps({"scribbles": [[], [line]], "sequence": "goat"}))

    found = read_scribbles(path)

    assert found == Scribbles("goat", ((), (Stroke(((0.25, 0.5), (0.5, 0.5)), 2, 0, 7),)))


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ([], "holds no scribbles"),
        ({"scribbles": 3}, "holds no scribbles"),
        ({"scribbles": [[], [{"object_id": 1}]]}, "frame 1, stroke 0"),
        ({"scribbles": [[{"path": [[0.1, 0.2, 0.3]], "object_id": 1}]]}, "cannot be read"),
        ({"scribbles": [[{"path": [[2, 0.2]], "object_id": 1}]]}, r"leaves the picture at \(2"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(said: Any, says: str) -> None:
    with pytest.raises(StmatteError, match=says):
        from_davis(said)


def test_a_file_that_is_not_there_or_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")

    with pytest.raises(StmatteError, match=r'a\.json" are no JSON'):
        read_scribbles(tmp_path / "a.json")
    with pytest.raises(StmatteError, match="No such file"):
        read_scribbles(tmp_path / "b.json")
